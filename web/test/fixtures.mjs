// Files that a person may drop by mistake, or an attacker on purpose, each made here byte by byte.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { dist } from './lib.mjs';

/** The photo that the tests know best: a barn. */
export const barn = join(dist, 'samples', 'dust-bowl-home.jpg');
/** A mountain. */
export const alp = join(dist, 'samples', 'french-alpine-landscape.jpg');

/**
 * The checksum of PNG chunks.
 * @param {Buffer} bytes
 */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/**
 * @param {string} type four letters
 * @param {Buffer} data
 */
function pngChunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/**
 * A whole PNG of one grey.
 * @param {number} width
 * @param {number} height
 * @param {{ bits?: 1 | 8, grey?: number }} [options]
 */
export function png(width, height, { bits = 8, grey = 0 } = {}) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bits; // colour type 0: grey
  const row = Buffer.alloc(1 + Math.ceil((width * bits) / 8), grey);
  row[0] = 0; // no filter
  const rows = Buffer.concat(Array(height).fill(row));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * A whole PNG of given pixels.
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} pixels width × height × R, G, B
 */
export function rgbPNG(width, height, pixels) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = 2; // colour
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.alloc(1), pixels.subarray(y * width * 3, (y + 1) * width * 3)]));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.concat(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** 28 bytes that claim to be a lossless WebP of 16384 × 16384: a gigabyte, once decoded. */
export function hugeWebP() {
  const file = Buffer.alloc(28);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(20, 4);
  file.write('WEBPVP8L', 8, 'latin1');
  file.writeUInt32LE(8, 16);
  file[20] = 0x2f;
  file.writeUInt32LE(16383 | (16383 << 14), 21); // width − 1 and height − 1, 14 bits each
  return file;
}

/** The beginning of an iPhone's photo. */
export function heic() {
  const type = Buffer.alloc(24);
  type.writeUInt32BE(24, 0);
  type.write('ftypheic', 4, 'latin1');
  type.write('mif1heic', 16, 'latin1');
  const rest = Buffer.alloc(64);
  rest.writeUInt32BE(64, 0);
  rest.write('meta', 4, 'latin1');
  return Buffer.concat([type, rest]);
}

/**
 * What each of these inputs must be answered with: words for the cause and words for the cure.
 * @typedef {{ file: string, cause: RegExp, cure: RegExp }} BadInput
 */

/**
 * Writes all bad inputs into a folder.
 * @param {string} folder
 * @returns {Promise<BadInput[]>}
 */
export async function badInputs(folder) {
  const photo = await readFile(barn);
  /** @type {[string, Buffer, RegExp, RegExp][]} */
  const inputs = [
    ['empty.jpg', Buffer.alloc(0), /This file is empty/, /Copy or download it again/],
    ['letter.jpg', Buffer.from('Hello, this is a text file.\n'), /a text, not a picture/, /Choose a photo/],
    [
      'half.jpg', photo.subarray(0, photo.length >> 1),
      /JPEG file ends before the picture does/, /Copy or download it again/,
    ],
    ['huge.webp', hugeWebP(), /WebP.+16384 × 16384 pixels.+limit is 64 megapixels/, /make it smaller/],
    [
      'wide.png', png(10_000, 10_000, { bits: 1 }),
      /PNG.+10000 × 10000 pixels.+limit is 64 megapixels/, /make it smaller/,
    ],
    ['phone.heic', heic(), /cannot read HEIC/, /Save the photo as JPEG or PNG/],
    [
      'pointer.jpg', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:9c2e\nsize 102531760\n'),
      /pointer of Git LFS, not the picture itself/, /Run “git lfs pull”/,
    ],
  ];
  await Promise.all(inputs.map(([name, bytes]) => writeFile(join(folder, name), bytes)));
  await mkdir(join(folder, 'holiday'), { recursive: true });
  return [
    ...inputs.map(([name, , cause, cure]) => ({ file: join(folder, name), cause, cure })),
    { file: join(folder, 'holiday'), cause: /This folder holds no pictures/, cure: /Drop a folder of photos/ },
  ];
}
