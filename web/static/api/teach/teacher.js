// @ts-check
/**
 * Teaches a network classes of a person's own, from a few pictures. `net.teach()` makes one:
 *
 *     const teacher = net.teach();
 *     await teacher.addClass('cat');
 *     await teacher.addClass('dog');
 *     await teacher.add('cat', file);
 *     const run = await teacher.train({ method: 'head', onStep: step => console.log(step.validation?.accuracy) });
 *     const { predictions } = await teacher.predict(photo);
 *
 * What is added is kept in a store before anything is computed of it: a tab that is closed, or an engine that crashes, loses nothing.
 * Each change fires the event "change"; "full" is fired when something could not be kept that is only good until the page is closed.
 */
import { badArgument } from '../errors.js';
import { exportNetwork, exportProject, importProject, importWeights, isProject } from './importexport.js';
import { compare } from './compare.js';
import { divide } from './split.js';
import { Inspection } from './inspection.js';
import { Lesson } from './trainingdata.js';
import { FeatureExtraction } from './extraction.js';
import { MemoryStore } from './memorystore.js';
import { asBlob, hashOf } from './picture.js';
import { importedRun, keptRun, runOfKept, shortened } from './run.js';
import { fetchShare, share } from './share.js';
import { sides } from '../../zproto.js';

/** @typedef {import('../types.js').ImageSource} ImageSource */
/** @typedef {import('../types.js').Buffers} Buffers */
/** @typedef {import('../../zproto.js').Method} Method */
/** @typedef {import('../../zproto.js').TrainStep} TrainStep */
/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./memorystore.js').TaughtClass} TaughtClass */
/** @typedef {Omit<import('./memorystore.js').Head, 'history'> & { history: import('./run.js').Run[] }} Head  with its runs as the page has them */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */
/** @typedef {import('./memorystore.js').ProjectStore} Store */

/** @typedef {import('../types.js').Engine} Engine */
/** @typedef {import('./run.js').Run} Run */
/** @typedef {TaughtClass & { pictures: PictureRecord[] }} ClassWithPictures */

/** Which training's weights each engine has, by its info: several teachers may use one engine. @type {WeakMap<object, Run>} */
const used = new WeakMap();

/** A training that takes long is saved this often. */
const checkpointMs = 15_000;

export class Teacher extends EventTarget {
  /** @type {Engine} */ #engine;
  /** @type {Store} */ #store;
  /** @type {Head} */ #head;
  /** @type {Map<string, PictureRecord>} */ #pictures = new Map();
  /** @type {FeatureExtraction} */ #extraction;
  /** @type {Lesson} */ #lesson;
  /** @type {Inspection} */ #inspection;
  /** What the getter gives, until something changes. @type {ClassWithPictures[] | null} */ #classes = null;
  /** What was learnt and could not be kept. @type {Map<Run, ArrayBuffer>} */ #unkept = new Map();
  #lastID = 0;

  /** Use net.teach. @param {Engine} engine @param {Store} [store] */
  constructor(engine, store = new MemoryStore()) {
    super();
    this.#engine = engine;
    this.#store = store;
    this.#lesson = new Lesson(engine, store);
    this.#inspection = new Inspection(engine, store);
    this.#extraction = new FeatureExtraction(engine, store, this.#pictures, { onBroken: id => this.remove([id]), onChange: () => this.#changed() });
    this.#head = { version: 1, model: engine.info.model, name: '', seed: 1, classes: [], settings: {}, history: [] };
  }

  /**
   * Brings back what the store has; features that are missing are computed in the background. Call it once, first, if there is a store.
   * @param {{ onFault?: import('./extraction.js').OnFault }} [options]
   * @returns {Promise<boolean>} whether there was anything
   */
  async restore({ onFault } = {}) {
    if (onFault) this.#extraction.onFault = onFault;
    const kept = await this.#store.load();
    if (!kept) return false;
    // A project without classes is of no model yet.
    this.#head = { ...kept.head, history: kept.head.history.map(runOfKept) };
    if (kept.head.classes.length === 0) this.#head.model = this.#engine.info.model;
    this.#pictures.clear();
    this.#inspection.forget();
    for (const record of kept.pictures) this.#pictures.set(record.id, record);
    this.#lastID = kept.pictures.reduce((last, { id }) => Math.max(last, Number(id.slice(1)) || 0), 0);
    await this.#extraction.allMissing();
    this.#changed();
    return true;
  }

