// @ts-check
/** The part of a teacher that has the classes and the pictures. */
import { badArgument } from '../errors.js';
import { seenPart } from '../seenpart.js';
import { sides } from '../../zproto.js';
import { asBlob, hashOf } from './picture.js';
import { otherNetwork } from './projecterror.js';
import { runFromStored } from './run.js';
import { ProjectState } from './state.js';

/** @typedef {import('../types.js').ImageSource} ImageSource */
/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./memorystore.js').TaughtClass} TaughtClass */
/** @typedef {import('./state.js').ClassWithPictures} ClassWithPictures */

export class Collection extends EventTarget {
  #state;

  /** @param {import('../types.js').Engine} engine  @param {import('./memorystore.js').ProjectStore} store */
  constructor(engine, store) {
    super();
    this.#state = new ProjectState(engine, store, this);
  }

  /**
   * Loads the project from the store, and starts computing missing features in the background. If there is a store,
   * call this before anything else.
   * @param {object} [options]
   * @param {import('./extraction.js').OnFault} [options.onFault]  called with each picture whose missing features could
   *   not be computed
   * @param {boolean} [options.fromOtherModel]  takes over a project of another model: its classes and pictures stay,
   *   and all that was taught or computed goes for good, in one step. Close the other model's teachers first
   * @param {AbortSignal} [options.signal]  stops the computing of missing features; see computeMissing
   * @returns {Promise<boolean>} whether there was a project. It rejects with `bad-project` if the project is another
   *   model's, and with `read-only` if it should be taken over in a tab that may not write.
   */
  async restore({ onFault, fromOtherModel = false, signal } = {}) {
    const state = this.#state;
    if (onFault) state.extraction.onFault = onFault;
    const project = await this.#load(fromOtherModel);
    if (!project) return false;
    const { header, pictures } = project;
    state.replaceHeader({ ...header, history: header.history.map(runFromStored) });
    state.pictures.clear();
    state.inspection.forget();
    state.extraction.failed.clear();
    for (const record of pictures) state.pictures.set(record.id, record);
    state.lastID = pictures.reduce((last, { id }) => Math.max(last, Number(id.slice(1)) || 0), 0);
    await state.extraction.allMissing(signal);
    state.changed();
    return true;
  }

  /**
   * Starts computing the features that are still missing because that was stopped or has failed. Methods that need all
   * features do so by themselves.
   * @param {object} [options]
   * @param {AbortSignal} [options.signal]  stops it, but for pictures that another call has begun with
   * @returns {Promise<void>} It resolves when it has begun: ready waits for the end.
   */
  async computeMissing({ signal } = {}) {
    await this.#state.extraction.allMissing(signal);
    this.#state.changed();
  }

