// @ts-check
import { badArgument, cannotTeach } from '../errors.js';
import { sides } from '../../zproto.js';

/** @typedef {import('../../zproto.js').Method} Method */
/** @typedef {import('../../zproto.js').TrainStep} TrainStep */
/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./run.js').Run} Run */
/**
 * @typedef {object} TrainOptions
 * @property {Method} [method]  by default 'head'
 * @property {number} [augmentations]  how many augmentations of each picture are also learnt: its mirror image first,
 *   then random ones. Predictions then average the features of a picture and its mirror image
 * @property {number} [epochs]  0: the method's default
 * @property {number[]} [blocks]  of which blocks the means are the features, by the blocks' indices; by default the
 *   last block's. For 'class-means' and 'head'
 * @property {number} [depth]  how many of the last blocks 'last-block' trains, up to the whole last stage; by default 1
 * @property {boolean} [noMirror]  a picture's mirror image may be of another class, as with "left" and "right", so that
 *   'scratch' learns no mirror images either; goes without augmentations
 * @property {number} [seed]  by default the project's
 * @property {boolean} [resume]  continues a training that was interrupted
 * @property {(step: TrainStep) => void} [onStep]
 * @property {(steps: { done: number, total: number }) => void} [onAugmented]  called while augmentations are computed
 * @property {(steps: { done: number, total: number }) => void} [onPrepared]  called while what is not stored is
 *   computed again: block means, or the last blocks' inputs
 * @property {AbortSignal} [signal]  stops training early: the run is what was reached, and can be resumed
 */

/** How often the state of a training is stored, so that it can be resumed. */
const checkpointMs = 15_000;

/**
 * Has the engine train on pictures.
 * @param {import('../types.js').Engine} engine
 * @param {import('./memorystore.js').ProjectStore} store
 * @param {import('./trainingdata.js').TrainingData} data
 * @param {PictureRecord[]} pictures  with features and a side
 * @param {import('./memorystore.js').TaughtClass[]} taughtClasses
 * @param {TrainOptions & { method: Method, seed: number }} options
 * @returns {Promise<{ run: Run, weights?: ArrayBuffer, checkpoint?: ArrayBuffer }>} weights: of the methods 'head' and
 *   'last-block'; checkpoint: if the training was stopped early
 */
export async function train(engine, store, data, pictures, taughtClasses, options) {
  const {
    method, seed, augmentations = 0, noMirror = false, epochs = 0, resume = false, onStep, onAugmented, onPrepared,
    signal,
  } = options;
  if (noMirror && augmentations > 0) {
    throw badArgument('noMirror goes without augmentations, of which the first is the mirror image');
  }
  const kind = { method, augmentations, ...blocksAndDepth(engine.info, options) };
  if (pictures.length === 0) {
    const reason = 'there are no pictures yet; add two classes, and some pictures to each';
    throw cannotTeach(reason, 'no-pictures');
  }
  const tests = pictures.filter(({ test }) => test).length;
  const max = data.maxPictures({ ...kind, tests });
  if (pictures.length > max) {
    const given = `${pictures.length} pictures with ${augmentations} augmentations each`;
    throw badArgument(`${given} are too many for "${method}"${variantOf(kind)}, which takes ${max}`);
  }
  const classIndex = new Map(taughtClasses.map(({ id }, i) => [id, i]));
  const classes = taughtClasses.map(({ name }) => name);
  const labels = pictures.map(({ classId }) => /** @type {number} */ (classIndex.get(classId)));
  const dhashes = pictures.map(({ dhash }) => dhash);
  const sidesOf = pictures.map(({ side, test }) => (test ? sides.test : side));
  const buffers = await data.buffers(pictures, { ...kind, seed, onAugmented, onPrepared, signal });
  const checkpoint = resume ? await store.weights('checkpoint') : null;
  if (checkpoint) buffers.checkpoint = new Uint8Array(checkpoint.slice(0));
  /** @type {TrainStep[]} */
  const curve = [];
  const { json, buffers: out } = await engine.ask('train', {
    ...kind, noMirror, classes, labels, dhashes, sides: sidesOf, epochs, seed, checkpointMS: checkpointMs,
  }, {
    buffers,
    stop: signal,
    onProgress: (step, { checkpoint: state }) => {
      // A checkpoint that cannot be stored is no reason to end the training.
      if (state) void store.putWeights('checkpoint', /** @type {ArrayBuffer} */ (state.buffer)).catch(() => {});
      curve.push(step);
      onStep?.(step);
    },
  });
  const ids = pictures.map(({ id }) => id);
  const bufferOf = (/** @type {string} */ name) => /** @type {ArrayBuffer | undefined} */ (out[name]?.buffer);
  return {
    run: {
      ...JSON.parse(json), blocks: kind.blocks, depth: kind.depth, ids, labels, sides: sidesOf, classes, augmentations,
      seed, when: Date.now(), curve,
    },
    weights: method === 'head' || method === 'last-block' ? bufferOf('weights') : undefined,
    checkpoint: bufferOf('checkpoint'),
  };
}

/**
 * Checks which blocks are learnt from and trained.
 * @param {import('../../zproto.js').Info} info
 * @param {{ method: Method, blocks?: number[], depth?: number }} options
 * @returns {{ blocks: number[], depth: number }} blocks: ascending; empty for the last block's means
 */
export function blocksAndDepth(info, { method, blocks = [], depth = 1 }) {
  const chosen = checkBlocks(info, blocks);
  if (chosen.length > 0 && method !== 'head' && method !== 'class-means') {
    throw badArgument(`blocks are for the methods "head" and "class-means", and not for "${method}"`);
  }
  if (depth !== 1 && method !== 'last-block') {
    throw badArgument(`depth is for the method "last-block", and not for "${method}"`);
  }
  const most = maxDepth(info);
  if (depth > most) {
    throw badArgument(`depth ${depth} is too much: of this network the last ${most} blocks can be trained`);
  }
  return { blocks: chosen, depth };
}

/**
 * The blocks of a call in ascending order, each once; empty for the last block alone, unless a norm follows it
 * (pre-activation), so that its means are not the network's features.
 * @param {import('../../zproto.js').Info} info
 * @param {number[]} blocks
 */
export function checkBlocks({ blocks: { length }, linear }, blocks) {
  const unknown = blocks.find(block => block >= length);
  if (unknown !== undefined) {
    throw badArgument(`there is no block ${unknown}: this network has ${length}, from 0 to ${length - 1}`);
  }
  const chosen = [...new Set(blocks)].sort((a, b) => a - b);
  return chosen.length === 1 && chosen[0] === length - 1 && !linear ? [] : chosen;
}

/**
 * How many blocks can be trained: two or those of the last stage, as long as there is one before them.
 * @param {import('../../zproto.js').Info} info
 */
function maxDepth({ blocks }) {
  const { stage } = blocks[blocks.length - 1];
  return Math.min(Math.max(2, blocks.filter(block => block.stage === stage).length), blocks.length - 1);
}

/** @param {{ blocks: number[], depth: number }} kind */
function variantOf({ blocks, depth }) {
  if (blocks.length > 0) return ` with the means of ${blocks.length} ${blocks.length === 1 ? 'block' : 'blocks'}`;
  return depth > 1 ? ` with ${depth} blocks` : '';
}
