// Photos, as files from outside.

/**
 * A sample's title and its description, in English and in Chinese.
 * @typedef {{ title: string, alt: string }} SampleWords
 * @typedef {SampleWords & { credit: string, license: string, source: string, zh: SampleWords }} Sample
 */
/**
 * `name` is empty if there is none: a pasted photo has no name. Photos with the same `key` are the same picture. An
 * example is on the stage by itself: nobody has chosen it, and the session's list does not keep it.
 * @typedef {{ key: string, name: string, blob: Blob, sample?: Sample, isExample?: boolean }} Photo
 */

/** How many photos the queue holds, and so how many one drop may bring. */
export const capacity = 24;

/**
 * @param {Blob} blob
 * @returns {Photo}
 */
export function photoOf(blob) {
  const file = blob instanceof File ? blob : undefined;
  return { key: `${file?.name}:${file?.lastModified}:${blob.size}`, name: file?.name ?? '', blob };
}
