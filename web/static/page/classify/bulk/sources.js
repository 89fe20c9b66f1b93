// Where the pictures of the table come from: files, folders, and archives, which are unpacked picture by picture.

import { hasPictures, recognizeAll } from '../../arrivals.js';
import { isHidden, mayBePicture, partsOf } from '../../folders.js';
import { files as api } from '../../../residua.js';
import { isNetworkName } from '../../sortfiles.js';

/** @typedef {import('../../folders.js').FileInFolder} FileInFolder */
/** @typedef {import('./row.js').Fault} Fault */
/**
 * A picture before it is a row. fault: it cannot even be opened
 * @typedef {{ path: string, open: (signal?: AbortSignal) => Promise<Blob>, fault?: Fault }} Source
 */
/**
 * left: how many other files there are, but for what systems put there; packed: the paths of archives among these,
 * which may hold pictures; networks: those of networks
 * @typedef {{ sources: Source[], left: number, packed: string[], networks: string[] }} Sources
 */

/** Names of archives. */
const archive = /\.(zip|rar|7z|tar|tgz|tbz2?|txz|gz|bz2|xz|zst)$/i;

/** @param {'bulk-unread' | 'bulk-unpack'} code @returns {Fault} */
const faultOf = code => ({ name: 'ResiduaError', code, message: '', details: {} });

/**
 * The pictures among the files of folders, and those in zip archives among them: such an archive is read as a folder of
 * its name.
 * @param {FileInFolder[]} files
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<Sources>}
 */
export async function fromFiles(files, { signal } = {}) {
  const visible = files.filter(file => !isHidden(file));
  const isPicture = (/** @type {FileInFolder} */ { path, file }) => mayBePicture(partsOf(path).at(-1) ?? '', file);
  const pictures = visible.filter(isPicture);
  /** @type {Sources} */
  const found = {
    sources: pictures.map(({ path, file }) => ({ path, open: async () => file })),
    left: visible.length - pictures.length, packed: [],
    networks: visible.map(({ path }) => path).filter(isNetworkName),
  };
  for (const { path, file } of visible) {
    if (signal?.aborted) break;
    if (!archive.test(path) || isPicture({ path, file })) continue;
    const [arrival] = await recognizeAll([file]);
    if (!hasPictures(arrival)) {
      if (arrival.kind === 'archive' || arrival.kind === 'broken-zip') found.packed.push(path);
      continue;
    }
    const inside = fromArchive(arrival);
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    for (const one of inside.sources) found.sources.push({ ...one, path: folder + one.path });
    found.left += inside.left - 1;
    found.packed.push(...inside.packed.map(name => `${path}/${name}`));
  }
  return found;
}

/** A file or folder that cannot be read. @param {string} path @returns {Source} */
export const unreadable = path => ({
  path, fault: faultOf('bulk-unread'), open: async () => { throw faultOf('bulk-unread'); },
});

/**
 * The pictures in an archive. Each is unpacked when it is asked for, and not kept.
 * @param {import('../../arrivals.js').Arrival} arrival
 * @returns {Sources}
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
    packed: left.filter(name => archive.test(name)),
    networks: left.filter(isNetworkName),
  };
}
