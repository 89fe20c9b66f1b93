// What the network makes of the photo with what is left out of it: its answer, and each block's numbers. One question to the engine gets both.

import { find } from '../dom.js';
import { sameQuestion } from './question.js';
import { createTask } from './task.js';

/** @typedef {import('./question.js').Question} Question */
/** @typedef {import('../../zproto.js').BlockTrace} BlockTrace */
/** @typedef {Question & { answer: import('../../residua.js').Classification, traces: BlockTrace[] }} Traced */

/**
 * @param {{
 *   home: { first: HTMLElement, lab: HTMLElement },
 *   onTraced: (traced: Traced) => void,
 *   onGiveUp: (last: Traced) => void,
 *   onRetry: () => void,
 *   onFail: (error: unknown) => void,
 * }} options home: where the keyboard goes from a button that goes away; onGiveUp hears that a person does not want to wait, and what is shown
 */
export function createTracing({ home, onTraced, onGiveUp, onRetry, onFail }) {
  const again = () => {
    asked = undefined;
    onRetry();
  };
  const firstTask = createTask(find('#look-task', HTMLElement), { home: home.first, onCancel: giveUp, onRetry: again });
  const labTask = createTask(find('#lab-task', HTMLElement), { home: home.lab, onCancel: giveUp, onRetry: again });
  /** @type {Question | undefined} */ let asked;
  /** @type {Traced | undefined} */ let traced;
  let running = new AbortController();

  function giveUp() {
    running.abort();
    labTask.idle();
    if (traced) onGiveUp(traced);
    else firstTask.refuse('look.stopped');
  }

  /** @param {Question} question */
  async function ask(question) {
    const { net, photo, ablate } = question;
    running.abort();
    const { signal } = (running = new AbortController());
    const task = traced ? labTask : firstTask;
    // What is shown is asked again after another question was given up, for the canvas. Nobody waits for that.
    if (!sameQuestion(question, traced)) task.begin(traced ? 'lab.busy' : 'look.busy');
    try {
      const { blocks, classification } = await net.trace(photo.blob, { topK: 5, ablate, signal });
      if (signal.aborted || !classification) return;
      task.idle();
      traced = { ...question, answer: classification, traces: blocks };
      onTraced(traced);
    } catch (error) {
      if (signal.aborted) return;
      task.fail(error);
      onFail(error);
    }
  }

  return {
    /** What was traced last; it may be of another ablation than is asked about now. */
    get last() {
      return traced;
    },

    /** Asks, unless this is what was asked last. @param {Question} question @returns {boolean} whether its answer is there */
    show(question) {
      if (sameQuestion(question, asked)) return sameQuestion(question, traced);
      asked = question;
      if (traced && (traced.photo !== question.photo || traced.net !== question.net)) traced = undefined;
      void ask(question);
      return false;
    },

    /** Gives up what is on its way. The next question is asked in any case. */
    leave() {
      running.abort();
      asked = undefined;
      firstTask.idle();
      labTask.idle();
    },
  };
}
