// @ts-check
/** IndexedDB by promises: opening a database, the answer to a request, the end of a transaction. */
import { ResiduaError } from '../residua.js';

/**
 * @param {string} name
 * @param {number} version
 * @param {(database: IDBDatabase) => void} create  makes the object stores of a database that is new
 * @returns {Promise<IDBDatabase>}
 */
export function openDatabase(name, version, create) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => create(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
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
