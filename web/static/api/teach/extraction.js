// @ts-check
/** Extracts the features of pictures in the background, one picture after the other, and stores them. */
import { cancelled, isPictureFault, ResiduaError } from '../errors.js';
import { smallSide } from './picture.js';

/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/**
 * @typedef {{ features: Float32Array, small: Uint8Array, inputs: Uint16Array, blocks: Uint16Array }} PreparedBuffers
 */
/**
 * Called with a picture whose features could not be extracted. If the file is not a picture, it is removed afterwards.
 * @typedef {(picture: PictureRecord, error: unknown) => void} OnFault
 */

/** After this many crashes of the engine at the same picture, the picture counts as broken. */
const maxCrashes = 2;

export class FeatureExtraction {
  /** The pictures whose extraction is pending. @type {Map<string, Promise<void>>} */ waiting = new Map();
  /**
   * Pictures whose features are missing: the storage was full, the engine has ended, or the extraction was stopped.
   * @type {Set<string>}
   */
  failed = new Set();
  /** For the pictures of allMissing, whose promises nobody awaits. @type {OnFault} */ onFault = () => {};
  #engine;
  #store;
  #pictures;
  #onBroken;
  #onChange;
  /** Resolves when the last extraction so far has ended. @type {Promise<unknown>} */ #queue = Promise.resolve();
  /** Whether the engine has crashed, and its crash was attributed to a picture. */ #crashed = false;

  /**
   * @param {import('../types.js').Engine} engine
   * @param {import('./memorystore.js').ProjectStore} store
   * @param {ReadonlyMap<string, PictureRecord>} pictures  all pictures, by id
   * @param {{ onBroken: (id: string) => Promise<void>, onChange: () => void }} handlers
   */
  constructor(engine, store, pictures, { onBroken, onChange }) {
    this.#engine = engine;
    this.#store = store;
    this.#pictures = pictures;
    this.#onBroken = onBroken;
    this.#onChange = onChange;
  }

  /**
   * Starts extracting all missing features. Pictures at which the engine has crashed come last.
   * @param {AbortSignal} [signal]  stops it; what is still missing is extracted after the next call
   */
  async allMissing(signal) {
    const missing = (await this.#store.missing()).filter(id => this.#pictures.has(id) && !this.waiting.has(id));
    if (this.#store.readOnly) { // the tab that writes extracts them
      for (const id of missing) this.failed.add(id);
      return;
    }
    const crashes = (/** @type {string} */ id) => this.#pictures.get(id)?.crashes ?? 0;
    for (const id of missing.sort((a, b) => crashes(a) - crashes(b))) this.of(id, this.onFault, signal).catch(() => {});
  }

  /**
   * Extracts a picture's features when all earlier ones are done.
   * @param {string} id
   * @param {OnFault} [onFault]
   * @param {AbortSignal} [signal]
   * @returns {Promise<void>} It rejects if that fails. If the file is not a picture, it has been removed by then.
   */
  of(id, onFault, signal) {
    const work = this.#queue.then(() => this.#extract(id, onFault, signal));
    const done = work.finally(() => {
      this.waiting.delete(id);
      this.#onChange();
    });
    this.#queue = work.catch(() => {});
    this.waiting.set(id, done);
    done.catch(() => {});
    return done;
  }

  /**
   * @param {string} id
   * @param {OnFault} [onFault]
   * @param {AbortSignal} [signal]
   */
  async #extract(id, onFault, signal) {
    if (!this.#pictures.has(id)) return; // removed meanwhile
    try {
      if (signal?.aborted) throw cancelled();
      const args = { small: smallSide, inputs: true, depth: 0, blocks: true, augmentations: 0, seed: 0 };
      const { json, buffers } = await this.#engine.askAbout(await this.#store.blob(id), 'prepare', args, { signal });
      const record = this.#pictures.get(id);
      if (!record) return;
      const { image, dhash } = /** @type {import('../../zproto.js').Prepared} */ (JSON.parse(json));
      Object.assign(record, { ...image, dhash });
      const { features, small, inputs: input, blocks } = /** @type {PreparedBuffers} */ (buffers);
      await this.#store.putFeatures(id, { features, small, input, blocks });
      this.failed.delete(id);
      await this.#store.updatePictures([record]);
    } catch (error) {
      this.failed.add(id);
      if (signal?.aborted) throw error; // stopped, which is no fault of the picture
      const record = this.#pictures.get(id);
      const fault = record ? await this.#attribute(record, error) : error;
      if (record) onFault?.(record, fault);
      if (record && isPictureFault(fault)) await this.#onBroken(id);
      throw fault;
    }
  }

  /**
   * Counts a crash of the engine against the picture that it was working on. One crash may be chance.
   * @param {PictureRecord} record
   * @param {any} error
   * @returns {Promise<unknown>} the error, or a `broken-image` error in its place
   */
  async #attribute(record, error) {
    if (error?.code !== 'engine-crashed' || this.#crashed) return error;
    this.#crashed = true; // later pictures fail only because the engine is gone
    record.crashes = (record.crashes ?? 0) + 1;
    await this.#store.updatePictures([record]).catch(() => {});
    if (record.crashes < maxCrashes) return error;
    const reason = 'the engine stops at it';
    const message = `The image file is damaged: ${reason}. Save it again, and choose the new file.`;
    return new ResiduaError('broken-image', message, { format: 'image', reason });
  }
}
