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
  /** The same for the kept head. @type {ArrayBuffer | null} */ #unsavedKept = null;

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
   * Stores the weights of a run in place of an earlier run's of the same method.
   * @param {Run} run
   * @param {ArrayBuffer} weights
   */
  async save(run, weights) {
    for (const old of this.#unsaved.keys()) if (old.method === run.method) this.#unsaved.delete(old);
    try {
      await this.#store.putWeights(/** @type {WeightsName} */ (run.method), weights);
    } catch (error) {
      this.#onFull(error);
      this.#unsaved.set(run, weights);
    }
  }

  /** Whether a run's weights are in memory only. @param {Run} run */
  isUnsaved(run) {
    return this.#unsaved.has(run);
  }

  /** A run's weights. @param {Run} run @returns {Promise<ArrayBuffer | null>} */
  async of(run) {
    return this.#unsaved.get(run) ?? this.#store.weights(/** @type {WeightsName} */ (run.method));
  }

  /**
   * Keeps a head's weights beside those that will take their place, in place of what was kept before.
   * @param {ArrayBuffer} weights
   */
  async keep(weights) {
    this.#unsavedKept = null;
    try {
      await this.#store.putWeights('previous-head', weights);
    } catch (error) {
      this.#onFull(error);
      this.#unsavedKept = weights;
    }
  }

  /** The head that keep has kept. */
  async kept() {
    return this.#unsavedKept ?? this.#store.weights('previous-head');
  }

  /** Keeps no head any more. */
  async forgetKept() {
    this.#unsavedKept = null;
    await this.#store.removeWeights('previous-head').catch(error => this.#onFull(error));
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
