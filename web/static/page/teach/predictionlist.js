// What a taught network says to a picture, as a list of bars.

import { make } from '../dom.js';
import { localized, plainList } from '../elements.js';
import { percent } from '../format.js';
import { say } from '../i18n.js';

/** @typedef {Awaited<ReturnType<import('./context.js').Teacher['predict']>>} Prediction */

/** How many classes are listed. */
const maxClasses = 8;

/** @param {string} label @param {number} probability */
function item(label, probability) {
  const share = localized('span', 'teach.try.share', 'share', () => ({ share: percent(probability) }));
  const bar = make('span', 'bar');
  bar.ariaHidden = 'true';
  bar.style.setProperty('--share', String(probability));
  return make('li', '', make('span', 'label', label), ' ', share, bar);
}

/** @param {Prediction} prediction */
export function predictionList({ predictions, none }) {
  const list = plainList('ol', 'guesses teach-guesses');
  list.toggleAttribute('data-none', none);
  say(list, 'teach.try.label', {}, 'aria-label');
  if (none) list.append(make('li', 'teach-none', localized('span', 'teach.none', 'label'), make('span', 'share')));
  list.append(...predictions.slice(0, maxClasses).map(({ label, probability }) => item(label, probability)));
  return list;
}
