// What the files are that come in. Pictures are told by their type; of other files the first bytes are read, and of zip
// archives the names of the files in them.

import { files as api } from '../residua.js';

/** @typedef {import('../residua.js').Recognized} Recognized */
/** @typedef {Recognized & { file: File }} Arrival */

/** Whether the browser takes a file for a picture. @param {File} file */
export const isPicture = ({ type }) => type.startsWith('image/');

/**
 * @param {File[]} all
 * @returns {Promise<Arrival[]>}
 */
export const recognizeAll = all => Promise.all(all.map(async file => ({ ...await api.recognize(file), file })));

/**
 * The file to speak of when none can be opened: a .bin file beside another says less than that one.
 * @param {Arrival[]} arrivals
 */
export function mostTelling(arrivals) {
  const foreign = arrivals.filter(({ kind }) => api.isForeign(kind));
  return foreign.find(({ kind }) => kind !== 'weights') ?? foreign[0];
}

/** Whether Teach has saved a file. @param {Arrival} arrival */
export const isFromTeach = ({ kind }) => kind === 'project' || kind === 'taught';

/** Whether a file is an archive of pictures. @param {Arrival} arrival */
export const hasPictures = ({ kind }) => kind === 'pictures' || kind === 'teachable-machine';

/** Whether a file is an archive in which nothing can be opened. @param {Arrival} arrival */
export const isUseless = ({ kind }) => kind === 'zip' || kind === 'broken-zip' || kind === 'archive';
