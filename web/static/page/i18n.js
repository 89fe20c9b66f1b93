// The page's text in the chosen language. Each language has one flat table; {name} in a sentence is a placeholder.

import { staticFolder } from '../common/site.js';
import { remember } from './settings.js';

/** @typedef {'en' | 'zh'} Language */

/**
 * The values of a sentence's placeholders; `count` also picks between the keys key.one and key.other.
 * @typedef {Record<string, string | number>} Values
 */

/** Where an element can hold text, and which attribute holds that text's key. */
const slots = /** @type {const} */ ({
  text: 'data-i18n',
  'aria-label': 'data-i18n-label',
  title: 'data-i18n-title',
  alt: 'data-i18n-alt',
});
/** @typedef {keyof typeof slots} Slot */

/** The sentences; null until the first table has come. @type {Record<string, string> | null} */
let table = null;

/** How long a table may take, in milliseconds. Without the first one, messages are shown in English. */
const timeoutMs = 20_000;

/** @type {() => void} */
let settle = () => {};
/**
 * Resolves when the first table is here, or has not come and is no longer waited for. Until then no message has words:
 * what say was given is shown as soon as they are here.
 * @type {Promise<void>}
 */
export const wordsSettled = new Promise(done => { settle = done; });

/** What was said before the first table came. It need not be in the document. @type {[Element, Slot][]} */
const early = [];

/** @type {Language} */
let current = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';

/**
 * The values of each element's placeholders, for the next switch of the language.
 * @type {WeakMap<Element, Partial<Record<Slot, () => Values>>>}
 */
const valuesOf = new WeakMap();

/**
 * What elements with the attribute data-formatted hold.
 * @type {WeakMap<Element, Partial<Record<Slot, () => string>>>}
 */
const formatters = new WeakMap();

/** @returns {Language} */
export function language() {
  return current;
}

/** Whether a table is here. */
export const hasWords = () => table !== null;

/**
 * The sentence of a key, or undefined: the table has no such key, or has not loaded yet.
 * @param {string} key
 * @param {Values} [values]
 */
export function text(key, values = {}) {
  const { count } = values;
  const plural = count === undefined ? key : `${key}.${new Intl.PluralRules(current).select(Number(count))}`;
  const sentence = table?.[plural] ?? table?.[key];
  return sentence?.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * Whether the table has a sentence for a key, and there is a value for each of its placeholders.
 * @param {string} key
 * @param {Values} values
 */
function isComplete(key, values) {
  const placeholders = [...(table?.[key] ?? '{}').matchAll(/\{(\w*)\}/g)];
  return placeholders.every(([, name]) => values[name] !== undefined);
}

/**
 * All sentences whose keys start with a prefix, placeholders and all. The view fills these in by itself.
 * @param {string} prefix
 */
export function sentences(prefix) {
  return Object.fromEntries(Object.entries(table ?? {}).filter(([key]) => key.startsWith(prefix)));
}

/** They run after every switch of the language, and when more names have come. @type {(() => void)[]} */
const listeners = [];

/** @param {() => void} listener */
export function onLanguage(listener) {
  listeners.push(listener);
}

/**
 * Puts a sentence into an element, or into one of its attributes, and translates it whenever the language changes.
 * Values that are a function are computed anew then, so that numbers are formatted in that language.
 * @param {Element} element
 * @param {string} key  or several with spaces between: the first that has a sentence and all of its values
 * @param {Values | (() => Values)} [values]
 * @param {Slot} [slot]
 */
export function say(element, key, values = {}, slot = 'text') {
  const isNew = element.getAttribute(slots[slot]) !== key;
  element.setAttribute(slots[slot], key);
  setFormatter(element, slot);
  const bySlot = valuesOf.get(element) ?? {};
  bySlot[slot] = typeof values === 'function' ? values : () => values;
  valuesOf.set(element, bySlot);
  if (table) return translate(element, slot);
  if (slot === 'text' && isNew) element.textContent = '';
  early.push([element, slot]);
}

/**
 * Puts text that is not a sentence of the table, such as a file's name or a number, into an element or one of its
 * attributes.
 * @param {Element} element
 * @param {string | (() => string)} [words] a function is called again whenever the language changes
 * @param {Slot} [slot]
 */
export function setText(element, words = '', slot = 'text') {
  element.removeAttribute(slots[slot]);
  setFormatter(element, slot, typeof words === 'function' ? words : undefined);
  put(element, slot, typeof words === 'function' ? words() : words);
}

/**
 * @param {Element} element
 * @param {Slot} slot
 * @param {() => string} [formatter]  none: the slot's words are of another kind
 */
function setFormatter(element, slot, formatter) {
  const { [slot]: _, ...others } = formatters.get(element) ?? {};
  const all = formatter ? { ...others, [slot]: formatter } : others;
  formatters.set(element, all);
  element.toggleAttribute('data-formatted', Object.keys(all).length > 0);
}

/** @param {Element} element @param {Slot} slot @param {string} words */
function put(element, slot, words) {
  if (slot === 'text') element.textContent = words;
  else element.setAttribute(slot, words);
}

/**
 * @param {Element} element
 * @param {Slot} slot
 */
function translate(element, slot) {
  const values = valuesOf.get(element)?.[slot]?.() ?? {};
  const keys = (element.getAttribute(slots[slot]) ?? '').split(' ').filter(key => text(key, values));
  const words = text(keys.find(key => isComplete(key, values)) ?? keys[0], values);
  if (!words) return; // the English text of index.html stays
  put(element, slot, words);
}

/**
 * Fetches a table of words.
 * @param {string} name  of its file
 */
export async function fetchTable(name) {
  const control = new AbortController();
  const limit = setTimeout(() => control.abort(), timeoutMs);
  try {
    const answer = await fetch(new URL(`i18n/${name}.json`, staticFolder), { signal: control.signal });
    if (!answer.ok) throw new Error(answer.statusText);
    return await answer.json();
  } finally {
    clearTimeout(limit);
  }
}

/** Says everything anew, after a switch of the language or when more names have come. */
export function translatePage() {
  if (!table) return;
  for (const element of document.querySelectorAll('[data-formatted]')) {
    for (const [slot, words] of Object.entries(formatters.get(element) ?? {})) {
      put(element, /** @type {Slot} */ (slot), words());
    }
  }
  for (const slot of /** @type {Slot[]} */ (Object.keys(slots))) {
    for (const element of document.querySelectorAll(`[${slots[slot]}]`)) translate(element, slot);
  }
  for (const [element, slot] of early.splice(0)) translate(element, slot);
  for (const listener of listeners) listener();
}

/**
 * Switches the whole page to a language.
 * @param {Language} wanted
 */
async function setLanguage(wanted) {
  const page = document.documentElement;
  try {
    table = await fetchTable(wanted);
    current = wanted;
    page.lang = wanted === 'zh' ? 'zh-Hans' : wanted;
    translatePage();
  } catch {
    // There is no connection: the text stays as it is.
  }
  delete page.dataset.words;
  settle();
}

/**
 * Loads the language that early.js chose, and makes a button switch to the other one.
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
