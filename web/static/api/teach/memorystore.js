// @ts-check
/**
 * A teacher's pictures, in memory only: what `net.teach()` keeps them in by itself. databasestore.js is the same in the browser's database.
 *
 * A picture is a record, which is small, and what belongs to it besides: its file, and what the network makes of it.
 */

import { concat } from './arrays.js';

/** @typedef {MemoryStore} ProjectStore  or one with the same methods: DatabaseStore is one */

/**
 * @typedef {object} PictureRecord
 * @property {string} id
 * @property {string} classId
 * @property {string} name  of its file
 * @property {string} hash  SHA-256 of its bytes, in hexadecimal
 * @property {string} dhash  64 bits that near-duplicates share most of, in hexadecimal; empty until its features are there
 * @property {string} format
 * @property {number} width
 * @property {number} height
 * @property {string} domain  what kind of picture it is ("drawing", …); may be empty
 * @property {boolean} test  whether it is kept for judging: it neither teaches nor chooses
 * @property {number} side  0: not yet divided; 1: it teaches; 2: it chooses settings and judges
 * @property {number} added  when, in ms since 1970
 * @property {number} [crashes]  how often the engine has stopped while it looked at it
 */
/** @typedef {{ features: Float32Array, small: Uint8Array, input: Uint16Array | null }} Prepared */
/** @typedef {{ id: string, name: string }} TaughtClass */
/**
 * @typedef {object} Head  what a project is, but for its pictures
 * @property {1} version
 * @property {string} model
 * @property {string} name
 * @property {number} seed
 * @property {TaughtClass[]} classes
 * @property {Record<string, any>} settings
 * @property {import('./run.js').KeptRun[]} history
 */
/** @typedef {'head' | 'last-block' | 'checkpoint'} WeightsName */

export class MemoryStore {
  readOnly = false;
  /** @type {() => void} */ onLost = () => {};
  /** @type {Head | null} */ #head = null;
  /** @type {Map<string, { record: PictureRecord, blob: Blob, prepared: Prepared | null }>} */ #pictures = new Map();
  /** @type {Map<string, ArrayBuffer>} */ #weights = new Map();

  /** @returns {Promise<{ head: Head, pictures: PictureRecord[] } | null>} */
  async load() {
    return this.#head && { head: this.#head, pictures: [...this.#pictures.values()].map(({ record }) => record) };
  }

  /** @param {Head} head */
  async saveHead(head) {
    this.#head = structuredClone(head);
  }

  /**
   * @param {PictureRecord} record
   * @param {{ blob: Blob } & Partial<Prepared>} parts
   */
  async putPicture(record, { blob, features, small, input = null }) {
    this.#pictures.set(record.id, { record: { ...record }, blob, prepared: features && small ? { features, small, input } : null });
  }

  /** @param {PictureRecord[]} records */
  async updatePictures(records) {
    for (const record of records) this.#of(record.id).record = { ...record };
  }

  /** @param {string[]} ids */
  async removePictures(ids) {
    for (const id of ids) this.#pictures.delete(id);
  }

  /** @param {string} id */
  async blob(id) {
    return this.#of(id).blob;
  }

  /**
   * @param {string} id
   * @param {Prepared} prepared
   */
  async putFeatures(id, prepared) {
    this.#of(id).prepared = prepared;
  }

  /** @returns {Promise<string[]>} the pictures whose features are not there */
  async missing() {
    return [...this.#pictures.values()].filter(({ prepared }) => !prepared).map(({ record }) => record.id);
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<Float32Array>} one row a picture
   */
  async features(ids) {
    return concat(ids.map(id => this.#preparedOf(id).features), Float32Array);
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<Uint8Array>} one row a picture
   */
  async small(ids) {
    return concat(ids.map(id => this.#preparedOf(id).small), Uint8Array);
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<(Uint16Array | null)[]>} null: it has to be computed again
   */
  async inputs(ids) {
    return ids.map(id => this.#preparedOf(id).input);
  }

  /**
   * @param {WeightsName} name
   * @param {ArrayBuffer} bytes
   */
  async putWeights(name, bytes) {
    this.#weights.set(name, bytes);
  }

  /** @param {WeightsName} name */
  async weights(name) {
    return this.#weights.get(name) ?? null;
  }

  /** @param {WeightsName} name */
  async removeWeights(name) {
    this.#weights.delete(name);
  }

  async clear() {
    this.#head = null;
    this.#pictures.clear();
    this.#weights.clear();
  }

  close() {}

  /** @param {string} id */
  #of(id) {
    const picture = this.#pictures.get(id);
    if (!picture) throw new RangeError(`there is no picture ${id}`);
    return picture;
  }

  /** @param {string} id */
  #preparedOf(id) {
    const { prepared } = this.#of(id);
    if (!prepared) throw new RangeError(`picture ${id} has no features yet`);
    return prepared;
  }
}
