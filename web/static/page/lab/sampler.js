// Fetches a few pictures of the set that is chosen, to be shown. Only the newest request counts.

/** @typedef {import('./types.js').DataSettings} DataSettings */

/** Settings that change again sooner than this are not asked about, in milliseconds. */
const restMs = 150;

/**
 * @param {object} options
 * @param {(name: DataSettings['name']) => Promise<import('./types.js').Lab>} options.lab
 * @param {number} options.count
 * @param {(samples: import('./types.js').Samples) => void} options.onSamples
 * @param {(error: unknown) => void} options.onFail
 */
export function createSampler({ lab, count, onSamples, onFail }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  let control = new AbortController();
  let asked = '';

  /** @param {DataSettings} data */
  async function ask(data) {
    const { signal } = control;
    try {
      const engine = await lab(data.name);
      if (signal.aborted) return;
      const samples = await engine.samples(data, { count, signal });
      if (!signal.aborted) onSamples(samples);
    } catch (error) {
      asked = '';
      if (!signal.aborted) onFail(error);
    }
  }

  return {
    /** @param {DataSettings} data */
    ask(data) {
      // The number of pictures changes nothing about how they look.
      const question = JSON.stringify([data.name, data.task, data.domain, data.size, data.difficulty]);
      if (question === asked) return;
      asked = question;
      clearTimeout(timer);
      control.abort();
      control = new AbortController();
      timer = setTimeout(() => void ask(data), restMs);
    },
    forget() { asked = ''; },
  };
}
