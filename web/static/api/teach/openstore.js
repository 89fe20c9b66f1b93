// @ts-check
/** Opens the store of a project in the browser's database. */
import { reportBroken } from '../../common/platform.js';
import { ResiduaError } from '../errors.js';
import { DatabaseStore } from './databasestore.js';
import { openDatabase, openExisting, resultOf } from './idb.js';
import { holdLock } from './lock.js';

/** The default name of the database. */
const defaultName = 'residua-teach';

/**
 * The model of a stored project. This neither creates the database nor takes its lock.
 * @param {{ name?: string }} [options]
 * @returns {Promise<string | undefined>} undefined: there is no project, or an empty one, which has no model yet
 */
export async function storedModel({ name = defaultName } = {}) {
  const database = await openExisting(name);
  if (!database) return undefined;
  try {
    const state = database.transaction('state').objectStore('state');
    const [header, count] = await Promise.all([resultOf(state.get('head')), resultOf(state.get('count'))]);
    return header?.classes?.length > 0 || count?.pictures > 0 ? header?.model : undefined;
  } finally {
    database.close();
  }
}

/**
 * Opens a store and its lock, which it holds until it is closed. If another tab holds the lock, this store is
 * read-only, unless takeOver is set.
 * @param {object} [options]
 * @param {string} [options.name]  of the database
 * @param {boolean} [options.takeOver]  takes the lock from a tab that holds it; that tab's store becomes read-only
 * @returns {Promise<DatabaseStore>} It rejects with `unsupported-browser` where IndexedDB does not work.
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
    const database = await openDatabase(name, 2, upgrade).catch(error => { throw unsupported(error); });
    store = new DatabaseStore(database, lock);
    if (lock.held && !lost) await store.claim();
    return store; // read-only if the lock was lost meanwhile
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** @param {unknown} error  why the database cannot be opened */
function unsupported(error) {
  console.warn('IndexedDB:', error);
  reportBroken('indexedDB');
  const message = 'This browser does not let the page keep anything: IndexedDB is missing or does not work. ' +
    'Open the page outside of a private window, and allow it to store data.';
  return new ResiduaError('unsupported-browser', message, { missing: 'IndexedDB' });
}

/**
 * @param {IDBDatabase} database
 * @param {number} from  its version: 1 had no block means
 * @param {IDBTransaction} transaction
 */
function upgrade(database, from, transaction) {
  if (from < 1) {
    database.createObjectStore('pictures', { keyPath: 'id' });
    database.createObjectStore('sizes', { keyPath: 'id' }).createIndex('age', 'age');
    for (const name of ['blobs', 'features', 'small', 'inputs', 'weights', 'state']) database.createObjectStore(name);
  }
  database.createObjectStore('blocks');
  transaction.objectStore('sizes').createIndex('blocks', 'blocks');
}
