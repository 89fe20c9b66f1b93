// @ts-check
/**
 * Teaches a network classes of the user's own from a few pictures. `net.teach()` makes a teacher:
 *
 *     const teacher = net.teach();
 *     await teacher.addClass('cat');
 *     await teacher.addClass('dog');
 *     await teacher.add('cat', file);
 *     const run = await teacher.train({ method: 'head', onStep: step => console.log(step.validation?.accuracy) });
 *     const { predictions } = await teacher.predict(photo);
 *
 * A picture is stored before anything is computed from it, so that a closed tab or a crashed engine loses nothing.
 * The methods about classes and pictures are in collection.js, those about other domains in acrossdomains.js.
 */
import { mapsIn, occlusionSize } from '../maps.js';
import { AcrossDomains } from './acrossdomains.js';
import { compare } from './compare.js';
import { exportNetwork, exportProject, importProject, importWeights, isProject } from './importexport.js';
import { MemoryStore } from './memorystore.js';
import { importedRun } from './run.js';
import { fetchShare, share } from './share.js';
import { split } from './split.js';
import { stateOf } from './state.js';
import { blocksAndDepth, train } from './training.js';
import { untaught } from './weights.js';

/** @typedef {import('../types.js').ImageSource} ImageSource */
/** @typedef {import('../types.js').Engine} Engine */
/** @typedef {import('../../zproto.js').Method} Method */
/** @typedef {import('./memorystore.js').ProjectStore} ProjectStore */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */
/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./state.js').ClassWithPictures} ClassWithPictures */
/**
 * @typedef {object} Prediction
 * @property {{ index: number, label: string, probability: number }[]} predictions  all classes, the most probable first
 * @property {boolean} none  whether the picture probably shows none of the classes: it is unlike all that was taught,
 *   and no class has a probability of 70 %
 * @property {boolean} unlike  whether it is unlike all that was taught, as a picture of another kind is, and also one
 *   of a class that was taken otherwise than the taught ones
 * @property {boolean} tellsNone  whether enough pictures were taught to tell that; otherwise none and unlike are false
 * @property {import('../../zproto.js').Image} image
 * @property {import('../../zproto.js').Timing} ms
 */

/**
 * The engine's answer with the names of a run's classes.
 * @param {import('../../zproto.js').Predicted} predicted
 * @param {Run} run
 * @returns {Prediction}
 */
function predictionOf({ answer, ...rest }, { classes }) {
  const predictions = answer.probabilities
    .map((probability, index) => ({ index, label: classes[index], probability }))
    .sort((a, b) => b.probability - a.probability);
  return { predictions, none: answer.class < 0, ...rest };
}

/** A head that was taught or opened leaves none to come back to. @param {Run} run */
const noneKept = run => (run.method === 'head' ? null : undefined);

/**
 * Fires "change" after each change, and "full", a CustomEvent whose detail is the error, when the storage was too full
 * to store something that works until the page is closed.
 *
 * Methods reject with a ResiduaError: `bad-argument` for an unknown class or picture, the store's `read-only` and
 * `storage-full`, the errors of reading images, and those of the engine.
 */
export class Teacher extends AcrossDomains {
  #state;

  /** Use net.teach. @param {Engine} engine @param {ProjectStore} [store] */
  constructor(engine, store = new MemoryStore()) {
    super(engine, store);
    this.#state = stateOf(this);
  }

  /** All runs, the newest last. @returns {readonly Run[]} */
  get history() {
    return this.#state.header.history;
  }

  /**
   * The most pictures that a training can take, given the present number of test pictures.
   * @param {{ method?: Method, augmentations?: number, blocks?: number[], depth?: number }} [options]  as for train
   */
  maxPictures({ method = 'head', augmentations = 0, ...options } = {}) {
    const { pictures, trainingData, engine } = this.#state;
    const tests = [...pictures.values()].filter(({ test }) => test).length;
    const chosen = blocksAndDepth(engine.info, { method, ...options });
    return trainingData.maxPictures({ method, augmentations, ...chosen, tests });
  }

