// How much of the browser's storage the project takes: in short, and exactly for those who want to know.

import { make } from '../dom.js';
import { fileSize } from '../format.js';
import { say } from '../i18n.js';
import { fold } from './elements.js';
import { mainRun } from './runs.js';

/**
 * A store. One in memory has no usage.
 * @typedef {{ usage?: () => Promise<import('../../residua.js').Usage> }} MeasurableStore
 */

/** @param {import('./context.js').TeachContext} context */
export function createStorageUsage(context) {
  const short = make('p', 'prose');
  const exact = make('p', 'prose');
  const details = fold('teach.keep.usage.title', exact);
  const element = make('div', 'teach-usage', short, details);
  details.hidden = true;
  let isMeasuring = false;

  return {
    element,

    async show() {
      const store = /** @type {MeasurableStore | undefined} */ (context.teacher?.store);
      if (!store?.usage) {
        details.hidden = true;
        return say(short, 'teach.keep.memory');
      }
      if (isMeasuring) return;
      isMeasuring = true;
      try {
        const { pictures, bytes, weightBytes, inputBytes, inputBudget, quota } = await store.usage();
        const isTaught = !!mainRun(context.teacher);
        const values = () => ({
          count: pictures,
          size: fileSize(bytes + weightBytes),
          quota: fileSize(quota),
          inputs: fileSize(inputBytes),
          budget: fileSize(inputBudget),
        });
        say(short, `teach.keep.usage${pictures === 0 ? '.weights' : isTaught ? '' : '.pictures'}`, values);
        say(exact, quota > 0 ? 'teach.keep.usage.exact' : 'teach.keep.no-quota', values);
        details.hidden = false;
      } catch {
        short.textContent = exact.textContent = ''; // the store was closed, for another tab has taken over
      }
      isMeasuring = false;
    },
  };
}
