// The names of a network's classes, in the page's language where they are the page's own words.

import { text } from './i18n.js';

/** @typedef {import('../residua.js').Info} Info */

/**
 * The name of a class. The names "yes", "no" and "not …" of a network with one output are the page's own words.
 * @param {Pick<Info, 'outputs' | 'labels'>} info
 * @param {number} index
 */
export function classNameOf({ outputs, labels }, index) {
  const label = labels[index] ?? '';
  if (outputs > 1) return label;
  if (labels[0] === 'yes' && labels[1] === 'no') return text(`classes.${label}`) ?? label;
  const isOpposite = index === 1 && label === `not ${labels[0]}`;
  return isOpposite ? text('classes.not', { label: labels[0] }) ?? label : label;
}

/** The names of all classes. @param {Pick<Info, 'outputs' | 'labels'>} info */
export const classNamesOf = info => (info.outputs > 1 ? info.labels : info.labels.map((_, i) => classNameOf(info, i)));
