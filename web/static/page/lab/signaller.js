// Asks the engine how a signal fares in the networks of the settings. Only the newest question is answered.

/** @typedef {import('./types.js').Lab} Lab */
/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').Signal} Signal */

/**
 * A change alone is asked about at once. Of changes that follow sooner than this, as under a slider that is drawn, only
 * the last is asked about, when it has rested so long.
 */
const restMs = 60;

/**
 * @param {object} options
 * @param {(name: import('./types.js').DataName) => Promise<Lab>} options.lab  with a set of pictures
 * @param {(signal: Signal, settings: Settings) => void} options.onSignal
 * @param {(error: unknown) => void} options.onFail
 */
export function createSignaller({ lab, onSignal, onFail }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let control = new AbortController();
  let changedAt = -Infinity;

  /** @param {Settings} settings */
  async function ask(settings) {
    const { signal } = control;
    try {
      const engine = await lab(settings.data.name);
      if (signal.aborted) return;
      const answer = await engine.signal(settings, { signal });
      if (!signal.aborted) onSignal(answer, settings);
    } catch (error) {
      if (!signal.aborted) onFail(error);
    }
  }

  function cancel() {
    clearTimeout(timer);
    control.abort();
    control = new AbortController();
  }

  return {
    /** @param {Settings} settings */
    ask(settings) {
      cancel();
      const now = performance.now();
      if (now - changedAt > restMs) void ask(settings);
      else timer = setTimeout(() => void ask(settings), restMs);
      changedAt = now;
    },
    cancel,
  };
}
