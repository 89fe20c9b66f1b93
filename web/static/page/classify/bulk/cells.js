// What a row of the table says.

import { classNameOf, languageOfNames } from '../../classname.js';
import { icon, make } from '../../dom.js';
import { localized } from '../../elements.js';
import { percent } from '../../format.js';
import { probabilityBar } from '../../guessrow.js';
import { say } from '../../i18n.js';
import { faultWords } from '../../notices.js';
import { partsOf } from '../../folders.js';
import { sureFrom } from '../../predictions.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('../../../residua.js').Info} Info */

/** How many further guesses a row shows. */
const further = 2;

/** The file's name, and below it the folders that it lies in. @param {Row} row */
function nameOf({ path }) {
  const parts = partsOf(path);
  const name = make('span', 'bulk-file', parts.at(-1) ?? path);
  const folders = make('span', 'bulk-path', parts.slice(0, -1).join('/'));
  const element = make('span', 'bulk-words', name, folders);
  element.title = path;
  return element;
}

/** @param {Row} row @param {Info} info */
function guessOf({ guesses, none, fault, truth }, info) {
  const words = make('span', 'bulk-words');
  if (fault) {
    const { key, values } = faultWords(fault);
    const reason = localized('span', key, 'bulk-reason', values);
    reason.title = reason.textContent ?? '';
    words.append(reason);
    return words;
  }
  if (!guesses) return localized('span', 'bulk.row.waiting', 'bulk-path');
  const named = (/** @type {number} */ index) => classNameOf(info, index);
  const [best, ...others] = guesses;
  const first = make('span', 'bulk-best', named(best.index));
  first.lang = languageOfNames(info);
  if (truth >= 0) {
    const isRight = best.index === truth;
    const result = isRight ? 'right' : 'wrong';
    const mark = localized('span', `bulk.row.${result}`, `bulk-${result}`, () => ({ label: named(truth) }));
    words.append(first, mark);
    return words;
  }
  const rest = make('span', 'bulk-path');
  if (none) say(rest, 'bulk.row.none');
  else {
    rest.textContent = others.slice(0, further)
      .map(({ index, probability }) => `${named(index)} ${percent(probability)}`).join(' · ');
    rest.lang = languageOfNames(info);
  }
  words.append(first, rest);
  return words;
}

/** @param {Row} row */
function probabilityOf({ guesses }) {
  if (!guesses) return make('span');
  const [{ probability }] = guesses;
  const share = make('span', 'share', percent(probability));
  const likely = probability >= sureFrom ? ' likely' : '';
  return make('span', `bulk-share${likely}`, share, probabilityBar(probability));
}

/**
 * @param {Row} row
 * @param {Info} info  of what answered
 * @param {Node | null | undefined} picture  null: there is none to show
 * @returns {Node[]}
 */
export function cellsOf(row, info, picture) {
  const thumb = make('span', 'thumb', ...(picture ? [picture] : picture === null ? [icon('photo')] : []));
  thumb.ariaHidden = 'true';
  return [thumb, nameOf(row), guessOf(row, info), probabilityOf(row)];
}
