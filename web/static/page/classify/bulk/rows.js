// The rows of the table: pictures with their answers. Which of them are shown, and in which order.

import { isRight } from './score.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {'arrival' | 'name' | 'class' | 'probability'} SortBy */
/** @typedef {{ by: SortBy, descending: boolean }} Sort */
/** @typedef {'all' | 'failed' | 'waiting' | 'right' | 'wrong'} Kind */
/**
 * below: only answers whose first guess is less probable; text: a part of the path
 * @typedef {object} Filter
 * @property {string} text
 * @property {number} [guess]  the class of the first guess
 * @property {number} [truth]
 * @property {number} below  1: all
 * @property {Kind} kind
 */

/** @type {Filter} */
export const noFilter = Object.freeze({ text: '', below: 1, kind: 'all' });

/** @type {Record<Kind, (row: Row) => boolean>} */
const kinds = {
  all: () => true,
  failed: ({ fault }) => !!fault,
  waiting: ({ fault, guesses }) => !fault && !guesses,
  right: isRight,
  wrong: row => row.truth >= 0 && !!row.guesses && !isRight(row),
};

/** @param {Row} row @param {Filter} filter @param {string} text  in small letters */
function isShown(row, { guess, truth, below, kind }, text) {
  const [best] = row.guesses ?? [];
  return kinds[kind](row)
    && (guess === undefined || best?.index === guess)
    && (truth === undefined || row.truth === truth)
    && (below >= 1 || !!best && best.probability < below)
    && (text === '' || row.path.toLowerCase().includes(text));
}

/** Whether a filter or an order depends on the answers. @param {Filter} filter @param {Sort} sort */
export const needsAnswers = ({ guess, below, kind }, { by }) =>
  by === 'class' || by === 'probability' || guess !== undefined || below < 1 || kind !== 'all';

/**
 * The rows that are shown, in their order. Those without an answer come last where the order is by answers.
 * @param {Row[]} rows
 * @param {Filter} filter
 * @param {Sort} sort
 * @param {{ nameRank: (row: Row) => number, classRank: (index: number) => number }} ranks  places in the order of
 *   names, so that no name is compared here: ten thousand take too long
 */
export function arrange(rows, filter, { by, descending }, { nameRank, classRank }) {
  const text = filter.text.trim().toLowerCase();
  const shown = rows.filter(row => isShown(row, filter, text));
  if (by === 'arrival') return descending ? shown.reverse() : shown;
  /** @type {Record<'name' | 'class' | 'probability', (row: Row) => number>} */
  const keyOf = {
    name: nameRank,
    class: ({ guesses }) => (guesses ? classRank(guesses[0].index) : Infinity),
    probability: ({ guesses }) => (guesses ? guesses[0].probability : Infinity),
  };
  const key = keyOf[by];
  const sign = descending ? -1 : 1;
  const keys = Float64Array.from(shown, row => {
    const value = key(row);
    return value === Infinity ? value : sign * value;
  });
  // The difference of two infinities is no number, and so the order of arrival counts.
  const order = Uint32Array.from(shown, (_, i) => i).sort((a, b) => keys[a] - keys[b] || a - b);
  return Array.from(order, i => shown[i]);
}

/** How long the page's own thread computes at a time, in milliseconds. */
const sliceMs = 12;

/** Lets the page handle what has come in. @returns {Promise<void>} */
export const breathe = () => new Promise(done => setTimeout(done));

/** Pauses for work that takes long: one is due when the page has computed for a while. */
export function createPauses() {
  let began = performance.now();
  return {
    get isDue() {
      return performance.now() - began >= sliceMs;
    },
    async take() {
      await breathe();
      began = performance.now();
    },
  };
}

/** How many names are sorted without a pause. */
const chunk = 200;

/**
 * Sorts by paths. Numbers in them count as such: 2.jpg comes before 10.jpg.
 * @template {{ path: string }} T
 * @param {T[]} all
 * @returns {Promise<T[]>}
 */
export async function byName(all) {
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  const pauses = createPauses();
  /** @type {T[][]} */
  let runs = [];
  for (let i = 0; i < all.length; i += chunk) {
    runs.push(all.slice(i, i + chunk).sort((a, b) => compare(a.path, b.path)));
    if (pauses.isDue) await pauses.take();
  }
  while (runs.length > 1) {
    /** @type {T[][]} */
    const merged = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(await merge(runs[i], runs[i + 1] ?? [], compare, pauses));
    runs = merged;
  }
  return runs[0] ?? [];
}

/**
 * The place of each row in the order of its path.
 * @param {Row[]} rows
 * @returns {Promise<number[]>} by their ids
 */
export async function rankNames(rows) {
  /** @type {number[]} */
  const ranks = [];
  (await byName(rows)).forEach(({ id }, rank) => { ranks[id] = rank; });
  return ranks;
}

/**
 * @template {{ path: string }} T
 * @param {T[]} one  sorted
 * @param {T[]} other  sorted
 * @param {(a: string, b: string) => number} compare
 * @param {ReturnType<typeof createPauses>} pauses
 */
async function merge(one, other, compare, pauses) {
  /** @type {T[]} */
  const into = [];
  let j = 0;
  for (const row of one) {
    while (j < other.length && compare(other[j].path, row.path) < 0) into.push(other[j++]);
    into.push(row);
    if (pauses.isDue) await pauses.take();
  }
  return into.concat(other.slice(j));
}
