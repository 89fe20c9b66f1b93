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
export function obstacleTo({ teacher, readOnly }, settings) {
  if (!teacher) return { key: 'teach.why.model' };
  if (readOnly) return { key: 'teach.why.read-only' };
  const { classes } = teacher;
  if (classes.length < 2) return { key: classes.length === 1 ? 'teach.why.one' : 'teach.why.none' };
  const there = countPictures(classes);
  const most = teacher.maxPictures(settings);
  if (there > most) {
    const key = settings.augmentations > 0 ? 'teach.why.many.copies' : 'teach.why.many';
    return { key, values: { count: most, there } };
  }
  const poor = classes.find(({ pictures }) => pictures.filter(({ test }) => !test).length < fewestPictures);
  if (!poor) return undefined;
  const { name, pictures } = poor;
  const key = pictures.length === 0 ? 'teach.why.empty' : 'teach.why.few';
  return { key, values: { name, count: fewestPictures }, name };
}
