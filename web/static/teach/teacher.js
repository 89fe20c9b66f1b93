// @ts-check
/**
 * Teaches a network classes of a person's own, from a few pictures. `net.teach()` makes one:
 *
 *     const teacher = net.teach();
 *     await teacher.addClass('cat');
 *     await teacher.addClass('dog');
 *     await teacher.add('cat', file);
 *     const run = await teacher.train({ depth: 'head', onStep: step => console.log(step.validation?.accuracy) });
 *     const { predictions } = await teacher.predict(photo);
 *
 * What is added is kept in a store before anything is computed of it: a tab that is closed, or an engine that crashes, loses nothing.
 * Each change fires the event "change".
 */
import { concat } from './arrays.js';
import { MemoryStore } from './memory.js';
import { asBlob, hashOf, isPictureFault, smallSide } from './picture.js';

/** @typedef {import('../residua.js').Residua} Residua */
/** @typedef {import('../residua.js').ImageSource} ImageSource */
/** @typedef {import('../residua.js').Buffers} Buffers */
/** @typedef {import('../zproto.js').Depth} Depth */
/** @typedef {import('../zproto.js').TrainStep} TrainStep */
/** @typedef {import('../zproto.js').Trained} Trained */
/** @typedef {import('../zproto.js').Compared} Compared */
/** @typedef {import('../zproto.js').Warning} Warning */
/** @typedef {import('./memory.js').PictureRecord} PictureRecord */
/** @typedef {import('./memory.js').TaughtClass} TaughtClass */
/** @typedef {import('./memory.js').Head} Head */
/** @typedef {import('./memory.js').Prepared} Prepared */
/** @typedef {import('./memory.js').WeightsName} WeightsName */
/** @typedef {MemoryStore} Store  or one with the same methods */

/**
 * What the engine does for a teacher: Residua gives it these, and nobody else.
 * @typedef {object} Engine
 * @property {import('../zproto.js').Info} info
 * @property {(op: import('../zproto.js').Op, args: object, sent: { buffers?: Buffers, onProgress?: (p: any, buffers: Buffers) => void, signal?: AbortSignal, stop?: AbortSignal }) => Promise<import('../residua.js').Reply>} ask
 * @property {(image: ImageSource, op: import('../zproto.js').Op, args: object, sent: { signal?: AbortSignal }) => Promise<import('../residua.js').Reply>} askAbout
 * @property {(reason: string) => Error} badArgument
 */

/**
 * One training and what came of it.
 * @typedef {Trained & { ids: string[], labels: number[], sides: number[], classes: string[], copies: number, seed: number, when: number, curve: TrainStep[] }} Run
 */

/** @typedef {{ key: string, features: Float32Array, inputs: Uint16Array | null }} Copies  key: which copies they are */

/** The part of a class's pictures that judge and do not teach. */
const validationPart = 0.25;
/** A training that takes long is saved this often. */
const checkpointMs = 15_000;
/** Altered copies of pictures are computed anew for each session; so many at most are kept. */
const mostCopies = 4000;

const sides = Object.freeze({ new: 0, training: 1, validation: 2, test: 3 });

export class Teacher extends EventTarget {
  /** @type {Engine} */ #engine;
  /** @type {Store} */ #store;
  /** @type {Head} */ #head;
  /** @type {Map<string, PictureRecord>} */ #pictures = new Map();
  /** The computing of features, one picture at a time. @type {Promise<unknown>} */ #line = Promise.resolve();
  /** Pictures whose features are on their way. @type {Map<string, Promise<void>>} */ #waiting = new Map();
  /** What the network makes of altered copies, by picture. @type {Map<string, Copies>} */ #copies = new Map();
  #lastID = 0;
  /** Which run's weights the engine has. @type {Run | null} */ #used = null;

  /** Use net.teach. @param {Engine} engine @param {Store} [store] */
  constructor(engine, store = new MemoryStore()) {
    super();
    this.#engine = engine;
    this.#store = store;
    this.#head = { version: 1, model: engine.info.model, name: '', seed: 1, classes: [], settings: {}, history: [] };
  }

