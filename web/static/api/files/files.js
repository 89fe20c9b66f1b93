// @ts-check
/** Recognises files, and takes pictures and models out of zip archives. */
import { cancelled } from '../errors.js';
import { badArchive, megabytes } from '../teach/projecterror.js';
import { openArchive, readEntry } from '../teach/unzip.js';
import {
  baseOf, headBytes, isClutter, isPictureName, kindOf, teachableExport, teachableMachinePath, zipKind,
} from './kinds.js';

export { isForeign } from './kinds.js';

/** @typedef {import('./kinds.js').FileKind} FileKind */
/** @typedef {import('../teach/unzip.js').Entry} Entry */
/**
 * What a file is.
 * @typedef {object} Recognized
 * @property {FileKind} kind
 * @property {string} format  in which Teachable Machine has exported a model, or empty
 * @property {Entry[]} entries  the files in it, if it is a zip archive whose directory can be read
 * @property {string[]} odd  the names of what is left out of these: see openArchive
 */
/**
 * onProgress: how many pictures, or how many bytes of a model, are unpacked.
 * @typedef {{ onProgress?: (steps: { done: number, total: number }) => void, signal?: AbortSignal }} Options
 */
/** A file of an archive, with the folders that it is in. @typedef {{ path: string, file: File }} Unpacked */

/** The longest header of a safetensors file that is searched for what Teach writes there, in bytes. */
const maxHeader = 1 << 20;

/**
 * The limits of what is unpacked, so that a small archive cannot fill the memory: a picture's bytes, which are those
 * that the engine takes; how many pictures; the bytes of all; and the bytes of a model and what lies beside it.
 */
const limits = { picture: 40 * 2 ** 20, pictures: 20_000, total: 2 ** 31, model: 700e6 };

/**
 * Finds out what a file is. It reads little of it: the first bytes, and of a zip archive the list of its files.
 * @param {Blob} file  its name counts when the bytes do not tell
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<Recognized>}
 */
export async function recognize(file, { signal } = {}) {
  const name = file instanceof File ? file.name : '';
  /** @param {FileKind} kind */
  const plain = kind => ({ kind, format: '', entries: [], odd: [] });
  const head = await bytesOf(file, 0, headBytes);
  const kind = kindOf(head, name);
  if (head[0] === 0x50 && head[1] === 0x4B && head[2] <= 5 && head[3] === head[2] + 1) {
    try {
      const { files, odd } = await openArchive(file, { maxSize: limits.model, signal });
      const names = files.map(one => one.name);
      return { kind: zipKind(names), format: teachableExport(names), entries: files, odd };
    } catch (error) {
      if (/** @type {any} */ (error)?.code === 'cancelled') throw error;
      // A checkpoint of PyTorch that was cut off goes by its name.
      return plain(kind === 'pytorch' || kind === 'keras' ? kind : 'broken-zip');
    }
  }
  if (kind === 'safetensors' && head.length > 8) {
    const length = Number(new DataView(head.buffer).getBigUint64(0, true));
    const header = new TextDecoder().decode(await bytesOf(file, 8, 8 + Math.min(length, maxHeader)));
    if (header.includes('"residua.taught"') && !header.includes('"residua.config"')) return plain('taught');
  }
  return plain(kind);
}

/** @param {Blob} blob @param {number} start @param {number} end */
async function bytesOf(blob, start, end) {
  try {
    return new Uint8Array(await blob.slice(start, end).arrayBuffer());
  } catch {
    return new Uint8Array(); // it cannot be read any more; whoever opens it says so
  }
}

/**
 * The pictures in an archive.
 * @param {Recognized} archive
 * @param {string} name  of the archive's file. Pictures that lie in no folder get one of that name.
 * @returns {{ pictures: { path: string, entry: Entry }[], left: string[] }} left: the names of files that are none, or
 *   are too large
 */
