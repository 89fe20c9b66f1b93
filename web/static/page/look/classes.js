// The choice of one class among all that the network knows. It is one class for the whole room. There is a field for it
// wherever the class matters.

import { classNamesOf, languageOfNames, originalNameOf, otherNamesOf } from '../classname.js';
import { find } from '../dom.js';
import { language, say, setText } from '../i18n.js';
import { createCombobox } from './combobox.js';
import { namesOf, search } from './search.js';

/** @param {{ onChoose: (index: number) => void }} handlers */
export function createClasses({ onChoose }) {
  /** About the network whose classes these are. @type {import('../../residua.js').Info | undefined} */
  let info;
  /** The names in the page's language, and the same made unique. */
  let unique = { from: /** @type {string[]} */ ([]), names: /** @type {string[]} */ ([]) };
  /** The classes of the answer, the most probable first. @type {number[]} */
  let predicted = [];

  function names() {
    const from = info ? classNamesOf(info) : [];
    if (unique.from !== from) unique = { from, names: namesOf(from) };
    return unique.names;
  }

  const nameOf = (/** @type {number} */ index) => names()[index] ?? '';
  const originalOf = (/** @type {number} */ index) => (info ? originalNameOf(info, index) : '');
  const languageOf = () => (info ? languageOfNames(info) : '');

  const found = (/** @type {string} */ typed) =>
    search(names(), typed, { others: info && otherNamesOf(info), locale: languageOf() || language() });

  /** @param {string} typed @returns {import('./combobox.js').Options} */
  function optionsFor(typed) {
    if (typed === '') {
      const rest = found('').filter(i => !predicted.includes(i));
      const groups = [{ key: 'classes.answer', indices: predicted }, { key: 'classes.all', indices: rest }];
      return { groups, describe: setText };
    }
    const indices = found(typed);
    return {
      groups: [{ indices }],
      describe(status) {
        if (indices.length === 0) return say(status, 'classes.none', { typed });
        const total = () => new Intl.NumberFormat(language()).format(names().length);
        say(status, 'classes.found', () => ({ count: indices.length, total: total() }));
      },
    };
  }

  const options = { nameOf, originalOf, languageOf, optionsFor, onChoose };
  const fields = [
    createCombobox(find('#where-class', HTMLElement), { label: 'where.class', ...options }),
    createCombobox(find('#look-class', HTMLElement), { label: 'look.class', ...options }),
  ];

  return {
    /** @param {import('../../residua.js').Info} next  of a network */
    setModel(next) {
      info = next;
    },

    /** @param {number[]} indices of the answer's classes, the most probable first */
    setPredicted(indices) {
      predicted = indices;
    },

    /** Shows which class is chosen. @param {number} index −1: none yet */
    show(index) {
      for (const field of fields) field.show(index);
    },

    nameOf,
  };
}
