// @ts-check
/**
 * Writes a zip archive into a Blob, file by file. The format is PKWARE's APPNOTE 6.3.
 *
 * Only a few megabytes of a large archive are in memory at a time, and a file that is a Blob is not copied. Archives of
 * more than 4 GB or 65,534 files use Zip64. fflate lacks that, so it only compresses here and does not write the
 * archive.
 */
import { yieldToPage } from './yield.js';
import { crc32 } from './crc32.js';

/** The time of files without one: the earliest that the format can express. */
const defaultTime = new Date(1980, 0, 1).getTime();

/** After this many bytes the pending parts become a Blob, which the browser need not keep in memory. */
const flushBytes = 1e6;

/** The same after this many parts: making a Blob of 30,000 parts takes 70 ms. */
const flushParts = 1000;

/** How many bytes are processed between two yields: a few milliseconds of work. */
const chunkBytes = 1 << 20;

/**
 * A file as it is written into an archive.
 * @typedef {object} PackedFile
 * @property {0 | 8} method  0: stored; 8: deflated
 * @property {number} crc
 * @property {number} size  in bytes, uncompressed
 * @property {number} packedSize
 * @property {BlobPart} packed
 */

/**
 * A file without compression.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {{ blob?: Blob, signal?: AbortSignal }} [options]  blob: a Blob of the same bytes, which goes into the archive
 *   in their place
 * @returns {Promise<PackedFile>}
 */
export async function stored(bytes, { blob, signal } = {}) {
  const size = bytes.length;
  return { method: 0, crc: await checksum(bytes, signal), size, packedSize: size, packed: blob ?? bytes };
}

/**
 * A compressed file.
 * @param {Uint8Array} bytes
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<PackedFile>}
 */
export async function deflated(bytes, { signal } = {}) {
  const { Deflate } = await import('../../vendor/fflate.js');
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const packed = [];
  const deflate = new Deflate(chunk => packed.push(chunk));
  const piece = 1 << 17;
  for (let at = 0; at === 0 || at < bytes.length; at += piece) {
    deflate.push(bytes.slice(at, at + piece), at + piece >= bytes.length);
    await yieldToPage(signal);
  }
  const blob = new Blob(packed);
  const crc = await checksum(bytes, signal);
  return { method: 8, crc, size: bytes.length, packedSize: blob.size, packed: blob };
}

/**
 * The CRC-32 of bytes.
 * @param {Uint8Array} bytes
 * @param {AbortSignal} [signal]
 */
export async function checksum(bytes, signal) {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    crc = crc32(bytes.subarray(at, at + chunkBytes), crc);
    await yieldToPage(signal);
  }
  return crc;
}

export class ZipWriter {
  /** @type {BlobPart[]} */ #flushed = [];
  /** @type {BlobPart[]} */ #pending = [];
  #pendingBytes = 0;
  /** Three parts for each file. @type {Uint8Array<ArrayBuffer>[]} */ #directory = [];
  #offset = 0;

  /**
   * @param {string} name
   * @param {PackedFile} content
   * @param {number} [time]  ms since 1970
   */
  add(name, { method, crc, size, packedSize, packed }, time = defaultTime) {
    const path = new TextEncoder().encode(name);
    const isZip64 = this.#offset >= 0xFFFFFFFF;
    /** The fields that both headers of a file have. @type {Field[]} */
    const common = [
      [2, isZip64 ? 45 : 20], [2, 1 << 11 /* names are UTF-8 */], [2, method], [4, dosTime(time)],
      [4, crc], [4, packedSize], [4, size], [2, path.length],
    ];
    const extra = isZip64 ? record([2, 1], [2, 8], [8, this.#offset]) : new Uint8Array();
    this.#directory.push(
      record([4, 0x02014B50], [2, 3 << 8 | 45 /* made on Unix */], ...common, [2, extra.length], [2, 0], [2, 0], [2, 0],
        [4, 0o100644 * 0x10000 /* a regular file */], [4, isZip64 ? 0xFFFFFFFF : this.#offset]),
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
      await yieldToPage(signal);
    }
    const length = this.#offset - start;
    if (count >= 0xFFFF || start >= 0xFFFFFFFF) {
      const end = this.#offset;
      this.#append(
        record([4, 0x06064B50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0],
          [8, count], [8, count], [8, length], [8, start]),
        record([4, 0x07064B50], [4, 0], [8, end], [4, 1]));
    }
    const shortCount = Math.min(count, 0xFFFF);
    this.#append(record([4, 0x06054B50], [2, 0], [2, 0], [2, shortCount], [2, shortCount],
      [4, length], [4, Math.min(start, 0xFFFFFFFF)], [2, 0]));
    return new Blob([...this.#flushed, ...this.#pending], { type: 'application/zip' });
  }

  /** @param {BlobPart[]} parts */
  #append(...parts) {
    for (const part of parts) {
      const size = part instanceof Blob ? part.size : /** @type {Uint8Array} */ (part).byteLength;
      this.#pending.push(part);
      this.#offset += size;
      if (!(part instanceof Blob)) this.#pendingBytes += size;
    }
    if (this.#pendingBytes < flushBytes && this.#pending.length < flushParts) return;
    this.#flushed.push(new Blob(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

/** @typedef {[width: 2 | 4 | 8, value: number]} Field */

/**
 * Numbers as little-endian bytes.
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

/**
 * A time as MS-DOS has it: local, from 1980 to 2107, in steps of two seconds.
 * @param {number} time  ms since 1970
 */
function dosTime(time) {
  const date = new Date(time);
  const year = date.getFullYear();
  if (!(year >= 1980 && year <= 2107)) return dosTime(defaultTime);
  const day = (year - 1980) << 9 | (date.getMonth() + 1) << 5 | date.getDate();
  return day * 0x10000 + (date.getHours() << 11 | date.getMinutes() << 5 | date.getSeconds() >> 1);
}
