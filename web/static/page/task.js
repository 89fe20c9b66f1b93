// A line for a task that takes a while. It shows the progress and a button that cancels, or an error and a button to
// retry.

import { make } from './dom.js';
import { say, setText } from './i18n.js';
import { sayError } from './notices.js';

/** A task that ends sooner is not shown. */
const delayMs = 250;

/**
 * @param {HTMLElement} place an empty element
 * @param {{ home?: HTMLElement, onCancel?: () => void, onRetry?: () => void }} [options]
 *   home: takes the focus when a focused button disappears. A button without a handler is not shown.
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
    for (const element of [words, count, fault]) setText(element);
  }

  function failed() {
    idle();
    place.dataset.state = 'failed';
    retry.hidden = !onRetry;
  }

  return {
    idle,

    /**
     * A task has started.
     * @param {string} key of its description
     * @param {Parameters<typeof say>[2]} [values]
     */
    begin(key, values) {
      idle();
      bar.removeAttribute('value'); // indeterminate
      timer = setTimeout(() => {
        place.dataset.state = 'busy';
        bar.hidden = false;
        cancel.hidden = !onCancel;
        say(words, key, values);
      }, delayMs);
    },

    /** Shows the progress of the task. @param {{ done: number, total: number }} steps */
    step({ done, total }) {
      bar.max = total;
      bar.value = done;
      say(count, 'task.steps', { done, total }); // not in the live region, which would read out every step
    },

    /** @param {unknown} error */
    fail(error) {
      failed();
      sayError(fault, error);
    },

    /**
     * Shows an error of the page's own.
     * @param {string} key
     * @param {Parameters<typeof say>[2]} [values]
     */
    refuse(key, values) {
      failed();
      say(fault, key, values);
    },
  };
}
