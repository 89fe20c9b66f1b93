// @ts-check
/** IndexedDB by promises: opening a database, the answer to a request, the end of a transaction. */
import { databases, fails } from '../../common/platform.js';
import { ResiduaError } from '../errors.js';

/** A browser whose database does not answer for so long is taken for one without, in milliseconds. */
const openMs = 8000;

/**
 * @param {string} name
 * @param {number} version
 * @param {(database: IDBDatabase) => void} create  makes the object stores of a database that is new
 * @returns {Promise<IDBDatabase>}
 */
export function openDatabase(name, version, create) {
  return opened(() => {
    const request = databases()?.open(name, version);
    if (request) request.onupgradeneeded = () => create(request.result);
    return request;
  });
}

/**
 * Opens a database, but does not make one. A list of the databases, which would tell as well, not every browser gives.
 * @param {string} name
 * @returns {Promise<IDBDatabase | undefined>} undefined: there is none
 */
export async function openExisting(name) {
  let isThere = true;
  try {
    return await opened(() => {
      const request = databases()?.open(name);
      if (request) request.onupgradeneeded = () => {
        isThere = false;
        request.transaction?.abort(); // it would be made, empty
      };
      return request;
    });
  } catch (error) {
    if (isThere) throw error;
    return undefined;
  }
}

/**
 * @param {() => IDBOpenDBRequest | undefined} open
 * @returns {Promise<IDBDatabase>}
 */
function opened(open) {
  return new Promise((resolve, reject) => {
    const request = open();
    if (!request) return reject(new DOMException('There is no IndexedDB.', 'NotSupportedError'));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      fails('indexedDB'); // nobody waits for it again
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
export function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * The end of a transaction: it resolves when all of it is kept, and rejects when nothing of it is.
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
export function ended(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('The change was broken off.', 'AbortError'));
  });
}

/**
 * What a person is told about a fault of the browser's storage.
 * @param {unknown} error
 * @returns {unknown}
 */
export function told(error) {
  if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') return error;
  return new ResiduaError('storage-full', 'This browser has no room left for the project. What was added before is kept; the last addition is not. ' +
    'Save the project as a file, then remove pictures or make room on the disk, and try again.');
}
