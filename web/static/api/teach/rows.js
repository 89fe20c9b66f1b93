// @ts-check
/** The rows of the store's tables: each function changes some within a transaction, and counts what it changes. */
import { badArgument } from '../errors.js';
import { breathe } from './yield.js';
import { answer } from './idb.js';

/** @typedef {{ owner: string, order: number, age: number, pictures: number, bytes: number, inputBytes: number, inputBudget: number, weights: Record<string, number> }} Count  what is there, and owner, the mark of the tab that writes */
/** @typedef {{ id: string, blob: number, features: number, small: number, input: number, age?: number }} Sizes  in bytes, of what there is of a picture */
/** @typedef {{ [part in keyof import('./memorystore.js').Prepared]?: import('./memorystore.js').Prepared[part] | null }} Computed  features and small come together or not at all */

export const parts = ['blobs', 'features', 'small', 'inputs'];
export const ofPictures = ['pictures', 'sizes', ...parts];

/** Weights of so many bytes are handed to the browser piece by piece: to copy them in one go would keep the page waiting. */
const piece = 1 << 20;

export const noPicture = (/** @type {string} */ id) => badArgument(`there is no picture ${id}`);

/**
 * @param {IDBTransaction} transaction
 * @param {Count} count
 * @param {Sizes} sizes  of the picture as it is
 * @param {Computed} computed
 */
export async function putComputed(transaction, count, sizes, { features, small, input }) {
  if (!features !== !small) throw badArgument('features and small pictures come together');
  const now = { ...sizes };
  const put = (/** @type {string} */ name, /** @type {'features' | 'small' | 'input'} */ key, /** @type {Float32Array | Uint8Array | Uint16Array | null | undefined} */ data) => {
    if (!data) return;
    transaction.objectStore(name).put(tight(data), sizes.id);
    now[key] = data.byteLength;
  };
  put('features', 'features', features);
  put('small', 'small', small);
  if (input && input.byteLength <= count.inputBudget) {
    put('inputs', 'input', input);
    now.age = count.age++;
  }
  count.bytes += now.features + now.small + now.input - sizes.features - sizes.small - sizes.input;
  count.inputBytes += now.input - sizes.input;
  transaction.objectStore('sizes').put(now);
  if (transaction.objectStoreNames.contains('inputs')) await trim(transaction, count);
}

/**
 * Lets the oldest inputs go, until the others are within the budget.
 * @param {IDBTransaction} transaction
 * @param {Count} count
 * @param {number} [budget]
 */
export async function trim(transaction, count, budget = count.inputBudget) {
  const sizes = transaction.objectStore('sizes');
  while (count.inputBytes > budget) {
    /** @type {Sizes} */
    const { age, ...oldest } = await answer(sizes.index('age').get(IDBKeyRange.lowerBound(0)));
    transaction.objectStore('inputs').delete(oldest.id);
    sizes.put({ ...oldest, input: 0 });
    count.bytes -= oldest.input;
    count.inputBytes -= oldest.input;
  }
}

/**
 * @param {IDBTransaction} transaction
 * @param {Count} count
 * @param {string} id
 */
export async function remove(transaction, count, id) {
  /** @type {Sizes | undefined} */
  const sizes = await answer(transaction.objectStore('sizes').get(id));
  if (!sizes) return;
  for (const name of ofPictures) transaction.objectStore(name).delete(id);
  count.pictures--;
  count.bytes -= sizes.blob + sizes.features + sizes.small + sizes.input;
  count.inputBytes -= sizes.input;
}

/**
 * An array that alone is in its memory: a copy to the database takes all memory that an array lies in, and takes no shared memory at all.
 * @template {Float32Array | Uint8Array | Uint16Array} T
 * @param {T} data
 * @returns {T}
 */
function tight(data) {
  const alone = data.buffer instanceof ArrayBuffer && data.buffer.byteLength === data.byteLength;
  return alone ? data : /** @type {T} */ (data.slice());
}

/**
 * Weights as they are kept: small ones as they are, large ones as a file.
 * @param {ArrayBuffer} bytes
 */
export async function inPieces(bytes) {
  if (bytes.byteLength <= piece) return bytes;
  const pieces = [];
  for (let at = 0; at < bytes.byteLength; at += piece) {
    pieces.push(new Blob([new Uint8Array(bytes, at, Math.min(piece, bytes.byteLength - at))]));
    await breathe();
  }
  return new Blob(pieces);
}
