// Rates as people read them.

import { make } from '../dom.js';
import { decimal } from '../format.js';

/** A share in whole percents. These evaluations are too small for more digits. @param {number} share */
export const wholePercent = share => `${decimal(share * 100, 0)}%`;

/**
 * A bar with its confidence interval. It repeats the words next to it, so it is hidden from screen readers.
 * @param {import('../../zproto.js').Rate} rate
 */
export function rateBar({ k, n, low, high }) {
  const bar = make('span', 'teach-rate', make('i'), make('b'));
  bar.ariaHidden = 'true';
  for (const [name, value] of Object.entries({ share: n > 0 ? k / n : 0, low, high })) {
    bar.style.setProperty(`--${name}`, String(value));
  }
  return bar;
}
