// The life of the model in this page: it waits, loads, is ready, is stopped by the person, or fails. Another one can take its place: the
// one that is ready answers until the other is.

/** @typedef {import('../residua.js').Residua} Net */
/** @typedef {import('../residua.js').Progress} Progress */
/** What to load: a model by its name, or a file of a person's own, with those beside it. @typedef {{ name: string, file?: File, side?: File[] }} Choice */
/**
 * @typedef {{ name: 'waiting' }
 *   | { name: 'loading', progress?: Progress }
 *   | { name: 'ready', net: Net }
 *   | { name: 'stopped', progress?: Progress }
 *   | { name: 'failed', error: unknown }} State
 */
/** A model that shall take the place of the one that is ready. @typedef {{ choice: Choice, progress?: Progress }} Coming */

/**
 * @param {{
 *   load: (options: { choice: Choice, onProgress: (progress: Progress) => void, signal: AbortSignal }) => Promise<Net>,
 *   onChange: (state: State) => void,
 *   onComing?: (coming: Coming | undefined) => void,
 *   onRefused?: (choice: Choice, error: unknown) => void,
 *   roomForTwo?: boolean,
 * }} options onRefused hears that a model which was chosen cannot be had, and that the one before stays or comes back;
 *   roomForTwo: whether the memory holds two engines at once
 */
export function createLoader({ load, onChange, onComing = () => {}, onRefused = () => {}, roomForTwo = true }) {
  /** @type {State} */
  let state = { name: 'waiting' };
  /** What the state is of. @type {Choice} */
  let choice = { name: 'resnet50' };
  /** What comes back if that cannot be had. @type {{ choice: Choice, wasReady: boolean } | undefined} */
  let before;
  /** @type {AbortController | undefined} */
  let controller;
  /** What came last of a download: a person who stops it wants to know how much is here. @type {Progress | undefined} */
  let downloaded;
  /** @type {{ choice: Choice, controller: AbortController } | undefined} */
  let coming;

  /** @param {State} next */
  const enter = next => {
    state = next;
    onChange(state);
  };

  /** Starts or resumes; does nothing while the model loads or is ready. */
  async function start() {
    if (state.name === 'loading' || state.name === 'ready') return;
    const mine = (controller = new AbortController());
    enter({ name: 'loading' });
    try {
      const net = await load({
        choice,
        signal: mine.signal,
        onProgress(progress) {
          if (controller !== mine || state.name !== 'loading') return; // a late word of a download that was stopped
          if (progress.phase === 'download') downloaded = progress;
          enter({ name: 'loading', progress });
        },
      });
      if (mine.signal.aborted) net.close(); // it was ready in the moment that Cancel was pressed
      else settle(net);
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!before) return enter({ name: 'failed', error });
      onRefused(choice, error);
      goBack();
    }
  }

  /** @param {Net} net */
  function settle(net) {
    before = undefined;
    // From now on it is known by its name; the file may be gone by the time that another engine is needed.
    if (net.info?.kept) choice = { name: net.info.model };
    enter({ name: 'ready', net });
  }

  function goBack() {
    if (before) choice = before.choice;
    before = downloaded = undefined;
    state = { name: 'waiting' };
    void start();
  }

  /** Loads another model while the one that is there answers on. @param {Choice} next */
  async function replace(next) {
    coming?.controller.abort();
    const mine = (coming = { choice: next, controller: new AbortController() });
    const { signal } = mine.controller;
    onComing({ choice: next });
    try {
      const net = await load({ choice: next, signal, onProgress: progress => { if (coming === mine) onComing({ choice: next, progress }); } });
      if (signal.aborted) return net.close();
      const old = state.name === 'ready' ? state.net : undefined;
      controller?.abort(); // the old one's engine may have stopped meanwhile, and another be on its way
      choice = next;
      coming = undefined;
      settle(net);
      onComing(undefined);
      old?.close();
    } catch (error) {
      if (signal.aborted) return;
      coming = undefined;
      onComing(undefined);
      onRefused(next, error);
    }
  }

  return {
    get state() {
      return state;
    },

    /** What the state is of. */
    get choice() {
      return choice;
    },

    start,

    /** Says what to load when it starts; it does not start. @param {Choice} next @param {Choice} [otherwise] if that cannot be had */
    choose(next, otherwise) {
      choice = next;
      before = otherwise && { choice: otherwise, wasReady: false };
    },

    /** Loads another model in place of this one. @param {Choice} next */
    use(next) {
      if (state.name === 'ready' && roomForTwo) return void replace(next);
      const wasReady = state.name === 'ready';
      if (state.name === 'loading') controller?.abort();
      if (state.name === 'ready') state.net.close();
      before = { choice: before?.choice ?? choice, wasReady: before?.wasReady || wasReady };
      choice = next;
      downloaded = undefined;
      state = { name: 'waiting' };
      void start();
    },

    /** Gives up a model that shall take the place of this one. */
    cancel() {
      coming?.controller.abort();
      coming = undefined;
      onComing(undefined);
    },

    /** Stops a download; what is here stays in the browser's cache. If another model was put away for it, that one comes back. */
    stop() {
      if (state.name !== 'loading') return;
      controller?.abort();
      if (before?.wasReady) return goBack();
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
