// @ts-check
/** Which pictures teach, and which judge. */
import { sides } from '../../zproto.js';

/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */

/** The part of a class's pictures that judge and do not teach. */
const validationPart = 0.25;

/**
 * Gives each picture a side. Who has one keeps it; near-duplicates, as the frames of one recording, are never on both.
 * @param {import('../types.js').Engine} engine
 * @param {import('./memorystore.js').ProjectStore} store
 * @param {PictureRecord[]} pictures  whose features are there
 * @param {import('./memorystore.js').TaughtClass[]} classes
 * @param {number} seed
 * @returns {Promise<void>} It is rejected if the sides could not be kept; then the pictures have them all the same.
 */
export async function divide(engine, store, pictures, classes, seed) {
  const of = new Map(classes.map(({ id }, i) => [id, i]));
  const open = pictures.filter(({ test }) => !test);
  // Where all have a side there is nothing to look for, and the features need not be read.
  const news = open.some(({ side }) => side === sides.unassigned);
  const { json } = await engine.ask('split', {
    pictures: open.map(({ hash, dhash, classId, side }) => ({ id: hash, dhash, class: of.get(classId), side })), fraction: validationPart, seed,
  }, { buffers: news ? { features: await store.features(open.map(({ id }) => id)) } : {} });
  const found = /** @type {import('../../zproto.js').Sides} */ (JSON.parse(json)).sides;
  const changed = open.filter((record, i) => record.side !== found[i]);
  open.forEach((record, i) => { record.side = found[i]; });
  if (changed.length > 0) await store.updatePictures(changed);
}
