// Photos wait here for their answer. The newest goes first, and a photo that the person has moved on from is dropped.

import { capacity } from '../photos.js';
import { topOf } from '../predictions.js';

/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {import('../../residua.js').Classification} Answer */
/** @typedef {import('../photos.js').Photo} Photo */

/**
 * @param {{
 *   onAnswer: (photo: Photo, answer: Answer) => void,
 *   onFail: (photo: Photo, error: unknown) => void,
 *   onLength: (waiting: number) => void,
 * }} options onLength: how many photos wait besides the one on the stage
 */
export function createQueue({ onAnswer, onFail, onLength }) {
  /** @type {Photo[]} */
  let waiting = [];
  /** @type {{ photo: Photo, controller: AbortController } | undefined} */
  let running;
  /** The first photo of those that came last: the one on the stage. @type {Photo | undefined} */
  let wanted;
  /** @type {Net | undefined} */
  let net;

  const reportLength = () => onLength(waiting.filter(photo => photo !== wanted).length);

  async function work() {
    if (running || !net) return;
    const photo = waiting.shift();
    if (!photo) return;
    const { signal } = (running = { photo, controller: new AbortController() }).controller;
    reportLength();
    const report = await net.classify(photo.blob, { topK: topOf(net.info), signal })
      .then(answer => () => onAnswer(photo, answer), error => () => onFail(photo, error));
    running = undefined;
    if (!signal.aborted) report();
    void work();
  }

  return {
    /**
     * Adds photos that came together, in front of those that wait.
     * @param {Photo[]} photos
     */
    put(photos) {
      waiting = waiting.filter(photo => photo !== wanted);
      if (running) {
        // A photo that was not on the stage yet is asked again later. The one that was on the stage is given up.
        if (running.photo !== wanted && !running.controller.signal.aborted) waiting.unshift(running.photo);
        running.controller.abort();
      }
      wanted = photos[0];
      waiting = [...photos, ...waiting].slice(0, capacity);
      reportLength();
      void work();
    },

    /** Gives up all photos, including the one that the engine works on. */
    cancel() {
      waiting = [];
      running?.controller.abort();
      reportLength();
    },

    /**
     * Sets the network that answers, or that there is none. What the one before has not answered, this one will.
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
