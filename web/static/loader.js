// The life of the model in this page: it waits, loads, is ready, is stopped by the person, or fails.

/** @typedef {import('./residua.js').Residua} Net */
/** @typedef {import('./residua.js').Progress} Progress */
/**
 * @typedef {{ name: 'waiting' }
 *   | { name: 'loading', progress?: Progress }
 *   | { name: 'ready', net: Net }
 *   | { name: 'stopped', progress?: Progress }
 *   | { name: 'failed', error: unknown }} State
 */

/**
 * @param {{
 *   load: (options: { onProgress: (progress: Progress) => void, signal: AbortSignal }) => Promise<Net>,
 *   onChange: (state: State) => void,
 * }} options
 */
export function createLoader({ load, onChange }) {
  /** @type {State} */
  let state = { name: 'waiting' };
  /** @type {AbortController | undefined} */
  let controller;
  /** What came last of a download: a person who stops it wants to know how much is here. @type {Progress | undefined} */
  let downloaded;

  /** @param {State} next */
  const enter = next => {
    state = next;
    onChange(state);
  };

  return {
    get state() {
      return state;
    },

    /** Starts or resumes; does nothing while the model loads or is ready. */
    async start() {
      if (state.name === 'loading' || state.name === 'ready') return;
      const mine = (controller = new AbortController());
      enter({ name: 'loading' });
      try {
        const net = await load({
          signal: mine.signal,
          onProgress(progress) {
            if (controller !== mine || state.name !== 'loading') return; // a late word of a download that was stopped
            if (progress.phase === 'download') downloaded = progress;
            enter({ name: 'loading', progress });
          },
        });
        if (mine.signal.aborted) net.close(); // it was ready in the moment that Cancel was pressed
        else enter({ name: 'ready', net });
      } catch (error) {
        if (!mine.signal.aborted) enter({ name: 'failed', error });
      }
    },

    /** Stops a download; what is here stays in the browser's cache. */
    stop() {
      if (state.name !== 'loading') return;
      controller?.abort();
      enter({ name: 'stopped', progress: downloaded });
    },

    /**
     * Says that a model which was ready is no longer of use, because its engine stopped.
     * @param {unknown} error
     */
    fail(error) {
      if (state.name !== 'ready') return;
      state.net.close();
      enter({ name: 'failed', error });
    },
  };
}
