// What a taught network says to a picture: a list of bars, and what is to be said of a picture unlike all others.

import { make } from '../dom.js';
import { localized, plainList } from '../elements.js';
import { percent } from '../format.js';
import { guessRow, probabilityBar } from '../guessrow.js';
import { say } from '../i18n.js';
import { liveNote, unlikeNote } from './unlike.js';

/** @typedef {Awaited<ReturnType<import('./context.js').Teacher['predict']>>} Prediction */

/** How many classes are listed. */
export const maxClasses = 8;

/** @param {string} label @param {number} probability */
function item(label, probability) {
  const share = localized('span', 'teach.try.share', 'share', () => ({ share: percent(probability) }));
  return guessRow(make('span', 'label', label), share, probabilityBar(probability));
}

/**
 * @param {Prediction} prediction
 * @param {Parameters<typeof unlikeNote>[1] & { live?: boolean }} [options]  live: the next one comes at once
 */
export function predictionList(prediction, { live, ...options } = {}) {
  const { predictions, none } = prediction;
  const list = plainList('ol', 'guesses teach-guesses');
  list.toggleAttribute('data-none', none);
  say(list, 'teach.try.label', {}, 'aria-label');
  list.append(...predictions.slice(0, maxClasses).map(({ label, probability }) => item(label, probability)));
  if (live) return make('div', '', list, liveNote(none));
  const note = unlikeNote(prediction, options);
  if (!note) return make('div', '', list);
  return make('div', '', ...(none ? [note, list] : [list, note]));
}
