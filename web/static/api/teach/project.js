// @ts-check
/**
 * The project file: a zip archive with all of a project, which any system opens.
 *
 *     pictures/CLASS/ID-NAME       the files as they were added
 *     features/ID.f32              float32, the lowest byte first
 *     small/ID.rgb                 64×64×3 bytes
 *     inputs/ID.f16                the last block's inputs, where they are wanted
 *     weights/NAME.safetensors
 *     project.json                 the head, and of each picture its record and its place above
 *
 * A name in the archive is only ever looked up, by what project.json says: where a file goes is decided by its picture's id.
 */
import { sha256, wellFormed } from '../../common/platform.js';
import { badPart, badProject, quoted } from './badproject.js';
import { breathe } from './yield.js';
import { checkProject, isId, limits, smallSize, weightsNames } from './projectjson.js';
import { openZip, readEntry } from './unzip.js';
import { ZipWriter, deflated, stored } from './archive.js';

/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./memorystore.js').Head} Head */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */
/** @typedef {Pick<import('./memorystore.js').MemoryStore, 'blob' | 'features' | 'small' | 'inputs' | 'missing' | 'weights'>} Source  what a project is read from */
/** @typedef {import('./projectjson.js').Listed} Listed */
/** @typedef {{ record: PictureRecord, blob: Blob, features: Float32Array<ArrayBuffer> | null, small: Uint8Array<ArrayBuffer> | null, input: Uint16Array<ArrayBuffer> | null }} ReadPicture */

/**
 * @typedef {object} Fault  a part that could not be used
 * @property {'picture' | 'features' | 'input' | 'weights'} part  without features or input a picture is still good: they are computed again
 * @property {string} name  of the picture or of the weights
 * @property {PictureRecord | null} record
 * @property {Error} error
 */

/**
 * @typedef {object} ReadProject
 * @property {Head} head
 * @property {number} total  how many pictures there are
 * @property {AsyncGenerator<ReadPicture, void>} pictures  one after the other, as they are asked for
 * @property {Map<WeightsName, ArrayBuffer>} weights
 * @property {Fault[]} faults  those of pictures come while these are read
 */

/** @typedef {{ onProgress?: (steps: { done: number, total: number }) => void, signal?: AbortSignal }} Options */

/** So many pictures are read, or listed, at a time. */
const batch = 64;

const paths = {
  features: (/** @type {string} */ id) => `features/${id}.f32`,
  small: (/** @type {string} */ id) => `small/${id}.rgb`,
  input: (/** @type {string} */ id) => `inputs/${id}.f16`,
  weights: (/** @type {string} */ name) => `weights/${name}.safetensors`,
};

/**
 * Writes a project file. Pictures go into it as the Blobs that the store has, so that little of it is in memory.
 * @param {Source} store
 * @param {Head} head
 * @param {PictureRecord[]} records
 * @param {Options & { inputs?: boolean }} [options]  inputs: the last block's inputs too, as far as the store has them. They are large, and
 *   can be computed again
 * @returns {Promise<Blob>}
 */
