// @ts-check
import { badArgument } from '../errors.js';

/** @typedef {import('../types.js').Engine} Engine */
/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */

/**
 * The run whose weights each engine has loaded, by the engine's info. Several teachers may share one engine.
 * @type {WeakMap<object, Run>}
 */
const loadedRuns = new WeakMap();

/** @param {string} [method] */
export const untaught = method => badArgument(method
  ? `nothing was taught by the method "${method}" yet; call train({ method: "${method}" }) first`
  : 'nothing was taught yet; call train first');

/** The weights of a teacher's runs: in the store, in memory if the storage is full, and in the engine. */
export class TaughtWeights {
  #engine;
  #store;
  #onFull;
  /** Weights that did not fit into the store. They last until the page is closed. @type {Map<Run, ArrayBuffer>} */
  #unsaved = new Map();
  /** The same for the head that is kept beside another. @type {ArrayBuffer | null | undefined} */ #unsavedPrevious;

  /**
   * @param {Engine} engine
   * @param {import('./memorystore.js').ProjectStore} store
   * @param {(error: unknown) => void} onFull  called with an error of the store; throws it unless the storage is full
   */
  constructor(engine, store, onFull) {
    this.#engine = engine;
    this.#store = store;
    this.#onFull = onFull;
  }

  /**
   * Stores the weights of a run in place of an earlier run's of the same method, and the header with it. Where the
   * storage is full the store stays as it is, and the weights are kept in memory.
   * @param {Run} run
   * @param {object} taught
   * @param {ArrayBuffer} taught.weights
   * @param {ArrayBuffer | null} [taught.previous]  the head that it takes the place of, to be kept; null: none is kept
   *   any more
   * @param {() => import('./memorystore.js').ProjectHeader} header  with the run
   * @returns {Promise<boolean>} whether they are stored
   */
  async put(run, { weights, previous = this.#unsavedPrevious }, header) {
    const kept = previous === undefined ? {} : { 'previous-head': previous };
    let isStored = true;
    try {
      await this.#store.putTaught({ [run.method]: weights, ...kept }, header);
    } catch (error) {
      this.#onFull(error);
      isStored = false;
    }
    for (const old of this.#unsaved.keys()) if (old.method === run.method) this.#unsaved.delete(old);
    if (!isStored) this.#unsaved.set(run, weights);
    this.#unsavedPrevious = isStored ? undefined : previous;
    return isStored;
  }

  /** Whether a run of another method has its weights in memory only. @param {Run['method']} method */
  hasUnsavedBeside(method) {
    return [...this.#unsaved.keys()].some(run => run.method !== method);
  }

  /** Forgets what is in memory only. */
  forget() {
    this.#unsaved.clear();
    this.#unsavedPrevious = undefined;
  }

  /** A run's weights. @param {Run} run @returns {Promise<ArrayBuffer | null>} */
  async of(run) {
    return this.#unsaved.get(run) ?? this.#store.weights(/** @type {WeightsName} */ (run.method));
  }

  /** The head whose place another has taken, and that put has kept. */
  async previous() {
    return this.#unsavedPrevious === undefined ? this.#store.weights('previous-head') : this.#unsavedPrevious;
  }

  /**
   * What the engine says of weights.
   * @param {ArrayBuffer} weights
   * @returns {Promise<import('../../zproto.js').Used>}
   */
  async describe(weights) {
    const buffers = { weights: new Uint8Array(weights.slice(0)) };
    const { json } = await this.#engine.ask('use', {}, { buffers })
      .finally(() => loadedRuns.delete(this.#engine.info));
    return JSON.parse(json);
  }

  /**
   * Loads a run's weights into the engine, unless they are there.
   * @param {Run | undefined} run
   * @param {WeightsName} [method]  of which the run is, if only one will do
   */
  async load(run, method) {
    const { info } = this.#engine;
    if (run && this.isLoaded(run)) return run;
    const weights = run && await this.of(run);
    if (!run || !weights) throw untaught(method);
    const buffers = { weights: new Uint8Array(weights.slice(0)) };
    await this.#engine.ask('use', {}, { buffers }).finally(() => loadedRuns.delete(info));
    loadedRuns.set(info, run);
    return run;
  }

  /** Whether the engine has a run's weights. @param {Run} run */
  isLoaded(run) {
    return loadedRuns.get(this.#engine.info) === run;
  }
}
