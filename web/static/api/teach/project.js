// @ts-check
/**
 * The project file: a zip archive with a whole project, which any system can open.
 *
 *     pictures/CLASS/ID-NAME       the files as they were added
 *     features/ID.f32              float32, little-endian
 *     small/ID.rgb                 32×32×3 bytes
 *     inputs/ID.f16                the last block's inputs in float16, optional
 *     blocks/ID.f16                the block means in float16, optional; files from before there were any have none
 *     weights/NAME.safetensors
 *     project.json                 the project's header ("head"), and the record and the file of each picture
 *
 * Names in the archive are only used to find what project.json lists. Where a picture is stored depends on its id
 * alone.
 */
import { sha256, wellFormed } from '../../common/platform.js';
import { badPart, badProject, megabytes, shown } from './projecterror.js';
import { yieldToPage } from './yield.js';
import { checkProject, isId, limits, smallSize, weightsNames } from './projectjson.js';
import { openZip, readEntry } from './unzip.js';
import { deflated, stored, ZipWriter } from './archive.js';

/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./memorystore.js').ProjectHeader} ProjectHeader */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */
/**
 * What a project file is written from.
 * @typedef {Pick<import('./memorystore.js').MemoryStore,
 *   'blob' | 'features' | 'small' | 'inputs' | 'blocks' | 'missing' | 'weights'>} Source
 */
/**
 * @typedef {object} ReadPicture
 * @property {PictureRecord} record
 * @property {Blob} blob
 * @property {Float32Array<ArrayBuffer> | null} features
 * @property {Uint8Array<ArrayBuffer> | null} small
 * @property {Uint16Array<ArrayBuffer> | null} input
 * @property {Uint16Array<ArrayBuffer> | null} blocks
 */

/**
 * A part of the file that could not be used. A picture is still good without features, input or blocks, which are
 * computed again.
 * @typedef {object} Fault
 * @property {'picture' | 'features' | 'input' | 'blocks' | 'weights'} part
 * @property {string} name  of the picture or of the weights
 * @property {PictureRecord | null} record
 * @property {Error} error
 */

/**
 * @typedef {object} ReadProject
 * @property {ProjectHeader} header
 * @property {number} total  how many pictures the file lists
 * @property {AsyncGenerator<ReadPicture, void>} pictures  reads one picture after the other
 * @property {Map<WeightsName, ArrayBuffer>} weights
 * @property {Fault[]} faults  those of pictures are added while the pictures are read
 */

/** @typedef {{ onProgress?: (steps: { done: number, total: number }) => void, signal?: AbortSignal }} Options */

/** How many pictures are read or listed at a time. */
const batch = 64;

const paths = {
  features: (/** @type {string} */ id) => `features/${id}.f32`,
  small: (/** @type {string} */ id) => `small/${id}.rgb`,
  input: (/** @type {string} */ id) => `inputs/${id}.f16`,
  blocks: (/** @type {string} */ id) => `blocks/${id}.f16`,
  weights: (/** @type {string} */ name) => `weights/${name}.safetensors`,
};

/**
 * Writes a project file. Pictures go into it as the store's Blobs, so that little of it is in memory.
 * @param {Source} store
 * @param {ProjectHeader} header
 * @param {PictureRecord[]} records
 * @param {Options & { inputs?: boolean }} [options]  inputs: includes the last block's inputs that the store has; they
 *   are large, and can be computed again
 * @returns {Promise<Blob>}
 */
