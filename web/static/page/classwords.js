// What taught classes are called in the page's sentences.

import { listOf } from './format.js';
import { language, text } from './i18n.js';

/** How many classes are named; of more, the first of them. */
const named = 3;

/** Two as "a or b", more as "a, b, c or d". @param {readonly string[]} classes */
export const alternatives = classes =>
  new Intl.ListFormat(language() === 'zh' ? 'zh' : 'en', { type: 'disjunction' }).format(classes);

/** A short name for some classes: "animal or vehicle", "a, b, c and 2 more". @param {readonly string[]} classes */
export function nameOfClasses(classes) {
  const more = classes.length - named;
  if (more <= 0) return alternatives(classes);
  return text('classes.more', { names: listOf(classes.slice(0, named)), more }) ?? '';
}

/**
 * The question that some classes answer: "animal or vehicle?", "which of 5 classes: a, b, c …?".
 * @param {readonly string[]} classes
 */
export function questionOf(classes) {
  const [a, b] = classes;
  if (classes.length === 2) return text('classes.ask.two', { a, b }) ?? '';
  const names = listOf(classes.slice(0, named)) + (classes.length > named ? ' …' : '');
  return text('classes.ask.more', { classes: classes.length, names }) ?? '';
}
