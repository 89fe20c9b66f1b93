// @ts-check
/**
 * The rows of DatabaseStore's object stores. Each function changes some within a transaction, and updates the totals
 * with them.
 */
import { badArgument, ResiduaError } from '../errors.js';
import { yieldToPage } from './yield.js';
import { resultOf } from './idb.js';
import { asAdded } from './memorystore.js';

/** @typedef {import('./memorystore.js').Prepared} Prepared */
/**
 * The totals of what is stored, and who may write.
 * @typedef {object} Count
 * @property {string} owner  the mark of the tab that writes
 * @property {number} order  the next picture's place
 * @property {number} age  the next input's age
 * @property {number} pictures
 * @property {number} bytes  of files and of what was computed from them
 * @property {number} inputBytes  of these, the last block's inputs
 * @property {number} inputBudget  how many inputBytes may be stored
 * @property {number} blockBytes  of the bytes, the block means
 * @property {Record<string, number>} weights  bytes by name
 */
/**
 * How many bytes of each kind are stored of one picture.
 * @typedef {object} Sizes
 * @property {string} id
 * @property {number} blob
 * @property {number} features
 * @property {number} small
 * @property {number} input
 * @property {number} [age]  of the input, if it is stored
 * @property {number} [blocks]  if they are stored
 */
/**
 * What was computed from a picture. Features and the small picture are only stored together.
 * @typedef {{ [part in keyof Prepared]?: Prepared[part] | null }} Computed
 */

/** The object stores of what belongs to a picture, keyed by its id. */
export const contentStores = ['blobs', 'features', 'small', 'inputs', 'blocks'];
/** All object stores that have a row for each picture. */
export const pictureStores = ['pictures', 'sizes', ...contentStores];

/** How many rows are requested at a time. */
export const rowBatch = 256;

/** Larger weights become a Blob of pieces of this many bytes: storing them in one go would block the page. */
const pieceBytes = 1 << 20;

/**
 * Files up to this many bytes are stored as bytes instead of a Blob: a Blob is a file of its own on the disk, and
 * writing that takes five times as long.
 */
export const smallFileBytes = 1 << 16;

export const noPicture = (/** @type {string} */ id) => badArgument(`there is no picture ${id}`);
export const readOnly = () =>
  new ResiduaError('read-only', 'Another tab has this project open. Change it there, or take it over here.');

/**
 * Stores what was computed from a picture. What is null stays as it is.
 * @param {IDBTransaction} transaction
 * @param {Count} count
 * @param {Sizes} sizes  of the picture before the change
 * @param {Computed} computed
 */
export async function putComputed(transaction, count, sizes, { features, small, input, blocks }) {
  if (!features !== !small) throw badArgument('features and small pictures come together');
  const now = { ...sizes };
  if (features && small) {
    transaction.objectStore('features').put(ownBuffer(features), sizes.id);
    transaction.objectStore('small').put(ownBuffer(small), sizes.id);
    now.features = features.byteLength;
    now.small = small.byteLength;
  }
  if (input && input.byteLength <= count.inputBudget) {
    transaction.objectStore('inputs').put(ownBuffer(input), sizes.id);
    now.input = input.byteLength;
    now.age = count.age++;
  }
  if (blocks) {
    transaction.objectStore('blocks').put(ownBuffer(blocks), sizes.id);
    now.blocks = blocks.byteLength;
  }
  count.bytes += bytesOf(now) - bytesOf(sizes);
  count.inputBytes += now.input - sizes.input;
  count.blockBytes += (now.blocks ?? 0) - (sizes.blocks ?? 0);
  transaction.objectStore('sizes').put(now);
  if (transaction.objectStoreNames.contains('inputs')) await trim(transaction, count);
}

/**
 * Deletes the oldest inputs until the others fit into the budget.
 * @param {IDBTransaction} transaction
 * @param {Count} count
 * @param {number} [budget]  in bytes
 */
