// A text field with a list of options: the editable combobox of the ARIA Authoring Practices Guide. The focus stays
// in the field. The arrow keys move through the list, and what is typed filters it.

import { make } from '../dom.js';
import { onLanguage, say } from '../i18n.js';

/**
 * What the list shows for a typed text. A group without a key has no heading.
 * @typedef {object} Options
 * @property {{ key?: string, indices: number[] }[]} groups
 * @property {(status: HTMLElement) => void} describe  writes how many there are
 */

let count = 0;

/**
 * @param {HTMLElement} place an empty element
 * @param {string} label the key of the field's label
 */
function createElements(place, label) {
  const id = `classes-${++count}`;
  const title = make('label');
  const input = make('input');
  const list = make('div', 'options');
  const status = make('p', 'matches');
  const popup = make('div', 'popup', list, status);
  title.htmlFor = input.id = id;
  say(title, label);
  Object.assign(input, {
    type: 'text', role: 'combobox', ariaAutoComplete: 'list', ariaExpanded: 'false',
    autocomplete: 'off', spellcheck: false,
  });
  input.setAttribute('aria-controls', `${id}-list`);
  list.id = `${id}-list`;
  list.role = 'listbox';
  say(list, label, {}, 'aria-label');
  status.role = 'status';
  popup.hidden = true;
  place.classList.add('classes');
  place.append(title, input, popup);
  return { id, input, popup, list, status };
}

/**
 * Puts options into groups.
 * @param {string} id of the field
 * @param {Options['groups']} groups
 * @param {HTMLElement[]} options  of all groups
 */
function grouped(id, groups, options) {
  const rest = [...options];
  return groups.flatMap(({ key, indices }) => {
    const members = rest.splice(0, indices.length);
    if (!key) return members;
    const name = make('span', 'group-name');
    name.id = `${id}-${key}`;
    say(name, key);
    const group = make('div', 'group', name, ...members);
    group.role = 'group';
    group.setAttribute('aria-labelledby', name.id);
    return [group];
  });
}

/**
 * @param {HTMLElement} place an empty element
 * @param {{
 *   label: string,
 *   nameOf: (index: number) => string,
 *   originalOf: (index: number) => string,
 *   languageOf: () => string,
 *   optionsFor: (typed: string) => Options,
 *   onChoose: (index: number) => void,
 * }} options label: the key of the field's label; nameOf: an option's text; originalOf: its English, or '' if the text
 *   is no translation; languageOf: the language of all texts; optionsFor: '' asks for all options
 */
export function createCombobox(place, { label, nameOf, originalOf, languageOf, optionsFor, onChoose }) {
  const { id, input, popup, list, status } = createElements(place, label);
  /** The index of the chosen option; −1: none. */
  let chosen = -1;
  /** The options that are shown, in their order. @type {HTMLElement[]} */
  let options = [];
  /** The option that the arrow keys are on; −1: none. */
  let active = -1;

  const isOpen = () => !popup.hidden;
  const restore = () => {
    input.value = nameOf(chosen);
    input.lang = languageOf();
    input.title = originalOf(chosen);
  };

  function close() {
    popup.hidden = true;
    input.ariaExpanded = 'false';
    input.removeAttribute('aria-activedescendant');
    active = -1;
  }

  /** @param {number} index */
  function choose(index) {
    close();
    chosen = index;
    restore();
    input.select();
    onChoose(index);
  }

  /** @param {number} i of an option; before the first comes the last */
  function move(i) {
    options[active]?.setAttribute('aria-selected', 'false');
    active = options.length === 0 ? -1 : (i + options.length) % options.length;
    const option = options[active];
    if (!option) return input.removeAttribute('aria-activedescendant');
    option.ariaSelected = 'true';
    input.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  }

  /** The English of an option, if its text is a translation. @param {number} index */
  function english(index) {
    const original = originalOf(index);
    return original ? [' ', Object.assign(make('small', 'original', original), { lang: 'en' })] : [];
  }

  /** @param {string} [typed] */
  function open(typed = '') {
    const { groups, describe } = optionsFor(typed.trim());
    active = -1;
    options = groups.flatMap(({ indices }) => indices).map((index, i) => {
      const tick = index === chosen ? [make('span', 'tick', '✓')] : [];
      const option = make('div', 'option', make('span', '', nameOf(index)), ...english(index), ...tick);
      Object.assign(option, { id: `${id}-${i}`, role: 'option', lang: languageOf(), ariaSelected: 'false' });
      option.dataset.index = String(index);
      return option;
    });
    list.replaceChildren(...grouped(id, groups, options));
    describe(status);
    list.hidden = options.length === 0;
    popup.hidden = false;
    input.ariaExpanded = String(options.length > 0);
    list.scrollTop = 0;
    popup.scrollIntoView({ block: 'nearest' });
  }

  /** @param {number} step 1 or -1  @param {boolean} withAlt which opens and closes the list without moving in it */
  function handleArrow(step, withAlt) {
    if (withAlt && isOpen()) return close();
    if (isOpen()) return move(active < 0 && step < 0 ? -1 : active + step);
    open();
    if (withAlt) return;
    const at = options.findIndex(({ dataset }) => dataset.index === String(chosen));
    move(at < 0 && step < 0 ? -1 : Math.max(at, 0));
  }

  input.addEventListener('focus', () => input.select());
  input.addEventListener('click', () => {
    if (!isOpen()) open();
  });
  function filter() {
    open(input.value);
    move(0); // Enter takes the best match
  }
  input.addEventListener('input', event => {
    // What an input method composes, such as the pinyin of Chinese, is not yet what is meant.
    if (!(event instanceof InputEvent && event.isComposing)) filter();
  });
  input.addEventListener('compositionend', filter);
  input.addEventListener('blur', () => {
    close();
    restore();
  });
  input.addEventListener('keydown', event => {
    const isComposing = event.isComposing || event.keyCode === 229; // Safari has only this for a composition's last key
    if (isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) handleArrow(step, event.altKey);
    else if (event.key === 'Enter' && isOpen() && active >= 0) choose(Number(options[active].dataset.index));
    else if (event.key === 'Escape' && (isOpen() || input.value !== nameOf(chosen))) {
      close();
      restore();
    } else return;
    event.preventDefault();
  });
  popup.addEventListener('mousedown', event => event.preventDefault()); // it would take the focus from the field
  list.addEventListener('click', ({ target }) => {
    const option = target instanceof Element ? target.closest('.option') : null;
    if (option instanceof HTMLElement) choose(Number(option.dataset.index));
  });
  onLanguage(() => {
    if (isOpen()) open(input.value === nameOf(chosen) ? '' : input.value);
  });

  return {
    /** Shows what is chosen. @param {number} index −1: nothing */
    show(index) {
      chosen = index;
      if (!isOpen()) restore();
    },
  };
}
