// A field that chooses a set of pictures.

import { make } from '../../dom.js';
import { localized } from '../../elements.js';
import { decimal } from '../../format.js';
import { onLanguage, text } from '../../i18n.js';

/** @typedef {import('./names.js').PictureSet} PictureSet */

/**
 * @param {string} key  of its label
 * @param {{ prefers: string[], onChange: () => void }} options
 *   prefers: the values that it begins with, if they are there
 */
export function createSetChoice(key, { prefers, onChange }) {
  const select = make('select');
  const element = make('label', 'domains-field', localized('span', key), select);
  /** @type {PictureSet[]} */
  let sets = [];
  /** Whether a person has chosen. */
  let isChosen = false;

  select.addEventListener('change', () => {
    isChosen = true;
    onChange();
  });

  const wordsOf = (/** @type {PictureSet} */ { name, ids }) =>
    text('domains.set.count', { name: name(), count: ids.length, shown: decimal(ids.length, 0) }) ?? name();

  function paint() {
    const before = select.value;
    select.replaceChildren(...sets.map(set => new Option(wordsOf(set), set.value)));
    const has = (/** @type {string} */ value) => sets.some(set => set.value === value);
    const wanted = isChosen && has(before) ? before : prefers.find(has) ?? sets[0]?.value ?? '';
    select.value = wanted;
  }

  onLanguage(paint);

  return {
    element,

    get sets() {
      return sets;
    },

    /** The chosen set. */
    get set() {
      return sets.find(({ value }) => value === select.value);
    },

    /** Chooses as a person does. @param {string} value */
    choose(value) {
      select.value = value;
      isChosen = true;
    },

    /** @param {PictureSet[]} next */
    show(next) {
      const same = next.length === sets.length &&
        next.every(({ value, ids }, i) => value === sets[i].value && ids.length === sets[i].ids.length);
      sets = next;
      if (!same) paint();
    },
  };
}
