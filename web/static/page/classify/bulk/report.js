// The file that the table is saved as, and what it says of all pictures.

import { nameOfClasses } from '../../classwords.js';
import { make } from '../../dom.js';
import { say, text } from '../../i18n.js';
import { faultWords } from '../../notices.js';
import { toCSV, toJSON } from './save.js';
import { scoreOf } from './score.js';
import { isCompared } from './truth.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('../../classifiers.js').Classifier} Classifier */

/** What answers, as people call it: somebody else's classes by their names. @param {Classifier} classifier */
export function titleOf({ kind, info, offer }) {
  if (kind === 'theirs') return info.title;
  if (offer?.foreign && kind === 'own') return nameOfClasses(offer.classes);
  return text(`bulk.by.${kind}`, { title: info.title }) ?? info.title;
}

/**
 * @param {'csv' | 'json'} format
 * @param {Row[]} shown  the rows of the file
 * @param {Row[]} rows  all
 * @param {Classifier} by
 * @param {import('./labelled.js').Labelled} labelled
 * @returns {Promise<{ blob: Blob, extension: string }>}
 */
export async function toFile(format, shown, rows, by, labelled) {
  const { info } = by;
  const { truth, isUsed } = labelled;
  const hasTruth = isCompared(truth, isUsed);
  const described = {
    model: titleOf(by), label: (/** @type {number} */ index) => info.labels[index] ?? '',
    wnid: await labelled.wnids(info), reason: wordsOf, hasTruth,
  };
  if (format === 'csv') return { blob: await toCSV(shown, described), extension: 'csv' };
  const { top1, top5, confusions } = scoreOf(rows);
  const named = (/** @type {number} */ index) => ({ index, label: described.label(index) });
  const summary = {
    format: 'residua.answers', version: 1,
    model: { name: info.model, title: described.model, classes: info.labels.length },
    all: rows.length,
    ...(hasTruth ? {
      top1, top5,
      confusions: confusions.map(one => ({ right: named(one.truth), guess: named(one.guess), count: one.count })),
    } : {}),
  };
  return { blob: await toJSON(shown, described, summary), extension: 'json' };
}

/** The sentence for what went wrong with a picture. @param {import('./row.js').Fault} fault */
function wordsOf(fault) {
  const { key, values } = faultWords(fault);
  const element = make('span');
  say(element, key, values);
  return element.textContent || fault.message;
}