  /**
   * The stored project, which is this network's.
   * @param {boolean} fromOtherModel  as for restore
   */
  async #load(fromOtherModel) {
    const { engine, store, trainingData } = this.#state;
    const { model } = engine.info;
    const project = await store.load();
    if (!project || project.header.model === model) return project;
    const { header, pictures } = project;
    // An empty project has no model yet.
    if (header.classes.length === 0 && pictures.length === 0) return { header: { ...header, model }, pictures };
    if (!fromOtherModel) throw otherNetwork(header.model, model);
    await store.forgetComputed({ ...header, model, history: [] });
    trainingData.forget();
    return store.load();
  }

  /** The name of the network that is taught. */
  get model() {
    return this.#state.engine.info.model;
  }

  /** The residual blocks of the network that is taught, as `info.blocks` has them. */
  get blocks() {
    return this.#state.engine.info.blocks;
  }

  /**
   * The classes in their order, each with its pictures. It is the same array until something of it changes.
   * @returns {readonly ClassWithPictures[]}
   */
  get classes() {
    return this.#state.classes;
  }

  /**
   * The pictures without a class, in the order in which they were added. It is the same array until something of it
   * changes.
   * @returns {readonly PictureRecord[]}
   */
  get unlabelled() {
    return this.#state.unlabelled;
  }

  /** The part of a picture that the network sees (../seenpart.js). @param {number} width  @param {number} height */
  seenPart(width, height) {
    return seenPart(this.#state.engine.info, width, height);
  }

  /** How many pictures wait for their features. */
  get waiting() {
    return this.#state.extraction.waiting.size;
  }

  /** How many pictures have no features and wait for none, because computing them was stopped or failed. */
  get missing() {
    const { pictures, extraction: { failed, waiting } } = this.#state;
    return [...failed].filter(id => pictures.has(id) && !waiting.has(id)).length;
  }

  /** The project's name. */
  get name() {
    return this.#state.header.name;
  }

  get store() {
    return this.#state.store;
  }

  /** Names the project. @param {string} name */
  async rename(name) {
    this.#state.header.name = name.trim();
    await this.#state.save();
  }

  /**
   * Adds a class at the end.
   * @param {string} name  not empty, and different from the other classes' names
   * @returns {Promise<TaughtClass>}
   */
  async addClass(name) {
    const added = { id: this.#state.newID('c'), name: this.#checkName(name) };
    this.#state.header.classes.push(added);
    await this.#state.save();
    return added;
  }

  /**
   * @param {string} name
   * @param {string} to
   */
  async renameClass(name, to) {
    const one = this.#state.classOf(name);
    if (to.trim() === one.name) return;
    one.name = this.#checkName(to);
    await this.#state.save();
  }

  /** Removes a class and its pictures. @param {string} name */
  async removeClass(name) {
    const { id } = this.#state.classOf(name);
    const pictures = [...this.#state.pictures.values()].filter(({ classId }) => classId === id);
    await this.remove(pictures.map(picture => picture.id));
    this.#state.header.classes = this.#state.header.classes.filter(one => one.id !== id);
    await this.#state.save();
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
  async add(className, image, options) {
    const { id: classId } = this.#state.classOf(className);
    return this.#add(classId, image, options);
  }

  /**
   * Adds a picture whose class nobody knows, for the methods across domains. Nothing learns from it as from a picture
   * of a class; `move` gives it one.
   * @param {ImageSource} image
   * @param {object} [options]
   * @param {string} [options.name]  by default the file's
   * @param {string} [options.domain]  what kind of picture it is ("drawing", …)
   * @param {(picture: PictureRecord) => void} [options.onStored]  called before the features are computed
   * @returns {Promise<PictureRecord>} as for add; its classId is ''
   */
  async addUnlabelled(image, options) {
    return this.#add('', image, options);
  }

  /**
   * Moves pictures to another class.
   * @param {string[]} ids
   * @param {string} className
   */
  async move(ids, className) {
    const { id: classId } = this.#state.classOf(className);
    const moved = ids.map(id => ({ ...this.#state.picture(id), classId, side: sides.unassigned }));
    await this.#state.store.updatePictures(moved);
    for (const record of moved) this.#state.pictures.set(record.id, record);
    this.#state.changed();
  }

  /** Removes pictures. @param {string[]} ids  those that are gone already are ignored */
  async remove(ids) {
    await this.#state.store.removePictures(ids);
    for (const id of ids) this.#state.pictures.delete(id);
    this.#state.trainingData.forget(ids);
    this.#state.changed();
  }

  /** A picture's file. @param {string} id */
  async blob(id) {
    this.#state.picture(id);
    return this.#state.store.blob(id);
  }

  /** Waits until no picture waits for its features. Files that are not pictures have been removed by then. */
  async ready() {
    await this.#state.ready();
  }

  /**
   * Inspects the pictures for what may spoil the teaching: too few pictures, classes of very different size,
   * near-duplicates, and the same picture in two classes.
   */
  inspect() {
    return this.#state.inspection.warnings(this.#state.header.classes, this.#state.labelled());
  }

  /**
   * The pictures as points in a plane: the first two principal components of their features.
   * @param {object} [options]
   * @param {string[]} [options.ids]  of the pictures, with a class or without; by default all with a class
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<{ points: { id: string, x: number, y: number }[], explained: number[] }>} explained: the fraction
   *   of the variance that each component explains
   */
  async map({ ids: wanted, signal } = {}) {
    const pictures = wanted ? this.#state.looked(wanted) : this.#state.labelled();
    const ids = pictures.map(({ id }) => id);
    if (ids.length === 0) return { points: [], explained: [0, 0] };
    const features = await this.#state.store.features(ids);
    const { json, data } = await this.#state.engine.ask('plot', {}, { buffers: { features }, signal });
    return { ...JSON.parse(json), points: ids.map((id, i) => ({ id, x: data[2 * i], y: data[2 * i + 1] })) };
  }

  /** Deletes the project, also from the store. */
  async clear() {
    await this.#state.store.clear();
    this.#state.pictures.clear();
    this.#state.trainingData.forget();
    this.#state.inspection.forget();
    this.#state.replaceHeader({ ...this.#state.header, name: '', classes: [], history: [] });
    await this.#state.save();
  }

  /** A class's new name, trimmed. @param {string} name */
  #checkName(name) {
    const trimmed = name.trim();
    if (trimmed === '') throw badArgument('a class needs a name');
    if (this.#state.header.classes.some(one => one.name === trimmed)) {
      throw badArgument(`there is a class "${trimmed}" already`);
    }
    return trimmed;
  }

  /**
   * @param {string} classId
   * @param {ImageSource} image
   * @param {{ name?: string, domain?: string, test?: boolean, onStored?: (picture: PictureRecord) => void }} [options]
   */
  async #add(classId, image, { name, domain = '', test = false, onStored } = {}) {
    const state = this.#state;
    const blob = await asBlob(image);
    const hash = await hashOf(blob);
    /** @type {PictureRecord} */
    const record = {
      id: state.newID('p'), classId, name: name ?? (blob instanceof File ? blob.name : ''), hash, dhash: '',
      format: '', width: 0, height: 0, domain, test, side: sides.unassigned, added: Date.now(),
    };
    await state.store.putPicture(record, { blob });
    state.pictures.set(record.id, record);
    state.changed();
    onStored?.(record);
    await state.extraction.of(record.id);
    return record;
  }
}
