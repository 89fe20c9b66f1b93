// A line about something that takes a while: what is being done, how far it is and how to stop it; or what went wrong, and how to try again.

import { make } from '../dom.js';
import { say, spell } from '../i18n.js';
import { sayError } from '../notices.js';

/** What is done sooner than this needs no words. */
const patienceMs = 250;

/**
 * @param {HTMLElement} place an empty element where the line stands
 * @param {{ home?: HTMLElement, onCancel?: () => void, onRetry?: () => void }} [options] home: where the keyboard goes when a button that it
 *   is on goes away. Without a handler there is no such button.
 */
export function createTask(place, { home, onCancel, onRetry } = {}) {
  const words = make('p', 'task-words');
  const count = make('span', 'task-count');
  const bar = make('progress');
  const fault = make('p', 'task-fault');
  const cancel = make('button', 'quiet');
  const retry = make('button', 'quiet');
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  words.role = 'status';
  fault.role = 'alert';
  cancel.type = retry.type = 'button';
  say(cancel, 'task.cancel');
  say(retry, 'task.retry');
  say(bar, 'task.bar', {}, 'aria-label');
  cancel.addEventListener('click', () => onCancel?.());
  retry.addEventListener('click', () => onRetry?.());
  place.append(words, count, cancel, bar, fault, retry);
  idle();

  function idle() {
    clearTimeout(timer);
    if (document.activeElement === cancel || document.activeElement === retry) home?.focus();
    delete place.dataset.state;
    cancel.hidden = retry.hidden = bar.hidden = true;
    for (const element of [words, count, fault]) spell(element);
  }

  function failed() {
    idle();
    place.dataset.state = 'failed';
    retry.hidden = !onRetry;
  }

  return {
    idle,

    /**
     * Something has begun. It is said when it takes a while.
     * @param {string} key of the sentence that says what
     * @param {Parameters<typeof say>[2]} [values]
     */
    begin(key, values) {
      idle();
      bar.removeAttribute('value'); // of unknown length
      timer = setTimeout(() => {
        place.dataset.state = 'busy';
        bar.hidden = false;
        cancel.hidden = !onCancel;
        say(words, key, values);
      }, patienceMs);
    },

    /** @param {{ done: number, total: number }} steps of what has begun */
    step({ done, total }) {
      bar.max = total;
      bar.value = done;
      say(count, 'task.steps', { done, total }); // for the eye only: read aloud, every step would be a sentence
    },

    /** @param {unknown} error */
    fail(error) {
      failed();
      sayError(fault, error);
    },

    /**
     * @param {string} key of the sentence that says what went wrong
     * @param {Parameters<typeof say>[2]} [values]
     */
    refuse(key, values) {
      failed();
      say(fault, key, values);
    },
  };
}
