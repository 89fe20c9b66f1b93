// @ts-check
import { sides } from '../../zproto.js';

/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */

/** The fraction of each class's pictures that is for validation. */
const validationFraction = 0.25;

/**
 * Assigns each picture to a side, training or validation, and saves that. A picture that has a side keeps it.
 * Near-duplicates, such as frames of one video, get the same side.
 * @param {import('../types.js').Engine} engine
 * @param {import('./memorystore.js').ProjectStore} store
 * @param {PictureRecord[]} pictures  with features
 * @param {import('./memorystore.js').TaughtClass[]} classes
 * @param {number} seed
 * @returns {Promise<void>} It rejects if the sides could not be saved; the records have them even then.
 */
export async function split(engine, store, pictures, classes, seed) {
  const classIndex = new Map(classes.map(({ id }, i) => [id, i]));
  const open = pictures.filter(({ test }) => !test);
  // The features are needed for finding near-duplicates of pictures without a side. If there are none, they are not
  // read.
  const hasNew = open.some(({ side }) => side === sides.unassigned);
  const { json } = await engine.ask('split', {
    pictures: open.map(({ hash, dhash, classId, side }) => ({ id: hash, dhash, class: classIndex.get(classId), side })),
    fraction: validationFraction,
    seed,
  }, { buffers: hasNew ? { features: await store.features(open.map(({ id }) => id)) } : {} });
  const found = /** @type {import('../../zproto.js').Sides} */ (JSON.parse(json)).sides;
  const changed = open.filter((record, i) => record.side !== found[i]);
  open.forEach((record, i) => { record.side = found[i]; });
  if (changed.length > 0) await store.updatePictures(changed);
}
