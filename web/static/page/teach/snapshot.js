// Pictures as the store has them, so that they can be put back after a deletion.

/** @typedef {import('./context.js').Teacher} Teacher */

/**
 * The inputs of the last block are left out. They are computed again when they are needed.
 * @param {Teacher} teacher
 * @param {string[]} ids
 * @returns {Promise<() => Promise<void>>} puts the pictures back
 */
export async function takeSnapshot(teacher, ids) {
  const { store } = teacher;
  const wanted = new Set(ids);
  const records = teacher.classes.flatMap(({ pictures }) => pictures)
    .filter(({ id }) => wanted.has(id))
    .map(record => ({ ...record }));
  const missing = new Set(await store.missing());
  const ready = records.filter(({ id }) => !missing.has(id)).map(({ id }) => id);
  const [blobs, features, small] = await Promise.all([
    Promise.all(records.map(({ id }) => store.blob(id))),
    ready.length > 0 ? store.features(ready) : new Float32Array(),
    ready.length > 0 ? store.small(ready) : new Uint8Array(),
  ]);
  const rowOf = new Map(ready.map((id, i) => [id, i]));
  /** @param {any} rows  of all pictures that have features, one after the other @param {number} i */
  const slice = (rows, i) => rows.slice(i * rows.length / ready.length, (i + 1) * rows.length / ready.length);

  return async () => {
    for (const [i, record] of records.entries()) {
      const at = rowOf.get(record.id);
      const computed = at === undefined ? {} : { features: slice(features, at), small: slice(small, at), input: null };
      await store.putPicture(record, { blob: blobs[i], ...computed });
    }
  };
}