export async function writeProject(store, head, records, { inputs = false, onProgress, signal } = {}) {
  const zip = new ZipWriter();
  const missing = new Set(await store.missing());
  const classNames = new Map(head.classes.map(({ id, name }) => [id, name]));
  /** @type {import('./projectjson.js').Project} */
  const project = { format: 'residua-project', version: 1, head, featureSize: 0, inputSize: 0, pictures: [], weights: [] };
  for (let at = 0; at < records.length; at += batch) {
    const some = records.slice(at, at + batch);
    const ready = some.map(({ id }) => id).filter(id => !missing.has(id));
    const [features, small, kept] = await Promise.all([store.features(ready), store.small(ready), inputs ? store.inputs(ready) : []]);
    const rows = rowsOf(ready, features, small, kept);
    for (const record of some) {
      if (!isId(record.id)) throw badPart(`the picture ${quoted(record.name)} has the id ${quoted(record.id)}, which is no name for a file`);
      const row = rows.get(record.id);
      const blob = await store.blob(record.id);
      const listed = {
        record, file: `pictures/${tidy(classNames.get(record.classId) ?? '')}/${record.id}-${tidy(record.name)}`, bytes: blob.size, type: blob.type,
        features: row !== undefined, input: Boolean(row?.input),
      };
      project.pictures.push(listed);
      zip.add(listed.file, await stored(new Uint8Array(await blob.arrayBuffer()), { blob, signal }), record.added);
      if (row) {
        project.featureSize = row.features.length;
        zip.add(paths.features(record.id), await stored(bytesOf(row.features), { signal }));
        zip.add(paths.small(record.id), await stored(bytesOf(row.small), { signal }));
      }
      if (row?.input) {
        project.inputSize = row.input.length;
        zip.add(paths.input(record.id), await stored(bytesOf(row.input), { signal }));
      }
      onProgress?.({ done: project.pictures.length, total: records.length });
    }
  }
  for (const name of weightsNames) {
    const weights = await store.weights(name);
    if (!weights) continue;
    project.weights.push(name);
    zip.add(paths.weights(name), await stored(new Uint8Array(weights), { signal }));
  }
  // What could not be opened again is not given out.
  await checkProject(project, signal);
  zip.add('project.json', await deflated(await jsonOf(project, signal), { signal }));
  return zip.finish(signal);
}

/**
 * The bytes of what JSON.stringify gives, which would take too long at once for many pictures.
 * @param {import('./projectjson.js').Project} project
 * @param {AbortSignal} [signal]
 */
async function jsonOf({ pictures, ...rest }, signal) {
  const encoder = new TextEncoder();
  const pieces = [encoder.encode(`${JSON.stringify(rest).slice(0, -1)},"pictures":[`)];
  for (let at = 0; at < pictures.length; at += batch) {
    await breathe(signal);
    const some = pictures.slice(at, at + batch).map(picture => JSON.stringify(picture)).join(',');
    pieces.push(encoder.encode(at > 0 ? `,${some}` : some));
  }
  pieces.push(encoder.encode(']}'));
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/**
 * Opens a project file, wherever it comes from. When this has resolved, the archive's directory and its project.json are as they should be.
 * @param {Blob} blob
 * @param {Options} [options]
 * @returns {Promise<ReadProject>}
 */
export async function readProject(blob, { onProgress, signal } = {}) {
  const entries = await openZip(blob, { maxSize: limits.weights, signal });
  const read = async (/** @type {string} */ name, /** @type {number} */ size) => {
    const entry = entries.get(name);
    if (!entry) throw badPart(`${quoted(name)} is not in it`);
    return readEntry(blob, entry, { size, signal });
  };
  const project = await checkProject(await readJSON(blob, entries, signal), signal);
  /** @type {Fault[]} */
  const faults = [];
  /** @type {Map<WeightsName, ArrayBuffer>} */
  const weights = new Map();
  for (const name of project.weights) {
    const path = paths.weights(name);
    const content = await read(path, entries.get(path)?.size ?? 0).catch(error => {
      faults.push({ part: 'weights', name, record: null, error: harmless(error) });
      return null;
    });
    if (content) weights.set(name, exact(content));
  }
  return { head: project.head, total: project.pictures.length, pictures: picturesOf(project, read, faults, { onProgress, signal }), weights, faults };
}

/**
 * @param {Blob} blob
 * @param {Map<string, import('./unzip.js').Entry>} entries
 * @param {AbortSignal} [signal]
 * @returns {Promise<unknown>}
 */
async function readJSON(blob, entries, signal) {
  const entry = entries.get('project.json');
  if (!entry) throw badProject('it is a zip archive without a project.json');
  if (entry.size > limits.json) throw badProject(`its project.json says that it has ${Math.ceil(entry.size / 1e6)} MB`);
  const bytes = await readEntry(blob, entry, { signal }).catch(error => { throw badProject(harmless(error).details.reason); });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw badProject('its project.json is no JSON');
  }
}

