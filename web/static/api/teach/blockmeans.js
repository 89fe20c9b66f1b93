// @ts-check
/**
 * The block means of pictures: the means over all positions of each residual block's output, one block after the other,
 * in float16. The store has them of most pictures; those of pictures from before there were any, and those that had to
 * make room, are computed when they are needed.
 */
import { smallSide } from './picture.js';
import { yieldToPage } from './yield.js';

/**
 * @typedef {object} RowOptions
 * @property {(steps: { done: number, total: number }) => void} [onPrepared]  called after each picture whose block
 *   means had to be computed
 * @property {AbortSignal} [signal]
 */

/** The most that one request may have of block means, in bytes. */
const maxBytes = 164e6;

/** How many rows are read at a time. */
const batch = 64;

/** How many values a picture's block means have. @param {import('../../zproto.js').Info} info */
export const blockMeansSize = ({ blocks }) => blocks.reduce((sum, { channels }) => sum + channels, 0);

export class BlockMeans {
  #engine;
  #store;

  /**
   * @param {import('../types.js').Engine} engine
   * @param {import('./memorystore.js').ProjectStore} store
   */
  constructor(engine, store) {
    this.#engine = engine;
    this.#store = store;
    /** How many values each picture has. */
    this.size = blockMeansSize(engine.info);
    /** The most pictures whose block means one request takes. */
    this.maxPictures = Math.floor(maxBytes / (2 * this.size));
  }

  /**
   * @param {string[]} ids
   * @param {RowOptions} [options]
   * @returns {Promise<Uint16Array<ArrayBuffer>>} one row a picture
   */
  async rows(ids, { onPrepared, signal } = {}) {
    const { size } = this;
    const all = new Uint16Array(ids.length * size);
    const missing = [];
    for (let at = 0; at < ids.length; at += batch) {
      await yieldToPage(signal);
      const stored = await this.#store.blocks(ids.slice(at, at + batch));
      for (const [i, row] of stored.entries()) {
        if (row?.length === size) all.set(row, (at + i) * size);
        else missing.push(at + i); // or another network's
      }
    }
    for (const [done, i] of missing.entries()) {
      const row = await this.#compute(ids[i], signal);
      all.set(row, i * size);
      onPrepared?.({ done: done + 1, total: missing.length });
    }
    return all;
  }

  /**
   * The block means of pictures under the weights that the engine has loaded for predictions. They are not stored.
   * @param {string[]} ids
   * @param {RowOptions} [options]  onPrepared is called after each picture
   */
  async taughtRows(ids, { onPrepared, signal } = {}) {
    const all = new Uint16Array(ids.length * this.size);
    for (const [i, id] of ids.entries()) {
      all.set(await this.#prepare(id, { taught: true }, signal), i * this.size);
      onPrepared?.({ done: i + 1, total: ids.length });
    }
    return all;
  }

  /** @param {string} id @param {AbortSignal} [signal] */
  async #compute(id, signal) {
    const blocks = await this.#prepare(id, {}, signal);
    await this.#store.putFeatures(id, { blocks }).catch(error => {
      // What could not be stored is computed again the next time.
      if (error?.code !== 'storage-full' && error?.code !== 'read-only') throw error;
    });
    return blocks;
  }

  /**
   * @param {string} id
   * @param {object} more
   * @param {AbortSignal} [signal]
   */
  async #prepare(id, more, signal) {
    const args = { small: smallSide, inputs: false, depth: 0, blocks: true, augmentations: 0, seed: 0, ...more };
    const { buffers } = await this.#engine.askAbout(await this.#store.blob(id), 'prepare', args, { signal });
    return /** @type {Uint16Array} */ (buffers.blocks);
  }
}
