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
 */
import { badArgument } from '../errors.js';
import { exportNetwork, exportProject, importProject, importWeights, isProject } from './importexport.js';
import { compare } from './compare.js';
import { FeatureExtraction } from './extraction.js';
import { Inspection } from './inspection.js';
import { MemoryStore } from './memorystore.js';
import { asBlob, hashOf } from './picture.js';
import { importedRun, runFromStored, storedRun, withoutAnswers } from './run.js';
import { fetchShare, share } from './share.js';
import { split } from './split.js';
import { train } from './training.js';
import { TrainingData } from './trainingdata.js';
import { TaughtWeights, untaught } from './weights.js';
import { sides } from '../../zproto.js';

/** @typedef {import('../types.js').ImageSource} ImageSource */
/** @typedef {import('../types.js').Engine} Engine */
/** @typedef {import('../../zproto.js').Method} Method */
/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./memorystore.js').TaughtClass} TaughtClass */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */
/** @typedef {import('./memorystore.js').ProjectStore} ProjectStore */
/** @typedef {import('./run.js').Run} Run */
/** @typedef {TaughtClass & { pictures: PictureRecord[] }} ClassWithPictures */
/**
 * The project's header, with its runs in the form that the API returns.
 * @typedef {Omit<import('./memorystore.js').ProjectHeader, 'history'> & { history: Run[] }} Header
 */
/**
 * @typedef {object} Prediction
 * @property {{ index: number, label: string, probability: number }[]} predictions  all classes, the most probable first
 * @property {boolean} none  whether the picture probably shows none of the classes
 * @property {import('../../zproto.js').Image} image
 * @property {import('../../zproto.js').Timing} ms
 */

/**
 * Fires "change" after each change, and "full", a CustomEvent whose detail is the error, when the storage was too full
 * to store something that works until the page is closed.
 *
 * Methods reject with a ResiduaError: `bad-argument` for an unknown class or picture, the store's `read-only` and
 * `storage-full`, the errors of reading images, and those of the engine.
 */
export class Teacher extends EventTarget {
  /** @type {Engine} */ #engine;
  /** @type {ProjectStore} */ #store;
  /** @type {Header} */ #header;
  /** @type {Map<string, PictureRecord>} */ #pictures = new Map();
  /** @type {FeatureExtraction} */ #extraction;
  /** @type {TrainingData} */ #trainingData;
  /** @type {TaughtWeights} */ #weights;
  /** @type {Inspection} */ #inspection;
  /** The value of the getter `classes`; null after a change. @type {ClassWithPictures[] | null} */ #classes = null;
  #lastID = 0;

