// All words of the page, in the language of the person. One flat table per language; {name} in a sentence is a placeholder.

import { staticFolder } from '../common/site.js';
import { remember } from './settings.js';

/** @typedef {'en' | 'zh'} Language */

/**
 * The values of a sentence's placeholders; `count` also picks between the keys key.one and key.other.
 * @typedef {Record<string, string | number>} Values
 */

/** Where an element can hold words, and the attribute that holds the key of each. */
const slots = /** @type {const} */ ({
  text: 'data-i18n',
  'aria-label': 'data-i18n-label',
  title: 'data-i18n-title',
  alt: 'data-i18n-alt',
});
/** @typedef {keyof typeof slots} Slot */

/** @type {Record<string, string>} */
let table = {};

/** @type {Language} */
let current = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';

/**
 * The values that elements were given, to say them again in another language.
 * @type {WeakMap<Element, Partial<Record<Slot, () => Values>>>}
 */
const given = new WeakMap();

/** The elements of attribute data-spelled, whose words come from a function. @type {WeakMap<Element, () => string>} */
const spelled = new WeakMap();

/** @returns {Language} */
export function language() {
  return current;
}

/**
 * The sentence of a key. undefined: the table has no such key, or is still on its way.
 * @param {string} key
 * @param {Values} [values]
 */
export function text(key, values = {}) {
  const plural = values.count === undefined ? key : `${key}.${new Intl.PluralRules(current).select(Number(values.count))}`;
  const sentence = table[plural] ?? table[key];
  return sentence?.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * All sentences whose keys begin so, as they stand in the table: for the view, which fills in the placeholders itself.
 * @param {string} begin
 */
export function family(begin) {
  return Object.fromEntries(Object.entries(table).filter(([key]) => key.startsWith(begin)));
}

/** Runs after every switch of the language. @type {(() => void)[]} */
const listeners = [];

/** @param {() => void} listener */
export function onLanguage(listener) {
  listeners.push(listener);
}

/**
 * Puts a sentence into an element, or into an attribute of it, and keeps it there in whichever language is chosen.
 * A function of values is asked again at every switch, so that it can format numbers in that language.
 * @param {Element} element
 * @param {string} key
 * @param {Values | (() => Values)} [values]
 * @param {Slot} [slot]
 */
export function say(element, key, values = {}, slot = 'text') {
  element.setAttribute(slots[slot], key);
  if (slot === 'text') element.removeAttribute('data-spelled');
  const mine = given.get(element) ?? {};
  mine[slot] = typeof values === 'function' ? values : () => values;
  given.set(element, mine);
  translate(element, slot);
}

/**
 * Shows words that are no sentence of the table, such as a file's name, or a number that each language writes its own way.
 * @param {Element} element
 * @param {string | (() => string)} [words] a function is asked again at every switch of the language
 */
export function spell(element, words = '') {
  element.removeAttribute(slots.text);
  element.toggleAttribute('data-spelled', typeof words === 'function');
  if (typeof words === 'function') spelled.set(element, words);
  element.textContent = typeof words === 'function' ? words() : words;
}

/**
 * @param {Element} element
 * @param {Slot} slot
 */
function translate(element, slot) {
  const key = element.getAttribute(slots[slot]);
  const words = key && text(key, given.get(element)?.[slot]?.());
  if (!words) return; // The English of index.html stays.
  if (slot === 'text') element.textContent = words;
  else element.setAttribute(slot, words);
}

/**
 * Switches the whole page to a language.
 * @param {Language} wanted
 */
async function setLanguage(wanted) {
  const page = document.documentElement;
  try {
    const answer = await fetch(new URL(`i18n/${wanted}.json`, staticFolder));
    if (!answer.ok) throw new Error(answer.statusText);
    table = await answer.json();
    current = wanted;
    page.lang = wanted === 'zh' ? 'zh-Hans' : wanted;
    for (const element of document.querySelectorAll('[data-spelled]')) element.textContent = spelled.get(element)?.() ?? '';
    for (const slot of /** @type {Slot[]} */ (Object.keys(slots))) {
      for (const element of document.querySelectorAll(`[${slots[slot]}]`)) translate(element, slot);
    }
    for (const listener of listeners) listener();
  } catch {
    // No connection: the words stay as they are.
  }
  delete page.dataset.words;
}

/**
 * Brings the words of the language that early.js chose, and makes a button switch to the other one.
 * @param {HTMLButtonElement} button
 */
export async function startLanguage(button) {
  button.addEventListener('click', async () => {
    await setLanguage(current === 'en' ? 'zh' : 'en');
    remember('language', current);
    button.lang = current === 'en' ? 'zh' : 'en';
  });
  await setLanguage(current);
  button.lang = current === 'en' ? 'zh' : 'en';
}
