// @ts-check
/** The features of pictures are extracted in the background, one picture after the other, and kept. */
import { isPictureFault, ResiduaError } from '../errors.js';
import { smallSide } from './picture.js';

/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {(picture: PictureRecord, error: unknown) => void} OnFault  hears of a picture whose features could not be extracted; a file that is no picture is removed then */

/** A picture at which the engine has crashed so often is to blame itself. */
const mostCrashes = 2;

export class FeatureExtraction {
  /** Pictures whose features are on their way. @type {Map<string, Promise<void>>} */ waiting = new Map();
  /** Pictures that have no features: the storage was full, or the engine stopped. @type {Set<string>} */ lacking = new Set();
  /** For pictures that were kept before, which nobody waits for. @type {OnFault} */ onFault = () => {};
  #engine;
  #store;
  #pictures;
  #onBroken;
  #onChange;
  /** @type {Promise<unknown>} */ #line = Promise.resolve();
  /** Whether the engine has crashed, and the picture that it worked on was found. */ #crashed = false;

  /**
   * @param {import('../types.js').Engine} engine
   * @param {import('./memorystore.js').ProjectStore} store
   * @param {ReadonlyMap<string, PictureRecord>} pictures  those that there are
   * @param {{ onBroken: (id: string) => Promise<void>, onChange: () => void }} handlers
   */
  constructor(engine, store, pictures, { onBroken, onChange }) {
    this.#engine = engine;
    this.#store = store;
    this.#pictures = pictures;
    this.#onBroken = onBroken;
    this.#onChange = onChange;
  }

  /** Extracts all missing features. Pictures at which the engine has crashed come last. */
  async allMissing() {
    const missing = (await this.#store.missing()).filter(id => this.#pictures.has(id) && !this.waiting.has(id));
    const crashes = (/** @type {string} */ id) => this.#pictures.get(id)?.crashes ?? 0;
    for (const id of missing.sort((a, b) => crashes(a) - crashes(b))) this.of(id, this.onFault).catch(() => {});
  }

  /**
   * Extracts a picture's features, when its turn comes.
   * @param {string} id
   * @param {OnFault} [onFault]
   * @returns {Promise<void>} It is rejected if the picture is none; then it was taken away.
   */
  of(id, onFault) {
    const work = this.#line.then(() => this.#extract(id, onFault));
    const done = work.finally(() => {
      this.waiting.delete(id);
      this.#onChange();
    });
    this.#line = work.catch(() => {});
    this.waiting.set(id, done);
    done.catch(() => {});
    return done;
  }

  /**
   * @param {string} id
   * @param {OnFault} [onFault]
   */
  async #extract(id, onFault) {
    if (!this.#pictures.has(id)) return; // removed meanwhile
    try {
      const { json, buffers } = await this.#engine.askAbout(await this.#store.blob(id), 'prepare', { small: smallSide, inputs: true, augmentations: 0, seed: 0 }, {});
      const record = this.#pictures.get(id);
      if (!record) return;
      const { image, dhash } = /** @type {import('../../zproto.js').Prepared} */ (JSON.parse(json));
      Object.assign(record, { ...image, dhash });
      const { features, small, inputs } = /** @type {{ features: Float32Array, small: Uint8Array, inputs: Uint16Array }} */ (buffers);
      await this.#store.putFeatures(id, { features, small, input: inputs });
      this.lacking.delete(id);
      await this.#store.updatePictures([record]);
    } catch (error) {
      this.lacking.add(id);
      const record = this.#pictures.get(id);
      const fault = record ? await this.#blamed(record, error) : error;
      if (record) onFault?.(record, fault);
      if (record && isPictureFault(fault)) await this.#onBroken(id);
      throw fault;
    }
  }

  /**
   * Remembers at which picture the engine has crashed: the one that it worked on. Once may be chance.
   * @param {PictureRecord} record
   * @param {any} error
   * @returns {Promise<unknown>} the error, or that the picture is broken
   */
  async #blamed(record, error) {
    if (error?.code !== 'engine-crashed' || this.#crashed) return error;
    this.#crashed = true; // those that come after it find no engine
    record.crashes = (record.crashes ?? 0) + 1;
    await this.#store.updatePictures([record]).catch(() => {});
    if (record.crashes < mostCrashes) return error;
    const reason = 'the engine stops at it';
    return new ResiduaError('broken-image', `The image file is damaged: ${reason}. Save it again, and choose the new file.`, { format: 'image', reason });
  }
}
