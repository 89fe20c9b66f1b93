// @ts-check
/**
 * Reads a zip archive, which may be from anywhere. The whole directory is checked before any file is read: no name
 * leads out of the archive, no entry is a link, no two files overlap, and no size exceeds a limit. Each file is then
 * read by itself, and never inflated to more than its size in the directory.
 *
 * openZip is for archives that Residua has written, and refuses all of one that has anything odd in it. openArchive is
 * for those of other programs, and leaves out what is odd.
 */
import { badPart, badProject, megabytes, shown } from './projecterror.js';
import { yieldToPage } from './yield.js';
import { checksum } from './archive.js';

/**
 * A file in an archive.
 * @typedef {object} Entry
 * @property {string} name
 * @property {string} localName  the name as it is before the file; the same but for its separators
 * @property {number} flags
 * @property {number} method  of compression
 * @property {number} crc
 * @property {number} packedSize
 * @property {number} size
 * @property {number} offset  of its local header
 * @property {number} end  where the next file or the directory begins
 */

const maxDirectory = 64e6;
const maxName = 255;

/**
 * Reads an archive's directory.
 * @param {Blob} blob
 * @param {{ maxSize: number, signal?: AbortSignal }} options  maxSize: of a file, in bytes
 * @returns {Promise<Map<string, Entry>>} the files by name. It rejects with `bad-project` if the archive is not sound.
 */
export async function openZip(blob, { maxSize, signal }) {
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  const { listed, start } = await readDirectory(blob, signal);
  for (const { entry, isFile } of listed) {
    const { name, size } = entry;
    checkName(name);
    if (!isFile) throw badProject('link', { name: shown(name) });
    if (size > maxSize) throw badProject('large', { name: shown(name), size: megabytes(size) });
    if (entries.has(name)) throw badProject('twice', { name: shown(name) });
    entries.set(name, entry);
  }
  checkPlaces([...entries.values()], start);
  return entries;
}

/**
 * Reads the directory of an archive of any program.
 * @param {Blob} blob
 * @param {{ maxSize: number, signal?: AbortSignal }} options  maxSize: of a file, in bytes
 * @returns {Promise<{ files: Entry[], odd: string[] }>} files: without folders; odd: the names of what is left out, for
 *   it is too large, a link, there twice, or has a name that no file can have. It rejects with `bad-project` if the
 *   directory cannot be read, or if files overlap.
 */
export async function openArchive(blob, { maxSize, signal }) {
  /** @type {Map<string, Entry>} */
  const files = new Map();
  /** @type {string[]} */
  const odd = [];
  const { listed, start } = await readDirectory(blob, signal);
  for (const { entry, isFile } of listed) {
    const name = entry.name.replaceAll('\\', '/'); // as some programs on Windows separate folders
    if (name.endsWith('/')) continue;
    if (!isFile || entry.size > maxSize || files.has(name) || nameFault(name)) odd.push(name);
    else files.set(name, { ...entry, name });
  }
  const entries = [...files.values()];
  checkPlaces([...entries], start);
  return { files: entries, odd };
}

/**
 * @param {Blob} blob
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ listed: { entry: Entry, isFile: boolean }[], start: number }>} isFile: not a link or a device;
 *   start: where the directory begins
 */
async function readDirectory(blob, signal) {
  const { count, start, length } = await findDirectory(blob);
  if (length > maxDirectory) throw badProject('list-large', { size: megabytes(length) });
  const bytes = await bytesOf(blob, start, start + length);
  const view = viewOf(bytes);
  const listed = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > length || view.getUint32(at, true) !== 0x02014B50) throw badList();
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    if (extraEnd > length) throw badList();
    const name = textOf(bytes.subarray(at + 46, nameEnd));
    const kind = view.getUint32(at + 38, true) >>> 28; // the file type of Unix
    const entry = {
      name,
      localName: name,
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      ...sizesOf(view, at, nameEnd, extraEnd),
      end: start,
    };
    listed.push({ entry, isFile: kind === 0 || kind === 4 || kind === 8 });
    at = extraEnd + view.getUint16(at + 32, true);
    await yieldToPage(signal);
  }
  if (at !== length) throw badList();
  return { listed, start };
}

