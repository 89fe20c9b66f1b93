// How much of the browser's storage the project takes.

import { make } from '../dom.js';
import { megabytes } from '../format.js';
import { say } from '../i18n.js';

/**
 * A store. One in memory has no usage.
 * @typedef {{ usage?: () => Promise<import('../../residua.js').Usage> }} MeasurableStore
 */

/** @param {import('./context.js').TeachContext} context */
export function createStorageUsage(context) {
  const element = make('p', 'prose');
  let isMeasuring = false;

  return {
    element,

    async show() {
      const store = /** @type {MeasurableStore | undefined} */ (context.teacher?.store);
      if (!store?.usage) return say(element, 'teach.keep.memory');
      if (isMeasuring) return;
      isMeasuring = true;
      try {
        const { pictures, bytes, weightBytes, inputBytes, inputBudget, quota } = await store.usage();
        say(element, quota > 0 ? 'teach.keep.usage' : 'teach.keep.no-quota', () => ({
          count: pictures,
          size: megabytes(bytes + weightBytes),
          quota: megabytes(quota),
          inputs: megabytes(inputBytes),
          budget: megabytes(inputBudget),
        }));
      } catch {
        element.textContent = ''; // the store was closed, for another tab has taken over
      }
      isMeasuring = false;
    },
  };
}