  /**
   * Brings back what the store has; features that are missing are computed in the background. Call it once, first, if there is a store.
   * @returns {Promise<boolean>} whether there was anything
   */
  async restore() {
    const kept = await this.#store.load();
    if (!kept) return false;
    this.#head = kept.head;
    this.#pictures = new Map(kept.pictures.map(record => [record.id, record]));
    this.#lastID = Math.max(0, ...kept.pictures.map(({ id }) => Number(id.slice(1)) || 0));
    for (const id of await this.#store.missing()) this.#compute(id).catch(() => {});
    this.#changed();
    return true;
  }

  /** The classes in their order, each with its pictures. @returns {(TaughtClass & { pictures: PictureRecord[] })[]} */
  get classes() {
    const all = this.#head.classes.map(one => ({ ...one, pictures: /** @type {PictureRecord[]} */ ([]) }));
    const of = new Map(all.map(one => [one.id, one]));
    for (const record of this.#pictures.values()) of.get(record.classId)?.pictures.push(record);
    return all;
  }

  /** How many pictures' features are still to be computed. */
  get waiting() {
    return this.#waiting.size;
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
    const blob = await asBlob(image, this.#engine.badArgument);
    const hash = await hashOf(blob);
    /** @type {PictureRecord} */
    const record = {
      id: this.#newID('p'), classId, name: name ?? (blob instanceof File ? blob.name : ''), hash, dhash: '',
      format: '', width: 0, height: 0, domain, test, side: sides.new, added: Date.now(),
    };
    await this.#store.putPicture(record, { blob });
    this.#pictures.set(record.id, record);
    this.#changed();
    onKept?.(record);
    await this.#compute(record.id);
    return record;
  }

  /**
   * Moves pictures to another class.
   * @param {string[]} ids
   * @param {string} className
   */
  async move(ids, className) {
    const { id: classId } = this.#classOf(className);
    const moved = ids.map(id => ({ ...this.#picture(id), classId, side: sides.new }));
    await this.#store.updatePictures(moved);
    for (const record of moved) this.#pictures.set(record.id, record);
    this.#changed();
  }

  /** @param {string[]} ids */
  async remove(ids) {
    await this.#store.removePictures(ids);
    for (const id of ids) {
      this.#pictures.delete(id);
      this.#copies.delete(id);
    }
    this.#changed();
  }

  /** A picture's file. @param {string} id */
  blob(id) {
    return this.#store.blob(id);
  }

  /** Waits until all features are there. A picture that has none in the end was taken away, and its add was rejected. */
  async ready() {
    while (this.#waiting.size > 0) await Promise.allSettled(this.#waiting.values());
  }

  /**
   * Teaches. The weights are kept in the store; from then on predict answers by them.
   * @param {object} [options]
   * @param {Depth} [options.depth]
   * @param {number} [options.copies]  altered copies of each picture (flipped, cropped, recoloured) that are learnt from as well
   * @param {number} [options.epochs]  0: as many as are good for most
   * @param {number} [options.seed]
   * @param {boolean} [options.resume]  goes on with a training that was interrupted
   * @param {(step: TrainStep) => void} [options.onStep]
   * @param {(steps: { done: number, total: number }) => void} [options.onCopies]  while altered copies are computed
   * @param {AbortSignal} [options.signal]  ends training early: the run is what was reached by then, and resume goes on from there
   * @returns {Promise<Run>}
   */
  async train({ depth = 'head', copies = 0, epochs = 0, seed = this.#head.seed, resume = false, onStep, onCopies, signal } = {}) {
    await this.ready();
    const pictures = await this.#divided(seed);
    const ids = pictures.map(({ id }) => id);
    const of = new Map(this.#head.classes.map(({ id }, i) => [id, i]));
    const classes = this.#head.classes.map(({ name }) => name);
    const labels = pictures.map(({ classId }) => /** @type {number} */ (of.get(classId)));
    const sidesOf = pictures.map(({ side, test }) => (test ? sides.test : side));
    if (copies * ids.length > mostCopies) throw this.#engine.badArgument(`${ids.length} pictures with ${copies} copies each are more than ${mostCopies}`);
    const buffers = await this.#lesson(ids, { depth, copies, seed, onCopies, signal });
    const checkpoint = resume ? await this.#store.weights('checkpoint') : null;
    if (checkpoint) buffers.checkpoint = new Uint8Array(checkpoint.slice(0));
    /** @type {TrainStep[]} */
    const curve = [];
    const { json, buffers: out } = await this.#engine.ask('train', {
      depth, classes, labels, sides: sidesOf, copies, epochs, seed, checkpointMS: checkpointMs,
    }, {
      buffers, stop: signal,
      onProgress: (step, { checkpoint: state }) => {
        if (state) void this.#store.putWeights('checkpoint', /** @type {ArrayBuffer} */ (state.buffer)).catch(() => {});
        curve.push(step);
        onStep?.(step);
      },
    });
    /** @type {Run} */
    const run = { ...JSON.parse(json), ids, labels, sides: sidesOf, classes, copies, seed, when: Date.now(), curve };
    if (depth === 'head' || depth === 'last-block') await this.#store.putWeights(depth, /** @type {ArrayBuffer} */ (out.weights.buffer));
    if (out.checkpoint) await this.#store.putWeights('checkpoint', /** @type {ArrayBuffer} */ (out.checkpoint.buffer));
    else await this.#store.removeWeights('checkpoint');
    this.#head.history = [...this.#head.history, run];
    await this.#saved();
    return run;
  }

  /**
   * Asks the network that was taught last (or to the given depth) what a picture is.
   * @param {ImageSource} image
   * @param {{ depth?: WeightsName, signal?: AbortSignal }} [options]
   * @returns {Promise<{ predictions: { index: number, label: string, probability: number }[], none: boolean, image: import('../zproto.js').Image, ms: import('../zproto.js').Timing }>}
   *   none: it is probably none of the classes
   */
  async predict(image, { depth, signal } = {}) {
    const run = await this.#use(depth);
    const { json } = await this.#engine.askAbout(image, 'predict', {}, { signal });
    const { answer, ...rest } = /** @type {import('../zproto.js').Predicted} */ (JSON.parse(json));
    const predictions = answer.probabilities.map((probability, index) => ({ index, label: run.classes[index], probability }));
    return { predictions: predictions.sort((a, b) => b.probability - a.probability), none: answer.class < 0, ...rest };
  }

  /**
   * Where in a picture the taught network sees one of its classes: a class activation map, as Residua.cam gives it.
   * @param {ImageSource} image
   * @param {{ index: number, depth?: WeightsName, signal?: AbortSignal }} options  index: of the class
   * @returns {Promise<import('../zproto.js').Map & { data: Float32Array }>}
   */
  async cam(image, { index, depth, signal }) {
    await this.#use(depth);
    const { json, data } = await this.#engine.askAbout(image, 'cam', {
      ablate: null, classIndex: index, method: 'cam', block: -1, source: 'y', size: 56, stride: 28, taught: true,
    }, { signal });
    return { ...JSON.parse(json), data };
  }

  /**
   * How well the last training did on pictures that it did not learn from.
   * @param {{ depth?: Depth }} [options]
   * @returns {Run | null} null: nothing was trained yet
   */
  evaluate({ depth } = {}) {
    return this.#head.history.findLast(run => depth === undefined || run.depth === depth) ?? null;
  }

  /**
   * Whether one training is better than another on the same pictures: the test pictures if there are any, else the validation pictures.
   * @param {Run} base
   * @param {Run} other
   * @returns {Promise<Compared & { on: 'validation' | 'test' }>}
   */
  async compare(base, other) {
    const place = new Map(other.ids.map((id, i) => [id, i]));
    const on = base.sides.includes(sides.test) ? 'test' : 'validation';
    const judging = base.ids.map((id, i) => ({ i, j: place.get(id) ?? -1 })).filter(({ i, j }) => base.sides[i] === sides[on] && other.sides[j] === sides[on]);
    const { json } = await this.#engine.ask('compare', {
      labels: judging.map(({ i }) => base.labels[i]),
      base: judging.map(({ i }) => base.answers[i].best),
      other: judging.map(({ j }) => other.answers[j].best),
    }, {});
    return { ...JSON.parse(json), on };
  }

  /**
   * What may spoil the teaching: too few pictures, classes of very different size, near-duplicates, the same picture in two classes.
   * @returns {Promise<(Omit<Warning, 'pictures' | 'class' | 'other'> & { class: string | null, other: string | null, pictures: string[] })[]>}
   *   class, other: null is all, or none; pictures: those concerned, or none where all of the class are
   */
  async inspect() {
    const pictures = [...this.#pictures.values()].filter(({ id }) => !this.#waiting.has(id));
    const of = new Map(this.#head.classes.map(({ id }, i) => [id, i]));
    const { json } = await this.#engine.ask('inspect', {
      classes: this.#head.classes.length,
      pictures: pictures.map(({ classId, hash, dhash }) => ({ class: of.get(classId), hash, dhash })),
    }, { buffers: { features: await this.#store.features(pictures.map(({ id }) => id)) } });
    const { warnings } = /** @type {import('../zproto.js').Warnings} */ (JSON.parse(json));
    const nameOf = (/** @type {number} */ i) => this.#head.classes[i]?.name ?? null;
    return warnings.map(({ pictures: places, ...rest }) => ({
      ...rest, class: nameOf(rest.class), other: nameOf(rest.other), pictures: places.map(i => pictures[i].id),
    }));
  }

  /**
   * The pictures as points of a plane, by their features: principal components.
   * @returns {Promise<{ points: { id: string, x: number, y: number }[], explained: number[] }>}
   */
  async map() {
    const ids = [...this.#pictures.keys()].filter(id => !this.#waiting.has(id));
    if (ids.length === 0) return { points: [], explained: [0, 0] };
    const { json, data } = await this.#engine.ask('plot', {}, { buffers: { features: await this.#store.features(ids) } });
    return { ...JSON.parse(json), points: ids.map((id, i) => ({ id, x: data[2 * i], y: data[2 * i + 1] })) };
  }

  /**
   * What was taught, as a file. The safetensors are for Go programs and PyTorch, ONNX for most runtimes: each is the whole network with the
   * new classes. A head or last block is what was learnt alone, for another Residua.
   * @param {'onnx' | 'safetensors' | 'head' | 'last-block'} format
   * @param {{ onProgress?: (bytes: number) => void, signal?: AbortSignal }} [options]
   * @returns {Promise<Blob>}
   */
  async export(format, { onProgress, signal } = {}) {
    if (format === 'head' || format === 'last-block') {
      const weights = await this.#store.weights(format);
      if (!weights) throw this.#engine.badArgument(`no ${format} was taught yet`);
      return new Blob([weights]);
    }
    await this.#use();
    /** @type {BlobPart[]} */
    const chunks = [];
    await this.#engine.ask('export', { format }, {
      signal,
      onProgress: ({ bytes }, { chunk }) => {
        chunks.push(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (chunk)])); // a Blob need not stay in memory
        onProgress?.(bytes);
      },
    });
    return new Blob(chunks);
  }

  /** Forgets everything, also in the store. */
  async clear() {
    await this.#store.clear();
    this.#pictures.clear();
    this.#copies.clear();
    this.#head = { ...this.#head, name: '', classes: [], history: [] };
    this.#used = null;
    await this.#saved();
  }

  // ---- inside ------------------------------------------------------------------

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  async #saved() {
    this.#changed();
    await this.#store.saveHead(this.#head);
  }

  /** @param {'c' | 'p'} kind */
  #newID(kind) {
    this.#lastID = Math.max(this.#lastID, ...this.#head.classes.map(({ id }) => Number(id.slice(1)) || 0)) + 1;
    return `${kind}${this.#lastID}`;
  }

  /** @param {string} name */
  #freeName(name) {
    const free = name.trim();
    if (free === '') throw this.#engine.badArgument('a class needs a name');
    if (this.#head.classes.some(one => one.name === free)) throw this.#engine.badArgument(`there is a class "${free}" already`);
    return free;
  }

  /** @param {string} name */
  #classOf(name) {
    const found = this.#head.classes.find(one => one.name === name);
    if (!found) throw this.#engine.badArgument(`there is no class "${name}"`);
    return found;
  }

