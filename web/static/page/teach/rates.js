// Rates as people read them.

import { make } from '../dom.js';
import { localized } from '../elements.js';
import { decimal } from '../format.js';
import { say } from '../i18n.js';

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

/**
 * The cells of a table that say a rate: the share with its counts, and the interval with its bar.
 * @param {import('../../zproto.js').Rate | null | undefined} rate  none leaves both empty
 */
export function rateCells(rate) {
  const share = make('td');
  const interval = make('td', 'teach-interval');
  if (rate) {
    const { k, n, low, high } = rate;
    say(share, 'teach.worth.share', () => ({ share: wholePercent(k / n), k, n }));
    interval.append(localized('span', 'teach.worth.between', '', () =>
      ({ low: wholePercent(low), high: wholePercent(high) })), rateBar(rate));
  }
  return { share, interval };
}
