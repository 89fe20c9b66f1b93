// Photos as they came in.

/** @typedef {{ title: string, alt: string, credit: string, license: string, source: string }} Sample */
/**
 * `name` is empty where it has none, as one that was pasted; two photos of one key are the same picture.
 * @typedef {{ key: string, name: string, blob: Blob, sample?: Sample }} Photo
 */

/** How many photos may stand in line, and so how many one drop may bring. */
export const capacity = 24;

/**
 * @param {Blob} blob
 * @returns {Photo}
 */
export function photoOf(blob) {
  const file = blob instanceof File ? blob : undefined;
  return { key: `${file?.name}:${file?.lastModified}:${blob.size}`, name: file?.name ?? '', blob };
}
