// How often the answers are right, and what is taken for what.

import { intervalOf } from '../../wilson.js';

/** @typedef {import('./row.js').Row} Row */
/**
 * A share k of n with Wilson's interval of 95 %.
 * @typedef {{ k: number, n: number, low: number, high: number }} Rate
 */
/** @typedef {{ truth: number, guess: number, count: number }} Confusion */

/** @param {number} k @param {number} n @returns {Rate} */
export const rateOf = (k, n) => ({ k, n, ...(n > 0 ? intervalOf(k / n, n) : { low: 0, high: 1 }) });

/** How many guesses count for top-5. */
const five = 5;

/** Whether a picture counts: it has an answer, and the right one is known. @param {Row} row */
const counts = ({ truth, guesses }) => truth >= 0 && guesses !== undefined;

/** @param {Row} row */
export const isRight = row => counts(row) && row.guesses?.[0]?.index === row.truth;

/** @param {Row} row */
const isInFive = ({ guesses = [], truth }) => guesses.slice(0, five).some(({ index }) => index === truth);

/**
 * @param {Row[]} rows
 * @returns {{ top1: Rate, top5: Rate, confusions: Confusion[] }} confusions: the most frequent first
 */
export function scoreOf(rows) {
  const counted = rows.filter(counts);
  /** @type {Map<string, Confusion>} */
  const confusions = new Map();
  let [right, inFive] = [0, 0];
  for (const row of counted) {
    const guess = row.guesses?.[0]?.index ?? -1;
    if (isInFive(row)) inFive++;
    if (guess === row.truth) right++;
    else {
      const key = `${row.truth} ${guess}`;
      const known = confusions.get(key);
      if (known) known.count++;
      else confusions.set(key, { truth: row.truth, guess, count: 1 });
    }
  }
  return {
    top1: rateOf(right, counted.length),
    top5: rateOf(inFive, counted.length),
    confusions: [...confusions.values()].sort((a, b) => b.count - a.count || a.truth - b.truth || a.guess - b.guess),
  };
}
