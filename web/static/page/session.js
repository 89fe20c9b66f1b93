// The one state that the rooms share. Who changes a part of it says so here, and everybody who shows something of it is told.

/** @typedef {import('./address.js').Look} Look */
/** @typedef {import('./photos.js').Photo} Photo */
/** @typedef {import('../residua.js').Residua} Net */
/** @typedef {import('../residua.js').Info} Info */
/** @typedef {import('../residua.js').Classification} Answer */

/**
 * @typedef {object} State
 * @property {Look} look  what the address says: the room, and what is chosen in Look inside, ablation included
 * @property {Photo} [photo]  on the stage
 * @property {Answer} [answer]  what the whole network says to the photo; undefined: it is on its way
 * @property {import('./loader.js').State} model  the life of the model
 * @property {Info} [info]  of the model that was ready last: what the page shows is of it
 * @property {{ answer: Answer, changed: number }} [altered]  what the network says with so many blocks changed, in Look inside
 * @property {number} appearance  another number: the theme or the language is another
 */

/** The network that is ready. @param {State} state */
export const netOf = ({ model }) => (model.name === 'ready' ? model.net : undefined);

/**
 * The answer that the page shows: in Look inside that of the network as it was changed there.
 * @param {State} state
 * @returns {{ answer: Answer, changed: number } | undefined}
 */
export function shownAnswer({ look, answer, altered }) {
  if (look.room === 'look' && altered) return altered;
  return answer && { answer, changed: 0 };
}

/** @param {State} first */
export function createSession(first) {
  let state = first;
  /** @type {((now: State, before: State) => void)[]} */
  const listeners = [];
  /** Changes that are still to be told: one that a listener makes waits until all have heard of the one before. @type {State[]} */
  const untold = [];

  return {
    get state() {
      return state;
    },

    /** @param {Partial<State>} change */
    update(change) {
      const before = state;
      state = { ...state, ...change };
      if (untold.push(before) > 1) return;
      while (untold.length > 0) {
        const now = untold[1] ?? state;
        for (const listener of listeners) listener(now, untold[0]);
        untold.shift();
      }
    },

    /** @param {(now: State, before: State) => void} listener  hears of every change, in their order */
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}

/** @typedef {ReturnType<typeof createSession>} Session */
