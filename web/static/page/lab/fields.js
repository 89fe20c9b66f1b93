// The fields of the room's settings: a list to choose from, a slider, a switch, a number.

import { make } from '../dom.js';
import { localized } from '../elements.js';
import { say, setText } from '../i18n.js';

/** @typedef {string | number} Value */
/**
 * What an option is called: a key of the table of words, or a function that writes it.
 * @typedef {string | (() => string)} Caption
 */

/** @param {Element} element @param {Caption} caption */
function caption(element, caption) {
  if (typeof caption === 'function') setText(element, caption);
  else say(element, caption);
}

/**
 * A list to choose from.
 * @template {Value} T
 * @param {string} key  of its label
 * @param {readonly T[]} values
 * @param {(value: T) => Caption} captionOf
 * @param {(value: T) => void} onChange
 */
export function selectField(key, values, captionOf, onChange) {
  const select = make('select');
  const label = make('label', 'skiplab-field', localized('span', key), select);
  /** @type {readonly T[]} */
  let all = values;

  function fill() {
    select.replaceChildren(...all.map(value => {
      const option = make('option');
      option.value = String(value);
      caption(option, captionOf(value));
      return option;
    }));
  }

  select.addEventListener('change', () => onChange(all[select.selectedIndex]));
  fill();
  return {
    element: label,
    /** @param {T} value */
    set(value) { select.value = String(value); },
    /** @param {readonly T[]} next */
    setValues(next) {
      if (next.length === all.length && next.every((value, i) => value === all[i])) return;
      all = next;
      fill();
    },
  };
}

/**
 * A slider over a few values, or over whole numbers, with its value beside the label.
 * @param {string} key
 * @param {readonly number[]} values
 * @param {(value: number) => string} write
 * @param {(value: number) => void} onChange
 */
export function sliderField(key, values, write, onChange) {
  const input = make('input');
  Object.assign(input, { type: 'range', min: '0', max: String(values.length - 1), step: '1' });
  const value = make('b'); // not an output, which the label would name in the slider's place
  const label = make('label', 'skiplab-field skiplab-slider',
    make('span', '', localized('span', key), ' ', value), input);
  const show = () => {
    const words = () => write(values[Number(input.value)]);
    setText(value, words);
    input.setAttribute('aria-valuetext', words());
  };
  input.addEventListener('input', () => {
    show();
    onChange(values[Number(input.value)]);
  });
  return {
    element: label,
    /** @param {number} next */
    set(next) {
      const at = values.indexOf(next);
      const nearest = at >= 0 ? at : values.findIndex(value => value >= next);
      input.value = String(nearest < 0 ? values.length - 1 : nearest);
      show();
    },
  };
}

/**
 * A switch.
 * @param {string} key
 * @param {(on: boolean) => void} onChange
 */
export function switchField(key, onChange) {
  const input = make('input', 'skiplab-switch');
  input.type = 'checkbox';
  input.setAttribute('role', 'switch');
  const label = make('label', 'skiplab-check', input, localized('span', key));
  input.addEventListener('change', () => onChange(input.checked));
  return {
    element: label,
    /** @param {boolean} on */
    set(on) { input.checked = on; },
  };
}

/**
 * A whole number.
 * @param {string} key
 * @param {{ min: number, max: number }} range
 * @param {(value: number) => void} onChange
 */
export function numberField(key, { min, max }, onChange) {
  const input = make('input');
  Object.assign(input, { type: 'number', min: String(min), max: String(max), step: '1', inputMode: 'numeric' });
  const label = make('label', 'skiplab-field', localized('span', key), input);
  input.addEventListener('change', () => {
    const value = Math.min(Math.max(Math.round(Number(input.value) || min), min), max);
    input.value = String(value);
    onChange(value);
  });
  return {
    element: label,
    /** @param {number} value */
    set(value) { if (document.activeElement !== input) input.value = String(value); },
  };
}

/**
 * One of a few, all of them in sight.
 * @template {string} T
 * @param {string} key  of its label
 * @param {readonly T[]} values
 * @param {(value: T) => string} keyOf
 * @param {(value: T) => void} onChange
 */
export function segmented(key, values, keyOf, onChange) {
  const buttons = values.map(value => {
    const button = localized('button', keyOf(value));
    button.type = 'button';
    button.addEventListener('click', () => onChange(value));
    return button;
  });
  const element = make('div', 'skiplab-segments', ...buttons);
  element.role = 'group';
  say(element, key, {}, 'aria-label');
  return {
    element,
    /** @param {T} value */
    set(value) { buttons.forEach((button, i) => { button.ariaPressed = String(values[i] === value); }); },
    /** Gives the chosen one the focus. */
    focus() { buttons.find(({ ariaPressed }) => ariaPressed === 'true')?.focus(); },
  };
}
