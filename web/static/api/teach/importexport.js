// @ts-check
/** What is taken along: a whole project as a file, the weights, the network for other programs; and the way back of each. */
import { storageEstimate } from '../../common/platform.js';
import { badArgument, badWeights, ResiduaError } from '../errors.js';
import { badProject, quoted } from './badproject.js';
import { sizesOf } from './trainingdata.js';
import { readProject, writeProject } from './project.js';
import { isRun } from './run.js';

/** @typedef {import('../types.js').Engine} Engine */
/** @typedef {import('./memorystore.js').ProjectStore} Store */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */
/** @typedef {'project' | 'onnx' | 'safetensors' | 'head' | 'last-block'} ExportFormat */
/** @typedef {{ onProgress?: (steps: { done: number, total: number }) => void, signal?: AbortSignal }} Options */

/** Files of weights are read whole; larger ones are none. */
const largestWeights = 200 * 2 ** 20;

/**
 * A file of the project.
 * @param {Store} store
 * @param {Options} options
 */
export async function exportProject(store, options) {
  const kept = await store.load();
  if (!kept) throw badArgument('there is nothing to save yet');
  return writeProject(store, kept.head, kept.pictures, options);
}

/**
 * The network that the engine uses, as a file.
 * @param {Engine} engine
 * @param {import('../../zproto.js').Format} format
 * @param {Options} options  done is how many bytes there are; how many it will be is not known
 */
export async function exportNetwork(engine, format, { onProgress, signal }) {
  /** @type {BlobPart[]} */
  const chunks = [];
  await engine.ask('export', { format }, {
    signal,
    onProgress: ({ bytes }, { chunk }) => {
      chunks.push(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (chunk)])); // a Blob need not stay in memory
      onProgress?.({ done: bytes, total: 0 });
    },
  });
  return new Blob(chunks);
}

/** Whether a file is a project: an archive, by its first bytes. @param {Blob} file */
export async function isProject(file) {
  return (await file.slice(0, 4).text()) === 'PK\x03\x04';
}

/**
 * What teacher.import would make of a file. A project's list is read: one that cannot be opened is told before anything is
 * given up for it. Weights are checked by the engine, when they are imported.
 * @param {Blob} file
 * @returns {Promise<'project' | 'weights'>}
 */
export async function checkFile(file) {
  if (!await isProject(file)) return 'weights';
  await readProject(file);
  return 'project';
}

/**
 * Opens a project file and puts all of it in the place of what is in the store. Before that the file's list was found sound, and there is
 * room for it: a file that cannot be used changes nothing.
 * @param {Engine} engine
 * @param {Store} store
 * @param {Blob} file
 * @param {Options} options
 * @returns {Promise<{ total: number, faults: import('./project.js').Fault[] }>}
 */
export async function importProject(engine, store, file, options) {
  const { head, total, pictures, weights, faults } = await readProject(file, options);
  if (head.model !== engine.info.model) throw badProject(`it is of the network ${quoted(head.model)}, and ${quoted(engine.info.model)} is here`);
  await assertRoom(store, file.size);
  const sizes = sizesOf(engine.info);
  await store.clear();
  await store.saveHead({ ...head, history: head.history.filter(isRun) });
  for await (const { record, blob, features, small, input } of pictures) {
    // Features of another length are another network's: these are computed anew.
    const fits = features?.length === sizes.features && small;
    await store.putPicture(record, { blob, ...(fits ? { features, small, input: input?.length === sizes.inputs ? input : null } : {}) });
  }
  for (const [name, bytes] of weights) await store.putWeights(name, bytes);
  return { total, faults };
}

/**
 * Opens a file of weights, or a whole network.
 * @param {Engine} engine
 * @param {Blob} file
 * @returns {Promise<{ used: import('../../zproto.js').Used, weights: ArrayBuffer }>}
 */
export async function importWeights(engine, file) {
  if (file.size > largestWeights) {
    const reason = `the file has ${Math.ceil(file.size / 1e6)} MB, and weights have ${Math.floor(largestWeights / 1e6)} MB at most`;
    throw badWeights(reason);
  }
  const { json, buffers } = await engine.ask('import', {}, { buffers: { file: new Uint8Array(await file.arrayBuffer()) } });
  return { used: JSON.parse(json), weights: /** @type {ArrayBuffer} */ (buffers.weights.buffer) };
}

/**
 * Whether what is in the store can make room for a file. What the browser tells is an estimate.
 * @param {Store} store
 * @param {number} bytes
 */
async function assertRoom(store, bytes) {
  const { quota = 0, usage = 0 } = await storageEstimate();
  const mine = await /** @type {{ usage?: () => Promise<{ bytes: number, weightBytes: number }> }} */ (store).usage?.();
  if (mine && quota > 0 && usage - mine.bytes - mine.weightBytes + bytes > quota) {
    throw new ResiduaError('storage-full', 'This browser has no room for this project. What you had is as it was. Make room on the disk, and try again.');
  }
}
