// @ts-check
/** What the parts of a teacher share: the project in memory, and what works on it. */
import { badArgument, cancelled } from '../errors.js';
import { BlockMeans } from './blockmeans.js';
import { FeatureExtraction } from './extraction.js';
import { Inspection } from './inspection.js';
import { storedRun, withoutAnswers } from './run.js';
import { TrainingData } from './trainingdata.js';
import { TaughtWeights } from './weights.js';

/** @typedef {import('../types.js').Engine} Engine */
/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./memorystore.js').TaughtClass} TaughtClass */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */
/** @typedef {import('./memorystore.js').ProjectStore} ProjectStore */
/** @typedef {import('./run.js').Run} Run */
/** @typedef {TaughtClass & { pictures: PictureRecord[] }} ClassWithPictures */
/** What weights.js takes. @typedef {{ weights: ArrayBuffer, previous?: ArrayBuffer | null }} Taught */
/**
 * The project's header, with its runs in the form that the API returns.
 * @typedef {Omit<import('./memorystore.js').ProjectHeader, 'history'> & { history: Run[] }} Header
 */

/** The state of each teacher. @type {WeakMap<object, ProjectState>} */
const states = new WeakMap();

/** What the parts of a teacher share. @param {object} teacher */
export const stateOf = teacher => /** @type {ProjectState} */ (states.get(teacher));

export class ProjectState {
  /** All pictures, by id. @type {Map<string, PictureRecord>} */ pictures = new Map();
  /** @type {Header} */ header;
  /** The number in the last id of a picture or class. */ lastID = 0;
  /** The value of the getter `classes`; null after a change. @type {ClassWithPictures[] | null} */ #classes = null;
  /** The same for `unlabelled`. @type {PictureRecord[] | null} */ #unlabelled = null;
  /** The history that goes with the stored weights, while newer ones are in memory only. @type {Run[] | null} */
  #storedHistory = null;
  #events;

  /**
   * @param {Engine} engine
   * @param {ProjectStore} store
   * @param {EventTarget & { remove: (ids: string[]) => Promise<void> }} events  the teacher
   */
  constructor(engine, store, events) {
    states.set(events, this);
    this.engine = engine;
    this.store = store;
    this.#events = events;
    this.blockMeans = new BlockMeans(engine, store);
    this.trainingData = new TrainingData(engine, store, this.blockMeans);
    this.weights = new TaughtWeights(engine, store, error => this.reportFull(error));
    this.inspection = new Inspection(engine, store);
    this.extraction = new FeatureExtraction(engine, store, this.pictures, {
      onBroken: id => events.remove([id]),
      onChange: () => this.changed(),
    });
    const { model } = engine.info;
    this.header = { version: 1, model, name: '', seed: 1, classes: [], settings: {}, history: [] };
  }

