// @ts-check
/** Exports projects, weights and networks as files, and imports them. */
import { storageEstimate } from '../../common/platform.js';
import { badArgument, badWeights, ResiduaError } from '../errors.js';
import { asAdded } from './memorystore.js';
import { otherNetwork } from './projecterror.js';
import { sizesOf } from './trainingdata.js';
import { readProject, writeProject } from './project.js';
import { isRun } from './run.js';

/** @typedef {import('../types.js').Engine} Engine */
/** @typedef {import('./memorystore.js').ProjectStore} ProjectStore */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */
/** @typedef {'project' | 'onnx' | 'safetensors' | 'head' | 'last-block'} ExportFormat */
/**
 * @typedef {object} Options
 * @property {(steps: { done: number, total: number }) => void} [onProgress]
 * @property {AbortSignal} [signal]
 */

/** The size limit of files with weights, in bytes. They are read into memory. */
const maxWeightsBytes = 200 * 2 ** 20;

/**
 * The project as a file.
 * @param {ProjectStore} store
 * @param {Options} options
 */
export async function exportProject(store, options) {
  const project = await store.load();
  if (!project) throw badArgument('there is nothing to save yet');
  return writeProject(store, project.header, project.pictures, options);
}

/**
 * The taught network as a file.
 * @param {Engine} engine
 * @param {import('../../zproto.js').Format} format
 * @param {Options} options  of onProgress, done counts bytes, and total is 0, for it is not known
 */
export async function exportNetwork(engine, format, { onProgress, signal }) {
  /** @type {BlobPart[]} */
  const chunks = [];
  await engine.ask('export', { format }, {
    signal,
    onProgress: ({ bytes }, { chunk }) => {
      // Unlike an array, a Blob need not stay in memory.
      chunks.push(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (chunk)]));
      onProgress?.({ done: bytes, total: 0 });
    },
  });
  return new Blob(chunks);
}

/** Whether a file is a project, by the first bytes of a zip archive. @param {Blob} file */
export async function isProject(file) {
  return (await file.slice(0, 4).text()) === 'PK\x03\x04';
}

/**
 * Tells how teacher.import would treat a file, and whether it could open it if it is a project. So a page can check the
 * file before it asks whether to replace the current project. Weights are checked only when they are imported.
 * @param {Blob} file
 * @returns {Promise<'project' | 'weights'>} It rejects with `bad-project` if the project cannot be opened.
 */
export async function checkFile(file) {
  if (!await isProject(file)) return 'weights';
  await readProject(file);
  return 'project';
}

/**
 * Replaces the store's project with that of a file. A file that cannot be used as a whole, or that the storage has no
 * room for, changes nothing.
 * @param {Engine} engine
 * @param {ProjectStore} store
 * @param {Blob} file
 * @param {Options & { fromOtherModel?: boolean }} options  fromOtherModel: of another model's project, takes the
 *   classes and pictures
 * @returns {Promise<{ total: number, faults: import('./project.js').Fault[] }>}
 */
export async function importProject(engine, store, file, { fromOtherModel = false, ...options }) {
  const { header, total, pictures, weights, faults } = await readProject(file, options);
  const { model } = engine.info;
  const isOther = header.model !== model;
  if (isOther && !fromOtherModel) throw otherNetwork(header.model, model);
  await assertRoom(store, file.size);
  const sizes = sizesOf(engine.info);
  await store.clear();
  await store.saveHeader({ ...header, model, history: isOther ? [] : header.history.filter(isRun) });
  for await (const { record, blob, features, small, input, blocks } of pictures) {
    // Features of another length are another network's; without features they are computed again.
    const fits = !isOther && features?.length === sizes.features && small;
    const computed = fits ? {
      features, small, input: input?.length === sizes.inputs ? input : null,
      blocks: blocks?.length === sizes.blocks ? blocks : null,
    } : {};
    await store.putPicture(isOther ? asAdded(record) : record, { blob, ...computed });
  }
  if (!isOther) for (const [name, bytes] of weights) await store.putWeights(name, bytes);
  return { total, faults };
}

/**
 * Reads taught weights from a file of weights or of a whole network.
 * @param {Engine} engine
 * @param {Blob} file
 * @returns {Promise<{ used: import('../../zproto.js').Used, weights: ArrayBuffer }>} It rejects with `bad-weights` if
 *   the file cannot be used.
 */
export async function importWeights(engine, file) {
  if (file.size === 0) throw badWeights('the file is empty', 'no-file');
  if (file.size > maxWeightsBytes) {
    const [size, max] = [Math.ceil(file.size / 1e6), Math.floor(maxWeightsBytes / 1e6)];
    const reason = `the file has ${size} MB, and weights have ${max} MB at most`;
    throw badWeights(reason, 'too-large', { largest: `${max} MB` });
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { json, buffers } = await engine.ask('import', {}, { buffers: { file: bytes } });
  return { used: JSON.parse(json), weights: /** @type {ArrayBuffer} */ (buffers.weights.buffer) };
}

/**
 * Throws `storage-full` if there is no room for a file once the store's project is deleted. The browser's numbers are
 * estimates.
 * @param {ProjectStore | import('./databasestore.js').DatabaseStore} store
 * @param {number} bytes
 */
async function assertRoom(store, bytes) {
  if (!('usage' in store)) return; // it is in memory only
  const { quota = 0, usage = 0 } = await storageEstimate();
  const current = await store.usage();
  if (quota > 0 && usage - current.bytes - current.weightBytes + bytes > quota) {
    throw new ResiduaError('storage-full', 'This browser has no room for this project. What you had is as it was. ' +
      'Make room on the disk, and try again.');
  }
}
