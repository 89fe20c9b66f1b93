// Zip archives by hand, good ones and others. It shares nothing with the page's own code: it is what that is tested against.

import { deflateRawSync, gzipSync, inflateRawSync } from 'node:zlib';

/**
 * @typedef {object} File  what is not given is as it should be
 * @property {string} name
 * @property {Buffer} data
 * @property {boolean} [deflate]
 * @property {boolean} [descriptor]  the sizes come after the data, as in an archive that was written in one go
 * @property {string} [localName]  the name in front of the data
 * @property {number} [size]  as the directory says it; from 4 GB on in a field of Zip64
 * @property {number} [crc]
 * @property {number} [method]
 * @property {number} [flags]
 * @property {number} [mode]  of a file in Unix
 * @property {number} [offset]
 */

/** The checksum of gzip is that of zip. @param {Buffer} data */
export const crcOf = data => gzipSync(data).readUInt32LE(gzipSync(data).length - 8);

/** @param {...[bytes: number, value: number]} fields */
function numbers(...fields) {
  return Buffer.concat(fields.map(([bytes, value]) => {
    const field = Buffer.alloc(bytes);
    if (bytes === 8) field.writeBigUInt64LE(BigInt(value));
    else field.writeUIntLE(value, 0, bytes);
    return field;
  }));
}

/**
 * @param {File[]} files
 * @param {{ comment?: string, count?: number, start?: number }} [options]  count and start as the end says them
 */
export function zipOf(files, { comment = '', count = files.length, start } = {}) {
  /** @type {Buffer[]} */
  const body = [];
  /** @type {Buffer[]} */
  const directory = [];
  let at = 0;
  for (const { name, data, deflate = false, descriptor = false, localName = name, size = data.length, crc = crcOf(data), method = deflate ? 8 : 0, flags = descriptor ? 8 : 0, mode = 0o100644, offset = at } of files) {
    const path = Buffer.from(name);
    const localPath = Buffer.from(localName);
    const packed = deflate ? deflateRawSync(data) : data;
    const wide = size > 0xFFFFFFFE;
    const extra = wide ? numbers([2, 1], [2, 8], [8, size]) : Buffer.alloc(0);
    const some = wide ? 0xFFFFFFFF : size;
    const local = Buffer.concat([
      numbers([4, 0x04034B50], [2, 20], [2, flags], [2, method], [2, 0], [2, 33], [4, descriptor ? 0 : crc], [4, descriptor ? 0 : packed.length], [4, descriptor ? 0 : some], [2, localPath.length], [2, 0]),
      localPath, packed, ...descriptor ? [numbers([4, 0x08074B50], [4, crc], [4, packed.length], [4, some])] : [],
    ]);
    directory.push(numbers([4, 0x02014B50], [2, 3 << 8 | 20], [2, 20], [2, flags], [2, method], [2, 0], [2, 33], [4, crc], [4, packed.length], [4, some], [2, path.length],
      [2, extra.length], [2, 0], [2, 0], [2, 0], [4, mode * 0x10000], [4, offset]), path, extra);
    body.push(local);
    at += local.length;
  }
  const list = Buffer.concat(directory);
  return Buffer.concat([...body, list, numbers([4, 0x06054B50], [2, 0], [2, 0], [2, count], [2, count], [4, list.length], [4, start ?? at], [2, comment.length]), Buffer.from(comment)]);
}

/**
 * The files of a good archive without a comment.
 * @param {Buffer} zip
 * @returns {{ name: string, data: Buffer, deflate: boolean }[]}
 */
export function filesOf(zip) {
  const end = zip.length - 22;
  if (zip.readUInt32LE(end) !== 0x06054B50) throw new Error('the archive does not end as it should');
  const files = [];
  let at = zip.readUInt32LE(end + 16);
  for (let i = 0; i < zip.readUInt16LE(end + 10); i++) {
    const [length, extra, comment] = [28, 30, 32].map(place => zip.readUInt16LE(at + place));
    const name = zip.toString('utf8', at + 46, at + 46 + length);
    const local = zip.readUInt32LE(at + 42);
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(begin, begin + zip.readUInt32LE(at + 20));
    const deflate = zip.readUInt16LE(at + 10) === 8;
    const data = deflate ? inflateRawSync(packed) : packed;
    if (data.length !== zip.readUInt32LE(at + 24) || crcOf(data) !== zip.readUInt32LE(at + 16)) throw new Error(`${name} is not what the directory says`);
    if (zip.subarray(at + 10, at + 28).compare(zip.subarray(local + 8, local + 26)) !== 0) throw new Error(`the two headers of ${name} differ`);
    files.push({ name, data, deflate });
    at += 46 + length + extra + comment;
  }
  if (at !== end) throw new Error('the directory is longer than its files');
  return files;
}
