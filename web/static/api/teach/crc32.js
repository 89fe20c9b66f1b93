// @ts-check
/** The checksum of zip archives: CRC-32 with the reversed polynomial 0xEDB88320 (ITU-T V.42). */

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0xEDB88320 : crc >>> 1;
  return crc;
});

/**
 * @param {Uint8Array} bytes
 * @param {number} [before]  the checksum of the bytes that come before
 * @returns {number}
 */
export function crc32(bytes, before = 0) {
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = crc >>> 8 ^ table[(crc ^ bytes[i]) & 255];
  return ~crc >>> 0;
}
