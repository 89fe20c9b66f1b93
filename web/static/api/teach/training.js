// @ts-check
import { badArgument, ResiduaError } from '../errors.js';
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
 * @property {number} [seed]  by default the project's
 * @property {boolean} [resume]  continues a training that was interrupted
 * @property {(step: TrainStep) => void} [onStep]
 * @property {(steps: { done: number, total: number }) => void} [onAugmented]  called while augmentations are computed
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
  const { method, seed, augmentations = 0, epochs = 0, resume = false, onStep, onAugmented, signal } = options;
  if (pictures.length === 0) {
    const reason = 'there are no pictures yet; add two classes, and some pictures to each';
    throw new ResiduaError('cannot-teach', `It cannot be taught like this: ${reason}.`, { reason });
  }
  const tests = pictures.filter(({ test }) => test).length;
  const max = data.maxPictures({ method, augmentations, tests });
  if (pictures.length > max) {
    const given = `${pictures.length} pictures with ${augmentations} augmentations each`;
    throw badArgument(`${given} are too many for "${method}", which takes ${max}`);
  }
  const classIndex = new Map(taughtClasses.map(({ id }, i) => [id, i]));
  const classes = taughtClasses.map(({ name }) => name);
  const labels = pictures.map(({ classId }) => /** @type {number} */ (classIndex.get(classId)));
  const sidesOf = pictures.map(({ side, test }) => (test ? sides.test : side));
  const buffers = await data.buffers(pictures, { method, augmentations, seed, onAugmented, signal });
  const checkpoint = resume ? await store.weights('checkpoint') : null;
  if (checkpoint) buffers.checkpoint = new Uint8Array(checkpoint.slice(0));
  /** @type {TrainStep[]} */
  const curve = [];
  const { json, buffers: out } = await engine.ask('train', {
    method, classes, labels, sides: sidesOf, augmentations, epochs, seed, checkpointMS: checkpointMs,
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
    run: { ...JSON.parse(json), ids, labels, sides: sidesOf, classes, augmentations, seed, when: Date.now(), curve },
    weights: method === 'head' || method === 'last-block' ? bufferOf('weights') : undefined,
    checkpoint: bufferOf('checkpoint'),
  };
}
