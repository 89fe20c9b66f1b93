// The run that is kept in this browser, so that a reload, or a tab that was closed half-way, does not lose it. Without
// IndexedDB nothing is kept, and everything else works.

import { databases } from '../../common/platform.js';

/** @typedef {import('./record.js').RunRecord} RunRecord */
/** @typedef {{ record: RunRecord, state: Blob, at: number }} Kept  at: the time, in milliseconds since 1970 */

const database = 'residua-lab';
const store = 'runs';
/** Earlier versions kept a single run, under this key. */
const oldKey = 'last';
/** More runs than this are not kept: each has its networks, some megabytes. */
const maxRuns = 4;

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

/**
 * The runs of this browser. Each tab keeps its own, so that two that train do not overwrite each other's.
 * @param {string} tab  the key of this tab's run
 * @param {() => Promise<Set<string>>} busy  the keys of all tabs in which a run is under way
 */
export function createRunStore(tab, busy) {
  /** The run of an earlier visit that was offered here. @type {string | undefined} */
  let offered;

  /** All runs, the newest first. @returns {Promise<(Kept & { key: string })[]>} */
  const all = async () => ((await ask('readonly', objects => objects.getAll())) ?? [])
    .map(run => ({ key: oldKey, ...run })).sort((a, b) => b.at - a.at);

  /** @param {string} key */
  const remove = async key => void await ask('readwrite', objects => objects.delete(key));

  /** Deletes the run that this one goes on from, and the oldest of tabs that are gone. */
  async function tidy() {
    if (offered && offered !== tab) await remove(offered);
    offered = undefined;
    const held = await busy();
    for (const { key } of (await all()).slice(maxRuns)) if (key !== tab && !held.has(key)) await remove(key);
  }

  let isTidy = false;
  return {
    /** @param {Kept} kept */
    async save(kept) {
      const state = await kept.state.arrayBuffer(); // in private windows Safari keeps bytes, but no Blobs
      const run = { ...kept, key: tab, state };
      await ask('readwrite', objects => objects.put(run, tab));
      if (!isTidy || offered) await tidy();
      isTidy = true;
    },

    /** The newest run that no tab is busy with. @returns {Promise<Kept | undefined>} */
    async load() {
      const held = await busy();
      const found = (await all()).find(({ key }) => !held.has(key));
      offered = found?.key;
      return found && { ...found, state: new Blob([/** @type {any} */ (found.state)]) };
    },

    /** Deletes the run of this tab, and the one that was offered here. */
    async clear() {
      await remove(tab);
      if (offered) await remove(offered);
      offered = undefined;
    },
  };
}
