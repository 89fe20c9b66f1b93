// @ts-check
/**
 * Concatenates typed arrays.
 * @template {Float32Array | Uint16Array | Uint8Array} T
 * @param {T[]} arrays
 * @param {new (length: number) => T} Type
 * @returns {T}
 */
export function concat(arrays, Type) {
  const all = new Type(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(/** @type {any} */ (array), at);
    at += array.length;
  }
  return all;
}