  /** @param {string} id */
  #picture(id) {
    const record = this.#pictures.get(id);
    if (!record) throw this.#engine.badArgument(`there is no picture ${id}`);
    return record;
  }

  /**
   * Computes what the network makes of a picture, when its turn comes.
   * @param {string} id
   */
  #compute(id) {
    const work = this.#line.then(async () => {
      if (!this.#pictures.has(id)) return; // removed meanwhile
      try {
        const { json, buffers } = await this.#engine.askAbout(await this.#store.blob(id), 'prepare', { small: smallSide, inputs: true, copies: 0, seed: 0 }, {});
        const record = this.#pictures.get(id);
        if (!record) return;
        const { image, dhash } = /** @type {import('../zproto.js').Prepared} */ (JSON.parse(json));
        Object.assign(record, { ...image, dhash });
        const { features, small, inputs } = /** @type {{ features: Float32Array, small: Uint8Array, inputs: Uint16Array }} */ (buffers);
        await this.#store.putFeatures(id, { features, small, input: inputs });
        await this.#store.updatePictures([record]);
      } catch (error) {
        if (isPictureFault(error)) await this.remove([id]);
        throw error;
      }
    });
    const done = work.finally(() => {
      this.#waiting.delete(id);
      this.#changed();
    });
    this.#line = work.catch(() => {});
    this.#waiting.set(id, done);
    done.catch(() => {});
    return done;
  }

  /**
   * All pictures, each with its side. Who has one keeps it.
   * @param {number} seed
   */
  async #divided(seed) {
    const pictures = [...this.#pictures.values()];
    const of = new Map(this.#head.classes.map(({ id }, i) => [id, i]));
    const open = pictures.filter(({ test }) => !test);
    const { json } = await this.#engine.ask('split', {
      pictures: open.map(({ hash, classId, side }) => ({ id: hash, group: '', class: of.get(classId), side })), fraction: validationPart, seed,
    }, {});
    const found = /** @type {import('../zproto.js').Sides} */ (JSON.parse(json)).sides;
    const changed = open.filter((record, i) => record.side !== found[i]);
    open.forEach((record, i) => { record.side = found[i]; });
    if (changed.length > 0) await this.#store.updatePictures(changed);
    return pictures;
  }

  /**
   * The buffers that a training wants.
   * @param {string[]} ids
   * @param {{ depth: Depth, copies: number, seed: number, onCopies?: (steps: { done: number, total: number }) => void, signal?: AbortSignal }} options
   * @returns {Promise<Buffers>}
   */
  async #lesson(ids, { depth, copies, seed, onCopies, signal }) {
    const wantsInputs = depth === 'last-block';
    if (depth === 'scratch') return { small: await this.#store.small(ids) };
    if (copies > 0) {
      const key = `${copies} ${seed} ${wantsInputs}`;
      for (const [done, id] of ids.entries()) {
        if (this.#copies.get(id)?.key === key) continue;
        const { buffers } = await this.#engine.askAbout(await this.#store.blob(id), 'prepare', { small: smallSide, inputs: wantsInputs, copies, seed }, { signal });
        this.#copies.set(id, { key, .../** @type {any} */ (buffers) });
        onCopies?.({ done: done + 1, total: ids.length });
      }
    }
    if (copies === 0) {
      const features = await this.#store.features(ids);
      return wantsInputs ? { features, inputs: concat(await this.#inputs(ids, signal), Uint16Array) } : { features };
    }
    const all = ids.map(id => /** @type {Copies} */ (this.#copies.get(id)));
    const features = concat(all.map(one => one.features), Float32Array);
    return wantsInputs ? { features, inputs: concat(all.map(one => /** @type {Uint16Array} */ (one.inputs)), Uint16Array) } : { features };
  }

  /**
   * The last block's inputs; those that the store could not keep are computed again.
   * @param {string[]} ids
   * @param {AbortSignal} [signal]
   */
  async #inputs(ids, signal) {
    const kept = await this.#store.inputs(ids);
    /** @type {Uint16Array[]} */
    const all = [];
    for (const [i, id] of ids.entries()) {
      all.push(kept[i] ?? /** @type {Uint16Array} */ ((await this.#engine.askAbout(await this.#store.blob(id), 'prepare', { small: smallSide, inputs: true, copies: 0, seed: 0 }, { signal })).buffers.inputs));
    }
    return all;
  }

  /**
   * Gives the engine the weights of a training, unless it has them.
   * @param {WeightsName} [depth]
   */
  async #use(depth) {
    const run = this.#head.history.findLast(one => (depth === undefined ? one.depth === 'head' || one.depth === 'last-block' : one.depth === depth));
    const weights = run && await this.#store.weights(/** @type {WeightsName} */ (run.depth));
    if (!run || !weights) throw this.#engine.badArgument('nothing was taught yet; call train first');
    if (this.#used !== run) {
      await this.#engine.ask('use', {}, { buffers: { weights: new Uint8Array(weights.slice(0)) } });
      this.#used = run;
    }
    return run;
  }
}