export async function trim(transaction, count, budget = count.inputBudget) {
  const sizes = transaction.objectStore('sizes');
  while (count.inputBytes > budget) {
    /** @type {Sizes} */
    const { age, ...oldest } = await resultOf(sizes.index('age').get(IDBKeyRange.lowerBound(0)));
    transaction.objectStore('inputs').delete(oldest.id);
    sizes.put({ ...oldest, input: 0 });
    count.bytes -= oldest.input;
    count.inputBytes -= oldest.input;
  }
}

/**
 * Deletes all block means.
 * @param {IDBTransaction} transaction
 * @param {Count} count
 */
export async function removeBlocks(transaction, count) {
  const sizes = transaction.objectStore('sizes');
  transaction.objectStore('blocks').clear();
  for (;;) {
    /** @type {Sizes[]} */
    const some = await resultOf(sizes.index('blocks').getAll(null, rowBatch));
    if (some.length === 0) break;
    for (const { blocks, ...rest } of some) sizes.put(rest);
  }
  count.bytes -= count.blockBytes;
  count.blockBytes = 0;
}

/**
 * Deletes all that a network has computed from the pictures, and all weights. The pictures are then as they were added.
 * @param {IDBTransaction} transaction
 * @param {Count} count
 */
export async function forgetComputed(transaction, count) {
  for (const name of ['features', 'small', 'inputs', 'blocks', 'weights']) transaction.objectStore(name).clear();
  const [pictures, sizes] = ['pictures', 'sizes'].map(name => transaction.objectStore(name));
  count.bytes = count.inputBytes = count.blockBytes = 0;
  count.weights = {};
  /** @type {IDBKeyRange | null} */ let after = null;
  for (;;) {
    const [rows, some] = await Promise.all([pictures, sizes].map(store => resultOf(store.getAll(after, rowBatch))));
    if (rows.length === 0) break;
    rows.forEach((row, i) => {
      const { id, blob } = /** @type {Sizes} */ (some[i]);
      pictures.put({ ...row, record: asAdded(row.record) });
      sizes.put({ id, blob, features: 0, small: 0, input: 0 });
      count.bytes += blob;
    });
    after = IDBKeyRange.lowerBound(rows[rows.length - 1].id, true);
  }
}

/** The bytes of a picture. @param {Sizes} sizes */
const bytesOf = ({ blob, features, small, input, blocks = 0 }) => blob + features + small + input + blocks;

/**
 * Deletes all rows of a picture.
 * @param {IDBTransaction} transaction
 * @param {Count} count
 * @param {string} id
 */
export async function remove(transaction, count, id) {
  /** @type {Sizes | undefined} */
  const sizes = await resultOf(transaction.objectStore('sizes').get(id));
  if (!sizes) return;
  for (const name of pictureStores) transaction.objectStore(name).delete(id);
  count.pictures--;
  count.bytes -= bytesOf(sizes);
  count.inputBytes -= sizes.input;
  count.blockBytes -= sizes.blocks ?? 0;
}

/**
 * An array that has its buffer to itself. IndexedDB stores the whole buffer of a view, and refuses shared memory.
 * @template {Float32Array | Uint8Array | Uint16Array} T
 * @param {T} data
 * @returns {T}
 */
function ownBuffer(data) {
  const { buffer } = data;
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === data.byteLength;
  return isOwn ? data : /** @type {T} */ (data.slice());
}

/**
 * Weights in the form in which they are stored: an ArrayBuffer, or a Blob if they are large.
 * @param {ArrayBuffer} bytes
 */
export async function storableWeights(bytes) {
  if (bytes.byteLength <= pieceBytes) return bytes;
  const pieces = [];
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    pieces.push(new Blob([new Uint8Array(bytes, at, Math.min(pieceBytes, bytes.byteLength - at))]));
    await yieldToPage();
  }
  return new Blob(pieces);
}
