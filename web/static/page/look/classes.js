// The choice of one class among all that the network knows. It is one class for the whole room. There is a field for it
// wherever the class matters.

import { classNamesOf } from '../classname.js';
import { find } from '../dom.js';
import { language, say, setText } from '../i18n.js';
import { createCombobox } from './combobox.js';
import { namesOf, search } from './search.js';

/** @param {{ onChoose: (index: number) => void }} handlers */
export function createClasses({ onChoose }) {
  /** The names, which for a network with one output are the page's words. @type {() => string[]} */
  let names = () => [];
  /** The classes of the answer, the most probable first. @type {number[]} */
  let predicted = [];

  const nameOf = (/** @type {number} */ index) => names()[index] ?? '';

  /** @param {string} typed @returns {import('./combobox.js').Options} */
  function optionsFor(typed) {
    if (typed === '') {
      const rest = search(names(), '').filter(i => !predicted.includes(i));
      const groups = [{ key: 'classes.answer', indices: predicted }, { key: 'classes.all', indices: rest }];
      return { groups, describe: setText };
    }
    const found = search(names(), typed);
    return {
      groups: [{ indices: found }],
      describe(status) {
        if (found.length === 0) return say(status, 'classes.none', { typed });
        const total = () => new Intl.NumberFormat(language()).format(names().length);
        say(status, 'classes.found', () => ({ count: found.length, total: total() }));
      },
    };
  }

  const fields = [
    createCombobox(find('#where-class', HTMLElement), { label: 'where.class', nameOf, optionsFor, onChoose }),
    createCombobox(find('#look-class', HTMLElement), { label: 'look.class', nameOf, optionsFor, onChoose }),
  ];

  return {
    /** @param {import('../../residua.js').Info} info  of a network */
    setModel(info) {
      const fixed = namesOf(classNamesOf(info));
      names = () => (info.outputs > 1 ? fixed : namesOf(classNamesOf(info)));
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
