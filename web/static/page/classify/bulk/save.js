// The table as a file: CSV for spreadsheets, JSON for programs.

import { createPauses } from './rows.js';

/** @typedef {import('./row.js').Row} Row */
/**
 * @typedef {object} Described
 * @property {string} model  the name of what answered
 * @property {(index: number) => string} label
 * @property {(index: number) => string} wnid  '' if it has none
 * @property {(fault: import('./row.js').Fault) => string} reason  why a picture has no answer
 * @property {boolean} hasTruth  whether the pictures are labelled
 */

/** So that Excel reads the file as UTF-8. */
const mark = '\uFEFF';

/**
 * A cell of text. A spreadsheet would compute one that begins as a formula does, so it gets an apostrophe in front; one
 * with a comma, a quote or a line break is quoted.
 * @param {string} words
 */
export function cell(words) {
  const safe = /^\s*[=+\-@\t\r＝＋－＠]/.test(words) ? `'${words}` : words;
  return /[",\r\n;]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** A probability as programs read it, with as many digits as count. @param {number} value */
const digits = value => String(Number(value.toPrecision(6)));

/** @param {Row} row */
const stateOf = ({ fault, guesses }) => (fault ? 'failed' : guesses ? 'answered' : 'waiting');

/**
 * @param {Row} row
 * @param {number} guesses  how many columns there are
 * @param {Described} described
 */
function line(row, guesses, { model, label, wnid, reason, hasTruth }) {
  const cells = [cell(row.path), stateOf(row), cell(model)];
  if (hasTruth) {
    const isKnown = row.truth >= 0;
    const right = isKnown && row.guesses ? String(row.guesses[0]?.index === row.truth) : '';
    cells.push(...(isKnown ? [String(row.truth), cell(label(row.truth)), wnid(row.truth)] : ['', '', '']), right);
  }
  for (let i = 0; i < guesses; i++) {
    const guess = row.guesses?.[i];
    cells.push(...(guess
      ? [String(guess.index), cell(label(guess.index)), wnid(guess.index), digits(guess.probability)]
      : ['', '', '', '']));
  }
  cells.push(cell(row.fault ? reason(row.fault) : ''));
  return cells.join(',');
}

/** @param {Row[]} rows */
const mostGuesses = rows => rows.reduce((most, { guesses = [] }) => Math.max(most, guesses.length), 1);

/**
 * @param {Row[]} rows
 * @param {Described} described
 * @returns {Promise<Blob>}
 */
export async function toCSV(rows, described) {
  const guesses = mostGuesses(rows);
  const head = ['file', 'state', 'model'];
  if (described.hasTruth) head.push('right_index', 'right_label', 'right_wnid', 'is_right');
  for (let i = 1; i <= guesses; i++) head.push(`index_${i}`, `label_${i}`, `wnid_${i}`, `probability_${i}`);
  return written(rows, row => `${line(row, guesses, described)}\r\n`,
    [`${mark}${[...head, 'error'].join(',')}\r\n`], [], 'text/csv;charset=utf-8');
}

/**
 * @param {Row[]} rows
 * @param {Described} described
 * @param {object} summary  what is said of all of them
 * @returns {Promise<Blob>}
 */
export function toJSON(rows, { label, wnid, reason, hasTruth }, summary) {
  const named = (/** @type {number} */ index) => ({
    index, label: label(index), ...(wnid(index) ? { wnid: wnid(index) } : {}),
  });
  /** @param {Row} row @param {number} i */
  const entry = (row, i) => `${i > 0 ? ',\n' : ''}${JSON.stringify({
    file: row.path,
    state: stateOf(row),
    ...(hasTruth && row.truth >= 0 ? { right: named(row.truth) } : {}),
    ...(row.guesses ? {
      guesses: row.guesses.map(({ index, probability }) => ({ ...named(index), probability })),
    } : {}),
    ...(row.none ? { none: true } : {}),
    ...(row.fault ? { error: { code: row.fault.code, message: reason(row.fault) } } : {}),
  })}`;
  const before = JSON.stringify(summary).slice(0, -1);
  return written(rows, entry, [`${before},"pictures":[\n`], ['\n]}\n'], 'application/json');
}

/**
 * @param {Row[]} rows
 * @param {(row: Row, i: number) => string} write
 * @param {string[]} before
 * @param {string[]} after
 * @param {string} type
 */
async function written(rows, write, before, after, type) {
  const pauses = createPauses();
  const parts = [...before];
  for (const [i, row] of rows.entries()) {
    parts.push(write(row, i));
    if (pauses.isDue) await pauses.take();
  }
  return new Blob([...parts, ...after], { type });
}
