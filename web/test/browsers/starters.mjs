// Pictures of the starter sets, to teach with and to be asked about.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dist } from '../lib.mjs';

/**
 * @param {'train' | 'test'} role  train: renderings; test: flat drawings
 * @returns {Promise<{ name: string, files: string[] }[]>} the classes, each with its pictures' paths
 */
async function classesOf(role) {
  /** @type {{ role: string, classes: { name: string, pictures: string[] }[] }[]} */
  const sets = JSON.parse(await readFile(join(dist, 'starters', 'starters.json'), 'utf8'));
  const { classes } = /** @type {typeof sets[number]} */ (sets.find(set => set.role === role));
  return classes.map(({ name, pictures }) => ({ name, files: pictures.map(file => join(dist, 'starters', file)) }));
}

/** Nine pictures of two kinds each, to teach with. */
export const twoKinds = async () =>
  (await classesOf('train')).slice(0, 2).map(({ name, files }) => ({ name, files: files.slice(0, 9) }));

/** Six pictures of another domain than those that are taught: flat drawings of both kinds. */
export const drawings = async () => (await classesOf('test')).slice(0, 2).flatMap(({ files }) => files.slice(0, 3));

/** Five pictures of each of the six classes: more than are answered one by one. */
export const mixture = async () => (await classesOf('train')).flatMap(({ files }) => files.slice(0, 5));
