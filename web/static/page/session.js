// The state that the rooms share. A room changes it by update(), and every listener is then called with the new state.

/** @typedef {import('./address.js').Look} Look */
/** @typedef {import('./photos.js').Photo} Photo */
/** @typedef {import('../residua.js').Residua} Net */
/** @typedef {import('../residua.js').Info} Info */
/** @typedef {import('../residua.js').Classification} Answer */

/**
 * @typedef {object} State
 * @property {Look} look  the part that the address holds: the room, and all that is chosen in Look inside
 * @property {Photo} [photo]  on the stage
 * @property {Answer} [answer]  the unchanged network's answer to the photo, once there is one
 * @property {import('./loader.js').State} model  without the progress of its download
 * @property {Info} [info]  about the last model that was ready: what the page shows comes from that one
 * @property {{ answer: Answer, changed: number }} [altered]  the answer with some blocks ablated, and how many
 * @property {number[]} [knowledge]  how often a linear classifier on each block names the taught classes right, 0 … 1
 * @property {number} appearance  counts the changes of theme and language
 */

/** @typedef {(now: State, before: State) => void} Listener */

/** The network, if it is ready. @param {State} state */
export const netOf = ({ model }) => (model.name === 'ready' ? model.net : undefined);

/**
 * Whether two models give the same answers in the same words. A person's own file may be loaded again with other files
 * beside it, which name its classes or say how pictures are prepared.
 * @param {Info} a
 * @param {Info} b
 */
export function isSameModel(a, b) {
  const [one, other] = [a, b].map(({ model, labels, inputHeight, inputWidth, shortSide, notes }) =>
    JSON.stringify([model, labels, inputHeight, inputWidth, shortSide, notes]));
  return one === other;
}

/**
 * The answer that the page shows. In Look inside it is the ablated network's.
 * @param {State} state
 * @returns {{ answer: Answer, changed: number } | undefined}
 */
export function shownAnswer({ look, answer, altered }) {
  if (look.room === 'look' && altered) return altered;
  return answer && { answer, changed: 0 };
}

/**
 * Calls a listener. One that throws must not keep the others, or later changes, from being announced.
 * @param {Listener} listener
 * @param {State} now
 * @param {State} before
 */
function notify(listener, now, before) {
  try {
    listener(now, before);
  } catch (error) {
    console.error(error);
  }
}

/** @param {State} first */
export function createSession(first) {
  let state = first;
  /** @type {Listener[]} */
  const listeners = [];
  /**
   * The states before the changes that listeners have not been notified of yet. A change that a listener makes waits
   * until all listeners have been notified of the one before.
   * @type {State[]}
   */
  const pending = [];

  return {
    get state() {
      return state;
    },

    /** @param {Partial<State>} change */
    update(change) {
      const before = state;
      // What the blocks of one network know says nothing about another's.
      const isOther = change.info && change.info.model !== before.info?.model;
      state = { ...state, ...(isOther ? { knowledge: undefined } : {}), ...change };
      if (pending.push(before) > 1) return;
      while (pending.length > 0) {
        const now = pending[1] ?? state;
        for (const listener of listeners) notify(listener, now, pending[0]);
        pending.shift();
      }
    },

    /** @param {Listener} listener  is called for every change, in order */
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}

/** @typedef {ReturnType<typeof createSession>} Session */