export function picturesIn({ kind, entries, odd }, name) {
  const wanted = entries.filter(entry => !isClutter(entry.name));
  const isTaken = (/** @type {Entry} */ { name, size }) => isPictureName(name) && size <= limits.picture;
  const others = wanted.filter(entry => !isTaken(entry)).map(entry => entry.name);
  const left = [...others, ...odd.filter(one => !isClutter(one))]
    .filter(one => kind !== 'teachable-machine' || one !== 'manifest.json');
  const taken = wanted.filter(isTaken);
  const [top] = taken.map(entry => entry.name.split('/')[0]);
  const hasOneFolder = taken.every(entry => entry.name.startsWith(`${top}/`));
  const folder = name.replace(/\.\w+$/, '').trim() || 'zip';
  const pictures = taken.map(entry => {
    const path = kind === 'teachable-machine' ? teachableMachinePath(entry.name) : entry.name;
    return { path: hasOneFolder && kind !== 'teachable-machine' ? path : `${folder}/${path}`, entry };
  });
  return { pictures, left };
}

/**
 * Unpacks the pictures of an archive.
 * @param {Blob} file
 * @param {{ path: string, entry: Entry }[]} pictures
 * @param {Options} [options]
 * @returns {Promise<{ files: Unpacked[], broken: string[] }>} broken: the paths of those that cannot be read. It
 *   rejects with `bad-archive` if there are too many, or if all of them are encrypted.
 */
export async function unpackPictures(file, pictures, { onProgress, signal } = {}) {
  const total = pictures.reduce((sum, { entry }) => sum + entry.size, 0);
  if (pictures.length > limits.pictures || total > limits.total) {
    const [most, largest] = [`${limits.pictures}`, megabytes(limits.total)];
    throw badArchive('too-much', { pictures: `${pictures.length}`, size: megabytes(total), most, largest });
  }
  assertReadable(pictures.map(({ entry }) => entry));
  /** @type {Unpacked[]} */
  const files = [];
  /** @type {string[]} */
  const broken = [];
  for (const [done, { path, entry }] of pictures.entries()) {
    onProgress?.({ done, total: pictures.length });
    const unpacked = await unpack(file, entry, signal).catch(error => {
      if (error?.code === 'cancelled') throw error;
      broken.push(path);
    });
    if (unpacked) files.push({ path, file: unpacked });
  }
  return { files, broken };
}

/**
 * Unpacks the model in an archive, and the files beside it: all but pictures.
 * @param {Blob} file
 * @param {Recognized} archive  of the kind zip-model
 * @param {Options} [options]
 * @returns {Promise<File[]>} It rejects with `bad-archive`.
 */
export async function unpackModel(file, { entries }, { onProgress, signal } = {}) {
  const wanted = entries.filter(({ name }) => !isClutter(name) && !isPictureName(name));
  const size = wanted.reduce((sum, entry) => sum + entry.size, 0);
  if (size > limits.model) {
    throw badArchive('model-large', { size: megabytes(size), largest: megabytes(limits.model) });
  }
  assertReadable(wanted);
  /** @type {File[]} */
  const files = [];
  let done = 0;
  for (const entry of wanted) {
    try {
      files.push(await unpack(file, entry, signal, bytes => onProgress?.({ done: done + bytes, total: size })));
      done += entry.size;
    } catch (error) {
      const { code, details } = /** @type {any} */ (error);
      throw code === 'bad-project' ? badArchive(details.why, details) : error;
    }
  }
  return files;
}

/** @param {Entry[]} entries */
function assertReadable(entries) {
  if (entries.length > 0 && entries.every(({ flags }) => flags & 1)) throw badArchive('locked');
}

/**
 * @param {Blob} archive
 * @param {Entry} entry
 * @param {AbortSignal} [signal]
 * @param {(bytes: number) => void} [onBytes]  how many bytes of the file are unpacked
 */
async function unpack(archive, entry, signal, onBytes) {
  if (signal?.aborted) throw cancelled();
  const bytes = await readEntry(archive, entry, { signal, onBytes });
  const name = baseOf(entry.name);
  const extension = /\.(\w+)$/.exec(name)?.[1].toLowerCase() ?? '';
  const format = extension === 'jpg' ? 'jpeg' : extension;
  return new File([bytes], name, isPictureName(name) ? { type: `image/${format}` } : {});
}
