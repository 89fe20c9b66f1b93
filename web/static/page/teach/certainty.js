// When a test has enough pictures to go by, and how many more it would take.

import { intervalOf } from '../wilson.js';

/**
 * A rate is called sure when its 95 % interval reaches at most 15 percentage points to either side, on average. That
 * tells a good classifier from one that guesses. It takes 9 pictures if all are right, and 39 if half of them are.
 */
const sure = 0.15;

/** @param {{ low: number, high: number }} interval */
export const isSure = ({ low, high }) => high - low <= 2 * sure;

/** The fewest pictures that make a share sure, should it stay as it is. @param {number} share */
export function picturesForSure(share) {
  let n = 1;
  while (!isSure(intervalOf(share, n))) n++;
  return n;
}

/** Up to a number that a person would say when asked for "about how many". @param {number} count */
export function roundUp(count) {
  const step = count <= 50 ? 5 : count <= 200 ? 10 : 50;
  return Math.ceil(count / step) * step;
}

/**
 * How many more pictures of each class would make a test sure. Hidden pictures stay the same part of all pictures;
 * pictures that a person keeps apart are all for testing.
 * @param {{ k: number, n: number }} rate
 * @param {number} part  of the further pictures that the test would have
 * @param {number} classes  how many
 */
export const morePictures = ({ k, n }, part, classes) =>
  roundUp(Math.max(picturesForSure(k / n) - n, 1) / part / classes);
