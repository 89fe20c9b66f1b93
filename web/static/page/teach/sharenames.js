// The names of the classes as a link would have them. Those that the host refuses get a field for another name.

import { make } from '../dom.js';
import { say } from '../i18n.js';
import { sharing } from '../../residua.js';
import { localized, plainList } from '../elements.js';

/** @typedef {{ at: number, why: import('../../residua.js').NameFault | 'refused' }} NameProblem  at: the class */

const { sanitizeName, nameFault } = sharing;

/** A name as text that does not act on the text round it. @param {string} name @param {number} at */
const isolated = (name, at) => make('bdi', '', sanitizeName(name, at));

/** @param {{ onChange: () => void }} handlers */
export function createShareNames({ onChange }) {
  const list = plainList('ul', 'share-names');
  list.tabIndex = 0; // it scrolls
  say(list, 'share.names', {}, 'aria-label');
  const fields = make('div', 'share-mend');
  /** @type {string[]} */ let originals = [];
  /** @type {string[]} */ let names = [];
  let maxLength = 0;

  /** @param {NameProblem} problem */
  function createField({ at, why }) {
    const input = make('input', 'share-name');
    const proposal = sanitizeName(names[at] ?? '', at).replace(/[<>]/g, '');
    Object.assign(input, { type: 'text', value: proposal, autocomplete: 'off', spellcheck: false });
    input.addEventListener('input', () => {
      names[at] = input.value.trim();
      update();
    });
    if (why !== 'refused') names[at] = input.value;
    const reason = localized('span', `share.name.${why}`, 'hint', { most: maxLength });
    return make('label', '', make('span', '', isolated(originals[at] ?? '', at), ' ', reason), input);
  }

  function update() {
    list.replaceChildren(...names.map((name, at) => make('li', '', isolated(name, at))));
    for (const input of fields.querySelectorAll('input')) {
      input.ariaInvalid = String(!!nameFault(input.value.trim(), maxLength));
    }
    onChange();
  }

  /** Asks for other names. @param {NameProblem[]} problems */
  function ask(problems) {
    fields.replaceChildren(...problems.map(createField));
    update();
  }

  return {
    list,
    fields,
    ask,

    /** Whether the host takes all names. */
    get areValid() {
      return !names.some(name => nameFault(name, maxLength));
    },

    /** The names for the link, if they are not those of the file. */
    get changed() {
      return names.some((name, at) => name !== originals[at]) ? names : undefined;
    },

    /**
     * @param {string[]} classes
     * @param {number} maxLabel  the longest name that the host takes
     * @param {NameProblem[]} problems
     */
    show(classes, maxLabel, problems) {
      originals = classes;
      names = [...classes];
      maxLength = maxLabel;
      ask(problems);
    },
  };
}
