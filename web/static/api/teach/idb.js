// @ts-check
/** IndexedDB with promises. */
import { databases, reportBroken } from '../../common/platform.js';
import { ResiduaError } from '../errors.js';

/** A database that does not open within this time counts as missing, in milliseconds. */
const openMs = 8000;

/**
 * Opens a database, and creates it if there is none.
 * @param {string} name
 * @param {number} version
 * @param {(database: IDBDatabase, from: number, transaction: IDBTransaction) => void} upgrade  makes the object stores
 *   that a database of the version from lacks; 0: it is new
 * @returns {Promise<IDBDatabase>}
 */
export function openDatabase(name, version, upgrade) {
  return openRequest(() => {
    const request = databases()?.open(name, version);
    if (request) request.onupgradeneeded = ({ oldVersion }) =>
      upgrade(request.result, oldVersion, /** @type {IDBTransaction} */ (request.transaction));
    return request;
  });
}

/**
 * Opens a database only if it exists. Not every browser has indexedDB.databases(), which would tell.
 * @param {string} name
 * @returns {Promise<IDBDatabase | undefined>} undefined: there is none
 */
export async function openExisting(name) {
  let exists = true;
  try {
    return await openRequest(() => {
      const request = databases()?.open(name);
      if (request) request.onupgradeneeded = () => {
        exists = false;
        request.transaction?.abort(); // otherwise an empty database would be created
      };
      return request;
    });
  } catch (error) {
    if (exists) throw error;
    return undefined;
  }
}

/**
 * @param {() => IDBOpenDBRequest | undefined} open
 * @returns {Promise<IDBDatabase>}
 */
function openRequest(open) {
  return new Promise((resolve, reject) => {
    const request = open();
    if (!request) return reject(new DOMException('There is no IndexedDB.', 'NotSupportedError'));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reportBroken('indexedDB'); // so that later calls do not wait again
      reject(new DOMException('The database does not answer.', 'TimeoutError'));
    }, openMs);
    request.onsuccess = () => {
      clearTimeout(timer);
      if (late) request.result.close();
      else resolve(request.result);
    };
    request.onerror = () => {
      clearTimeout(timer);
      reject(request.error);
    };
  });
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Resolves when a transaction is committed. Rejects when it is aborted, and has changed nothing.
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
export function committed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('The change was broken off.', 'AbortError'));
  });
}

/**
 * Converts an error of the browser's storage: a full storage becomes the ResiduaError `storage-full`.
 * @param {unknown} error
 * @returns {unknown}
 */
export function storageError(error) {
  if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') return error;
  return new ResiduaError('storage-full', 'This browser has no room left for the project. What was added before is ' +
    'kept; the last addition is not. Save the project as a file, then remove pictures or make room on the disk, and ' +
    'try again.');
}