/**
 * @param {import('./projectjson.js').Project} project
 * @param {(name: string, size: number) => Promise<Uint8Array<ArrayBuffer>>} read
 * @param {Fault[]} faults
 * @param {Options} options
 * @returns {AsyncGenerator<ReadPicture, void>}
 */
async function* picturesOf({ pictures, featureSize, inputSize }, read, faults, { onProgress, signal }) {
  let done = 0;
  for (const { record, file, bytes, type, ...has } of pictures) {
    await breathe(signal);
    /** @param {Fault['part']} part  @param {() => Promise<any>} get */
    const part = (part, get) => get().catch(error => {
      faults.push({ part, name: record.name, record, error: harmless(error) });
      return null;
    });
    const blob = await part('picture', async () => {
      const content = await read(file, bytes);
      if (await sha256(content) !== record.hash) throw badPart(`${quoted(file)} is not the picture that was saved`);
      return new Blob([content], { type });
    });
    if (blob) {
      const computed = !has.features ? null : await part('features', async () => ({
        features: finite(new Float32Array(exact(await read(paths.features(record.id), featureSize * 4))), paths.features(record.id)),
        small: await read(paths.small(record.id), smallSize),
      }));
      const input = !has.input || !computed ? null : await part('input', async () =>
        finiteHalves(new Uint16Array(exact(await read(paths.input(record.id), inputSize * 2))), paths.input(record.id)));
      yield { record, blob, features: null, small: null, ...computed, input };
    }
    onProgress?.({ done: ++done, total: pictures.length });
  }
}

/**
 * A fault of a part, which leaves the others as they are; anything else goes on its way.
 * @param {any} error
 */
function harmless(error) {
  if (error?.code !== 'bad-project') throw error;
  return error;
}

/**
 * @param {string[]} ids
 * @param {Float32Array} features
 * @param {Uint8Array} small
 * @param {(Uint16Array | null)[]} inputs
 */
function rowsOf(ids, features, small, inputs) {
  const row = (/** @type {any} */ all, /** @type {number} */ i) => all.subarray(i * all.length / ids.length, (i + 1) * all.length / ids.length);
  return new Map(ids.map((id, i) => [id, { features: row(features, i), small: row(small, i), input: inputs[i] }]));
}

/**
 * A name that every system takes for a file or a folder: short, and without signs of a path.
 * @param {string} name
 */
function tidy(name) {
  const plain = wellFormed(name).normalize('NFC').replace(/[\p{C}<>:"/\\|?*]/gu, '_');
  const dot = plain.lastIndexOf('.');
  const ending = dot > 0 && plain.length - dot <= 10 ? plain.slice(dot) : '';
  const stem = Array.from(ending ? plain.slice(0, dot) : plain);
  const bytes = () => new TextEncoder().encode(stem.join('') + ending).length;
  while (stem.length > 0 && bytes() > 60) stem.pop();
  const short = (stem.join('') + ending).replace(/^[\s.]+|[\s.]+$/g, '');
  return /^(con|prn|aux|nul|com\d|lpt\d)?(\.|$)/i.test(short) ? `_${short}` : short;
}

/** @param {Float32Array | Uint8Array | Uint16Array} array */
const bytesOf = array => /** @type {Uint8Array<ArrayBuffer>} */ (new Uint8Array(array.buffer, array.byteOffset, array.byteLength));

/** An array's memory, when it is all of it, or else a copy. @param {Uint8Array<ArrayBuffer>} bytes */
const exact = bytes => (bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()).buffer;

/**
 * @param {Float32Array<ArrayBuffer>} numbers
 * @param {string} path
 */
function finite(numbers, path) {
  if (!numbers.every(Number.isFinite)) throw badPart(`${quoted(path)} holds something that is no number`);
  return numbers;
}

/**
 * @param {Uint16Array<ArrayBuffer>} halves  float16: with all bits of the exponent set it is no number
 * @param {string} path
 */
function finiteHalves(halves, path) {
  if (halves.some(half => (half & 0x7C00) === 0x7C00)) throw badPart(`${quoted(path)} holds something that is no number`);
  return halves;
}
