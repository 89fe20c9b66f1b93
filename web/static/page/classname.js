// The names of a network's classes in the page's language. ImageNet's have Chinese names, in a file that comes only
// when the page is Chinese; the names of a network with one output are the page's own words. All others stay as they
// are.

import { make } from './dom.js';
import { fetchTable, language, onLanguage, setText, text, translatePage } from './i18n.js';

/** @typedef {Pick<import('../residua.js').Info, 'outputs' | 'labels'>} Classes  what a network's Info says of them */

/** ImageNet's English and Chinese names, in the order of its classes. @type {[string, string][] | undefined} */
let imageNet;
let isComing = false;

/** The Chinese names for labels that are ImageNet's; null for others. @type {WeakMap<string[], string[] | null>} */
const chineseFor = new WeakMap();

/** Fetches the Chinese names, now or when the page becomes Chinese. Until they are here, the English ones are shown. */
export function startClassNames() {
  onLanguage(bringNames);
  void bringNames();
}

async function bringNames() {
  if (language() !== 'zh' || imageNet || isComing) return;
  isComing = true;
  try {
    imageNet = await fetchTable('imagenet-zh');
    translatePage();
  } catch {
    // There is no connection. The next switch to Chinese tries again.
  }
  isComing = false;
}

/** The Chinese names of all classes, if they are here and the labels are ImageNet's. @param {string[]} labels */
function chineseOf(labels) {
  if (!imageNet) return null;
  let names = chineseFor.get(labels);
  if (names === undefined) {
    const isImageNet = labels.length === imageNet.length && imageNet.every(([english], i) => english === labels[i]);
    names = isImageNet ? imageNet.map(([, chinese]) => chinese) : null;
    chineseFor.set(labels, names);
  }
  return names;
}

/** The names of all classes. @param {Classes} info */
export function classNamesOf(info) {
  if (info.outputs === 1) return info.labels.map((_, i) => answerName(info.labels, i));
  return (language() === 'zh' && chineseOf(info.labels)) || info.labels;
}

/** The name of a class. @param {Classes} info @param {number} index */
export const classNameOf = (info, index) => classNamesOf(info)[index] ?? '';

/**
 * One of the two answers of a network with one output: "yes", "no" and "not …" are the page's own words.
 * @param {string[]} labels
 * @param {number} index
 */
function answerName(labels, index) {
  const label = labels[index] ?? '';
  if (labels[0] === 'yes' && labels[1] === 'no') return text(`classes.${label}`) ?? label;
  const isOpposite = index === 1 && label === `not ${labels[0]}`;
  return isOpposite ? text('classes.not', { label: labels[0] }) ?? label : label;
}

/**
 * The names of all classes in the other language, by which they are found too; none if there are no others.
 * @param {Classes} info
 */
export function otherNamesOf(info) {
  const chinese = info.outputs === 1 ? null : chineseOf(info.labels);
  return !chinese ? [] : language() === 'zh' ? info.labels : chinese;
}

/**
 * The English label behind a translated name; '' if the name is the label itself.
 * @param {Classes} info
 * @param {number} index
 */
export const originalNameOf = (info, index) => (language() === 'zh' && otherNamesOf(info)[index]) || '';

/**
 * The language of the names; '' if nobody knows it.
 * @param {Classes & { own: boolean }} info
 */
export const languageOfNames = info =>
  (language() === 'zh' && otherNamesOf(info).length > 0 ? 'zh-Hans' : info.own ? '' : 'en');

/**
 * Puts the name of a class into an element.
 * @param {HTMLElement} element
 * @param {Classes & { own: boolean }} info
 * @param {number} index
 */
export function showClassName(element, info, index) {
  setText(element, () => {
    element.lang = languageOfNames(info);
    return classNameOf(info, index);
  });
}

/**
 * A small element with the English label of a translated name; without one it is empty.
 * @param {Classes} info
 * @param {number} index
 */
export function originalName(info, index) {
  const element = make('small', 'original');
  element.lang = 'en';
  setText(element, () => originalNameOf(info, index));
  return element;
}
