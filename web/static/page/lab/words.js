// Puts the room's sentences into elements: numbers get the form that their names ask for, networks their names.

import { decimal, share, significant } from '../format.js';
import { language, say, text } from '../i18n.js';

/** @typedef {import('./names.js').Part} Part */
/** @typedef {import('./verdicts.js').Verdict} Verdict */

/**
 * How the values of a sentence are written, by their names.
 * @type {Record<string, (value: number) => string>}
 */
const formats = {
  factor: value => significant(value, 2),
  first: value => significant(value, 2),
  last: value => significant(value, 2),
  loss: value => decimal(value, 2),
  second: value => decimal(value, 2),
  third: value => decimal(value, 2),
  guess: value => decimal(value, 2),
  height: value => significant(value, 2),
  scratch: share,
  best: share,
  learnt: share,
  held: share,
  low: share,
  high: share,
  pictures: value => decimal(value, 0),
  step: value => decimal(value, 0),
  steps: value => decimal(value, 0),
};

/** A network's name. @param {readonly Part[]} parts */
export const nameText = parts =>
  parts.map(({ key, values }) => text(key, values) ?? '').join(language() === 'zh' ? '，' : ', ');

/**
 * What a chart tells at a place.
 * @param {string} place
 * @param {string[]} values  of the networks
 * @param {readonly (readonly Part[])[]} names
 */
export const readingOf = (place, values, names) =>
  ({ place, values, words: `${place}: ${values.map((value, i) => `${nameText(names[i])} ${value}`).join(' · ')}` });

/**
 * @param {Record<string, number>} values
 * @param {readonly (readonly Part[])[]} names  of the networks
 */
function written(values, names) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => {
    if (name === 'network' || name === 'other') return [name, nameText(names[value])];
    return [name, formats[name]?.(value) ?? value];
  }));
}

/**
 * @param {Element} element
 * @param {Verdict} verdict
 * @param {readonly (readonly Part[])[]} [names]
 */
export function sayVerdict(element, { key, values }, names = []) {
  say(element, key, () => written(values, names));
}