  /** The classes in their order, each with its pictures; the same array until something of it changes. @returns {readonly ClassWithPictures[]} */
  get classes() {
    if (this.#classes) return this.#classes;
    const all = this.#head.classes.map(one => ({ ...one, pictures: /** @type {PictureRecord[]} */ ([]) }));
    const of = new Map(all.map(one => [one.id, one]));
    for (const record of this.#pictures.values()) of.get(record.classId)?.pictures.push(record);
    return (this.#classes = all);
  }

  /** The side of the square that the network sees, of a picture whose short side is one. */
  get seen() {
    return this.#engine.info.inputSize / this.#engine.info.shortSide;
  }

  /** How many pictures' features are still to be computed. */
  get waiting() {
    return this.#extraction.waiting.size;
  }

  /** The trainings so far, the newest last. @returns {readonly Run[]} */
  get history() {
    return this.#head.history;
  }

  /** The project's name. */
  get name() {
    return this.#head.name;
  }

  /** The store. */
  get store() {
    return this.#store;
  }

  /** @param {string} name */
  async rename(name) {
    this.#head.name = name.trim();
    await this.#saved();
  }

  /**
   * Adds a class at the end. Names are different, and not empty.
   * @param {string} name
   * @returns {Promise<TaughtClass>}
   */
  async addClass(name) {
    const added = { id: this.#newID('c'), name: this.#freeName(name) };
    this.#head.classes.push(added);
    await this.#saved();
    return added;
  }

  /**
   * @param {string} name
   * @param {string} to
   */
  async renameClass(name, to) {
    const one = this.#classOf(name);
    if (to.trim() === one.name) return;
    one.name = this.#freeName(to);
    await this.#saved();
  }

  /** Removes a class and its pictures. @param {string} name */
  async removeClass(name) {
    const { id } = this.#classOf(name);
    await this.remove([...this.#pictures.values()].filter(({ classId }) => classId === id).map(picture => picture.id));
    this.#head.classes = this.#head.classes.filter(one => one.id !== id);
    await this.#saved();
  }

  /**
   * Adds a picture to a class. It is kept at once; the promise waits for its features.
   * @param {string} className
   * @param {ImageSource} image
   * @param {{ name?: string, domain?: string, test?: boolean, onKept?: (picture: PictureRecord) => void }} [options]
   *   test: it is kept for judging and teaches nothing; onKept hears as soon as nothing can be lost any more
   * @returns {Promise<PictureRecord>} It is rejected if the picture is none; then it is not kept.
   */
  async add(className, image, { name, domain = '', test = false, onKept } = {}) {
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
    onKept?.(record);
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

  /** @param {string[]} ids */
  async remove(ids) {
    await this.#store.removePictures(ids);
    for (const id of ids) this.#pictures.delete(id);
    this.#lesson.forget(ids);
    this.#changed();
  }

  /** A picture's file. @param {string} id */
  blob(id) {
    return this.#store.blob(id);
  }

  /** How many pictures a training takes, as many of those that are here for testing. @param {{ method?: Method, augmentations?: number }} [options] */
  most({ method = 'head', augmentations = 0 } = {}) {
    return this.#lesson.most({ method, augmentations, tests: [...this.#pictures.values()].filter(({ test }) => test).length });
  }

  /** Waits until all features are there. A picture that has none in the end was taken away, and its add was rejected. */
  async ready() {
    const { waiting } = this.#extraction;
    while (waiting.size > 0) await Promise.allSettled(waiting.values());
  }

  /**
   * Teaches. The weights are kept in the store; from then on predict answers by them.
   * @param {object} [options]
   * @param {Method} [options.method]
   * @param {number} [options.augmentations]  of each picture, learnt from as well: its mirror image, then others at random; predict then goes by a picture and its mirror image
   * @param {number} [options.epochs]  0: as many as are good for most
   * @param {number} [options.seed]
   * @param {boolean} [options.resume]  goes on with a training that was interrupted
   * @param {(step: TrainStep) => void} [options.onStep]
   * @param {(steps: { done: number, total: number }) => void} [options.onAugmented]  while the features of augmentations are computed
   * @param {AbortSignal} [options.signal]  ends training early: the run is what was reached by then, and resume goes on from there
   * @returns {Promise<Run>}
   */
  async train({ method = 'head', augmentations = 0, epochs = 0, seed = this.#head.seed, resume = false, onStep, onAugmented, signal } = {}) {
    await this.#extraction.allMissing(); // of those that could not be kept when the storage was full
    await this.ready();
    const pictures = this.#seen();
    await divide(this.#engine, this.#store, pictures, this.#head.classes, seed).catch(error => this.#tellFull(error));
    const ids = pictures.map(({ id }) => id);
    const of = new Map(this.#head.classes.map(({ id }, i) => [id, i]));
    const classes = this.#head.classes.map(({ name }) => name);
    const labels = pictures.map(({ classId }) => /** @type {number} */ (of.get(classId)));
    const sidesOf = pictures.map(({ side, test }) => (test ? sides.test : side));
    const most = this.most({ method, augmentations });
    if (ids.length > most) throw badArgument(`${ids.length} pictures with ${augmentations} augmentations each are too many for "${method}", which takes ${most}`);
    const buffers = await this.#lesson.buffers(pictures, { method, augmentations, seed, onAugmented, signal });
    const checkpoint = resume ? await this.#store.weights('checkpoint') : null;
    if (checkpoint) buffers.checkpoint = new Uint8Array(checkpoint.slice(0));
    /** @type {TrainStep[]} */
    const curve = [];
    const { json, buffers: out } = await this.#engine.ask('train', {
      method, classes, labels, sides: sidesOf, augmentations, epochs, seed, checkpointMS: checkpointMs,
    }, {
      buffers, stop: signal,
      onProgress: (step, { checkpoint: state }) => {
        if (state) void this.#store.putWeights('checkpoint', /** @type {ArrayBuffer} */ (state.buffer)).catch(() => {});
        curve.push(step);
        onStep?.(step);
      },
    });
    /** @type {Run} */
    const run = { ...JSON.parse(json), ids, labels, sides: sidesOf, classes, augmentations, seed, when: Date.now(), curve };
    if (method === 'head' || method === 'last-block') await this.#keep(run, /** @type {ArrayBuffer} */ (out.weights.buffer));
    if (out.checkpoint) await this.#store.putWeights('checkpoint', /** @type {ArrayBuffer} */ (out.checkpoint.buffer)).catch(error => this.#tellFull(error));
    else await this.#store.removeWeights('checkpoint').catch(error => this.#tellFull(error));
    await this.#remember(run);
    return run;
  }

  /**
   * Asks the network that was taught last (or by the given method) what a picture is.
   * @param {ImageSource} image
   * @param {{ method?: WeightsName, signal?: AbortSignal }} [options]
   * @returns {Promise<{ predictions: { index: number, label: string, probability: number }[], none: boolean, image: import('../../zproto.js').Image, ms: import('../../zproto.js').Timing }>}
   *   none: it is probably none of the classes
   */
  async predict(image, { method, signal } = {}) {
    let run, json;
    do { // again, if another teacher has given the engine its weights in between
      run = await this.#use(method);
      ({ json } = await this.#engine.askAbout(image, 'predict', {}, { signal }));
    } while (used.get(this.#engine.info) !== run);
    const { answer, ...rest } = /** @type {import('../../zproto.js').Predicted} */ (JSON.parse(json));
    const predictions = answer.probabilities.map((probability, index) => ({ index, label: run.classes[index], probability }));
    return { predictions: predictions.sort((a, b) => b.probability - a.probability), none: answer.class < 0, ...rest };
  }

  /**
   * Where in a picture the taught network sees one of its classes: a class activation map, as Residua.cam gives it.
   * @param {ImageSource} image
   * @param {{ index: number, method?: WeightsName, signal?: AbortSignal }} options  index: of the class
   * @returns {Promise<import('../../zproto.js').Map & { data: Float32Array }>}
   */
  async cam(image, { index, method, signal }) {
    await this.#use(method);
    const { json, data } = await this.#engine.askAbout(image, 'cam', {
      ablate: null, classIndex: index, method: 'cam', block: -1, source: 'y', size: 56, stride: 28, taught: true,
    }, { signal });
    return { ...JSON.parse(json), data };
  }

  /**
   * How well the last training did on pictures that it did not learn from.
   * @param {{ method?: Method }} [options]
   * @returns {Run | null} null: nothing was trained yet
   */
  evaluate({ method } = {}) {
    return this.#head.history.findLast(run => method === undefined || run.method === method) ?? null;
  }

  /**
   * Whether one training is better than another on the same pictures: the test pictures if there are any, else the validation pictures.
   * @param {Run} base
   * @param {Run} other
   */
  compare(base, other) {
    return compare(this.#engine, base, other);
  }

  /**
   * What may spoil the teaching: too few pictures, classes of very different size, near-duplicates, the same picture in two classes.
   */
  inspect() {
    return this.#inspection.warnings(this.#head.classes, this.#seen());
  }

  /**
   * The pictures as points of a plane, by their features: principal components.
   * @returns {Promise<{ points: { id: string, x: number, y: number }[], explained: number[] }>}
   */
  async map() {
    const ids = this.#seen().map(({ id }) => id);
    if (ids.length === 0) return { points: [], explained: [0, 0] };
    const { json, data } = await this.#engine.ask('plot', {}, { buffers: { features: await this.#store.features(ids) } });
    return { ...JSON.parse(json), points: ids.map((id, i) => ({ id, x: data[2 * i], y: data[2 * i + 1] })) };
  }

  /**
   * What was taught, as a file. A project is everything: pictures, what was computed of them, weights, settings and history. The safetensors
   * are for Go programs and PyTorch, ONNX for most runtimes: each is the whole network with the new classes. A head or last block is what
   * was learnt alone, for another Residua.
   * @param {import('./importexport.js').ExportFormat} format
   * @param {import('./importexport.js').Options} [options]
   * @returns {Promise<Blob>}
   */
  async export(format, options = {}) {
    if (format === 'project') return exportProject(this.#store, options);
    if (format === 'onnx' || format === 'safetensors') {
      await this.#use();
      return exportNetwork(this.#engine, format, options);
    }
    const run = this.evaluate({ method: format });
    const weights = (run && this.#unkept.get(run)) ?? await this.#store.weights(format);
    if (!weights) throw badArgument(`no ${format} was taught yet`);
    return new Blob([weights]);
  }

  /**
   * Opens a file that export has made; its bytes tell what it is, and are checked as a stranger's. A project takes the place of this one. Of
   * weights the pictures stay, and predict answers by them from then on; where there are no classes yet, theirs are added.
   * @param {Blob} file
   * @param {import('./importexport.js').Options} [options]
   * @returns {Promise<{ kind: 'project', total: number, faults: import('./project.js').Fault[] } | { kind: 'weights', run: Run }>}
   *   faults: parts of a project that could not be used
   */
  async import(file, options = {}) {
    if (await isProject(file)) {
      const { total, faults } = await importProject(this.#engine, this.#store, file, options);
      this.#lesson.forget();
      await this.restore();
      return { kind: 'project', total, faults };
    }
    const { used, weights } = await importWeights(this.#engine, file);
    const run = importedRun(used);
    await this.#keep(run, weights);
    if (this.#head.classes.length === 0) {
      for (const name of new Set(used.classes)) this.#head.classes.push({ id: this.#newID('c'), name });
      this.#changed();
    }
    await this.#remember(run);
    return { kind: 'weights', run };
  }

  /**
   * Shares the head that was taught last: its weights and its classes' names go to the host that this page is from, and nothing else does.
   * @param {{ names?: string[], signal?: AbortSignal }} [options]  names: what the classes shall be called in the link
   */
  async share(options) {
    return share(await this.export('head'), options);
  }

  /** Loads what was shared, as import does. @param {string} id  out of a link @param {import('./importexport.js').Options} [options] */
  async importShared(id, options = {}) {
    return this.import(await fetchShare(id, options), options);
  }

  /** Forgets everything, also in the store. */
  async clear() {
    await this.#store.clear();
    this.#pictures.clear();
    this.#lesson.forget();
    this.#inspection.forget();
    this.#head = { ...this.#head, name: '', classes: [], history: [] };
    await this.#saved();
  }

  // ---- inside ------------------------------------------------------------------

  /** Whether classes and pictures have changed, and not only what was learnt of them. @param {{ pictures?: boolean }} [what] */
  #changed({ pictures = true } = {}) {
    if (pictures) this.#classes = null;
    this.dispatchEvent(new Event('change'));
  }

  /** @param {{ pictures?: boolean }} [what] */
  async #saved(what) {
    this.#changed(what);
    await this.#store.saveHead({ ...this.#head, history: this.#head.history.filter(run => !this.#unkept.has(run)).map(keptRun) });
  }

  /**
   * Keeps what was learnt. Where the storage is full it answers all the same, until the page is closed.
   * @param {Run} run
   * @param {ArrayBuffer} weights
   */
  async #keep(run, weights) {
    for (const old of this.#unkept.keys()) if (old.method === run.method) this.#unkept.delete(old);
    try {
      await this.#store.putWeights(/** @type {WeightsName} */ (run.method), weights);
    } catch (error) {
      this.#tellFull(error);
      this.#unkept.set(run, weights);
    }
  }

  /** Fires the event "full" if the storage is; anything else is thrown. @param {any} error */
  #tellFull(error) {
    if (error?.code !== 'storage-full') throw error;
    this.dispatchEvent(new CustomEvent('full', { detail: error }));
  }

  /** @param {Run} run */
  async #remember(run) {
    this.#head.history = [...this.#head.history.map(old => (old.method === run.method ? shortened(old) : old)), run];
    await this.#saved({ pictures: false }).catch(error => this.#tellFull(error));
  }

  /** @param {'c' | 'p'} kind */
  #newID(kind) {
    this.#lastID = Math.max(this.#lastID, ...this.#head.classes.map(({ id }) => Number(id.slice(1)) || 0)) + 1;
    return `${kind}${this.#lastID}`;
  }

  /** @param {string} name */
  #freeName(name) {
    const free = name.trim();
    if (free === '') throw badArgument('a class needs a name');
    if (this.#head.classes.some(one => one.name === free)) throw badArgument(`there is a class "${free}" already`);
    return free;
  }

  /** @param {string} name */
  #classOf(name) {
    const found = this.#head.classes.find(one => one.name === name);
    if (!found) throw badArgument(`there is no class "${name}"`);
    return found;
  }

  /** @param {string} id */
  #picture(id) {
    const record = this.#pictures.get(id);
    if (!record) throw badArgument(`there is no picture ${id}`);
    return record;
  }

  /** The pictures whose features are there. */
  #seen() {
    const { waiting, lacking } = this.#extraction;
    return [...this.#pictures.values()].filter(({ id }) => !waiting.has(id) && !lacking.has(id));
  }

  /**
   * Gives the engine the weights of a training, unless it has them.
   * @param {WeightsName} [method]
   */
  async #use(method) {
    const run = this.#head.history.findLast(one => (method === undefined ? one.method === 'head' || one.method === 'last-block' : one.method === method));
    const { info } = this.#engine;
    if (run && used.get(info) === run) return run;
    const weights = run && (this.#unkept.get(run) ?? await this.#store.weights(/** @type {WeightsName} */ (run.method)));
    if (!run || !weights) throw badArgument('nothing was taught yet; call train first');
    await this.#engine.ask('use', {}, { buffers: { weights: new Uint8Array(weights.slice(0)) } }).finally(() => used.delete(info));
    used.set(info, run);
    return run;
  }
}
