// Where the pictures of the table come from: files, folders, and archives, which are unpacked picture by picture.

import { isHidden, mayBePicture, partsOf } from '../../folders.js';
import { files as api } from '../../../residua.js';

/** @typedef {import('../../folders.js').FileInFolder} FileInFolder */
/** @typedef {import('./row.js').Fault} Fault */
/**
 * A picture before it is a row. fault: it cannot even be opened
 * @typedef {{ path: string, open: (signal?: AbortSignal) => Promise<Blob>, fault?: Fault }} Source
 */

/** @param {'bulk-unread' | 'bulk-unpack'} code @returns {Fault} */
const faultOf = code => ({ name: 'ResiduaError', code, message: '', details: {} });

/**
 * Tells pictures from the other files of folders.
 * @param {FileInFolder[]} files
 * @returns {{ sources: Source[], left: number }} left: how many are no pictures, but for what systems put there
 */
export function fromFiles(files) {
  const visible = files.filter(file => !isHidden(file));
  const pictures = visible.filter(({ path, file }) => mayBePicture(partsOf(path).at(-1) ?? '', file));
  return {
    sources: pictures.map(({ path, file }) => ({ path, open: async () => file })),
    left: visible.length - pictures.length,
  };
}

/** A file or folder that cannot be read. @param {string} path @returns {Source} */
export const unreadable = path => ({
  path, fault: faultOf('bulk-unread'), open: async () => { throw faultOf('bulk-unread'); },
});

/**
 * The pictures in an archive. Each is unpacked when it is asked for, and not kept.
 * @param {import('../../arrivals.js').Arrival} arrival
 * @returns {{ sources: Source[], left: number }}
 */
export function fromArchive(arrival) {
  const { pictures, left } = api.picturesIn(arrival, arrival.file.name);
  return {
    sources: pictures.map(picture => ({
      path: picture.path,
      async open(signal) {
        const { files: [unpacked] } = await api.unpackPictures(arrival.file, [picture], { signal });
        if (!unpacked) throw faultOf('bulk-unpack');
        return unpacked.file;
      },
    })),
    left: left.length,
  };
}
