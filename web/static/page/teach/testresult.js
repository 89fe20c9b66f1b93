// What a test on pictures that were not learnt from says, in plain words: how many of how many were hidden, what was
// right, and how many more pictures it would take to be sure.

import { say } from '../i18n.js';
import { isSure, morePictures } from './certainty.js';
import { wholePercent } from './rates.js';
import { evaluationOf } from './runs.js';

/** @typedef {import('./context.js').Run} Run */

/**
 * Puts the result of a test into an element.
 * @param {Element} element
 * @param {Run} run
 * @returns {boolean} whether the run was tested
 */
export function sayTest(element, run) {
  const { evaluation, on } = evaluationOf(run);
  const { k = 0, n = 0, low = 0, high = 1 } = evaluation?.accuracy ?? {};
  if (!evaluation || n === 0) return false;
  const total = run.sides.filter(side => side !== 3).length;
  const hidden = on === 'validation' && total > n;
  const isEnough = isSure({ low, high });
  const more = isEnough ? 0 : morePictures({ k, n }, hidden ? n / total : 1, run.classes.length);
  say(element, `teach.tested.${hidden ? 'hidden' : 'apart'}.${isEnough ? 'sure' : 'unsure'}`, () =>
    ({ count: n, n, total, k, more, low: wholePercent(low), high: wholePercent(high) }));
  return true;
}
