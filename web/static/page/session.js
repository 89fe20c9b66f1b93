// The state that the rooms share. A room changes it by update(), and every listener is then called with the new state.

import { classifierOn } from './classifiers.js';

/** @typedef {import('./classifiers.js').Offer} Offer */
/** @typedef {import('./address.js').Look} Look */
/** @typedef {import('./photos.js').Photo} Photo */
/** @typedef {import('../residua.js').Residua} Net */
/** @typedef {import('../residua.js').Info} Info */
/** @typedef {import('./classifiers.js').Answer} Answer */

/**
 * The camera on the stage, while it is on: the answer to its newest picture that has one, and whose classes these are.
 * @typedef {{ answer?: Answer, info?: Info }} Live
 */

/**
 * @typedef {object} State
 * @property {Look} look  the part that the address holds: the room, and all that is chosen in Look inside
 * @property {Photo} [photo]  on the stage
 * @property {Answer} [answer]  the unchanged network's answer to the photo, once there is one
 * @property {import('./loader.js').State} model  without the progress of its download
 * @property {Info} [info]  about the last model that was ready: what the page shows comes from that one
 * @property {Live} [live]  the camera; the photo and its answer stay, and come back when it is off
 * @property {Partial<Record<'own' | 'shared', Offer>>} offered  the taught classifiers that can answer; look.classes
 *   has the choice
 * @property {{ offer: Offer, answer: Answer }} [taught]  the answer of the chosen one to the photo
 * @property {{ answer: Answer, changed: number, offer?: Offer }} [altered]  the answer with some blocks ablated, how
 *   many, and whose it is; without an offer the model's
 * @property {number[]} [knowledge]  how often a linear classifier on each block names the taught classes right, 0 … 1
 * @property {number} appearance  counts the changes of theme and language
 */

/** @typedef {(now: State, before: State) => void} Listener */

/** The network, if it is ready. @param {State} state */
export const netOf = ({ model }) => (model.name === 'ready' ? model.net : undefined);

/** The taught classifier that answers; undefined: the model does. @param {State} state */
export function offerOf({ look, info, offered }) {
  const offer = look.classes === 'theirs' ? undefined : offered[look.classes];
  return offer && (!info || info.model === offer.model) ? offer : undefined;
}

/** Who answers, if there is a network. It may be the model, or a taught classifier. @param {State} state */
export function classifierOf(state) {
  const net = netOf(state);
  return net && classifierOn(net, offerOf(state));
}

/** The unchanged network's answer to the photo, with the classes that are chosen. @param {State} state */
export function answerOf(state) {
  const offer = offerOf(state);
  return offer ? (state.taught?.offer === offer ? state.taught.answer : undefined) : state.answer;
}

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
 * Whether two offers are of one classifier, as it was taught once. What is no function tells.
 * @param {Offer} [a]
 * @param {Offer} [b]
 */
export const isSameOffer = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

/**
 * The answer that the page shows. In Look inside it is the ablated network's.
 * @param {State} state
 * @returns {{ answer: Answer, changed: number } | undefined}
 */
export function shownAnswer(state) {
  const { look, altered } = state;
  if (look.room === 'look' && altered && altered.offer === offerOf(state)) return altered;
  const answer = answerOf(state);
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
  /** @type {Set<Listener>} */
  const listeners = new Set();
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
      const isOtherPhoto = 'photo' in change && change.photo !== before.photo;
      state = {
        ...state,
        ...(isOther ? { knowledge: undefined } : {}),
        ...(isOtherPhoto ? { taught: undefined } : {}),
        ...change,
      };
      if (pending.push(before) > 1) return;
      while (pending.length > 0) {
        const now = pending[1] ?? state;
        for (const listener of listeners) notify(listener, now, pending[0]);
        pending.shift();
      }
    },

    /**
     * @param {Listener} listener  is called for every change, in order
     * @returns {() => void} ends that
     */
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** @typedef {ReturnType<typeof createSession>} Session */
