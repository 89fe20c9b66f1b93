// @ts-check
/**
 * Collects what a training gets of the pictures: features, block means, the last blocks' inputs, augmentations or small
 * pictures.
 */
import { concat } from './arrays.js';
import { blockMeansSize } from './blockmeans.js';
import { smallSide } from './picture.js';

/** @typedef {import('../types.js').Buffers} Buffers */
/** @typedef {import('../../zproto.js').Method} Method */
/**
 * What was computed from a picture and its augmentations.
 * @typedef {object} Augmented
 * @property {string} key  number of augmentations, seed and depth
 * @property {Float32Array} features
 * @property {Uint16Array} [inputs]
 * @property {Uint16Array} [blocks]
 */
/**
 * What decides how large a training's buffers are.
 * @typedef {object} Kind
 * @property {Method} method
 * @property {number} augmentations  of each picture
 * @property {number[]} [blocks]  whose means are the features; empty: the last block's
 * @property {number} [depth]  how many blocks the method 'last-block' trains
 */

/**
 * The most that one training may get, in bytes. Features are also copied into the engine's WebAssembly memory, up to
 * three times, and that memory ends at 1 GB where there are threads; so are the means of the blocks that are learnt
 * from. All blocks' means, and inputs, stay outside of it, but are twice in the tab's memory: on the page and in the
 * worker.
 */
const limits = { features: 164e6, inputs: 420e6, blocks: 164e6 };

export class TrainingData {
  #engine;
  #store;
  #blockMeans;
  /**
   * Augmentations by picture. They are not stored, but computed anew in each session.
   * @type {Map<string, Augmented>}
   */
  #augmented = new Map();

  /**
   * @param {import('../types.js').Engine} engine
   * @param {import('./memorystore.js').ProjectStore} store
   * @param {import('./blockmeans.js').BlockMeans} blockMeans
   */
  constructor(engine, store, blockMeans) {
    this.#engine = engine;
    this.#store = store;
    this.#blockMeans = blockMeans;
  }

  /**
   * The most pictures that a training can take.
   * @param {Kind & { tests?: number }} options  tests: how many are test pictures
   */
  maxPictures({ method, augmentations, blocks = [], depth = 1, tests = 0 }) {
    const { info } = this.#engine;
    const sizes = sizesOf(info, depth);
    if (method === 'scratch') return Infinity; // a small picture is smaller than its features
    const features = blocks.reduce((sum, block) => sum + info.blocks[block].channels, 0) || sizes.features;
    const variants = Math.min(
      limits.features / (4 * features),
      method === 'last-block' ? limits.inputs / (2 * sizes.inputs) : Infinity,
      blocks.length > 0 ? limits.blocks / (2 * sizes.blocks) : Infinity,
    );
    const testVariants = tests * (1 + augmentationsOf({ test: true }, augmentations));
    return Math.max(0, tests + Math.floor((variants - testVariants) / (1 + augmentations)));
  }

  /** Forgets the augmentations of pictures. @param {Iterable<string>} [ids] by default all */
  forget(ids = this.#augmented.keys()) {
    for (const id of ids) this.#augmented.delete(id);
  }

  /**
   * The buffers for a training: of each picture its row, followed by those of its augmentations.
   * @param {{ id: string, test: boolean }[]} pictures
   * @param {Kind & { seed: number } & import('./blockmeans.js').RowOptions & {
   *   onAugmented?: (steps: { done: number, total: number }) => void }} options  onPrepared: called after each picture
   *   whose block means or inputs had to be computed
   * @returns {Promise<Buffers>}
   */
  async buffers(pictures, { method, augmentations, blocks = [], depth = 1, seed, onAugmented, onPrepared, signal }) {
    const ids = pictures.map(({ id }) => id);
    const needsInputs = method === 'last-block';
    const needsBlocks = blocks.length > 0;
    if (method === 'scratch') return { small: await this.#store.small(ids) };
    if (augmentations === 0) {
      if (needsBlocks) return { blocks: await this.#blockMeans.rows(ids, { onPrepared, signal }) };
      const features = await this.#store.features(ids);
      return needsInputs ? { features, inputs: await this.#inputs(ids, depth, { onPrepared, signal }) } : { features };
    }
    for (const [done, picture] of pictures.entries()) {
      const { id } = picture;
      const count = augmentationsOf(picture, augmentations);
      const key = `${count} ${seed} ${depth}`;
      const known = this.#augmented.get(id);
      if (known?.key === key && (known.inputs || !needsInputs) && (known.blocks || !needsBlocks)) continue;
      const computed = await this.#prepare(id,
        { inputs: needsInputs, depth, blocks: needsBlocks, augmentations: count, seed, signal });
      this.#augmented.set(id, { key, .../** @type {any} */ (computed) });
      onAugmented?.({ done: done + 1, total: ids.length });
    }
    const all = ids.map(id => /** @type {Augmented} */ (this.#augmented.get(id)));
    if (needsBlocks) return { blocks: concat(all.map(one => /** @type {Uint16Array} */ (one.blocks)), Uint16Array) };
    const features = concat(all.map(one => one.features), Float32Array);
    if (!needsInputs) return { features };
    return { features, inputs: concat(all.map(one => /** @type {Uint16Array} */ (one.inputs)), Uint16Array) };
  }

  /**
   * The last blocks' inputs. Those that are not stored are computed again: all, if more than the last block is trained.
   * Only one batch is in memory twice.
   * @param {string[]} ids
   * @param {number} depth  of how many blocks
   * @param {import('./blockmeans.js').RowOptions} options
   */
  async #inputs(ids, depth, { onPrepared, signal }) {
    const size = sizesOf(this.#engine.info, depth).inputs;
    const all = new Uint16Array(ids.length * size);
    const batch = 16;
    for (let at = 0; at < ids.length; at += batch) {
      const some = ids.slice(at, at + batch);
      const stored = depth === 1 ? await this.#store.inputs(some) : [];
      for (const [i, id] of some.entries()) {
        let input = stored[i];
        if (input?.length !== size) { // not stored, or another network's
          const args = { inputs: true, depth, blocks: false, augmentations: 0, seed: 0, signal };
          input = /** @type {Uint16Array} */ ((await this.#prepare(id, args)).inputs);
          onPrepared?.({ done: at + i + 1, total: ids.length });
        }
        all.set(input, (at + i) * size);
      }
    }
    return all;
  }

  /**
   * @param {string} id
   * @param {{ inputs: boolean, depth: number, blocks: boolean, augmentations: number, seed: number,
   *   signal?: AbortSignal }} options
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
 * How many values a picture's features have, its block means, and its input of the last blocks, which is the output of
 * the block before. Of a network of one block, which a file for other programs may hold, the input is not known: 0.
 * @param {import('../../zproto.js').Info} info
 * @param {number} [depth]  how many blocks the input is for
 */
export function sizesOf(info, depth = 1) {
  const { blocks } = info;
  const [before, last] = [blocks[blocks.length - 1 - depth], blocks[blocks.length - 1]];
  return {
    features: last.channels,
    inputs: before ? before.height * before.width * before.channels : 0,
    blocks: blockMeansSize(info),
  };
}