  /** Use net.teach. @param {Engine} engine @param {ProjectStore} [store] */
  constructor(engine, store = new MemoryStore()) {
    super();
    this.#engine = engine;
    this.#store = store;
    this.#trainingData = new TrainingData(engine, store);
    this.#weights = new TaughtWeights(engine, store, error => this.#reportFull(error));
    this.#inspection = new Inspection(engine, store);
    this.#extraction = new FeatureExtraction(engine, store, this.#pictures, {
      onBroken: id => this.remove([id]),
      onChange: () => this.#changed(),
    });
    const { model } = engine.info;
    this.#header = { version: 1, model, name: '', seed: 1, classes: [], settings: {}, history: [] };
  }

  /**
   * Loads the project from the store, and starts computing missing features in the background. If there is a store,
   * call this before anything else.
   * @param {{ onFault?: import('./extraction.js').OnFault }} [options]  onFault: called with each picture whose missing
   *   features could not be computed
   * @returns {Promise<boolean>} whether there was a project
   */
  async restore({ onFault } = {}) {
    if (onFault) this.#extraction.onFault = onFault;
    const project = await this.#store.load();
    if (!project) return false;
    const { header, pictures } = project;
    this.#header = { ...header, history: header.history.map(runFromStored) };
    // A project without classes has no model yet.
    if (header.classes.length === 0) this.#header.model = this.#engine.info.model;
    this.#pictures.clear();
    this.#inspection.forget();
    for (const record of pictures) this.#pictures.set(record.id, record);
    this.#lastID = pictures.reduce((last, { id }) => Math.max(last, Number(id.slice(1)) || 0), 0);
    await this.#extraction.allMissing();
    this.#changed();
    return true;
  }

  /**
   * The classes in their order, each with its pictures. It is the same array until something of it changes.
   * @returns {readonly ClassWithPictures[]}
   */
  get classes() {
    if (this.#classes) return this.#classes;
    const all = this.#header.classes.map(one => ({ ...one, pictures: /** @type {PictureRecord[]} */ ([]) }));
    const byID = new Map(all.map(one => [one.id, one]));
    for (const record of this.#pictures.values()) byID.get(record.classId)?.pictures.push(record);
    return (this.#classes = all);
  }

  /** The side of the centre square that the network sees, as a fraction of a picture's short side. */
  get cropRatio() {
    return this.#engine.info.inputSize / this.#engine.info.shortSide;
  }

  /** How many pictures wait for their features. */
  get waiting() {
    return this.#extraction.waiting.size;
  }

  /** All runs, the newest last. @returns {readonly Run[]} */
  get history() {
    return this.#header.history;
  }

  /** The project's name. */
  get name() {
    return this.#header.name;
  }

  get store() {
    return this.#store;
  }

  /** Names the project. @param {string} name */
  async rename(name) {
    this.#header.name = name.trim();
    await this.#save();
  }

  /**
   * Adds a class at the end.
   * @param {string} name  not empty, and different from the other classes' names
   * @returns {Promise<TaughtClass>}
   */
  async addClass(name) {
    const added = { id: this.#newID('c'), name: this.#checkName(name) };
    this.#header.classes.push(added);
    await this.#save();
    return added;
  }

  /**
   * @param {string} name
   * @param {string} to
   */
  async renameClass(name, to) {
    const one = this.#classOf(name);
    if (to.trim() === one.name) return;
    one.name = this.#checkName(to);
    await this.#save();
  }

  /** Removes a class and its pictures. @param {string} name */
  async removeClass(name) {
    const { id } = this.#classOf(name);
    const pictures = [...this.#pictures.values()].filter(({ classId }) => classId === id);
    await this.remove(pictures.map(picture => picture.id));
    this.#header.classes = this.#header.classes.filter(one => one.id !== id);
    await this.#save();
  }

  /**
   * Adds a picture to a class: stores it, and then computes its features.
   * @param {string} className
   * @param {ImageSource} image
   * @param {object} [options]
   * @param {string} [options.name]  by default the file's
   * @param {string} [options.domain]  what kind of picture it is ("drawing", …)
   * @param {boolean} [options.test]  makes it a test picture, from which nothing is learnt
   * @param {(picture: PictureRecord) => void} [options.onStored]  called before the features are computed
   * @returns {Promise<PictureRecord>} It resolves when the features are there. It rejects if the image is not a
   *   picture, and then the image is no longer stored.
   */
  async add(className, image, { name, domain = '', test = false, onStored } = {}) {
    const { id: classId } = this.#classOf(className);
    const blob = await asBlob(image);
    const hash = await hashOf(blob);
    /** @type {PictureRecord} */
    const record = {
      id: this.#newID('p'), classId, name: name ?? (blob instanceof File ? blob.name : ''), hash, dhash: '',
      format: '', width: 0, height: 0, domain, test, side: sides.unassigned, added: Date.now(),
    };
    await this.#store.putPicture(record, { blob });
    this.#pictures.set(record.id, record);
    this.#changed();
    onStored?.(record);
    await this.#extraction.of(record.id);
    return record;
  }

  /**
   * Moves pictures to another class.
   * @param {string[]} ids
   * @param {string} className
   */
  async move(ids, className) {
    const { id: classId } = this.#classOf(className);
    const moved = ids.map(id => ({ ...this.#picture(id), classId, side: sides.unassigned }));
    await this.#store.updatePictures(moved);
    for (const record of moved) this.#pictures.set(record.id, record);
    this.#changed();
  }

  /** Removes pictures. @param {string[]} ids  those that are gone already are ignored */
  async remove(ids) {
    await this.#store.removePictures(ids);
    for (const id of ids) this.#pictures.delete(id);
    this.#trainingData.forget(ids);
    this.#changed();
  }

  /** A picture's file. @param {string} id */
  async blob(id) {
    this.#picture(id);
    return this.#store.blob(id);
  }

  /**
   * The most pictures that a training can take, given the present number of test pictures.
   * @param {{ method?: Method, augmentations?: number }} [options]
   */
  maxPictures({ method = 'head', augmentations = 0 } = {}) {
    const tests = [...this.#pictures.values()].filter(({ test }) => test).length;
    return this.#trainingData.maxPictures({ method, augmentations, tests });
  }

  /** Waits until no picture waits for its features. Files that are not pictures have been removed by then. */
  async ready() {
    const { waiting } = this.#extraction;
    while (waiting.size > 0) await Promise.allSettled(waiting.values());
  }

  /**
   * Trains on all pictures that have features, and stores the weights, which predict then uses. The first training with
   * a picture assigns it to the training or the validation side.
   * @param {import('./training.js').TrainOptions} [options]
   * @returns {Promise<Run>} It rejects with `bad-argument` if there are too many pictures, and `cannot-teach` if there
   *   are too few.
   */
  async train({ method = 'head', seed = this.#header.seed, ...options } = {}) {
    await this.#extraction.allMissing(); // retries what failed while the storage was full
    await this.ready();
    const { classes } = this.#header;
    const pictures = this.#withFeatures();
    await split(this.#engine, this.#store, pictures, classes, seed).catch(error => this.#reportFull(error));
    const { run, weights, checkpoint } = await train(this.#engine, this.#store, this.#trainingData, pictures, classes,
      { ...options, method, seed });
    if (weights) await this.#weights.save(run, weights);
    await (checkpoint ? this.#store.putWeights('checkpoint', checkpoint) : this.#store.removeWeights('checkpoint'))
      .catch(error => this.#reportFull(error));
    await this.#addRun(run);
    return run;
  }

  /**
   * Classifies a picture with the weights of the latest run.
   * @param {ImageSource} image
   * @param {{ method?: WeightsName, signal?: AbortSignal }} [options]  method: takes the latest run of this method
   * @returns {Promise<Prediction>}
   */
  async predict(image, { method, signal } = {}) {
    let run, json;
    do { // repeats if another teacher has loaded its weights into the engine meanwhile
      run = await this.#loadWeights(method);
      ({ json } = await this.#engine.askAbout(image, 'predict', {}, { signal }));
    } while (!this.#weights.isLoaded(run));
    const { classes } = run;
    const { answer, ...rest } = /** @type {import('../../zproto.js').Predicted} */ (JSON.parse(json));
    const predictions = answer.probabilities
      .map((probability, index) => ({ index, label: classes[index], probability }))
      .sort((a, b) => b.probability - a.probability);
    return { predictions, none: answer.class < 0, ...rest };
  }

  /**
   * Where in a picture the taught network sees one of its classes: a class activation map, as Residua.cam returns it.
   * @param {ImageSource} image
   * @param {{ index: number, method?: WeightsName, signal?: AbortSignal }} options  index: of the class
   * @returns {Promise<import('../../zproto.js').Map & { data: Float32Array }>}
   */
  async cam(image, { index, method, signal }) {
    await this.#loadWeights(method);
    const { json, data } = await this.#engine.askAbout(image, 'cam', {
      ablate: null, classIndex: index, method: 'cam', block: -1, source: 'y', size: 56, stride: 28, taught: true,
    }, { signal });
    return { ...JSON.parse(json), data };
  }

  /**
   * The latest run, with its evaluation on pictures that it did not learn from.
   * @param {{ method?: Method }} [options]
   * @returns {Run | null} null: nothing was trained yet
   */
  evaluate({ method } = {}) {
    return this.#header.history.findLast(run => method === undefined || run.method === method) ?? null;
  }

  /**
   * Compares two runs on the same pictures: the test pictures if there are any, else the validation pictures.
   * @param {Run} base
   * @param {Run} other
   */
  compare(base, other) {
    return compare(this.#engine, base, other);
  }

  /**
   * Inspects the pictures for what may spoil the teaching: too few pictures, classes of very different size,
   * near-duplicates, and the same picture in two classes.
   */
  inspect() {
    return this.#inspection.warnings(this.#header.classes, this.#withFeatures());
  }

  /**
   * The pictures as points in a plane: the first two principal components of their features.
   * @returns {Promise<{ points: { id: string, x: number, y: number }[], explained: number[] }>} explained: the fraction
   *   of the variance that each component explains
   */
  async map() {
    const ids = this.#withFeatures().map(({ id }) => id);
    if (ids.length === 0) return { points: [], explained: [0, 0] };
    const features = await this.#store.features(ids);
    const { json, data } = await this.#engine.ask('plot', {}, { buffers: { features } });
    return { ...JSON.parse(json), points: ids.map((id, i) => ({ id, x: data[2 * i], y: data[2 * i + 1] })) };
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
    if (format === 'project') return exportProject(this.#store, options);
    if (format === 'onnx' || format === 'safetensors') {
      await this.#loadWeights();
      return exportNetwork(this.#engine, format, options);
    }
    const run = this.evaluate({ method: format });
    const weights = run ? await this.#weights.of(run) : await this.#store.weights(format);
    if (!weights) throw untaught(format);
    return new Blob([weights]);
  }

  /**
   * Opens a file that export has made. The format is detected, and untrusted files are safe to open. A project replaces
   * the present one. Weights leave the pictures as they are, and are what predict uses from then on; if there are no
   * classes yet, those of the weights are added.
   * @param {Blob} file
   * @param {import('./importexport.js').Options} [options]
   * @returns {Promise<{ kind: 'project', total: number, faults: import('./project.js').Fault[] } | { kind: 'weights',
   *   run: Run }>} faults: parts of a project that could not be used. It rejects with `bad-project` or `bad-weights` if
   *   the file cannot be used.
   */
  async import(file, options = {}) {
    if (await isProject(file)) {
      const { total, faults } = await importProject(this.#engine, this.#store, file, options);
      this.#trainingData.forget();
      await this.restore();
      return { kind: 'project', total, faults };
    }
    const { used, weights } = await importWeights(this.#engine, file);
    const run = importedRun(used);
    await this.#weights.save(run, weights);
    if (this.#header.classes.length === 0) {
      for (const name of new Set(used.classes)) this.#header.classes.push({ id: this.#newID('c'), name });
      this.#changed();
    }
    await this.#addRun(run);
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

  /** Deletes the project, also from the store. */
  async clear() {
    await this.#store.clear();
    this.#pictures.clear();
    this.#trainingData.forget();
    this.#inspection.forget();
    this.#header = { ...this.#header, name: '', classes: [], history: [] };
    await this.#save();
  }

  // ---- private -----------------------------------------------------------------

  /** @param {{ pictures?: boolean }} [what]  pictures: whether classes or pictures have changed */
  #changed({ pictures = true } = {}) {
    if (pictures) this.#classes = null;
    this.dispatchEvent(new Event('change'));
  }

  /** Saves the header. @param {{ pictures?: boolean }} [what]  as for #changed */
  async #save(what) {
    this.#changed(what);
    const history = this.#header.history.filter(run => !this.#weights.isUnsaved(run)).map(storedRun);
    await this.#store.saveHeader({ ...this.#header, history });
  }

  /** Fires "full" if the storage is full, and throws any other error. @param {any} error */
  #reportFull(error) {
    if (error?.code !== 'storage-full') throw error;
    this.dispatchEvent(new CustomEvent('full', { detail: error }));
  }

  /** @param {Run} run */
  async #addRun(run) {
    const history = this.#header.history.map(old => (old.method === run.method ? withoutAnswers(old) : old));
    this.#header.history = [...history, run];
    await this.#save({ pictures: false }).catch(error => this.#reportFull(error));
  }

  /** @param {'c' | 'p'} kind  class or picture */
  #newID(kind) {
    this.#lastID = Math.max(this.#lastID, ...this.#header.classes.map(({ id }) => Number(id.slice(1)) || 0)) + 1;
    return `${kind}${this.#lastID}`;
  }

  /** A class's new name, trimmed. @param {string} name */
  #checkName(name) {
    const trimmed = name.trim();
    if (trimmed === '') throw badArgument('a class needs a name');
    if (this.#header.classes.some(one => one.name === trimmed)) {
      throw badArgument(`there is a class "${trimmed}" already`);
    }
    return trimmed;
  }

  /** @param {string} name */
  #classOf(name) {
    const found = this.#header.classes.find(one => one.name === name);
    if (!found) throw badArgument(`there is no class "${name}"`);
    return found;
  }

  /** @param {string} id */
  #picture(id) {
    const record = this.#pictures.get(id);
    if (!record) throw badArgument(`there is no picture ${id}`);
    return record;
  }

  #withFeatures() {
    const { waiting, failed } = this.#extraction;
    return [...this.#pictures.values()].filter(({ id }) => !waiting.has(id) && !failed.has(id));
  }

  /**
   * Loads the weights of the latest run into the engine.
   * @param {WeightsName} [method]  by default the latest head or last block
   */
  #loadWeights(method) {
    const matches = (/** @type {Run} */ run) =>
      (method === undefined ? run.method === 'head' || run.method === 'last-block' : run.method === method);
    return this.#weights.load(this.#header.history.findLast(matches), method);
  }
}
