// The life cycle of the page's model: it waits, loads, is ready, is stopped by the person, or fails. Another model can
// replace it. Until the other one is ready, the first one keeps answering.

/** @typedef {import('../residua.js').Residua} Net */
/** @typedef {import('../residua.js').Progress} Progress */
/**
 * What to load: a model by its name, or a person's own files.
 * @typedef {{ name: string, files?: File[] }} Choice
 */
/**
 * @typedef {{ name: 'waiting' }
 *   | { name: 'loading', progress?: Progress }
 *   | { name: 'ready', net: Net }
 *   | { name: 'stopped', progress?: Progress }
 *   | { name: 'failed', error: unknown }} State
 */
/**
 * A model that loads while the one that it will replace answers.
 * @typedef {{ choice: Choice, progress?: Progress }} Replacement
 */
/** @typedef {{ choice: Choice, onProgress: (progress: Progress) => void, signal: AbortSignal }} LoadOptions */
/** @typedef {(options: LoadOptions) => Promise<Net>} Load */

/**
 * @param {{
 *   load: Load,
 *   onChange: (state: State) => void,
 *   onReplacement?: (replacement: Replacement | undefined) => void,
 *   onRefused?: (choice: Choice, error: unknown) => void,
 *   roomForTwo?: boolean,
 * }} options onRefused: a chosen model cannot be loaded, and the one before stays or comes back;
 *   roomForTwo: whether the memory holds two engines at once
 */
export function createLoader({ load, onChange, onReplacement = () => {}, onRefused = () => {}, roomForTwo = true }) {
  /** @type {State} */ let state = { name: 'waiting' };
  /** The model that the state is about. @type {Choice} */
  let choice = { name: 'resnet50' };
  /** What comes back if that model cannot be loaded. @type {{ choice: Choice, wasReady: boolean } | undefined} */
  let fallback;
  /** @type {AbortController | undefined} */ let controller;
  /** The last progress of a download, to show how much of it is here. @type {Progress | undefined} */
  let downloaded;

  /** @param {State} next */
  const enter = next => {
    state = next;
    onChange(state);
  };

  /** Starts or resumes. Does nothing while the model loads or is ready. */
  async function start() {
    if (state.name === 'loading' || state.name === 'ready') return;
    const current = (controller = new AbortController());
    const { signal } = current;
    enter({ name: 'loading' });
    try {
      const net = await load({
        choice,
        signal,
        onProgress(progress) {
          if (controller !== current || state.name !== 'loading') return; // a late report of a stopped download
          if (progress.phase === 'download') downloaded = progress;
          enter({ name: 'loading', progress });
        },
      });
      if (signal.aborted) net.close(); // it became ready just when it was cancelled
      else settle(net);
    } catch (error) {
      if (signal.aborted) return;
      if (!fallback) return enter({ name: 'failed', error });
      onRefused(choice, error);
      goBack();
    }
  }

  /** @param {Net} net */
  function settle(net) {
    fallback = undefined;
    // A stored model is loaded by its name from now on: the file may be gone when the engine has to start again.
    if (net.info?.kept) choice = { name: net.info.model };
    enter({ name: 'ready', net });
  }

  function goBack() {
    if (fallback) choice = fallback.choice;
    fallback = downloaded = undefined;
    state = { name: 'waiting' };
    void start();
  }

  const replacing = createReplacing({
    load,
    onReplacement,
    onRefused,
    onLoaded(next, net) {
      const old = state.name === 'ready' ? state.net : undefined;
      controller?.abort(); // the old model's engine may have stopped meanwhile, and be starting again
      choice = next;
      settle(net);
      onReplacement(undefined);
      old?.close();
    },
  });

  return {
    get state() {
      return state;
    },

    get choice() {
      return choice;
    },

    start,

    /** Sets what start will load. @param {Choice} next @param {Choice} [otherwise] if that cannot be loaded */
    choose(next, otherwise) {
      choice = next;
      fallback = otherwise && { choice: otherwise, wasReady: false };
    },

    /** Loads another model in place of this one. @param {Choice} next */
    use(next) {
      if (state.name === 'ready' && roomForTwo) return void replacing.start(next);
      const wasReady = state.name === 'ready';
      if (state.name === 'loading') controller?.abort();
      if (state.name === 'ready') state.net.close();
      fallback = { choice: fallback?.choice ?? choice, wasReady: fallback?.wasReady || wasReady };
      choice = next;
      downloaded = undefined;
      state = { name: 'waiting' };
      void start();
    },

    /** Gives up the replacement. */
    cancel: replacing.cancel,

    /** Stops a download, whose files stay in the browser's cache. If a model was closed for it, that one comes back. */
    stop() {
      if (state.name !== 'loading') return;
      controller?.abort();
      if (fallback?.wasReady) return goBack();
      enter({ name: 'stopped', progress: downloaded });
    },

    /** Reports that the engine of the ready model has stopped. @param {unknown} error */
    fail(error) {
      if (state.name !== 'ready') return;
      state.net.close();
      enter({ name: 'failed', error });
    },
  };
}

/**
 * Loads a replacement while the present model keeps answering. A newer replacement cancels an older one.
 * @param {{
 *   load: Load,
 *   onReplacement: (replacement: Replacement | undefined) => void,
 *   onRefused: (choice: Choice, error: unknown) => void,
 *   onLoaded: (choice: Choice, net: Net) => void,
 * }} options
 */
function createReplacing({ load, onReplacement, onRefused, onLoaded }) {
  /** @type {AbortController | undefined} */
  let controller;

  return {
    /** @param {Choice} choice */
    async start(choice) {
      controller?.abort();
      const current = (controller = new AbortController());
      const { signal } = current;
      onReplacement({ choice });
      try {
        const net = await load({
          choice,
          signal,
          onProgress: progress => { if (controller === current) onReplacement({ choice, progress }); },
        });
        if (signal.aborted) return net.close();
        controller = undefined;
        onLoaded(choice, net);
      } catch (error) {
        if (signal.aborted) return;
        controller = undefined;
        onReplacement(undefined);
        onRefused(choice, error);
      }
    },

    cancel() {
      controller?.abort();
      controller = undefined;
      onReplacement(undefined);
    },
  };
}