/**
 * Reads a file, and checks it against the directory.
 * @param {Blob} blob  the archive
 * @param {Entry} entry
 * @param {object} [options]
 * @param {number} [options.size]  how many bytes the file must have
 * @param {AbortSignal} [options.signal]
 * @param {(bytes: number) => void} [options.onBytes]  how many bytes are there so far
 * @returns {Promise<Uint8Array<ArrayBuffer>>} It rejects with `bad-project` if the file is damaged.
 */
export async function readEntry(blob, entry, { size = entry.size, signal, onBytes } = {}) {
  const { name, localName, offset, end, packedSize } = entry;
  if (entry.size !== size) {
    throw badPart('other-size', { name: shown(name), size: `${entry.size}`, expected: `${size}` });
  }
  if (entry.flags & 1) throw badPart('encrypted', { name: shown(name) });
  const bytes = await bytesOf(blob, offset, Math.min(end, offset + 30 + 2 * 0xFFFF + packedSize));
  const view = viewOf(bytes);
  if (bytes.length < 30 || view.getUint32(0, true) !== 0x04034B50) throw misplaced(name);
  const nameEnd = 30 + view.getUint16(26, true);
  const begin = nameEnd + view.getUint16(28, true);
  if (begin + packedSize > bytes.length || textOf(bytes.subarray(30, nameEnd)) !== localName) {
    throw misplaced(name);
  }
  const packed = bytes.subarray(begin, begin + packedSize);
  const content = await unpacked(entry, packed, signal, onBytes);
  if (await checksum(content, signal) !== entry.crc) throw badPart('damaged', { name: shown(name) });
  return content;
}

/**
 * @param {Entry} entry
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {AbortSignal} [signal]
 * @param {(bytes: number) => void} [onBytes]
 */
async function unpacked({ name, method, size }, packed, signal, onBytes) {
  if (method === 0 && packed.length === size) {
    onBytes?.(size);
    return packed;
  }
  if (method === 0) throw badPart('damaged', { name: shown(name) });
  if (method !== 8) throw badPart('method', { name: shown(name), method: `${method}` });
  const { Inflate } = await import('../../vendor/fflate.js');
  const content = new Uint8Array(size);
  let length = 0;
  const inflate = new Inflate(chunk => {
    content.set(chunk, length); // throws when there is more than the directory says
    length += chunk.length;
  });
  // A byte inflates to a thousand at most, so a zip bomb is noticed after some megabytes.
  const piece = 1 << 13;
  for (let at = 0; at === 0 || at < packed.length; at += piece) {
    try {
      inflate.push(packed.slice(at, at + piece), at + piece >= packed.length);
    } catch {
      throw badPart('too-long', { name: shown(name) });
    }
    onBytes?.(length);
    await yieldToPage(signal);
  }
  if (length !== size) throw badPart('damaged', { name: shown(name) });
  return content;
}

/**
 * Finds the directory by the record at the end of the archive.
 * @param {Blob} blob
 */
async function findDirectory(blob) {
  const tailStart = Math.max(0, blob.size - 22 - 0xFFFF - 20);
  const tail = viewOf(await bytesOf(blob, tailStart, blob.size));
  let at = tail.byteLength - 22;
  const isEnd = (/** @type {number} */ place) => tail.getUint32(place, true) === 0x06054B50
    && place + 22 + tail.getUint16(place + 20, true) === tail.byteLength;
  while (at >= 0 && !isEnd(at)) at--;
  if (at < 0) {
    const isZip = tail.byteLength >= 4 && viewOf(await bytesOf(blob, 0, 4)).getUint32(0, true) === 0x04034B50;
    throw badProject(isZip ? 'cut-off' : 'no-zip');
  }
  let end = tailStart + at;
  let found = {
    disks: tail.getUint32(at + 4, true), count: tail.getUint16(at + 10, true),
    length: tail.getUint32(at + 12, true), start: tail.getUint32(at + 16, true),
  };
  if (at >= 20 && tail.getUint32(at - 20, true) === 0x07064B50) {
    end = safeInteger(tail.getBigUint64(at - 12, true));
    const record = viewOf(await bytesOf(blob, end, end + 56));
    if (record.byteLength < 56 || record.getUint32(0, true) !== 0x06064B50) throw badList();
    found = {
      disks: record.getUint32(16, true) + record.getUint32(20, true),
      count: safeInteger(record.getBigUint64(32, true)),
      length: safeInteger(record.getBigUint64(40, true)), start: safeInteger(record.getBigUint64(48, true)),
    };
  }
  const { disks, ...directory } = found;
  const { count, start, length } = directory;
  if (disks !== 0 || start + length > end || count * 46 > length) throw badList();
  return directory;
}

