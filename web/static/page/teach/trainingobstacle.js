// Why a training cannot start.

import { countPictures } from './runs.js';

/**
 * @typedef {object} Obstacle
 * @property {string} key  of a sentence
 * @property {import('../i18n.js').Values} [values]
 * @property {string} [name]  of the class that is in the way
 */

/** The fewest training pictures of a class: the validation takes one away, and something must be left to learn from. */
const fewestPictures = 2;

/**
 * @param {import('./context.js').TeachContext} context
 * @param {import('./trainingsettings.js').Settings} settings
 * @returns {Obstacle | undefined} undefined: it can start
 */
export function obstacleTo({ teacher, hasEngine, readOnly }, settings) {
  if (!teacher || !hasEngine) return { key: 'teach.why.model' };
  if (readOnly) return { key: 'teach.why.read-only' };
  const { classes } = teacher;
  if (classes.length < 2) return { key: classes.length === 1 ? 'teach.why.one' : 'teach.why.none' };
  const there = countPictures(classes);
  const most = mostPictures(teacher, settings);
  if (most === undefined) return { key: 'teach.why.blocks' };
  if (there > most) {
    const key = settings.augmentations > 0 ? 'teach.why.many.copies' : 'teach.why.many';
    return { key, values: { count: most, there } };
  }
  return poorClass(teacher);
}

/**
 * The most pictures that a training can take; undefined: the network does not have the blocks that are chosen, which
 * may have been of another network.
 * @param {import('./context.js').Teacher} teacher
 * @param {import('./trainingsettings.js').Settings} settings
 */
function mostPictures(teacher, settings) {
  try {
    return teacher.maxPictures(settings);
  } catch (error) {
    if (/** @type {any} */ (error)?.code !== 'bad-argument') throw error;
    return undefined;
  }
}

/**
 * Whether two classes or more have enough to learn from.
 * @param {import('./context.js').Teacher | undefined} teacher
 * @returns {Obstacle | undefined}
 */
export function tooFewPictures(teacher) {
  const { length } = teacher?.classes ?? [];
  if (!teacher || length < 2) return { key: length === 1 ? 'teach.why.one' : 'teach.why.none' };
  return poorClass(teacher);
}

/**
 * The first class with too few pictures to learn from.
 * @param {import('./context.js').Teacher} teacher
 * @returns {Obstacle | undefined}
 */
function poorClass({ classes }) {
  const poor = classes.find(({ pictures }) => pictures.filter(({ test }) => !test).length < fewestPictures);
  if (!poor) return undefined;
  const { name, pictures } = poor;
  const key = pictures.length === 0 ? 'teach.why.empty' : 'teach.why.few';
  return { key, values: { name, count: fewestPictures }, name };
}