  /**
   * Trains on all pictures that have features, and stores the weights, which predict then uses. The first training with
   * a picture assigns it to the training or the validation side.
   * @param {import('./training.js').TrainOptions} [options]
   * @returns {Promise<Run>} It rejects with `bad-argument` if there are too many pictures, and `cannot-teach` if there
   *   are too few.
   */
  async train({ method = 'head', seed = this.#state.header.seed, ...options } = {}) {
    const state = this.#state;
    const { engine, store } = state;
    blocksAndDepth(engine.info, { method, ...options }); // refuses before anything is computed
    await state.allReady();
    const { classes } = state.header;
    const pictures = state.labelled();
    await split(engine, store, pictures, classes, seed).catch(error => state.reportFull(error));
    const { run, weights, checkpoint } = await train(engine, store, state.trainingData, pictures, classes,
      { ...options, method, seed });
    await (checkpoint ? store.putWeights('checkpoint', checkpoint) : store.removeWeights('checkpoint'))
      .catch(error => state.reportFull(error));
    await state.addRun(run, weights && { weights, previous: noneKept(run) });
    return run;
  }

  /**
   * Asks the engine about an image, with the weights of a run.
   * @param {ImageSource} image
   * @param {import('../../zproto.js').Op} op
   * @param {object} args
   * @param {{ method?: WeightsName } & import('../types.js').AskOptions} options
   */
  async #askTaught(image, op, args, { method, ...options }) {
    let run, reply;
    do { // repeats if another teacher has loaded its weights into the engine meanwhile
      run = await this.#state.loadWeights(method);
      reply = await this.#state.engine.askAbout(image, op, args, options);
    } while (!this.#state.weights.isLoaded(run));
    return { run, ...reply };
  }

  /**
   * Classifies a picture with the weights of the latest run.
   * @param {ImageSource} image
   * @param {object} [options]
   * @param {WeightsName} [options.method]  takes the latest run of this method
   * @param {import('../types.js').Ablate} [options.ablate]  as for Residua.classify
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Prediction>}
   */
  async predict(image, { ablate, ...options } = {}) {
    const { run, json } = await this.#askTaught(image, 'predict', { ablate: ablate ?? null }, options);
    return predictionOf(JSON.parse(json), run);
  }

  /**
   * What each residual block does to a picture in the taught network, as Residua.trace returns it, and what the network
   * then says. A classifier on other blocks than the last does not go by those behind them.
   * @param {ImageSource} image
   * @param {object} [options]
   * @param {number} [options.block]  whose tensors are wanted
   * @param {WeightsName} [options.method]  takes the latest run of this method
   * @param {import('../types.js').Ablate} [options.ablate]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<{
   *   blocks: import('../../zproto.js').BlockTrace[],
   *   maps: { x: Float32Array, f: Float32Array, y: Float32Array } | null,
   *   classification: Prediction,
   * }>}
   */
  async trace(image, { block, ablate, ...options } = {}) {
    const args = { block: block ?? -1, topK: 1, ablate: ablate ?? null, taught: true };
    const { run, json, data } = await this.#askTaught(image, 'trace', args, options);
    const { blocks, predicted } = /** @type {import('../../zproto.js').Traced} */ (JSON.parse(json));
    if (!predicted) throw new Error('the trace came without an answer');
    return { blocks, maps: mapsIn(data), classification: predictionOf(predicted, run) };
  }

  /**
   * Where in a picture the taught network sees one of its classes: a map, as Residua.cam returns it. Its predictions go
   * by the mirror image too, if it was taught so, and then the map is the mean of the maps of both.
   * @param {ImageSource} image
   * @param {object} options  those that are not named here are as for Residua.cam
   * @param {number} options.index  of the class
   * @param {WeightsName} [options.method]  takes the latest run of this method
   * @param {import('../../zproto.js').CAMMethod} [options.map]  the kind of map; by default 'cam'. Of a classifier on
   *   several blocks that is the last one's part of it
   * @param {number} [options.block]
   * @param {import('../../zproto.js').ViewTensor} [options.source]
   * @param {number} [options.size]
   * @param {number} [options.stride]
   * @param {import('../types.js').Ablate} [options.ablate]
   * @param {(steps: import('../../zproto.js').Steps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<import('../../zproto.js').Map & { data: Float32Array }>}
   */
  async cam(image, {
    index, map = 'cam', block, source = 'y', size = occlusionSize(this.#state.engine.info),
    stride = Math.ceil(size / 2), ablate, ...options
  }) {
    const { json, data } = await this.#askTaught(image, 'cam', {
      classIndex: index, method: map, block: block ?? -1, source, size, stride, ablate: ablate ?? null, taught: true,
    }, options);
    return { ...JSON.parse(json), data };
  }

