// @ts-check
/**
 * The store of Teach in IndexedDB: a project with its pictures, what was computed of them, and trained weights. A change is one transaction:
 * when its promise resolves, a killed tab loses nothing of it, and when it rejects, nothing of it has happened.
 *
 * One tab writes. It has a lock (lock.js), and its mark stands in the database, where each transaction looks for it:
 * from the moment another tab has taken over, not even a change that was already under way gets through.
 *
 * Object stores, all keyed by the picture's id but the last two:
 *
 *     pictures  { id, order, record }: all that load reads
 *     sizes     { id, blob, features, small, input } in bytes, and age, which the inputs have that are kept: the oldest go first
 *     blobs     Blobs; of a small file its bytes
 *     features, small, inputs
 *     weights   by their name
 *     state     'head', and 'count': what usage tells, counted as it changes
 */
import { fails, persist, storageEstimate, uniqueName } from '../../common/platform.js';
import { badArgument, ResiduaError } from '../errors.js';
import { answer, ended, openDatabase, openExisting, told } from './idb.js';
import { holdLock } from './lock.js';
import { inPieces, noPicture, ofPictures, parts, putComputed, remove, trim } from './rows.js';

/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./memorystore.js').Head} Head */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */
/** @typedef {import('./rows.js').Count} Count */
/** @typedef {import('./rows.js').Computed} Computed */

/**
 * @typedef {object} Usage
 * @property {number} pictures
 * @property {number} bytes  of files and of what was computed of them
 * @property {number} inputBytes  of these, those of the last block's inputs
 * @property {number} inputBudget
 * @property {number} weightBytes
 * @property {number} quota  how much the browser says it lets this site keep; 0: it does not say
 */

/** A Blob is a file of its own on the disk, which takes five times as long as a row: a file up to this size, in bytes, becomes a row. */
const smallFile = 1 << 16;

/** How many rows are asked for at a time. */
const batch = 256;

/** @type {Readonly<Count>} */
const nothing = { owner: '', order: 0, age: 0, pictures: 0, bytes: 0, inputBytes: 0, inputBudget: 256e6, weights: {} };

/** The database's name. */
const defaultName = 'residua-teach';

/**
 * The model of the project that a store keeps. The store is neither opened for writing nor made.
 * @param {{ name?: string }} [options]
 * @returns {Promise<string | undefined>} undefined: there is no project, or one without classes, which is of no model yet
 */
export async function storedModel({ name = defaultName } = {}) {
  const database = await openExisting(name);
  if (!database) return undefined;
  try {
    const head = await answer(database.transaction('state').objectStore('state').get('head'));
    return head?.classes?.length > 0 ? head.model : undefined;
  } finally {
    database.close();
  }
}

/**
 * Opens a store, and holds it until it is closed. Where another tab has it, this one can only read it, or take it over.
 * @param {{ name?: string, takeOver?: boolean }} [options]
 * @returns {Promise<DatabaseStore>}
 */
