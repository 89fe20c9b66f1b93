// @ts-check
/**
 * The store of a project in IndexedDB: its pictures, what was computed from them, and trained weights. Each change is
 * one transaction. When its promise resolves, the change survives even a killed tab; when it rejects, nothing has
 * changed.
 *
 * Only one tab writes. It holds a lock (lock.js), and has put its mark into the database. Every transaction checks the
 * mark, so from the moment at which another tab takes over, not even a change that is already under way is committed.
 *
 * The object stores, all but the last two keyed by the picture's id:
 *
 *     pictures  { id, order, record }: all that load reads
 *     sizes     { id, blob, features, small, input } in bytes, the age of an input that is stored, and blocks, in
 *               bytes, if they are stored
 *     blobs     Blobs, or the bytes and type of small files
 *     features, small, inputs, blocks
 *     weights   by their name
 *     state     'head': the project's header; 'count': the totals that usage returns
 */
import { persist, storageEstimate, uniqueName } from '../../common/platform.js';
import { badArgument, ResiduaError } from '../errors.js';
import { committed, resultOf, storageError } from './idb.js';
import {
  contentStores, forgetComputed, noPicture, pictureStores, putComputed, readOnly, remove, removeBlocks,
  rowBatch as batch, smallFileBytes, storableWeights, trim,
} from './rows.js';

/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./memorystore.js').ProjectHeader} ProjectHeader */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */
/** @typedef {import('./rows.js').Count} Count */
/** @typedef {import('./rows.js').Computed} Computed */

/**
 * @typedef {object} Usage
 * @property {number} pictures
 * @property {number} bytes  of files and of what was computed from them
 * @property {number} inputBytes  of these, the last block's inputs
 * @property {number} inputBudget  how many bytes of inputs may be stored
 * @property {number} blockBytes  of the bytes, the block means
 * @property {number} weightBytes
 * @property {number} quota  how many bytes the browser lets this site store; 0: it does not say
 */

/** @type {Readonly<Count>} */
const emptyCount = {
  owner: '', order: 0, age: 0, pictures: 0, bytes: 0, inputBytes: 0, inputBudget: 256e6, blockBytes: 0,
  weights: {},
};

/**
 * Methods that change something reject with `read-only` if another tab has the lock, with `storage-full` if there is no
 * room, and with `closed` after close.
 */
export class DatabaseStore {
  #database;
  #lock;
  /** This store's mark in the database; '' while it may not write. */
  #owner = '';
  #askedToPersist = false;
  /**
   * Resolves when the latest change has begun. Changes begin in the order of their calls, though some read a file
   * first.
   */
  #lastBegun = Promise.resolve();
  /** @type {ResiduaError | null} */ #closed = null;
  /** Changes under way. @type {Set<Promise<unknown>>} */ #writing = new Set();

  /** Called once, when another tab takes over or the browser closes the database. */
  onLost = () => {};
  /** Called when a read-only store becomes writable, because the other tab was closed. Its content may have changed. */
  onGained = () => {};

  /**
   * Use openStore.
   * @param {IDBDatabase} database
   * @param {{ release: () => void }} lock
   */
  constructor(database, lock) {
    this.#database = database;
    this.#lock = lock;
    // Another tab runs a newer Residua, or the user has deleted this site's data.
    database.onversionchange = database.onclose = () => {
      this.lose();
      void this.close();
    };
  }

  /** Whether changes are refused. */
  get readOnly() {
    return this.#owner === '';
  }

