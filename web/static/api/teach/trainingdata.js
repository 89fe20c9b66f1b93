// @ts-check
/**
 * Collects what a training gets of the pictures: features, the last block's inputs, augmentations or small pictures.
 */
import { concat } from './arrays.js';
import { smallSide } from './picture.js';

/** @typedef {import('../types.js').Buffers} Buffers */
/** @typedef {import('../../zproto.js').Method} Method */
/**
 * What was computed from a picture and its augmentations.
 * @typedef {object} Augmented
 * @property {string} key  number of augmentations and seed
 * @property {Float32Array} features
 * @property {Uint16Array | null} inputs
 */

/**
 * The most that one training may get, in bytes. Features are also copied into the engine's WebAssembly memory, up to
 * three times, and that memory ends at 1 GB where there are threads. Inputs stay outside of it, but are twice in the
 * tab's memory: on the page and in the worker.
 */
const limits = { features: 164e6, inputs: 420e6 };

export class TrainingData {
  #engine;
  #store;
  #sizes;
  /**
   * Augmentations by picture. They are not stored, but computed anew in each session.
   * @type {Map<string, Augmented>}
   */
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
   * The most pictures that a training can take.
   * @param {{ method: Method, augmentations: number, tests?: number }} options  tests: how many are test pictures
   */
  maxPictures({ method, augmentations, tests = 0 }) {
    const { features, inputs } = this.#sizes;
    if (method === 'scratch') return Infinity; // a small picture is smaller than its features
    const views = method === 'last-block' ? limits.inputs / (2 * inputs) : limits.features / (4 * features);
    const testViews = tests * (1 + augmentationsOf({ test: true }, augmentations));
    return Math.max(0, tests + Math.floor((views - testViews) / (1 + augmentations)));
  }

  /** Forgets the augmentations of pictures. @param {Iterable<string>} [ids] by default all */
  forget(ids = this.#augmented.keys()) {
    for (const id of ids) this.#augmented.delete(id);
  }

  /**
   * The buffers for a training: of each picture its row, followed by those of its augmentations.
   * @param {{ id: string, test: boolean }[]} pictures
   * @param {object} options
   * @param {Method} options.method
   * @param {number} options.augmentations  of each picture
   * @param {number} options.seed
   * @param {(steps: { done: number, total: number }) => void} [options.onAugmented]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Buffers>}
   */
  async buffers(pictures, { method, augmentations, seed, onAugmented, signal }) {
    const ids = pictures.map(({ id }) => id);
    const needsInputs = method === 'last-block';
    if (method === 'scratch') return { small: await this.#store.small(ids) };
    if (augmentations === 0) {
      const features = await this.#store.features(ids);
      return needsInputs ? { features, inputs: await this.#inputs(ids, signal) } : { features };
    }
    for (const [done, picture] of pictures.entries()) {
      const { id } = picture;
      const count = augmentationsOf(picture, augmentations);
      const key = `${count} ${seed}`;
      const known = this.#augmented.get(id);
      if (known?.key === key && (known.inputs || !needsInputs)) continue;
      const computed = await this.#prepare(id, { inputs: needsInputs, augmentations: count, seed, signal });
      this.#augmented.set(id, { key, .../** @type {any} */ (computed) });
      onAugmented?.({ done: done + 1, total: ids.length });
    }
    const all = ids.map(id => /** @type {Augmented} */ (this.#augmented.get(id)));
    const features = concat(all.map(one => one.features), Float32Array);
    if (!needsInputs) return { features };
    return { features, inputs: concat(all.map(one => /** @type {Uint16Array} */ (one.inputs)), Uint16Array) };
  }

  /**
   * The last block's inputs. Those that are not stored are computed again. Only one batch is in memory twice.
   * @param {string[]} ids
   * @param {AbortSignal} [signal]
   */
  async #inputs(ids, signal) {
    const size = this.#sizes.inputs;
    const all = new Uint16Array(ids.length * size);
    const batch = 16;
    for (let at = 0; at < ids.length; at += batch) {
      const some = ids.slice(at, at + batch);
      const stored = await this.#store.inputs(some);
      for (const [i, id] of some.entries()) {
        let input = stored[i];
        if (input?.length !== size) { // not stored, or another network's
          const { inputs } = await this.#prepare(id, { inputs: true, augmentations: 0, seed: 0, signal });
          input = /** @type {Uint16Array} */ (inputs);
        }
        all.set(input, (at + i) * size);
      }
    }
    return all;
  }

  /**
   * @param {string} id
   * @param {{ inputs: boolean, augmentations: number, seed: number, signal?: AbortSignal }} options
   */
  async #prepare(id, { signal, ...options }) {
    const args = { small: smallSide, ...options };
    return (await this.#engine.askAbout(await this.#store.blob(id), 'prepare', args, { signal })).buffers;
  }
}

/**
 * How many augmentations of a picture are used: all of a training or validation picture, but only the first, the mirror
 * image, of a test picture, because predictions average a picture and its mirror image.
 * @param {{ test: boolean }} picture
 * @param {number} augmentations
 */
const augmentationsOf = ({ test }, augmentations) => (test ? Math.min(augmentations, 1) : augmentations);

/**
 * How many values a picture's features have, and its input of the last block, which is the output of the block before.
 * @param {import('../../zproto.js').Info} info
 */
export function sizesOf({ blocks }) {
  const [before, last] = blocks.slice(-2);
  return { features: last.channels, inputs: before.height * before.width * before.channels };
}
