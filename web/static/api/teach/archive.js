// @ts-check
/**
 * Writes a zip archive into a Blob, file by file.
 *
 * Of a large archive only a few megabytes are in memory at a time, and a file that is a Blob already goes in as that Blob: nothing of it is copied.
 * Archives of more than 4 GB or 65,534 files get the larger numbers of Zip64. That is why fflate, which compresses, does not write the archive
 * too: its numbers end there. The format is PKWARE's APPNOTE 6.3.
 */
import { breathe } from './yield.js';
import { crc32 } from './crc32.js';

/** Of files without a time of their own: the first that the format knows. */
const someTime = new Date(1980, 0, 1).getTime();

/** So much is collected before the browser gets it, in bytes: it copies that at once. */
const collected = 1e6;

/** And so many parts: to make a Blob of 30,000 takes 70 ms. */
const parted = 1000;

/** So many bytes are worked on between two breaths: a few milliseconds. */
const stride = 1 << 20;

/** @typedef {{ method: 0 | 8, crc: number, size: number, packedSize: number, packed: BlobPart }} Content  a file as it lies in an archive */

/**
 * A file as it is.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {{ blob?: Blob, signal?: AbortSignal }} [options]  blob: where those bytes are kept
 * @returns {Promise<Content>}
 */
export async function stored(bytes, { blob, signal } = {}) {
  return { method: 0, crc: await checksum(bytes, signal), size: bytes.length, packedSize: bytes.length, packed: blob ?? bytes };
}

/**
 * A file, compressed.
 * @param {Uint8Array} bytes
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<Content>}
 */
export async function deflated(bytes, { signal } = {}) {
  const { Deflate } = await import('../../vendor/fflate.js');
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const packed = [];
  const deflate = new Deflate(chunk => packed.push(chunk));
  const piece = 1 << 17;
  for (let at = 0; at === 0 || at < bytes.length; at += piece) {
    deflate.push(bytes.slice(at, at + piece), at + piece >= bytes.length);
    await breathe(signal);
  }
  const blob = new Blob(packed);
  return { method: 8, crc: await checksum(bytes, signal), size: bytes.length, packedSize: blob.size, packed: blob };
}

/**
 * @param {Uint8Array} bytes
 * @param {AbortSignal} [signal]
 */
export async function checksum(bytes, signal) {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += stride) {
    crc = crc32(bytes.subarray(at, at + stride), crc);
    await breathe(signal);
  }
  return crc;
}

export class ZipWriter {
  /** @type {BlobPart[]} what the browser has */ #given = [];
  /** @type {BlobPart[]} */ #waiting = [];
  #waitingBytes = 0;
  /** @type {Uint8Array<ArrayBuffer>[]} the directory */ #directory = [];
  #offset = 0;

  /**
   * @param {string} name
   * @param {Content} content
   * @param {number} [time]  ms since 1970
   */
  add(name, { method, crc, size, packedSize, packed }, time = someTime) {
    const path = new TextEncoder().encode(name);
    const wide = this.#offset >= 0xFFFFFFFF;
    /** What both headers have. @type {Field[]} */
    const common = [[2, wide ? 45 : 20], [2, 1 << 11 /* names are UTF-8 */], [2, method], [4, dosTime(time)], [4, crc], [4, packedSize], [4, size], [2, path.length]];
    const extra = wide ? record([2, 1], [2, 8], [8, this.#offset]) : new Uint8Array();
    this.#directory.push(
      record([4, 0x02014B50], [2, 3 << 8 | 45 /* by a Unix */], ...common, [2, extra.length], [2, 0], [2, 0], [2, 0],
        [4, 0o100644 * 0x10000 /* a plain file */], [4, wide ? 0xFFFFFFFF : this.#offset]),
      path, extra);
    this.#append(record([4, 0x04034B50], ...common, [2, 0]), path, packed);
  }

  /**
   * @param {AbortSignal} [signal]
   * @returns {Promise<Blob>} the archive
   */
  async finish(signal) {
    const start = this.#offset;
    const count = this.#directory.length / 3;
    for (const part of this.#directory) {
      this.#append(part);
      await breathe(signal);
    }
    const length = this.#offset - start;
    if (count >= 0xFFFF || start >= 0xFFFFFFFF) {
      const end = this.#offset;
      this.#append(
        record([4, 0x06064B50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, length], [8, start]),
        record([4, 0x07064B50], [4, 0], [8, end], [4, 1]));
    }
    const few = Math.min(count, 0xFFFF);
    this.#append(record([4, 0x06054B50], [2, 0], [2, 0], [2, few], [2, few], [4, length], [4, Math.min(start, 0xFFFFFFFF)], [2, 0]));
    return new Blob([...this.#given, ...this.#waiting], { type: 'application/zip' });
  }

  /** @param {BlobPart[]} parts */
  #append(...parts) {
    for (const part of parts) {
      const size = part instanceof Blob ? part.size : /** @type {Uint8Array} */ (part).byteLength;
      this.#waiting.push(part);
      this.#offset += size;
      if (!(part instanceof Blob)) this.#waitingBytes += size;
    }
    if (this.#waitingBytes < collected && this.#waiting.length < parted) return;
    this.#given.push(new Blob(this.#waiting));
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

/** @typedef {[width: 2 | 4 | 8, value: number]} Field */

/**
 * Numbers in the format's order of bytes, the lowest first.
 * @param {Field[]} fields
 */
function record(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [width]) => sum + width, 0)));
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else if (width === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += width;
  }
  return new Uint8Array(view.buffer);
}

/** @param {number} time  ms since 1970; the format holds local time from 1980 to 2107, in steps of two seconds */
function dosTime(time) {
  const date = new Date(time);
  const year = date.getFullYear();
  if (!(year >= 1980 && year <= 2107)) return dosTime(someTime);
  const day = (year - 1980) << 9 | (date.getMonth() + 1) << 5 | date.getDate();
  return day * 0x10000 + (date.getHours() << 11 | date.getMinutes() << 5 | date.getSeconds() >> 1);
}
