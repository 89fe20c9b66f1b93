// What is chosen of the table: by a part of the name, by class, by probability, by how it went.

import { classNameOf } from '../../classname.js';
import { make } from '../../dom.js';
import { button, localized } from '../../elements.js';
import { decimal, share } from '../../format.js';
import { onLanguage, say, setText } from '../../i18n.js';
import { noFilter } from './rows.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./rows.js').Filter} Filter */
/** @typedef {import('./rows.js').Kind} Kind */
/** @typedef {import('../../../residua.js').Info} Info */

const thresholds = [1, 0.9, 0.5, 0.2];
/** The last two are there only where the right answers are known. @type {Kind[]} */
const kinds = ['all', 'failed', 'waiting', 'right', 'wrong'];

/** @param {string} key @param {HTMLElement} control */
const field = (key, control) => make('label', 'bulk-field', localized('span', key), control);

/** @param {string} value @param {(option: HTMLOptionElement) => void} write */
function option(value, write) {
  const element = make('option');
  element.value = value;
  write(element);
  return element;
}

/** @param {{ onChange: (filter: Filter) => void }} handlers */
export function createFilters({ onChange }) {
  /** @type {Filter} */
  let filter = noFilter;
  const text = make('input');
  text.type = 'search';
  const guess = make('select');
  const below = make('select');
  const kind = make('select');
  /** The two classes of what is taken for what, if that is chosen. */
  const pair = button('bulk.filter.clear', 'quiet bulk-pair', () => change({ guess: undefined, truth: undefined }));
  const shown = make('p', 'bulk-shown');
  shown.role = 'status';
  const element = make('div', 'bulk-filters',
    field('bulk.filter.text', text), field('bulk.filter.class', guess), field('bulk.filter.below', below),
    field('bulk.filter.kind', kind), pair, shown);
  element.role = 'group';
  say(element, 'bulk.filters', {}, 'aria-label');

  below.append(...thresholds.map(limit => option(String(limit), one =>
    (limit === 1 ? say(one, 'bulk.below.any') : say(one, 'bulk.below', () => ({ limit: share(limit) }))))));
  kind.append(...kinds.map(name => option(name, one => say(one, `bulk.kind.${name}`))));
  for (const one of kind.options) one.hidden = one.disabled = one.value === 'right' || one.value === 'wrong';

  text.addEventListener('input', () => change({ text: text.value }));
  guess.addEventListener('change', () =>
    change({ guess: guess.value === '' ? undefined : Number(guess.value), truth: undefined }));
  below.addEventListener('change', () => change({ below: Number(below.value) }));
  kind.addEventListener('change', () => change({ kind: /** @type {Kind} */ (kind.value) }));

  /** @type {Info | undefined} */ let info;
  /** How often each class is the first guess. @type {Map<number, number>} */ let counts = new Map();
  let listed = '';
  listClasses();

  function listClasses() {
    const entries = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    const key = JSON.stringify(entries);
    if (key === listed || document.activeElement === guess) return; // an open list must not change
    listed = key;
    const named = info ?? { outputs: 0, labels: [] };
    guess.replaceChildren(option('', one => say(one, 'bulk.filter.class.all')), ...entries.map(([index, count]) =>
      option(String(index), one =>
        setText(one, () => `${classNameOf(named, index)} (${decimal(count, 0)})`))));
    guess.value = String(filter.guess ?? '');
  }
  guess.addEventListener('blur', listClasses);

  /** @param {Partial<Filter>} next */
  function change(next) {
    filter = { ...filter, ...next };
    pair.hidden = filter.truth === undefined;
    if (filter.guess === undefined || guess.value !== String(filter.guess)) guess.value = String(filter.guess ?? '');
    onChange(filter);
  }

  onLanguage(listClasses);
  pair.hidden = true;

  return {
    element,

    get filter() {
      return filter;
    },

    /** @param {Partial<Filter>} next */
    choose: change,

    /** Whether anything is left out. */
    get isOn() {
      return JSON.stringify(filter) !== JSON.stringify(noFilter);
    },

    reset() {
      text.value = '';
      below.value = '1';
      kind.value = 'all';
      change({ ...noFilter, guess: undefined, truth: undefined });
    },

    /**
     * @param {Row[]} rows  all
     * @param {number} count  how many are shown
     * @param {Info} [named]  of what answers
     * @param {boolean} [hasTruth]
     */
    show(rows, count, named, hasTruth = false) {
      info = named;
      counts = new Map();
      for (const { guesses } of rows) {
        if (guesses) counts.set(guesses[0].index, (counts.get(guesses[0].index) ?? 0) + 1);
      }
      listClasses();
      for (const one of kind.options) {
        if (one.value === 'right' || one.value === 'wrong') one.hidden = one.disabled = !hasTruth;
      }
      if (count === rows.length) setText(shown);
      else say(shown, 'bulk.shown', () => ({ count, shown: decimal(count, 0), total: decimal(rows.length, 0) }));
    },
  };
}
