// Files that come into the room and are no pictures: archives of pictures, what was saved here, and what cannot be
// opened.

import { hasPictures, isFromTeach, isPicture, isUseless, mostTelling, recognizeAll } from '../arrivals.js';
import { listOf } from '../format.js';
import { createUnpacking } from '../unpacking.js';
import { files as api } from '../../residua.js';

/** @typedef {import('../arrivals.js').Arrival} Arrival */
/** @typedef {ReturnType<typeof createArchives>} Archives */

/** How many names a sentence lists. */
const maxNames = 5;

/**
 * @param {import('./context.js').TeachContext} context
 * @param {object} options
 * @param {import('./additions.js').Additions} options.additions
 * @param {import('./dataset.js').Dataset} options.dataset
 * @param {(file: File) => Promise<unknown>} options.onSaved  A project or weights are to be opened.
 */
export function createArchives(context, { additions, dataset, onSaved }) {
  const { messages } = context;
  const unpacking = createUnpacking('teach-progress');

  /**
   * Unpacks a file. A fault is told by the archive's name.
   * @template T
   * @param {string} name
   * @param {(options: import('../unpacking.js').Options) => Promise<T>} work
   * @returns {Promise<T | undefined>}
   */
  async function unpack(name, work) {
    try {
      return await unpacking.run(name, work);
    } catch (error) {
      const isCancelled = /** @type {any} */ (error)?.code === 'cancelled';
      if (isCancelled) messages.tell('files.cancelled', {}, name);
      else messages.error(error, name);
    }
  }

  /**
   * Adds the pictures of an archive to a class, or makes classes of its folders.
   * @param {Arrival} arrival
   * @param {string} [classId]
   */
  async function addPictures(arrival, classId) {
    const { name } = arrival.file;
    const { pictures, left } = api.picturesIn(arrival, name);
    const unpacked = await unpack(name, options => api.unpackPictures(arrival.file, pictures, options));
    if (!unpacked) return;
    const { files, broken } = unpacked;
    const missing = [...broken, ...left];
    if (missing.length > 0) {
      const named = missing.length > maxNames ? [...missing.slice(0, maxNames), '…'] : missing;
      messages.tell('files.left', () => ({ count: missing.length, files: listOf(named) }), name);
    }
    if (files.length === 0) return;
    if (!classId) return dataset.add(files);
    const folders = new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
    if (folders.size > 1) messages.tell('files.one-class', { count: folders.size }, name);
    await additions.add(classId, files.map(({ file }) => file));
  }

  /** The taught network that is packed in an archive, if there is one. @param {Arrival} arrival */
  async function findSaved(arrival) {
    const files = await unpack(arrival.file.name, options => api.unpackModel(arrival.file, arrival, options));
    return files?.filter(({ name }) => /\.(safetensors|onnx)$/i.test(name)).slice(0, 1) ?? [];
  }

  return {
    element: unpacking.element,

    /**
     * Takes of some files those that are no pictures.
     * @param {File[]} files
     * @param {string} [classId]  the class for pictures; without one, the folders of an archive become classes
     * @returns {Promise<File[]>} the others
     */
    async take(files, classId) {
      if (files.every(isPicture)) return files;
      if (context.readOnly) {
        messages.tell('error.read-only');
        return [];
      }
      /** @type {File[]} */
      const others = [];
      /** @type {File[]} */
      const saved = [];
      const arrivals = await recognizeAll(files);
      const foreign = mostTelling(arrivals);
      for (const arrival of arrivals) {
        const { file, kind, format } = arrival;
        if (hasPictures(arrival)) await addPictures(arrival, classId);
        else if (isFromTeach(arrival) || kind === 'safetensors' || kind === 'onnx') saved.push(file);
        else if (kind === 'zip-model') saved.push(...await findSaved(arrival));
        else if (isUseless(arrival) || arrival === foreign) messages.tell(`files.${kind}`, { format }, file.name);
        else if (api.isForeign(kind)) continue; // one sentence is enough for the files of a model
        else if (kind === 'picture' || isPicture(file) || classId) others.push(file);
        else messages.tell('files.unknown', {}, file.name);
      }
      const [first, ...rest] = saved;
      if (first) await onSaved(first); // another project clears the messages
      if (rest.length > 0) {
        messages.tell('files.one-saved', () => ({ count: rest.length, files: listOf(rest.map(({ name }) => name)) }));
      }
      return others;
    },
  };
}
