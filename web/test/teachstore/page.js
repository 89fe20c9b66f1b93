// @ts-check
/**
 * The page of teachstore.test.mjs, teachtabs.test.mjs and teachproject.test.mjs: pictures whose every byte follows from
 * their number, put into a store and held against what the store gives back.
 */
import { stored, ZipWriter } from '/static/api/teach/archive.js';
import { openStore } from '/static/api/teach/openstore.js';
import { readProject, writeProject } from '/static/api/teach/project.js';
import { openZip, readEntry } from '/static/api/teach/unzip.js';

/**
 * @typedef {{ features?: number, bytes?: number, input?: number, blocks?: number, broken?: boolean }} Sizes
 * 0 features: not computed yet; 0 input or blocks: none
 */

/** Bytes that follow from a seed (Marsaglia's xorshift32). @param {number} seed  @param {number} length */
function bytesOf(seed, length) {
  const words = new Uint32Array(Math.ceil(length / 4));
  let x = seed * 2654435761 | 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** @param {Uint8Array} bytes */
async function sha256(bytes) {
  const digest = await crypto.subtle.digest('SHA-256', /** @type {any} */ (bytes));
  return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {unknown} a  @param {unknown} b */
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
/**
 * @param {ArrayLike<number> | null} a
 * @param {ArrayLike<number> | null} b
 */
const equal = (a, b) => a === b || (
  a !== null &&
  b !== null &&
  a.length === b.length &&
  Array.prototype.every.call(a, (value, i) => value === b[i])
);
/** @param {Blob} blob */
const contentOf = async blob => new Uint8Array(await blob.arrayBuffer());

/** @param {any} error */
const plain = error => ({ name: error?.name, code: error?.code, message: error?.message, details: error?.details });

const lab = {
  /** @type {any} */ store: null,
  lost: 0,
  gained: 0,
  openStore, readProject, writeProject, ZipWriter, stored, openZip, readEntry, sha256, contentOf,

  /** @param {object} [options] */
  async open(options) {
    lab.store = await openStore(options);
    lab.store.onLost = () => { lab.lost++; };
    lab.store.onGained = () => { lab.gained++; };
    return { readOnly: lab.store.readOnly };
  },

  /** @param {string} [name] */
  head: (name = 'project') => ({
    version: 1,
    model: 'resnet50',
    name,
    seed: 7,
    classes: [{ id: 'c0', name: 'cats' }, { id: 'c1', name: '狗/../dogs?' }],
    settings: { depth: 'head' },
    history: [{ depth: 'head', curve: [{ epoch: 0, loss: 0.1 + 0.2 }] }],
  }),

  /** @param {number} i  @param {Sizes} [sizes] */
  async picture(i, { features = 8, bytes = 100 + i % 50, input = 16, blocks = 20 } = {}) {
    const content = bytesOf(i + 1, bytes);
    const record = {
      id: `p${i}`,
      classId: `c${i % 2}`,
      name: `picture ${i}.png`,
      hash: await sha256(content),
      dhash: features ? `${i}`.padStart(16, '0') : '',
      format: 'png',
      width: 4 + i,
      height: 3,
      domain: i % 3 ? '' : 'drawing',
      test: i % 5 === 0,
      side: i % 3,
      added: 1.7e12 + i,
    };
    const pixels = bytesOf(i + 2, 32 * 32 * 3);
    return {
      record,
      content: {
        blob: new Blob([content], { type: 'image/png' }),
        // A part of something larger, as the engine's answers are.
        features: features
          ? Float32Array.from({ length: features + 9 }, (_, k) => Math.fround(i / (k + 1))).subarray(4, 4 + features)
          : null,
        small: features ? pixels : null,
        input: features && input ? Uint16Array.from({ length: input }, (_, k) => (i * 31 + k) % 0x7C00) : null,
        blocks: features && blocks
          ? Uint16Array.from({ length: blocks + 3 }, (_, k) => (i * 37 + k) % 0x7C00).subarray(2, 2 + blocks)
          : null,
      },
    };
  },

  /** @param {number} from  @param {number} to  @param {Sizes} [sizes] */
  async add(from, to, sizes) {
    for (let i = from; i < to; i++) {
      const { record, content } = await lab.picture(i, sizes);
      await lab.store.putPicture(record, content);
    }
  },

  /** Adds pictures for ever, and says the number of each that is kept. @param {number} from */
  async addForEver(from) {
    for (let i = from; ; i++) {
      await lab.add(i, i + 1, { bytes: 60_000 + 1000 * i }); // rows, and files on the disk
      await /** @type {any} */ (globalThis).kept(i);
    }
  },

  /**
   * What is not as it was put.
   * @param {number[]} numbers
   * @param {Sizes} [sizes]
   */
  async differences(numbers, sizes) {
    const out = [];
    const { pictures } = await lab.store.load() ?? { pictures: [] };
    const records = new Map(pictures.map((/** @type {any} */ record) => [record.id, record]));
    for (const i of numbers) {
      const { record, content } = await lab.picture(i, sizes);
      const { id } = record;
      if (!same(records.get(id), record)) out.push(`${id}: record`);
      const blob = await lab.store.blob(id).catch(() => new Blob());
      if (blob.type !== 'image/png' || !equal(await contentOf(blob), await contentOf(content.blob))) {
        out.push(`${id}: blob`);
      }
      for (const part of /** @type {const} */ (['features', 'small'])) {
        if (!equal(await lab.store[part]([id]).catch(() => null), content[part])) out.push(`${id}: ${part}`);
      }
      if (!equal((await lab.store.inputs([id]))[0], content.input)) out.push(`${id}: input`);
      if (!equal((await lab.store.blocks([id]))[0], content.blocks)) out.push(`${id}: blocks`);
    }
    return out;
  },

  /**
   * What usage should say, by everything that is in the database; and whether the parts of a picture are all of
   * pictures.
   * @param {string} name
   */
  async recount(name) {
    const request = indexedDB.open(name);
    await new Promise(done => { request.onsuccess = done; });
    const transaction = request.result.transaction([...request.result.objectStoreNames]);
    const all = (/** @type {string} */ store, /** @type {'getAll' | 'getAllKeys'} */ what) => new Promise(done => {
      const asked = transaction.objectStore(store)[what]();
      asked.onsuccess = () => done(asked.result);
    });
    // An array counts with all the memory that was copied with it.
    const sum = async (/** @type {string} */ store) => (await all(store, 'getAll')).reduce(
      (/** @type {number} */ n, /** @type {any} */ value) => n + (value.buffer ?? value).byteLength,
      0,
    );
    const ids = await all('pictures', 'getAllKeys');
    const inputBytes = await sum('inputs');
    const blockBytes = await sum('blocks');
    const fileBytes = (await all('blobs', 'getAll')).reduce(
      (/** @type {number} */ n, /** @type {any} */ file) => n + (file.size ?? file.bytes.byteLength),
      0,
    );
    const out = {
      pictures: ids.length,
      bytes: fileBytes + await sum('features') + await sum('small') + inputBytes + blockBytes,
      inputBytes,
      blockBytes,
      weightBytes: await sum('weights'),
    };
    for (const store of ['sizes', 'blobs']) {
      const keys = await all(store, 'getAllKeys');
      if (!same(keys, ids)) throw new Error(`${store} has ${keys}, pictures ${ids}`);
    }
    for (const store of ['features', 'small', 'inputs', 'blocks']) {
      const keys = await all(store, 'getAllKeys');
      if (!keys.every((/** @type {string} */ id) => ids.includes(id))) {
        throw new Error(`${store} has a part of no picture`);
      }
    }
    request.result.close();
    return out;
  },

  /** @param {() => Promise<unknown>} call */
  refusal: call => call().then(value => ({ value: String(value) }), plain),

  /**
   * All of a project file.
   * @param {Blob} blob
   * @param {object} [options]
   */
  async readAll(blob, options) {
    const project = await readProject(blob, options);
    const pictures = [];
    for await (const { record, blob, features, small, input, blocks } of project.pictures) {
      pictures.push({
        record,
        type: blob.type,
        hash: await sha256(await contentOf(blob)),
        features: features && [...features],
        small: small && await sha256(small),
        input: input && [...input],
        blocks: blocks && [...blocks],
      });
    }
    return {
      head: project.header, total: project.total, pictures,
      weights: [...project.weights].map(([name, bytes]) => [name, [...new Uint8Array(bytes)]]),
      faults: project.faults.map(({ part, name, record, error }) => ({
        part,
        of: name,
        id: record?.id ?? null,
        ...plain(error),
      })),
    };
  },
};

Object.assign(globalThis, { lab });
