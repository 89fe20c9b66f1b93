// The right answers that a folder of labelled pictures gives: each lies in a folder that is called as its class.

import { partsOf } from '../../folders.js';

/** @typedef {import('./classindex.js').ClassIndex} ClassIndex */
/**
 * @typedef {object} Truth
 * @property {number[]} classes  the right class of each picture, -1 where nobody knows it
 * @property {number} folders  how many folders hold pictures
 * @property {number} matched  how many of these are classes
 * @property {{ name: string, count: number, why: import('./classindex.js').Unmatched }[]} others  the folders that are
 *   no classes, and how many pictures lie in them
 * @property {boolean} byNumber  whether the folders' names are the classes' numbers
 */

/**
 * Whether pictures have right answers that the guesses are compared with.
 * @param {Truth | undefined} truth
 * @param {boolean} isUsed  whether a person lets the folders' names be right answers
 * @returns {truth is Truth}
 */
export const isCompared = (truth, isUsed) => isUsed && !!truth && truth.matched > 0;

/** @param {string} path */
const folderOf = path => path.slice(0, Math.max(path.lastIndexOf('/'), 0));

/**
 * Whether the folders are called by the classes' numbers. Those of years, months and days are numbers too, but these
 * lie in each other.
 * @param {string[][]} all  the folders with pictures, each with those that it is in
 * @param {ClassIndex} index
 */
function areNumbers(all, index) {
  const last = new Set(all.map(names => names.at(-1) ?? ''));
  return last.size > 1 && [...last].every(name => index.findNumber(name) !== undefined)
    && all.every(names => !/^\d+$/.test(names.at(-2) ?? ''));
}

/**
 * Reads the right answers off the folders' names: that of the nearest folder that is called as a class counts.
 * @param {string[]} paths  of the pictures
 * @param {ClassIndex} index
 * @returns {Truth | undefined} undefined: the pictures lie in one folder at most, which is no class
 */
export function readTruth(paths, index) {
  /** @type {Map<string, { names: string[], count: number, class: number }>} */
  const folders = new Map();
  for (const path of paths) {
    const folder = folderOf(path);
    const known = folders.get(folder);
    if (known) known.count++;
    else folders.set(folder, { names: partsOf(folder), count: 1, class: -1 });
  }
  const real = [...folders.values()].filter(({ names }) => names.length > 0); // not of pictures without one
  const byNumber = areNumbers(real.map(({ names }) => names), index);
  /** @type {Truth['others']} */
  const others = [];
  for (const folder of real) {
    const meanings = folder.names.map(name => (byNumber ? index.findNumber(name) : undefined) ?? index.find(name));
    folder.class = meanings.findLast(meaning => typeof meaning === 'number') ?? -1;
    if (folder.class >= 0) continue;
    const why = meanings.includes('ambiguous') ? 'ambiguous' : 'unknown';
    others.push({ name: folder.names[folder.names.length - 1], count: folder.count, why });
  }
  const matched = real.length - others.length;
  if (matched === 0 && real.length < 2) return undefined;
  const classes = paths.map(path => folders.get(folderOf(path))?.class ?? -1);
  return { classes, folders: real.length, matched, others, byNumber };
}
