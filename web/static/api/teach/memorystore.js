// @ts-check
/**
 * The store of a project that is not persisted: `net.teach()` uses it by default. DatabaseStore has the same methods
 * and keeps the project in the browser's database.
 *
 * Of each picture a store has a small record, its file, and what the network has computed from it.
 */

import { sides } from '../../zproto.js';
import { concat } from './arrays.js';

/** @typedef {MemoryStore} ProjectStore  this class or one with the same methods, such as DatabaseStore */

/**
 * @typedef {object} PictureRecord
 * @property {string} id
 * @property {string} classId  '' for a picture without a class
 * @property {string} name  of its file
 * @property {string} hash  SHA-256 of the file, in hexadecimal
 * @property {string} dhash  a 64-bit perceptual hash, in hexadecimal, of which near-duplicates share most bits; empty
 *   until the features are computed
 * @property {string} format
 * @property {number} width
 * @property {number} height
 * @property {string} domain  what kind of picture it is ("drawing", …); may be empty
 * @property {boolean} test  whether it is a test picture: used neither for training nor for choosing settings
 * @property {number} side  0: not assigned yet; 1: training; 2: validation
 * @property {number} added  when, in ms since 1970
 * @property {number} [crashes]  how often the engine has crashed while it prepared this picture
 */
/**
 * What the network computes from a picture.
 * @typedef {object} Prepared
 * @property {Float32Array} features
 * @property {Uint8Array} small  the picture at 32×32 pixels, R, G, B
 * @property {Uint16Array | null} input  the last block's input in float16; null: not stored
 * @property {Uint16Array | null} blocks  the block means (blockmeans.js); null: not stored
 */
/** @typedef {{ id: string, name: string }} TaughtClass */
/**
 * A project without its pictures and weights. Databases and project files call it "head".
 * @typedef {object} ProjectHeader
 * @property {1} version
 * @property {string} model
 * @property {string} name
 * @property {number} seed
 * @property {TaughtClass[]} classes
 * @property {Record<string, any>} settings
 * @property {import('./run.js').StoredRun[]} history  the oldest first
 */
/**
 * 'previous-head' is the head that an adapted one has taken the place of, or the other way round.
 * @typedef {'head' | 'last-block' | 'checkpoint' | 'previous-head'} WeightsName
 */

/**
 * @typedef {object} Picture
 * @property {PictureRecord} record
 * @property {Blob} blob
 * @property {Prepared | null} prepared
 */

/**
 * A picture's record without what followed from a network: its side, which goes by the features of near-duplicates, and
 * crashes.
 * @param {PictureRecord} record
 * @returns {PictureRecord}
 */
export function asAdded({ crashes, ...record }) {
  return { ...record, side: sides.unassigned };
}

export class MemoryStore {
  readOnly = false;
  /** @type {() => void} */ onLost = () => {};
  /** @type {ProjectHeader | null} */ #header = null;
  /** @type {Map<string, Picture>} */ #pictures = new Map();
  /** @type {Map<string, ArrayBuffer>} */ #weights = new Map();

  /** @returns {Promise<{ header: ProjectHeader, pictures: PictureRecord[] } | null>} null: no project was saved */
  async load() {
    const pictures = [...this.#pictures.values()].map(({ record }) => record);
    return this.#header && { header: this.#header, pictures };
  }

  /** @param {ProjectHeader} header */
  async saveHeader(header) {
    this.#header = structuredClone(header);
  }

  /**
   * Saves the header of a project that another network takes over, and deletes all that was computed or taught.
   * @param {ProjectHeader} header
   */
  async forgetComputed(header) {
    this.#header = structuredClone(header);
    for (const picture of this.#pictures.values()) {
      picture.record = asAdded(picture.record);
      picture.prepared = null;
    }
    this.#weights.clear();
  }

  /**
   * Adds a picture, or replaces the one with its id.
   * @param {PictureRecord} record
   * @param {{ blob: Blob } & Partial<Prepared>} content
   */
  async putPicture(record, { blob, features, small, input = null, blocks = null }) {
    const prepared = features && small ? { features, small, input, blocks } : null;
    this.#pictures.set(record.id, { record: { ...record }, blob, prepared });
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
   * Stores what was computed from a picture. What is null stays as it is.
   * @param {string} id
   * @param {{ [part in keyof Prepared]?: Prepared[part] | null }} computed
   */
  async putFeatures(id, { features, small, input, blocks }) {
    const picture = this.#of(id);
    const { prepared } = picture;
    const now = {
      features: features ?? prepared?.features, small: small ?? prepared?.small,
      input: input ?? prepared?.input ?? null, blocks: blocks ?? prepared?.blocks ?? null,
    };
    picture.prepared = now.features && now.small ? { ...now, features: now.features, small: now.small } : null;
  }

  /** @returns {Promise<string[]>} the ids of the pictures without features */
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
   * @returns {Promise<(Uint16Array | null)[]>} null: it must be computed again
   */
  async inputs(ids) {
    return ids.map(id => this.#preparedOf(id).input);
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<(Uint16Array | null)[]>} the block means; null: they must be computed again
   */
  async blocks(ids) {
    return ids.map(id => this.#of(id).prepared?.blocks ?? null);
  }

  /**
   * @param {WeightsName} name
   * @param {ArrayBuffer} bytes
   */
  async putWeights(name, bytes) {
    this.#weights.set(name, bytes);
  }

  /**
   * Stores weights and the header that has their run.
   * @param {Partial<Record<WeightsName, ArrayBuffer | null>>} weights  null: they are deleted
   * @param {() => ProjectHeader} header
   */
  async putTaught(weights, header) {
    for (const [name, bytes] of Object.entries(weights)) {
      if (bytes) this.#weights.set(name, bytes);
      else this.#weights.delete(name);
    }
    await this.saveHeader(header());
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
    this.#header = null;
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
