// A row of a list of guesses: a class, its probability, and a bar that shows the probability once more.

import { make } from './dom.js';
import { say } from './i18n.js';

/** @param {HTMLElement} bar  as probabilityBar makes it  @param {number} probability */
export const setBar = (bar, probability) => bar.style.setProperty('--share', String(probability));

/** A bar as long as a probability. @param {number} [probability] */
export function probabilityBar(probability = 0) {
  const bar = make('span', 'bar');
  bar.ariaHidden = 'true';
  setBar(bar, probability);
  return bar;
}

/**
 * @param {HTMLElement} label
 * @param {HTMLElement} share  says the probability
 * @param {HTMLElement} bar
 * @param {string} [className]
 */
export function guessRow(label, share, bar, className = '') {
  say(share, 'answer.share', {}, 'title');
  return make('li', className, label, ' ', share, bar);
}