export async function openStore({ name = defaultName, takeOver = false } = {}) {
  /** @type {DatabaseStore | undefined} */
  let store;
  let lost = false;
  const lock = await holdLock(name, {
    takeOver,
    onLost: () => { lost = true; store?.lose(); },
    onGained: () => { void store?.gain(); },
  });
  try {
    const database = await openDatabase(name, 1, create).catch(error => { throw unsupported(error); });
    store = new DatabaseStore(database, lock);
    if (lock.held && !lost) await store.claim();
    return store; // read-only, if it was lost meanwhile
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** @param {unknown} error  why the database cannot be opened */
function unsupported(error) {
  console.warn('IndexedDB:', error);
  fails('indexedDB');
  const message = 'This browser does not let the page keep anything: IndexedDB is missing or does not work. ' +
    'Open the page outside of a private window, and allow it to store data.';
  return new ResiduaError('unsupported-browser', message, { missing: 'IndexedDB' });
}

/** @param {IDBDatabase} database */
function create(database) {
  database.createObjectStore('pictures', { keyPath: 'id' });
  database.createObjectStore('sizes', { keyPath: 'id' }).createIndex('age', 'age');
  for (const name of [...parts, 'weights', 'state']) database.createObjectStore(name);
}

export class DatabaseStore {
  #database;
  #lock;
  /** This store's mark; '' while it may not write. */
  #owner = '';
  #asked = false;
  /** When all changes have begun that were asked for: they begin in that order, though some have to read a file first. */
  #begun = Promise.resolve();
  /** @type {ResiduaError | null} */ #closed = null;
  /** @type {Set<Promise<unknown>>} what is being written */ #writing = new Set();

  /** Called once, when another tab has taken over, or the browser has closed the database. */
  onLost = () => {};
  /** Called when a store that could only read may write, because the other tab was closed. What is in it may have changed. */
  onGained = () => {};

  /**
   * Use openStore.
   * @param {IDBDatabase} database
   * @param {{ release: () => void }} lock
   */
  constructor(database, lock) {
    this.#database = database;
    this.#lock = lock;
    // Another tab has a newer Residua, or the person has this site's data deleted.
    database.onversionchange = database.onclose = () => {
      this.lose();
      void this.close();
    };
  }

  /** Whether changes are refused. */
  get readOnly() {
    return this.#owner === '';
  }

  /** Puts this store's mark into the database. Only openStore calls it. */
  async claim() {
    const owner = uniqueName();
    this.#owner = owner;
    try {
      await this.#transact([], (_, count) => {
        if (!this.readOnly) count.owner = owner;
      }, { claim: true });
    } catch (error) {
      if (/** @type {any} */ (error)?.code !== 'storage-full') throw error;
      // Not even a mark finds room: the last one's is taken on. What is kept must be there to be saved, and removed.
      const count = await answer(this.#reading(['state']).objectStore('state').get('count'));
      if (!this.readOnly) this.#owner = count?.owner || owner;
    }
  }

  /** Nobody else has the store any more. Only its lock calls it. */
  async gain() {
    if (this.#closed || !this.readOnly) return;
    try {
      await this.claim();
      this.onGained();
    } catch {
      this.#owner = ''; // it can be read, as before
    }
  }

  /** This store can write no more. Only its lock and its database call it. */
  lose() {
    if (this.readOnly) return;
    this.#owner = '';
    this.onLost();
  }

  /** @returns {Promise<{ head: Head, pictures: PictureRecord[] } | null>} pictures in the order in which they were added; null: no project was saved */
  async load() {
    const transaction = this.#reading(['pictures', 'state']);
    const head = await answer(transaction.objectStore('state').get('head'));
    if (!head) return null;
    /** @type {{ id: string, order: number, record: PictureRecord }[]} */
    const rows = [];
    // Thousand by thousand: the page stays awake.
    for (let more = true; more;) {
      const after = rows.length ? IDBKeyRange.lowerBound(rows[rows.length - 1].id, true) : null;
      const next = await answer(transaction.objectStore('pictures').getAll(after, 1000));
      rows.push(...next);
      more = next.length > 0;
    }
    return { head, pictures: rows.sort((a, b) => a.order - b.order).map(row => row.record) };
  }

  /** @param {Head} head */
  async saveHead(head) {
    const copy = structuredClone(head);
    await this.#change([], transaction => { transaction.objectStore('state').put(copy, 'head'); });
  }

  /**
   * Adds a picture, or puts another one in its place.
   * @param {PictureRecord} record
   * @param {{ blob: Blob } & Computed} content
   */
  async putPicture(record, { blob, ...computed }) {
    if (!(blob instanceof Blob)) throw badArgument('a picture is a Blob');
    const copy = { ...record };
    const { id } = record;
    await this.#change(ofPictures, async (transaction, count, file) => {
      const last = await answer(transaction.objectStore('pictures').get(id));
      if (last) await remove(transaction, count, id);
      transaction.objectStore('pictures').put({ id, order: last?.order ?? count.order++, record: copy });
      transaction.objectStore('blobs').put(file, id);
      count.pictures++;
      count.bytes += blob.size;
      await putComputed(transaction, count, { id, blob: blob.size, features: 0, small: 0, input: 0 }, computed);
    }, { prepare: async () => (blob.size > smallFile ? blob : { bytes: await blob.arrayBuffer(), type: blob.type }), makeRoom: true });
  }

  /** @param {PictureRecord[]} records  of pictures that are there */
  async updatePictures(records) {
    const copies = records.map(record => ({ ...record }));
    await this.#change(['pictures'], async transaction => {
      const pictures = transaction.objectStore('pictures');
      for (let at = 0; at < copies.length; at += batch) {
        const some = copies.slice(at, at + batch);
        const rows = await Promise.all(some.map(({ id }) => answer(pictures.get(id))));
        some.forEach((record, i) => {
          if (!rows[i]) throw noPicture(record.id);
          pictures.put({ ...rows[i], record });
        });
      }
    });
  }

  /** @param {string[]} ids  those that are not there are passed over */
  async removePictures(ids) {
    const all = [...new Set(ids)];
    const removeAll = () => this.#change(ofPictures, async (transaction, count) => {
      for (let at = 0; at < all.length; at += batch) await Promise.all(all.slice(at, at + batch).map(id => remove(transaction, count, id)));
    });
    await removeAll().catch(async error => {
      if (error?.code !== 'storage-full') throw error;
      // There is not even room to count what goes: the large parts go first, uncounted, and make it.
      await this.#clearOut(all);
      await removeAll();
    });
  }

  /** Removes what there is of pictures but their rows in the lists. @param {string[]} ids */
  async #clearOut(ids) {
    if (this.readOnly) throw readOnly();
    const transaction = this.#database.transaction(parts, 'readwrite');
    for (const name of parts) for (const id of ids) transaction.objectStore(name).delete(id);
    await ended(transaction).catch(error => { throw told(error); });
  }

  /**
   * Adds what was computed of a picture that is there; what is null stays as it is.
   * @param {string} id
   * @param {Computed} computed
   */
  async putFeatures(id, computed) {
    await this.#change(['sizes', ...parts], async (transaction, count) => {
      const sizes = await answer(transaction.objectStore('sizes').get(id));
      if (!sizes) throw noPicture(id);
      await putComputed(transaction, count, sizes, computed);
    }, { makeRoom: true });
  }

  /** @returns {Promise<string[]>} the pictures that have no features */
  async missing() {
    const transaction = this.#reading(['pictures', 'features']);
    const [ids, have] = await Promise.all(['pictures', 'features'].map(name => answer(transaction.objectStore(name).getAllKeys())));
    const known = new Set(have);
    return /** @type {string[]} */ (ids.filter(id => !known.has(id)));
  }

  /**
   * @param {string} id
   * @returns {Promise<Blob>}
   */
  async blob(id) {
    const file = await answer(this.#reading(['blobs']).objectStore('blobs').get(id));
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
   * @returns {Promise<Uint8Array>} 64×64×3 bytes a picture
   */
  async small(ids) {
    return /** @type {Uint8Array} */ (await this.#rows('small', ids, n => new Uint8Array(n)));
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<(Uint16Array | null)[]>} null for those that the budget had no room for
   */
  async inputs(ids) {
    const inputs = this.#reading(['inputs']).objectStore('inputs');
    return Promise.all(ids.map(async id => await answer(inputs.get(id)) ?? null));
  }

  /**
   * @param {WeightsName} name
   * @param {ArrayBuffer} bytes
   */
  async putWeights(name, bytes) {
    if (!(bytes instanceof ArrayBuffer)) throw badArgument('weights are an ArrayBuffer');
    await this.#change(['weights'], (transaction, count, file) => {
      transaction.objectStore('weights').put(file, name);
      count.weights[name] = bytes.byteLength;
    }, { prepare: () => inPieces(bytes), makeRoom: true });
  }

  /**
   * @param {WeightsName} name
   * @returns {Promise<ArrayBuffer | null>}
   */
  async weights(name) {
    const file = await answer(this.#reading(['weights']).objectStore('weights').get(name)) ?? null;
    return file instanceof Blob ? file.arrayBuffer() : file;
  }

  /** @param {WeightsName} name */
  async removeWeights(name) {
    await this.#change(['weights'], (transaction, count) => {
      transaction.objectStore('weights').delete(name);
      delete count.weights[name];
    });
  }

  /** @returns {Promise<Usage>} */
  async usage() {
    const count = await answer(this.#reading(['state']).objectStore('state').get('count'));
    const { pictures, bytes, inputBytes, inputBudget, weights } = { ...nothing, ...count };
    const weightBytes = Object.values(weights).reduce((sum, size) => sum + size, 0);
    return { pictures, bytes, inputBytes, inputBudget, weightBytes, quota: (await storageEstimate()).quota ?? 0 };
  }

  /**
   * How much the last block's inputs may take. They can be computed again, so that the oldest go when it is too much.
   * @param {number} bytes
   */
  async setInputBudget(bytes) {
    if (!(bytes >= 0)) throw badArgument('a budget is a number of bytes');
    await this.#change(['sizes', 'inputs'], async (transaction, count) => {
      count.inputBudget = bytes;
      await trim(transaction, count);
    });
  }

  /** Lets all of the last blocks' inputs go, to have their room. @returns {Promise<boolean>} whether there were any */
  async #makeRoom() {
    let some = false;
    await this.#change(['sizes', 'inputs'], async (transaction, count) => {
      some = count.inputBytes > 0;
      await trim(transaction, count, 0);
    });
    return some;
  }

  /** Removes the project: head, pictures and weights. */
  async clear() {
    await this.#change([...ofPictures, 'weights'], (transaction, count) => {
      for (const name of transaction.objectStoreNames) if (name !== 'state') transaction.objectStore(name).clear();
      transaction.objectStore('state').delete('head');
      Object.assign(count, { ...nothing, owner: count.owner, inputBudget: count.inputBudget, weights: {} });
    });
  }

  /** Lets go of the store, when what is being written is written. */
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
   * Rows of pictures, one after the other in one array. Only a batch of them is in memory twice.
   * @template {Float32Array | Uint8Array} T
   * @param {'features' | 'small'} name
   * @param {string[]} ids
   * @param {(length: number) => T} make
   */
  async #rows(name, ids, make) {
    const store = this.#reading([name]).objectStore(name);
    let all = make(0);
    for (let at = 0; at < ids.length; at += batch) {
      const rows = await Promise.all(ids.slice(at, at + batch).map(id => answer(store.get(id))));
      rows.forEach((row, i) => {
        if (!row) throw badArgument(`the features of picture ${ids[at + i]} were not computed`);
        if (at + i === 0) all = make(row.length * ids.length);
        if (row.length * ids.length !== all.length) throw badArgument(`picture ${ids[at + i]} has ${row.length} values, others have ${all.length / ids.length}`);
        all.set(row, (at + i) * row.length);
      });
    }
    return all;
  }

  /**
   * One transaction that changes something and counts what it changes.
   * @template T
   * @param {string[]} names  of the object stores
   * @param {(transaction: IDBTransaction, count: Count, prepared: T) => void | Promise<void>} change
   * @param {{ prepare?: () => Promise<T>, makeRoom?: boolean }} [options]  prepare: what cannot be done inside of a transaction; makeRoom: when
   *   the storage is full, what can be computed again makes room. Then the change may come after later ones
   */
  async #change(names, change, { prepare, makeRoom = false } = {}) {
    if (this.#closed) throw this.#closed;
    const preparing = prepare?.();
    preparing?.catch(() => {}); // it is told when it is this change's turn
    const begun = this.#begun.then(async () => {
      const prepared = /** @type {T} */ (await preparing);
      if (this.readOnly) throw readOnly();
      const write = () => this.#transact(names, (transaction, count) => change(transaction, count, prepared));
      return { writing: !makeRoom ? write() : write().catch(async error => {
        if (error?.code !== 'storage-full' || !await this.#makeRoom()) throw error;
        return write();
      }) };
    });
    this.#begun = begun.then(() => {}, () => {});
    const written = begun.then(({ writing }) => writing);
    this.#writing.add(written);
    // The browser is asked not to throw the pictures away when the disk fills up. It may ask the person: nothing waits for the answer.
    if (!this.#asked && !this.readOnly) {
      this.#asked = true;
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
   * @param {{ claim?: boolean }} [options]  claim: whoever has written before
   */
  async #transact(names, change, { claim = false } = {}) {
    const transaction = this.#database.transaction(['state', ...names], 'readwrite');
    const end = ended(transaction);
    end.catch(() => {}); // it is told below
    try {
      const state = transaction.objectStore('state');
      const count = /** @type {Count} */ ({ ...structuredClone(nothing), ...await answer(state.get('count')) });
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
        // The browser has done so already.
      }
      await end.catch(() => {});
      throw told(error);
    }
    await end.catch(error => { throw told(error); });
  }
}

const readOnly = () => new ResiduaError('read-only', 'Another tab has this project open. Change it there, or take it over here.');