export async function writeProject(store, header, records, { inputs = false, onProgress, signal } = {}) {
  const zip = new ZipWriter();
  const missing = new Set(await store.missing());
  const classNames = new Map(header.classes.map(({ id, name }) => [id, name]));
  /** @type {import('./projectjson.js').Project} */
  const project = {
    format: 'residua-project', version: 1, head: header, featureSize: 0, inputSize: 0, blocksSize: 0,
    pictures: [], weights: [],
  };
  for (let at = 0; at < records.length; at += batch) {
    const some = records.slice(at, at + batch);
    const rows = await readRows(store, some.map(({ id }) => id).filter(id => !missing.has(id)), inputs);
    for (const record of some) {
      if (!isId(record.id)) {
        throw badPart('bad-id', { name: shown(record.name), id: shown(record.id) });
      }
      const row = rows.get(record.id);
      const blob = await store.blob(record.id);
      const folder = record.classId === '' ? 'unlabelled' : fileName(classNames.get(record.classId) ?? '');
      const listed = {
        record, file: `pictures/${folder}/${record.id}-${fileName(record.name)}`, bytes: blob.size, type: blob.type,
        features: row !== undefined, input: Boolean(row?.input),
        blocks: Boolean(row?.blocks),
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
      if (row?.blocks) {
        project.blocksSize = row.blocks.length;
        zip.add(paths.blocks(record.id), await stored(bytesOf(row.blocks), { signal }));
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
  // Whatever readProject would refuse must not be written.
  await checkProject(project, signal);
  zip.add('project.json', await deflated(await jsonOf(project, signal), { signal }));
  return zip.finish(signal);
}

/**
 * The project as JSON. For many pictures, JSON.stringify would block the page for too long.
 * @param {import('./projectjson.js').Project} project
 * @param {AbortSignal} [signal]
 */
async function jsonOf({ pictures, ...rest }, signal) {
  const encoder = new TextEncoder();
  const pieces = [encoder.encode(`${JSON.stringify(rest).slice(0, -1)},"pictures":[`)];
  for (let at = 0; at < pictures.length; at += batch) {
    await yieldToPage(signal);
    const some = pictures.slice(at, at + batch).map(picture => JSON.stringify(picture)).join(',');
    pieces.push(encoder.encode(at > 0 ? `,${some}` : some));
  }
  pieces.push(encoder.encode(']}'));
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/**
 * Opens a project file, which may be from anywhere. This checks the archive's directory and all of project.json.
 * @param {Blob} blob
 * @param {Options} [options]
 * @returns {Promise<ReadProject>} It rejects with `bad-project` if the file as a whole cannot be used.
 */
export async function readProject(blob, { onProgress, signal } = {}) {
  const entries = withoutFolder(await openZip(blob, { maxSize: limits.weights, signal }));
  const read = async (/** @type {string} */ name, /** @type {number} */ size) => {
    const entry = entries.get(name);
    if (!entry) throw badPart('missing', { name: shown(name) });
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
      faults.push({ part: 'weights', name, record: null, error: partError(error) });
      return null;
    });
    if (content) weights.set(name, bufferOf(content));
  }
  const pictures = picturesOf(project, read, faults, { onProgress, signal });
  return { header: project.head, total: project.pictures.length, pictures, weights, faults };
}

/**
 * The files as they are named in a project. A person may have unpacked one and packed its folder again, so that all
 * names begin with the folder's.
 * @param {Map<string, import('./unzip.js').Entry>} entries
 */
function withoutFolder(entries) {
  if (entries.has('project.json')) return entries;
  const found = [...entries.keys()].filter(name => /^[^/]+\/project\.json$/.test(name));
  if (found.length !== 1) return entries;
  const folder = found[0].slice(0, -'project.json'.length);
  return new Map([...entries].flatMap(([name, entry]) =>
    (name.startsWith(folder) ? [[name.slice(folder.length), entry]] : [])));
}

/**
 * @param {Blob} blob
 * @param {Map<string, import('./unzip.js').Entry>} entries
 * @param {AbortSignal} [signal]
 * @returns {Promise<unknown>}
 */
async function readJSON(blob, entries, signal) {
  const entry = entries.get('project.json');
  if (!entry) throw badProject('no-json');
  if (entry.size > limits.json) throw badProject('json-large', { size: megabytes(entry.size) });
  const bytes = await readEntry(blob, entry, { signal })
    .catch(error => {
      const { details } = partError(error);
      throw badProject(details.why, details);
    });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw badProject('json-broken');
  }
}

/**
 * Reads the pictures. Parts that cannot be used become faults.
 * @param {import('./projectjson.js').Project} project
 * @param {(name: string, size: number) => Promise<Uint8Array<ArrayBuffer>>} read
 * @param {Fault[]} faults
 * @param {Options} options
 * @returns {AsyncGenerator<ReadPicture, void>}
 */
async function* picturesOf({ pictures, featureSize, inputSize, blocksSize = 0 }, read, faults, { onProgress, signal }) {
  let done = 0;
  for (const { record, file, bytes, type, ...has } of pictures) {
    await yieldToPage(signal);
    /** @param {Fault['part']} part  @param {() => Promise<any>} get */
    const part = (part, get) => get().catch(error => {
      faults.push({ part, name: record.name, record, error: partError(error) });
      return null;
    });
    const blob = await part('picture', async () => {
      const content = await read(file, bytes);
      if (await sha256(content) !== record.hash) throw badPart('other-picture', { name: shown(file) });
      return new Blob([content], { type });
    });
    if (blob) {
      const { id } = record;
      const computed = !has.features ? null : await part('features', async () => {
        const path = paths.features(id);
        const features = finite(new Float32Array(bufferOf(await read(path, featureSize * 4))), path);
        return { features, small: await read(paths.small(id), smallSize) };
      });
      /** @param {'input' | 'blocks'} name  @param {number} size */
      const halves = async (name, size) => (!has[name] || !computed ? null : part(name, async () => {
        const path = paths[name](id);
        return finiteHalves(new Uint16Array(bufferOf(await read(path, size * 2))), path);
      }));
      const [input, blocks] = [await halves('input', inputSize), await halves('blocks', blocksSize)];
      yield { record, blob, features: null, small: null, ...computed, input, blocks };
    }
    onProgress?.({ done: ++done, total: pictures.length });
  }
}

/**
 * Returns an error that concerns only one part of the file, and throws any other.
 * @param {any} error
 */
function partError(error) {
  if (error?.code !== 'bad-project') throw error;
  return error;
}

/**
 * Reads what was computed from pictures.
 * @param {Source} store
 * @param {string[]} ids  of pictures with features
 * @param {boolean} withInputs
 */
async function readRows(store, ids, withInputs) {
  const [features, small, inputs, blocks] = await Promise.all([
    store.features(ids), store.small(ids), withInputs ? store.inputs(ids) : [], store.blocks(ids),
  ]);
  const row = (/** @type {any} */ all, /** @type {number} */ i) =>
    all.subarray(i * all.length / ids.length, (i + 1) * all.length / ids.length);
  return new Map(ids.map((id, i) =>
    [id, { features: row(features, i), small: row(small, i), input: inputs[i], blocks: blocks[i] }]));
}

/**
 * Converts a name to one that every system accepts for a file or a folder: short, without path separators, and not
 * reserved by Windows.
 * @param {string} name
 */
function fileName(name) {
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
const bytesOf = ({ buffer, byteOffset, byteLength }) =>
  /** @type {Uint8Array<ArrayBuffer>} */ (new Uint8Array(buffer, byteOffset, byteLength));

/** A buffer with exactly these bytes. @param {Uint8Array<ArrayBuffer>} bytes */
const bufferOf = bytes => (bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()).buffer;

/**
 * @param {Float32Array<ArrayBuffer>} numbers
 * @param {string} path
 */
function finite(numbers, path) {
  if (!numbers.every(Number.isFinite)) throw notFinite(path);
  return numbers;
}

/**
 * @param {Uint16Array<ArrayBuffer>} halves  float16, where infinities and NaN have all bits of the exponent set
 * @param {string} path
 */
function finiteHalves(halves, path) {
  if (halves.some(half => (half & 0x7C00) === 0x7C00)) throw notFinite(path);
  return halves;
}

/** @param {string} path */
const notFinite = path => badPart('not-numbers', { name: shown(path) });
