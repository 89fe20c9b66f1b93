// How many pictures still wait for their features.

import { announce } from '../announce.js';
import { make } from '../dom.js';
import { progressBar } from '../elements.js';
import { say } from '../i18n.js';

/** @param {{ readonly pending: number }} additions  pending: files that are still to be stored */
export function createExtractionProgress(additions) {
  const count = make('p', 'teach-looking');
  const bar = progressBar('teach.looking.bar');
  const element = make('div', 'teach-progress', count, bar);
  let wasBusy = false;

  return {
    element,

    /** @param {number} stored @param {number} waiting  how many of them have no features yet */
    show(stored, waiting) {
      const total = stored + additions.pending;
      const done = stored - waiting;
      const isBusy = done < total;
      element.hidden = !isBusy;
      if (isBusy) {
        Object.assign(bar, { max: total, value: done });
        say(count, 'teach.looking', { done, total });
      } else if (wasBusy && stored > 0) announce('teach.looked', { count: stored });
      wasBusy = isBusy;
    },
  };
}
