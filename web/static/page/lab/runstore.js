// The run that is kept in this browser, so that a reload, or a tab that was closed half-way, does not lose it. Without
// IndexedDB nothing is kept, and everything else works.

import { databases } from '../../common/platform.js';

/** @typedef {import('./record.js').RunRecord} RunRecord */
/** @typedef {{ record: RunRecord, state: Blob, at: number }} Kept  at: the time, in milliseconds since 1970 */

const database = 'residua-lab';
const store = 'runs';
const key = 'last';

/** A browser that does not answer within this time keeps nothing, in milliseconds. */
const limitMs = 8000;

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = databases()?.open(database, 1);
    if (!request) return reject(new Error('there is no IndexedDB'));
    const timer = setTimeout(() => reject(new Error('IndexedDB does not answer')), limitMs);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onsuccess = () => {
      clearTimeout(timer);
      resolve(request.result);
    };
    request.onerror = () => {
      clearTimeout(timer);
      reject(request.error);
    };
  });
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(objects: IDBObjectStore) => IDBRequest<T>} ask
 * @returns {Promise<T | undefined>} undefined: it did not work, or there is nothing
 */
async function ask(mode, ask) {
  try {
    const opened = await open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = opened.transaction(store, mode);
        const request = ask(transaction.objectStore(store));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      opened.close();
    }
  } catch (error) {
    console.info('Skip lab: the run is not kept.', error);
    return undefined;
  }
}

export const runStore = {
  /** @param {Kept} kept */
  async save(kept) {
    const state = await kept.state.arrayBuffer(); // in private windows Safari keeps bytes, but no Blobs
    await ask('readwrite', objects => objects.put({ ...kept, state }, key));
  },
  /** @returns {Promise<Kept | undefined>} */
  async load() {
    const kept = await ask('readonly', objects => objects.get(key));
    return kept && { ...kept, state: new Blob([kept.state]) };
  },
  clear: async () => void await ask('readwrite', objects => objects.delete(key)),
};
