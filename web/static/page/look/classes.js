// The choice of one class among all that the network knows: a text field with a list, by the pattern of the ARIA practices for an editable
// combobox. The focus stays in the field; the keys move through the list, and what is typed filters it.

import { make } from '../dom.js';
import { language, onLanguage, say, spell } from '../i18n.js';
import { namesOf, search } from './search.js';

let made = 0;

/**
 * @param {HTMLElement} place an empty element
 * @param {{ label: string, onChoose: (index: number) => void }} options label: the key of the field's name
 */
export function createClasses(place, { label, onChoose }) {
  const id = `classes-${++made}`;
  const title = make('label');
  const input = make('input');
  const popup = make('div', 'popup');
  const list = make('div', 'options');
  const status = make('p', 'matches');
  /** @type {string[]} */ let names = [];
  /** Those of the answer, best first. @type {number[]} */ let answer = [];
  let chosen = -1;
  /** The options that are shown, in their order. @type {HTMLElement[]} */ let options = [];
  /** The option that the keys are on; −1: none. */ let active = -1;

  title.htmlFor = input.id = id;
  say(title, label);
  Object.assign(input, { type: 'text', role: 'combobox', ariaAutoComplete: 'list', ariaExpanded: 'false', autocomplete: 'off', spellcheck: false, lang: 'en' });
  input.setAttribute('aria-controls', `${id}-list`);
  list.id = `${id}-list`;
  list.role = 'listbox';
  say(list, label, {}, 'aria-label');
  status.role = 'status';
  popup.hidden = true;
  popup.append(list, status);
  place.classList.add('classes');
  place.append(title, input, popup);

  const isOpen = () => !popup.hidden;
  const restore = () => { input.value = names[chosen] ?? ''; };

  function close() {
    popup.hidden = true;
    input.ariaExpanded = 'false';
    input.removeAttribute('aria-activedescendant');
    active = -1;
  }

  /** @param {number} index of a class */
  function choose(index) {
    close();
    chosen = index;
    restore();
    input.select();
    onChoose(index);
  }

  /** @param {number} i of an option; the ends of the list are joined */
  function move(i) {
    options[active]?.setAttribute('aria-selected', 'false');
    active = options.length === 0 ? -1 : (i + options.length) % options.length;
    const option = options[active];
    if (!option) return input.removeAttribute('aria-activedescendant');
    option.ariaSelected = 'true';
    input.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  }

  /** @param {number} index of a class */
  function option(index) {
    const one = make('div', 'option', make('span', '', names[index]), ...(index === chosen ? [make('span', 'tick', '✓')] : []));
    one.id = `${id}-${options.length}`;
    one.role = 'option';
    one.lang = 'en';
    one.ariaSelected = 'false';
    one.dataset.index = String(index);
    options.push(one);
    return one;
  }

  /**
   * @param {string} key of the group's name
   * @param {number[]} indices
   */
  function group(key, indices) {
    const name = make('span', 'group-name');
    name.id = `${id}-${key}`;
    say(name, key);
    const one = make('div', 'group', name, ...indices.map(option));
    one.role = 'group';
    one.setAttribute('aria-labelledby', name.id);
    return one;
  }

  /** @param {string} [typed] nothing: all classes, those of the answer first */
  function open(typed = '') {
    options = [];
    active = -1;
    if (typed.trim() === '') {
      const rest = search(names, '').filter(i => !answer.includes(i));
      list.replaceChildren(group('classes.answer', answer), group('classes.all', rest));
      spell(status);
    } else {
      const found = search(names, typed);
      list.replaceChildren(...found.map(option));
      if (found.length > 0) say(status, 'classes.found', () => ({ count: found.length, total: new Intl.NumberFormat(language()).format(names.length) }));
      else say(status, 'classes.none', { typed: typed.trim() });
    }
    list.hidden = options.length === 0;
    popup.hidden = false;
    input.ariaExpanded = String(options.length > 0);
    list.scrollTop = 0;
    popup.scrollIntoView({ block: 'nearest' });
  }

  input.addEventListener('focus', () => input.select());
  input.addEventListener('click', () => {
    if (!isOpen()) open();
  });
  input.addEventListener('input', () => {
    open(input.value);
    move(0); // Enter takes the best
  });
  input.addEventListener('blur', () => {
    close();
    restore();
  });
  input.addEventListener('keydown', event => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && event.altKey && isOpen()) close();
    else if (step && !isOpen()) {
      open();
      const at = options.findIndex(({ dataset }) => dataset.index === String(chosen));
      if (!event.altKey) move(at < 0 && step < 0 ? -1 : Math.max(at, 0));
    } else if (step) move(active < 0 && step < 0 ? -1 : active + step);
    else if (event.key === 'Enter' && isOpen() && active >= 0) choose(Number(options[active].dataset.index));
    else if (event.key === 'Escape' && (isOpen() || input.value !== (names[chosen] ?? ''))) {
      close();
      restore();
    } else return;
    event.preventDefault();
  });
  // The focus stays in the field.
  popup.addEventListener('mousedown', event => event.preventDefault());
  list.addEventListener('click', ({ target }) => {
    const one = target instanceof Element ? target.closest('.option') : null;
    if (one instanceof HTMLElement) choose(Number(one.dataset.index));
  });
  onLanguage(() => {
    if (isOpen()) open(input.value === names[chosen] ? '' : input.value);
  });

  return {
    /** @param {string[]} labels of a network */
    introduce(labels) {
      names = namesOf(labels);
    },

    /** @param {number[]} indices of the answer's classes, best first */
    offer(indices) {
      answer = indices;
    },

    /** @param {number} index of the class that is meant; −1: none yet */
    show(index) {
      chosen = index;
      if (!isOpen()) restore();
    },

    /** The name of a class, as the list has it. @param {number} index */
    name: index => names[index] ?? '',
  };
}
