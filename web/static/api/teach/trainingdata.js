// @ts-check
/** What a training is given of the pictures: their features, the last block's inputs, augmentations, or small pictures. */
import { concat } from './arrays.js';
import { smallSide } from './picture.js';

/** @typedef {import('../types.js').Buffers} Buffers */
/** @typedef {import('../../zproto.js').Method} Method */
/** @typedef {{ key: string, features: Float32Array, inputs: Uint16Array | null }} Augmented  key: which augmentations they are */

/**
 * How much a training may be given at once, in bytes. Features lie in the engine's WebAssembly memory too, up to three times, and that ends at
 * 1 GB where there are threads; inputs stay outside of it, once in the page's part of the tab's memory and once in the worker's.
 */
const most = { features: 164e6, inputs: 420e6 };

export class Lesson {
  #engine;
  #store;
  #sizes;
  /** The features of augmentations, by picture. They are computed anew for each session. @type {Map<string, Augmented>} */
  #augmented = new Map();

  /**
   * @param {import('../types.js').Engine} engine
   * @param {import('./memorystore.js').ProjectStore} store
   */
  constructor(engine, store) {
    this.#engine = engine;
    this.#store = store;
    this.#sizes = sizesOf(engine.info);
  }

  /**
   * How many pictures a training takes, if so many of them are for testing.
   * @param {{ method: Method, augmentations: number, tests?: number }} options
   */
  most({ method, augmentations, tests = 0 }) {
    const { features, inputs } = this.#sizes;
    if (method === 'scratch') return Infinity; // a small picture is smaller than features
    const views = method === 'last-block' ? most.inputs / (2 * inputs) : most.features / (4 * features);
    const ofTests = tests * (1 + augmentationsOf({ test: true }, augmentations));
    return Math.max(0, tests + Math.floor((views - ofTests) / (1 + augmentations)));
  }

  /** Forgets what was computed of pictures. @param {Iterable<string>} [ids] by default of all */
  forget(ids = this.#augmented.keys()) {
    for (const id of ids) this.#augmented.delete(id);
  }

  /**
   * The buffers that a training wants, all pictures' one after the other.
   * @param {{ id: string, test: boolean }[]} pictures
   * @param {{ method: Method, augmentations: number, seed: number, onAugmented?: (steps: { done: number, total: number }) => void, signal?: AbortSignal }} options
   * @returns {Promise<Buffers>}
   */
  async buffers(pictures, { method, augmentations, seed, onAugmented, signal }) {
    const ids = pictures.map(({ id }) => id);
    const wantsInputs = method === 'last-block';
    if (method === 'scratch') return { small: await this.#store.small(ids) };
    if (augmentations === 0) {
      const features = await this.#store.features(ids);
      return wantsInputs ? { features, inputs: await this.#inputs(ids, signal) } : { features };
    }
    for (const [done, picture] of pictures.entries()) {
      const { id } = picture;
      const each = augmentationsOf(picture, augmentations);
      const key = `${each} ${seed}`;
      const kept = this.#augmented.get(id);
      if (kept?.key === key && (kept.inputs || !wantsInputs)) continue;
      this.#augmented.set(id, { key, .../** @type {any} */ (await this.#prepare(id, { inputs: wantsInputs, augmentations: each, seed, signal })) });
      onAugmented?.({ done: done + 1, total: ids.length });
    }
    const all = ids.map(id => /** @type {Augmented} */ (this.#augmented.get(id)));
    const features = concat(all.map(one => one.features), Float32Array);
    return wantsInputs ? { features, inputs: concat(all.map(one => /** @type {Uint16Array} */ (one.inputs)), Uint16Array) } : { features };
  }

  /**
   * The last block's inputs; those that the store could not keep are computed again. Only a few are in memory twice.
   * @param {string[]} ids
   * @param {AbortSignal} [signal]
   */
  async #inputs(ids, signal) {
    const size = this.#sizes.inputs;
    const all = new Uint16Array(ids.length * size);
    const batch = 16;
    for (let at = 0; at < ids.length; at += batch) {
      const some = ids.slice(at, at + batch);
      const kept = await this.#store.inputs(some);
      for (const [i, id] of some.entries()) {
        const input = kept[i]?.length === size ? kept[i] : (await this.#prepare(id, { inputs: true, augmentations: 0, seed: 0, signal })).inputs;
        all.set(/** @type {Uint16Array} */ (input), (at + i) * size);
      }
    }
    return all;
  }

  /**
   * @param {string} id
   * @param {{ inputs: boolean, augmentations: number, seed: number, signal?: AbortSignal }} options
   */
  async #prepare(id, { signal, ...args }) {
    return (await this.#engine.askAbout(await this.#store.blob(id), 'prepare', { small: smallSide, ...args }, { signal })).buffers;
  }
}

/**
 * How many augmentations of a picture come along: all of one that teaches; of one for testing only the first, its mirror image, which its answer goes by too.
 * @param {{ test: boolean }} picture
 * @param {number} augmentations
 */
const augmentationsOf = ({ test }, augmentations) => (test ? Math.min(augmentations, 1) : augmentations);

/**
 * How many numbers a picture's features are, and its input of the last block: the output of the block before.
 * @param {import('../../zproto.js').Info} info
 */
export function sizesOf({ blocks }) {
  const [before, last] = blocks.slice(-2);
  return { features: last.channels, inputs: before.height * before.width * before.channels };
}