/**
 * The sizes and the offset of a file. Numbers that need 64 bits are in the Zip64 extra field, in this order.
 * @param {DataView} view
 * @param {number} at  of its entry in the directory
 * @param {number} extra
 * @param {number} extraEnd
 */
function sizesOf(view, at, extra, extraEnd) {
  let zip64 = -1;
  let zip64End = -1;
  for (let field = extra; field + 4 <= extraEnd; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 1) continue;
    zip64 = field + 4;
    zip64End = Math.min(extraEnd, zip64 + view.getUint16(field + 2, true));
  }
  const number = (/** @type {number} */ place) => {
    const value = view.getUint32(at + place, true);
    if (value !== 0xFFFFFFFF) return value;
    if (zip64 < 0) return value;
    if (zip64 + 8 > zip64End) throw badList();
    zip64 += 8;
    return safeInteger(view.getBigUint64(zip64 - 8, true));
  };
  const size = number(24);
  const packedSize = number(20);
  return { size, packedSize, offset: number(42) };
}

/** @param {string} name */
function checkName(name) {
  const fault = nameFault(name);
  if (fault) throw badProject(fault, { name: shown(name), letters: `${name.length}` });
}

/** What is wrong with the name of a file, if anything. @param {string} name */
function nameFault(name) {
  if (name.length > maxName) return 'long-name';
  if (name === '' || /[\p{Cc}\\]/u.test(name)) return 'bad-name';
  if (/^(\/|[a-z]:)/i.test(name) || name.split('/').includes('..')) return 'name-outside';
  return undefined;
}

/**
 * Refuses overlapping files, by which a small archive could hold huge content. Sets where each file ends.
 * @param {Entry[]} entries
 * @param {number} directory
 */
function checkPlaces(entries, directory) {
  entries.sort((a, b) => a.offset - b.offset);
  entries.forEach((entry, i) => {
    entry.end = entries[i + 1]?.offset ?? directory;
    if (entry.offset + 30 + entry.packedSize > entry.end) {
      throw badProject('overlap', { name: shown(entry.name) });
    }
  });
}

/**
 * A name, normalized: archives of some systems have accents as separate characters. Names that are not UTF-8 come from
 * older Windows: in Chinese as GBK, where letters have two high bytes each, or else in code page 437.
 * @param {Uint8Array} bytes
 */
function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).normalize('NFC');
  } catch {
    const raw = String.fromCharCode(...bytes);
    const isGBK = raw.match(/[\x80-\xFF]+/g)?.every(run => run.length % 2 === 0);
    if (isGBK) return new TextDecoder('gbk').decode(bytes);
    return raw.replace(/[\x80-\xFF]/g, byte => codePage437[byte.charCodeAt(0) - 0x80] ?? '_');
  }
}

/** The letters of code page 437 from 0x80 on. */
const codePage437 = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑ';

/**
 * @param {Blob} blob
 * @param {number} start
 * @param {number} end
 */
async function bytesOf(blob, start, end) {
  try {
    return new Uint8Array(await blob.slice(start, end).arrayBuffer());
  } catch {
    throw badProject('unreadable');
  }
}

/** @param {Uint8Array} bytes */
const viewOf = bytes => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** @param {bigint} value */
function safeInteger(value) {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badList();
  return Number(value);
}

const badList = () => badProject('list-damaged');

/** @param {string} name */
const misplaced = name => badPart('misplaced', { name: shown(name) });
