// The line that says how far a work is, with its progress bar.

import { progressBar } from '../elements.js';
import { duration } from '../format.js';
import { say } from '../i18n.js';

/** @typedef {{ done: number, total: number }} Steps */

/** @param {HTMLElement} state  the line */
export function createProgressLine(state) {
  const bar = progressBar('task.bar');
  bar.hidden = true;
  let key = '';
  let startedAt = 0;
  return {
    bar,
    /** Nothing is known yet of how long it takes. */
    begin() {
      key = '';
      bar.removeAttribute('value');
    },
    /** @param {Steps} steps @param {string} of  the key of a sentence with done, total and left */
    show({ done, total }, of) {
      if (of !== key) [key, startedAt] = [of, performance.now()];
      Object.assign(bar, { max: total, value: done });
      const left = done > 0 ? (performance.now() - startedAt) / done * (total - done) / 1000 : 0;
      say(state, of, () => ({ done, total, left: duration(left) }));
    },
  };
}
