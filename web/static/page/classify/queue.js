// Photos wait here for their answer. The newest one wins: it goes first, and what a person has moved on from is dropped.

import { capacity } from '../photos.js';

/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {import('../../residua.js').Classification} Answer */
/** @typedef {import('../photos.js').Photo} Photo */

/**
 * @param {{
 *   onAnswer: (photo: Photo, answer: Answer) => void,
 *   onFail: (photo: Photo, error: unknown) => void,
 *   onLength: (waiting: number) => void,
 * }} options onLength gets how many photos wait beside the one that a person looks at
 */
export function createQueue({ onAnswer, onFail, onLength }) {
  /** @type {Photo[]} */
  let waiting = [];
  /** @type {{ photo: Photo, controller: AbortController } | undefined} */
  let running;
  /** The first photo of the newest intake: the one that a person looks at. @type {Photo | undefined} */
  let wanted;
  /** @type {Net | undefined} */
  let net;

  const tellLength = () => onLength(waiting.filter(photo => photo !== wanted).length);

  async function work() {
    if (running || !net) return;
    const photo = waiting.shift();
    if (!photo) return;
    const { signal } = (running = { photo, controller: new AbortController() }).controller;
    tellLength();
    const tell = await net.classify(photo.blob, { topK: 5, signal }).then(answer => () => onAnswer(photo, answer), error => () => onFail(photo, error));
    running = undefined;
    if (!signal.aborted) tell();
    void work();
  }

  return {
    /**
     * Takes photos that came together. The first goes to the front, the others behind it, then who waited before.
     * @param {Photo[]} photos
     */
    put(photos) {
      waiting = waiting.filter(photo => photo !== wanted);
      if (running) {
        // One of a batch that nobody looks at yet keeps its place; the one that was looked at is overtaken.
        if (running.photo !== wanted && !running.controller.signal.aborted) waiting.unshift(running.photo);
        running.controller.abort();
      }
      wanted = photos[0];
      waiting = [...photos, ...waiting].slice(0, capacity);
      tellLength();
      void work();
    },

    /** Gives up everything that waits or is in work. */
    cancel() {
      waiting = [];
      running?.controller.abort();
      tellLength();
    },

    /**
     * Says that a model is there, or is no longer. What another one is at work on is asked of this one.
     * @param {Net | undefined} next
     */
    serve(next) {
      if (running && net !== next && !running.controller.signal.aborted) {
        waiting.unshift(running.photo);
        running.controller.abort();
      }
      net = next;
      void work();
    },
  };
}