  /** The classes in their order, each with its pictures. It is the same array until something of it changes. */
  get classes() {
    if (this.#classes) return this.#classes;
    const all = this.header.classes.map(one => ({ ...one, pictures: /** @type {PictureRecord[]} */ ([]) }));
    const byID = new Map(all.map(one => [one.id, one]));
    for (const record of this.pictures.values()) byID.get(record.classId)?.pictures.push(record);
    return (this.#classes = all);
  }

  /** The pictures without a class. It is the same array until something of it changes. */
  get unlabelled() {
    return (this.#unlabelled ??= [...this.pictures.values()].filter(({ classId }) => classId === ''));
  }

  /** @param {{ pictures?: boolean }} [what]  pictures: whether classes or pictures have changed */
  changed({ pictures = true } = {}) {
    if (pictures) this.#classes = this.#unlabelled = null;
    this.#events.dispatchEvent(new Event('change'));
  }

  /** Saves the header. @param {{ pictures?: boolean }} [what]  as for changed */
  async save(what) {
    this.changed(what);
    await this.store.saveHeader(this.#storedHeader(this.#storedHistory ?? this.header.history));
  }

  /** @param {Run[]} history */
  #storedHeader(history) {
    return { ...this.header, history: history.map(storedRun) };
  }

  /** Takes another header, all of which is stored. @param {Header} header */
  replaceHeader(header) {
    this.header = header;
    this.#storedHistory = null;
    this.weights.forget();
  }

  /** Fires "full" if the storage is full, and throws any other error. @param {any} error */
  reportFull(error) {
    if (error?.code !== 'storage-full') throw error;
    this.#events.dispatchEvent(new CustomEvent('full', { detail: error }));
  }

  /**
   * Adds a run as the newest. An adapted run may be undone, so it leaves the others as they are.
   * @param {Run} run
   * @param {Taught} [taught]  as for setHistory
   */
  async addRun(run, taught) {
    const history = this.header.history.filter(one => one !== run)
      .map(old => (old.method === run.method && !run.adapted ? withoutAnswers(old) : old));
    await this.setHistory([...history, run], taught);
  }

  /**
   * @param {Run[]} history
   * @param {Taught} [taught]  the weights of its last run, which go into the store together with it
   */
  async setHistory(history, taught) {
    let isStored = false;
    if (taught) {
      const run = history[history.length - 1];
      const stored = this.weights.hasUnsavedBeside(run.method) ? [...this.#storedHistory ?? [], run] : history;
      isStored = await this.weights.put(run, taught, () => this.#storedHeader(stored));
      if (!isStored) this.#storedHistory ??= this.header.history;
      else this.#storedHistory = stored === history ? null : stored;
    }
    this.header.history = history;
    if (isStored) this.changed({ pictures: false });
    else await this.save({ pictures: false }).catch(error => this.reportFull(error));
  }

  /**
   * The latest run with weights.
   * @param {WeightsName} [method]  by default the latest head or last block
   */
  latestRun(method) {
    return this.header.history.findLast(run =>
      (method === undefined ? run.method === 'head' || run.method === 'last-block' : run.method === method));
  }

  /** Loads the weights of the latest run into the engine. @param {WeightsName} [method]  as for latestRun */
  loadWeights(method) {
    return this.weights.load(this.latestRun(method), method);
  }

  /** @param {'c' | 'p'} kind  class or picture */
  newID(kind) {
    this.lastID = Math.max(this.lastID, ...this.header.classes.map(({ id }) => Number(id.slice(1)) || 0)) + 1;
    return `${kind}${this.lastID}`;
  }

  /** @param {string} name */
  classOf(name) {
    const found = this.header.classes.find(one => one.name === name);
    if (!found) throw badArgument(`there is no class "${name}"`);
    return found;
  }

  /** @param {string} id */
  picture(id) {
    const record = this.pictures.get(id);
    if (!record) throw badArgument(`there is no picture ${id}`);
    return record;
  }

  /** The pictures with a class that have features. */
  labelled() {
    return [...this.pictures.values()].filter(({ id, classId }) => classId !== '' && this.#hasFeatures(id));
  }

  /** Those of some pictures that have features. @param {string[]} ids */
  looked(ids) {
    return ids.map(id => this.picture(id)).filter(({ id }) => this.#hasFeatures(id));
  }

  /** @param {string} id */
  #hasFeatures(id) {
    const { waiting, failed } = this.extraction;
    return !waiting.has(id) && !failed.has(id);
  }

  /**
   * Waits until no picture waits for its features.
   * @param {AbortSignal} [signal]  ends the waiting, and not the work: it rejects with `cancelled`
   */
  async ready(signal) {
    const { waiting } = this.extraction;
    /** @type {() => void} */ let stop = () => {};
    const stopped = new Promise((_, reject) => { stop = () => reject(cancelled()); });
    stopped.catch(() => {});
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    try {
      while (waiting.size > 0) await Promise.race([Promise.allSettled(waiting.values()), stopped]);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /**
   * Waits for all features, also those that could not be computed while the storage was full.
   * @param {AbortSignal} [signal]  as for ready
   */
  async allReady(signal) {
    await this.extraction.allMissing();
    await this.ready(signal);
  }
}