  /**
   * The probability of a taught class when F of one block at a time is left out, as Residua.sweep returns it.
   * @param {ImageSource} image
   * @param {object} options
   * @param {number} options.index  of the class
   * @param {WeightsName} [options.method]  takes the latest run of this method
   * @param {import('../types.js').Ablate} [options.ablate]
   * @param {(steps: import('../../zproto.js').Steps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<import('../../zproto.js').Swept>}
   */
  async sweep(image, { index, ablate, ...options }) {
    const args = { classIndex: index, ablate: ablate ?? null, taught: true };
    const { json } = await this.#askTaught(image, 'sweep', args, options);
    return JSON.parse(json);
  }

  /**
   * The latest run, with its evaluation on pictures that it did not learn from.
   * @param {{ method?: Method }} [options]
   * @returns {Run | null} null: nothing was trained yet
   */
  evaluate({ method } = {}) {
    return this.#state.header.history.findLast(run => method === undefined || run.method === method) ?? null;
  }

  /**
   * Compares two runs on the same pictures: the test pictures if there are any, else the validation pictures.
   * @param {Run} base
   * @param {Run} other
   */
  compare(base, other) {
    return compare(this.#state.engine, base, other);
  }

  /**
   * What was taught, as a file:
   * - 'project': everything, with pictures, features, weights, settings and history
   * - 'safetensors' and 'onnx': the whole network with the new classes, for PyTorch and Go, or for most runtimes
   * - 'head' and 'last-block': only the taught weights, for another Residua
   * @param {import('./importexport.js').ExportFormat} format
   * @param {import('./importexport.js').Options} [options]
   * @returns {Promise<Blob>} It rejects with `bad-argument` if there is nothing of that format yet.
   */
  async export(format, options = {}) {
    if (format === 'project') return exportProject(this.#state.store, options);
    if (format === 'onnx' || format === 'safetensors') {
      await this.#state.loadWeights();
      return exportNetwork(this.#state.engine, format, options);
    }
    const run = this.evaluate({ method: format });
    const weights = run ? await this.#state.weights.of(run) : await this.#state.store.weights(format);
    if (!weights) throw untaught(format);
    return new Blob([weights]);
  }

  /**
   * Opens a file that export has made. The format is detected, and untrusted files are safe to open. A project replaces
   * the present one. Weights leave the pictures as they are, and are what predict uses from then on; if there are no
   * classes yet, those of the weights are added.
   * @param {Blob} file
   * @param {import('./importexport.js').Options & { fromOtherModel?: boolean }} [options]  fromOtherModel: of a project
   *   of another model, which is refused otherwise, takes the classes and pictures, and nothing that was taught
   * @returns {Promise<{ kind: 'project', total: number, faults: import('./project.js').Fault[] } | { kind: 'weights',
   *   run: Run }>} faults: parts of a project that could not be used. It rejects with `bad-project` or `bad-weights` if
   *   the file cannot be used.
   */
  async import(file, options = {}) {
    if (await isProject(file)) {
      const { total, faults } = await importProject(this.#state.engine, this.#state.store, file, options);
      this.#state.trainingData.forget();
      await this.restore();
      return { kind: 'project', total, faults };
    }
    const { used, weights } = await importWeights(this.#state.engine, file);
    const run = importedRun(used);
    if (this.#state.header.classes.length === 0) {
      for (const name of new Set(used.classes)) this.#state.header.classes.push({ id: this.#state.newID('c'), name });
      this.#state.changed();
    }
    await this.#state.addRun(run, { weights, previous: noneKept(run) });
    return { kind: 'weights', run };
  }

  /**
   * Shares the latest head: uploads its weights and its classes' names, and nothing else, to the host of this page.
   * @param {{ names?: string[], signal?: AbortSignal }} [options]  names: the classes' names in the shared file
   * @returns {Promise<import('./share.js').Shared>} It rejects with `cannot-share` if the host refuses the head, `http`
   *   and `offline`.
   */
  async share(options) {
    return share(await this.export('head'), options);
  }

  /**
   * Downloads and imports a shared head.
   * @param {string | URL} link  or the ID in it
   * @param {import('./importexport.js').Options} [options]
   */
  async importShared(link, options = {}) {
    return this.import(await fetchShare(link, options), options);
  }
}