  /** Puts this store's mark into the database. For openStore and gain. */
  async claim() {
    const owner = uniqueName();
    this.#owner = owner;
    try {
      await this.#transact([], (_, count) => {
        if (!this.readOnly) count.owner = owner;
      }, { claim: true });
    } catch (error) {
      if (/** @type {any} */ (error)?.code !== 'storage-full') throw error;
      // There is no room even for a mark, so this store takes over the last one: a full project must stay writable, or
      // nothing could be removed from it.
      const count = await resultOf(this.#reading(['state']).objectStore('state').get('count'));
      if (!this.readOnly) this.#owner = count?.owner || owner;
    }
  }

  /** Makes the store writable. For its lock. */
  async gain() {
    if (this.#closed || !this.readOnly) return;
    try {
      await this.claim();
      this.onGained();
    } catch {
      this.#owner = ''; // it stays read-only
    }
  }

  /** Makes the store read-only. For its lock and its database. */
  lose() {
    if (this.readOnly) return;
    this.#owner = '';
    this.onLost();
  }

  /**
   * The project without its pictures' content. Pictures come in the order in which they were added.
   * @returns {Promise<{ header: ProjectHeader, pictures: PictureRecord[] } | null>} null: no project was saved
   */
  async load() {
    const transaction = this.#reading(['pictures', 'state']);
    const header = await resultOf(transaction.objectStore('state').get('head'));
    if (!header) return null;
    /** @type {{ id: string, order: number, record: PictureRecord }[]} */
    const rows = [];
    // In batches, so that the page stays responsive.
    for (let more = true; more;) {
      const after = rows.length ? IDBKeyRange.lowerBound(rows[rows.length - 1].id, true) : null;
      const next = await resultOf(transaction.objectStore('pictures').getAll(after, 1000));
      rows.push(...next);
      more = next.length > 0;
    }
    return { header, pictures: rows.sort((a, b) => a.order - b.order).map(row => row.record) };
  }

  /** @param {ProjectHeader} header */
  async saveHeader(header) {
    const copy = structuredClone(header);
    await this.#change([], transaction => { transaction.objectStore('state').put(copy, 'head'); });
  }

  /**
   * Saves the header of a project that another network takes over, and deletes all that was computed or taught.
   * @param {ProjectHeader} header
   */
  async forgetComputed(header) {
    const copy = structuredClone(header);
    await this.#change([...pictureStores, 'weights'], async (transaction, count) => {
      transaction.objectStore('state').put(copy, 'head');
      await forgetComputed(transaction, count);
    }, { makeRoom: true });
  }

  /**
   * Adds a picture, or replaces the one with its id.
   * @param {PictureRecord} record
   * @param {{ blob: Blob } & Computed} content
   */
  async putPicture(record, { blob, ...computed }) {
    if (!(blob instanceof Blob)) throw badArgument('a picture is a Blob');
    const copy = { ...record };
    const { id } = record;
    const isLarge = blob.size > smallFileBytes;
    const prepare = async () => (isLarge ? blob : { bytes: await blob.arrayBuffer(), type: blob.type });
    await this.#change(pictureStores, async (transaction, count, file) => {
      const last = await resultOf(transaction.objectStore('pictures').get(id));
      if (last) await remove(transaction, count, id);
      transaction.objectStore('pictures').put({ id, order: last?.order ?? count.order++, record: copy });
      transaction.objectStore('blobs').put(file, id);
      count.pictures++;
      count.bytes += blob.size;
      await putComputed(transaction, count, { id, blob: blob.size, features: 0, small: 0, input: 0 }, computed);
    }, { prepare, makeRoom: true });
  }

  /** @param {PictureRecord[]} records  of pictures that are stored */
  async updatePictures(records) {
    const copies = records.map(record => ({ ...record }));
    await this.#change(['pictures'], async transaction => {
      const pictures = transaction.objectStore('pictures');
      for (let at = 0; at < copies.length; at += batch) {
        const some = copies.slice(at, at + batch);
        const rows = await Promise.all(some.map(({ id }) => resultOf(pictures.get(id))));
        some.forEach((record, i) => {
          if (!rows[i]) throw noPicture(record.id);
          pictures.put({ ...rows[i], record });
        });
      }
    });
  }

  /** @param {string[]} ids  unknown ones are ignored */
  async removePictures(ids) {
    const all = [...new Set(ids)];
    const removeAll = () => this.#change(pictureStores, async (transaction, count) => {
      for (let at = 0; at < all.length; at += batch) {
        await Promise.all(all.slice(at, at + batch).map(id => remove(transaction, count, id)));
      }
    });
    await removeAll().catch(async error => {
      if (error?.code !== 'storage-full') throw error;
      // There is not even room to update the totals. Deleting the large content first, uncounted, makes that room.
      await this.#removeContent(all);
      await removeAll();
    });
  }

  /** Deletes the content of pictures, and leaves their records, sizes and the totals. @param {string[]} ids */
  async #removeContent(ids) {
    if (this.readOnly) throw readOnly();
    const transaction = this.#database.transaction(contentStores, 'readwrite');
    for (const name of contentStores) for (const id of ids) transaction.objectStore(name).delete(id);
    await committed(transaction).catch(error => { throw storageError(error); });
  }

  /**
   * Stores what was computed from a picture. What is null stays as it is.
   * @param {string} id
   * @param {Computed} computed
   */
  async putFeatures(id, computed) {
    await this.#change(['sizes', ...contentStores], async (transaction, count) => {
      const sizes = await resultOf(transaction.objectStore('sizes').get(id));
      if (!sizes) throw noPicture(id);
      await putComputed(transaction, count, sizes, computed);
    }, { makeRoom: Boolean(computed.features) }); // what can be computed again takes no other picture's place
  }

  /** @returns {Promise<string[]>} the ids of the pictures without features */
  async missing() {
    const transaction = this.#reading(['pictures', 'features']);
    const keysOf = (/** @type {string} */ name) => resultOf(transaction.objectStore(name).getAllKeys());
    const [all, withFeatures] = await Promise.all([keysOf('pictures'), keysOf('features')]);
    const known = new Set(withFeatures);
    return /** @type {string[]} */ (all.filter(id => !known.has(id)));
  }

  /**
   * @param {string} id
   * @returns {Promise<Blob>}
   */
  async blob(id) {
    const file = await resultOf(this.#reading(['blobs']).objectStore('blobs').get(id));
    if (!file) throw noPicture(id);
    return file instanceof Blob ? file : new Blob([file.bytes], { type: file.type });
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<Float32Array>} one row a picture
   */
  async features(ids) {
    return /** @type {Float32Array} */ (await this.#rows('features', ids, n => new Float32Array(n)));
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<Uint8Array>} 32×32×3 bytes a picture
   */
  async small(ids) {
    return /** @type {Uint8Array} */ (await this.#rows('small', ids, n => new Uint8Array(n)));
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<(Uint16Array | null)[]>} null: it was not stored, or deleted again to stay within the budget
   */
  async inputs(ids) {
    const inputs = this.#reading(['inputs']).objectStore('inputs');
    return Promise.all(ids.map(async id => await resultOf(inputs.get(id)) ?? null));
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<(Uint16Array | null)[]>} the block means; null: not stored, or deleted again to make room
   */
  async blocks(ids) {
    const blocks = this.#reading(['blocks']).objectStore('blocks');
    return Promise.all(ids.map(async id => await resultOf(blocks.get(id)) ?? null));
  }

  /**
   * @param {WeightsName} name
   * @param {ArrayBuffer} bytes
   */
  async putWeights(name, bytes) {
    if (!(bytes instanceof ArrayBuffer)) throw badArgument('weights are an ArrayBuffer');
    await this.#changeWeights({ [name]: bytes });
  }

  /**
   * Stores weights and the header that has their run in one change: a killed tab leaves both, or neither.
   * @param {Partial<Record<WeightsName, ArrayBuffer | null>>} weights  null: they are deleted
   * @param {() => ProjectHeader} header  the header as it is when the change is made
   */
  async putTaught(weights, header) {
    await this.#changeWeights(weights, header);
  }

  /** @param {Partial<Record<WeightsName, ArrayBuffer | null>>} weights  @param {() => ProjectHeader} [header] */
  async #changeWeights(weights, header) {
    const all = /** @type {[WeightsName, ArrayBuffer | null][]} */ (Object.entries(weights));
    await this.#change(['weights'], (transaction, count, files) => {
      for (const [i, [name, bytes]] of all.entries()) {
        if (bytes) transaction.objectStore('weights').put(files[i], name);
        else transaction.objectStore('weights').delete(name);
        if (bytes) count.weights[name] = bytes.byteLength;
        else delete count.weights[name];
      }
      if (header) transaction.objectStore('state').put(structuredClone(header()), 'head');
    }, { prepare: () => Promise.all(all.map(([, bytes]) => bytes && storableWeights(bytes))), makeRoom: true });
  }

  /**
   * @param {WeightsName} name
   * @returns {Promise<ArrayBuffer | null>}
   */
  async weights(name) {
    const file = await resultOf(this.#reading(['weights']).objectStore('weights').get(name)) ?? null;
    return file instanceof Blob ? file.arrayBuffer() : file;
  }

  /** @param {WeightsName} name */
  async removeWeights(name) {
    await this.#changeWeights({ [name]: null });
  }

  /** @returns {Promise<Usage>} */
  async usage() {
    const count = await resultOf(this.#reading(['state']).objectStore('state').get('count'));
    const { pictures, bytes, inputBytes, inputBudget, blockBytes, weights } = { ...emptyCount, ...count };
    const weightBytes = Object.values(weights).reduce((sum, size) => sum + size, 0);
    const { quota = 0 } = await storageEstimate();
    return { pictures, bytes, inputBytes, inputBudget, blockBytes, weightBytes, quota };
  }

  /**
   * Limits how much storage the last blocks' inputs take. Beyond that the oldest are deleted; they can be computed
   * again.
   * @param {number} bytes
   */
  async setInputBudget(bytes) {
    if (!(bytes >= 0)) throw badArgument('a budget is a number of bytes');
    await this.#change(['sizes', 'inputs'], async (transaction, count) => {
      count.inputBudget = bytes;
      await trim(transaction, count);
    });
  }

  /**
   * Deletes what can be computed again to make room: all of the last blocks' inputs or, if there are none, all block
   * means.
   * @returns {Promise<boolean>} whether there was something
   */
  async #makeRoom() {
    let some = false;
    await this.#change(['sizes', 'inputs', 'blocks'], async (transaction, count) => {
      some = count.inputBytes > 0 || count.blockBytes > 0;
      await (count.inputBytes > 0 ? trim(transaction, count, 0) : removeBlocks(transaction, count));
    });
    return some;
  }

  /** Deletes the project: header, pictures and weights. */
  async clear() {
    await this.#change([...pictureStores, 'weights'], (transaction, count) => {
      for (const name of transaction.objectStoreNames) if (name !== 'state') transaction.objectStore(name).clear();
      transaction.objectStore('state').delete('head');
      Object.assign(count, { ...emptyCount, owner: count.owner, inputBudget: count.inputBudget, weights: {} });
    });
  }

  /** Waits for changes under way, then closes the database and releases the lock. */
  async close() {
    this.#closed ??= new ResiduaError('closed', 'The project was closed. Load the page again to go on.');
    await Promise.allSettled(this.#writing);
    this.#database.close();
    this.#owner = '';
    this.#lock.release();
  }

  /** @param {string[]} names */
  #reading(names) {
    if (this.#closed) throw this.#closed;
    return this.#database.transaction(names);
  }

  /**
   * The rows of pictures, concatenated. Only one batch of them is in memory twice.
   * @template {Float32Array | Uint8Array} T
   * @param {'features' | 'small'} name
   * @param {string[]} ids
   * @param {(length: number) => T} make
   */
  async #rows(name, ids, make) {
    const store = this.#reading([name]).objectStore(name);
    let all = make(0);
    for (let at = 0; at < ids.length; at += batch) {
      const rows = await Promise.all(ids.slice(at, at + batch).map(id => resultOf(store.get(id))));
      rows.forEach((row, i) => {
        if (!row) throw badArgument(`the features of picture ${ids[at + i]} were not computed`);
        if (at + i === 0) all = make(row.length * ids.length);
        if (row.length * ids.length !== all.length) {
          throw badArgument(`picture ${ids[at + i]} has ${row.length} values, others have ${all.length / ids.length}`);
        }
        all.set(row, (at + i) * row.length);
      });
    }
    return all;
  }

  /**
   * Changes something, and the totals with it, in one transaction.
   * @template T
   * @param {string[]} names  of the object stores
   * @param {(transaction: IDBTransaction, count: Count, prepared: T) => void | Promise<void>} change
   * @param {object} [options]
   * @param {() => Promise<T>} [options.prepare]  runs first; for what cannot be awaited inside a transaction
   * @param {boolean} [options.makeRoom]  if the storage is full, deletes what can be computed again and retries. Then
   *   the change may come after later ones
   */
  async #change(names, change, { prepare, makeRoom = false } = {}) {
    if (this.#closed) throw this.#closed;
    const preparing = prepare?.();
    preparing?.catch(() => {}); // reported below, when it is this change's turn
    const begun = this.#lastBegun.then(async () => {
      const prepared = /** @type {T} */ (await preparing);
      if (this.readOnly) throw readOnly();
      const write = () => this.#transact(names, (transaction, count) => change(transaction, count, prepared));
      /** @returns {Promise<void>} */
      const writeWithRoom = () => write().catch(async error => {
        if (error?.code !== 'storage-full' || !await this.#makeRoom()) throw error;
        return writeWithRoom();
      });
      return { writing: makeRoom ? writeWithRoom() : write() };
    });
    this.#lastBegun = begun.then(() => {}, () => {});
    const written = begun.then(({ writing }) => writing);
    this.#writing.add(written);
    // Persistent storage is not evicted when the disk fills up. The browser may ask the user, so nothing waits for
    // this.
    if (!this.#askedToPersist && !this.readOnly) {
      this.#askedToPersist = true;
      void persist();
    }
    try {
      await written;
    } finally {
      this.#writing.delete(written);
    }
  }

  /**
   * @param {string[]} names
   * @param {(transaction: IDBTransaction, count: Count) => void | Promise<void>} change
   * @param {{ claim?: boolean }} [options]  claim: commits even if the mark in the database is another store's
   */
  async #transact(names, change, { claim = false } = {}) {
    const transaction = this.#database.transaction(['state', ...names], 'readwrite');
    const end = committed(transaction);
    end.catch(() => {}); // reported below
    try {
      const state = transaction.objectStore('state');
      const count = /** @type {Count} */ ({ ...structuredClone(emptyCount), ...await resultOf(state.get('count')) });
      if (!claim && count.owner !== this.#owner) {
        this.lose();
        throw readOnly();
      }
      await change(transaction, count);
      state.put(count, 'count');
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // The browser has aborted it already.
      }
      await end.catch(() => {});
      throw storageError(error);
    }
    await end.catch(error => { throw storageError(error); });
  }
}
