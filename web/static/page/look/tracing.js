// Asks the engine what the network makes of the photo: the answer, and the numbers of each block.

import { find } from '../dom.js';
import { createTask } from '../task.js';
import { sameQuestion } from './question.js';

/** @typedef {import('./question.js').Question} Question */
/** @typedef {import('../../zproto.js').BlockTrace} BlockTrace */
/** @typedef {Question & { answer: import('../classifiers.js').Answer, traces: BlockTrace[] }} Traced */

/**
 * @param {{
 *   home: { first: HTMLElement, lab: HTMLElement },
 *   onTraced: (traced: Traced) => void,
 *   onCancel: (last: Traced) => void,
 *   onRetry: () => void,
 *   onFail: (error: unknown) => void,
 * }} options home: take the focus when a focused button disappears, in the room's task and in the lab's;
 *   onCancel: a person does not want to wait, and gets the last trace, which is still shown
 */
export function createTracing({ home, onTraced, onCancel, onRetry, onFail }) {
  const retry = () => {
    asked = undefined;
    onRetry();
  };
  const firstTask = createTask(find('#look-task', HTMLElement), { home: home.first, onCancel: cancel, onRetry: retry });
  const labTask = createTask(find('#lab-task', HTMLElement), { home: home.lab, onCancel: cancel, onRetry: retry });
  /** The last question. @type {Question | undefined} */
  let asked;
  /**
   * The last question that was answered, if its photo and who is asked are still the same.
   * @type {Traced | undefined}
   */
  let traced;
  let controller = new AbortController();

  function cancel() {
    controller.abort();
    labTask.idle();
    if (traced) onCancel(traced);
    else firstTask.refuse('look.stopped');
  }

  /** @param {Question} question */
  async function ask(question) {
    const { by, photo, ablate } = question;
    controller.abort();
    const { signal } = (controller = new AbortController());
    firstTask.idle();
    labTask.idle();
    const task = traced ? labTask : firstTask;
    // What is shown is asked again after another question was given up, for the canvas. Nobody waits for that.
    if (!sameQuestion(question, traced)) task.begin(traced ? 'lab.busy' : 'look.busy');
    try {
      const { blocks, classification } = await by.trace(photo.blob, { ablate, signal });
      if (signal.aborted) return;
      if (!classification) throw new Error('the trace came without a classification');
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
    /** The last trace. It may be of another ablation than the last question. */
    get last() {
      return traced;
    },

    /**
     * Asks a question, unless it is the same as the last one.
     * @param {Question} question
     * @returns {boolean} whether its answer is there
     */
    show(question) {
      if (sameQuestion(question, asked)) return sameQuestion(question, traced);
      asked = question;
      if (traced && (traced.photo !== question.photo || traced.by !== question.by)) traced = undefined;
      void ask(question);
      return false;
    },

    /** Stops. The next question is asked again even if it is the same. */
    leave() {
      controller.abort();
      asked = undefined;
      firstTask.idle();
      labTask.idle();
    },
  };
}
