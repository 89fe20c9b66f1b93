// Reads pictures for the table out of files, folders and archives, a batch at a time.

import { withPaths } from '../../folders.js';
import { fromArchive, fromFiles, unreadable } from './sources.js';

/** @typedef {ReturnType<typeof createReading>} Reading */
/** files: all that were found in folders @typedef {import('./sources.js').Sources & { files?: File[] }} Found */
/**
 * Pictures on their way into the table.
 * @typedef {{ name: string, read: (options: import('../../folders.js').Options) => Promise<Found> }} Batch
 */

/** @param {File[]} files @returns {Batch} */
export const filesBatch = files => ({ name: '', read: options => fromFiles(withPaths(files), options) });

/** @param {import('../../arrivals.js').Arrival} arrival @returns {Batch} */
export const archiveBatch = arrival => ({ name: arrival.file.name, read: async () => fromArchive(arrival) });

/** @param {import('../../intake.js').FolderRead} folder @returns {Batch} */
export const folderBatch = folder => ({
  name: folder.name,
  async read(options) {
    /** @type {string[]} */
    const unread = [];
    const files = await folder.read({ ...options, onFault: path => unread.push(path) });
    const got = await fromFiles(files, options);
    return { ...got, sources: [...got.sources, ...unread.map(unreadable)], files: files.map(({ file }) => file) };
  },
});

/**
 * @param {object} handlers
 * @param {() => void} handlers.onBegin
 * @param {() => void} handlers.onFound  More pictures are found.
 * @param {(error: unknown, name: string) => void} handlers.onError  A batch cannot be read.
 */
export function createReading({ onBegin, onFound, onError }) {
  /** @type {AbortController | undefined} */ let control;
  let found = 0;

  return {
    get isRunning() {
      return control !== undefined;
    },

    /** How many pictures are found so far. */
    get found() {
      return found;
    },

    cancel() {
      control?.abort();
    },

    /**
     * Reads a batch, in the place of the one that is being read.
     * @param {Batch} batch
     * @returns {Promise<Found | undefined>} undefined: it cannot be read, or was cancelled
     */
    async read(batch) {
      control?.abort();
      const mine = control = new AbortController();
      const { signal } = mine;
      found = 0;
      onBegin();
      /** @type {Found | undefined} */
      let got;
      try {
        got = await batch.read({
          signal,
          onFound(count) {
            found = count;
            onFound();
          },
        });
      } catch (error) {
        onError(error, batch.name);
      }
      if (mine === control) control = undefined;
      return signal.aborted ? undefined : got;
    },
  };
}
