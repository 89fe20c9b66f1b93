// @ts-check
/**
 * The API of Residua, which runs a real ResNet in the browser. All computing is in a worker, and no picture leaves the
 * device.
 *
 *     import { Residua } from './residua.js';
 *     const net = await Residua.load({ model: 'resnet50', onProgress: p => console.log(p.loaded / p.total) });
 *     const { predictions } = await net.classify(file, { topK: 5 });
 *     net.close();
 *
 * An image is a Blob (or File), ImageBitmap, ImageData, canvas, <img> or URL. It is neither changed nor transferred.
 * The engine keeps the activations of the last image. Further calls with the same Blob or ImageBitmap, whose pixels
 * cannot change, are answered from them.
 *
 * All methods reject with a ResiduaError, which has a stable code for programs and a message that tells people what to
 * do. Any of them may reject with `cancelled` after its signal is aborted, `closed` after close, and `bad-argument`,
 * `engine-crashed` or `no-answer`. Methods that take an image also reject with `empty-file`, `not-an-image`,
 * `unsupported-format`, `truncated-image`, `broken-image`, `too-many-pixels`, `too-many-bytes` or `folder`, and for a
 * URL with `http` or `offline`.
 */
import { Connection } from './api/connection.js';
import { badArgument, ResiduaError } from './api/errors.js';
import { cachedModels, deleteDownloaded, deleteModel, folderOf } from './api/models/cache.js';
import { shipped } from './api/models/shipped.js';
import { Teacher } from './api/teach/teacher.js';
import { siteFolder } from './common/site.js';

export { isEngineFault, isPictureFault, ResiduaError } from './api/errors.js';
export { Teacher } from './api/teach/teacher.js';
export * as sharing from './api/teach/sharing.js';
export { seenPart } from './api/seenpart.js';
export { checkFile } from './api/teach/importexport.js';
export { openStore, storedModel } from './api/teach/openstore.js';

/** @typedef {import('./zproto.js').Info} Info */
/** @typedef {import('./zproto.js').Progress} Progress */
/** @typedef {import('./zproto.js').Classification} Classification */
/** @typedef {import('./zproto.js').Steps} Steps */
/** @typedef {import('./api/types.js').ImageSource} ImageSource */
/**
 * @typedef {Record<number, import('./zproto.js').Ablation>} Ablate  what to leave out of which blocks, by their index
 */
/**
 * A model that can be loaded. bytes is the size of all its files, and kept how many of these bytes are on this device.
 * @typedef {Omit<import('./zproto.js').About, 'model'> & { name: string, kept: number }} Model
 */
/** @typedef {import('./api/teach/teacher.js').ClassWithPictures} ClassWithPictures */
/** @typedef {import('./api/teach/memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./api/teach/run.js').Run} Run */
/** @typedef {import('./api/teach/extraction.js').OnFault} OnFault */
/** @typedef {import('./api/teach/importexport.js').ExportFormat} ExportFormat */
/** @typedef {import('./api/teach/databasestore.js').DatabaseStore} DatabaseStore */
/** @typedef {import('./api/teach/databasestore.js').Usage} Usage */
/** @typedef {import('./api/teach/sharing.js').Limits} Limits */
/** @typedef {import('./api/teach/sharing.js').Described} Described */
/** @typedef {import('./api/teach/sharing.js').NameFault} NameFault */

/** The default address of the models' folder. */
const defaultModels = new URL('models/', siteFolder);

/** How often an engine that does not answer is started, the first time included. */
const maxStarts = 2;

/** A network of this size has no work for more threads. */
const maxThreads = 8;

/**
 * An optional index as the engine takes it: -1 if it is undefined.
 * @param {string} what  the argument's name
 * @param {number | undefined} index
 */
function optionalIndex(what, index) {
  if (index === undefined) return -1;
  if (!Number.isInteger(index) || index < 0) throw badArgument(`${what} must be a whole number from 0`);
  return index;
}

/** @param {Ablate} [ablate]  @returns {Ablate | null} */
function checkedAblate(ablate) {
  const wrong = Object.keys(ablate ?? {}).find(block => !/^\d{1,9}$/.test(block));
  if (wrong !== undefined) throw badArgument(`ablate maps indices of blocks, and "${wrong}" is none`);
  return ablate ?? null;
}

export class Residua {
  #connection = new Connection();

  /** The loaded model, and how the engine runs it. @type {Info} */ info;

  /**
   * Starts an engine and loads a model, as far as possible from the browser's cache. Each network has its own engine:
   * to change to another model, load it and close this one.
   *
   * With file, the model is the caller's: safetensors with the names of torchvision, timm or Hugging Face transformers,
   * or ONNX. `info.notes` says what had to be assumed about it. It is stored in the browser's cache; later it can be
   * loaded without the file, with `info.model` as its name.
   * @param {object} [options]
   * @param {string} [options.model]  a name from `Residua.models`
   * @param {Blob} [options.file]  a network's file
   * @param {Blob[]} [options.side]  files published with it: config.json, preprocessor_config.json, a list of labels
   * @param {string | URL} [options.models]  the address of the models' folder; by default `../models/`, relative to
   *   this module
   * @param {number} [options.threads]  0: as many as the machine has, up to 8. A page that is not cross-origin isolated
   *   always gets one. Results are bit-equal for any number.
   * @param {(progress: Progress) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Residua>} It also rejects with `unsupported-browser` (no WebAssembly SIMD), `http`, `offline` or
   *   `corrupt-download`, `bad-model` if the site's model is not sound, `bad-model-file` if file is not, and `not-kept`
   *   if a model of the caller's is no longer in the cache.
   */
  static async load({
    model = 'resnet50', file, side = [], models = defaultModels, threads = 0, onProgress, signal,
  } = {}) {
    if (!/^[\w.-]+$/.test(model)) throw badArgument(`"${model}" is no model's name`);
    if (![...(file ? [file] : []), ...side].every(blob => blob instanceof Blob)) {
      throw badArgument('file must be a Blob, and side a list of Blobs');
    }
    if (!Number.isInteger(threads) || threads < 0) {
      throw badArgument('threads must be a whole number, or 0 for as many as the machine has');
    }
    const args = {
      models: new URL(models, document.baseURI).href,
      model,
      threads: Math.min(threads || navigator.hardwareConcurrency || 1, maxThreads),
    };
    for (let start = 1; ; start++) {
      const net = new Residua();
      try {
        onProgress?.({ phase: 'engine', loaded: 0, total: 0, cached: 0, kept: 0 });
        const { json } = await net.#connection.load(args, { files: file && [file, ...side], onProgress, signal });
        net.info = JSON.parse(json);
        return net;
      } catch (error) {
        net.close();
        if (start === maxStarts || !(error instanceof ResiduaError) || error.code !== 'no-answer') throw error;
        console.warn(`${error.message} It is started anew.`);
      }
    }
  }

  /**
   * The models that can be loaded: those that come with Residua, and then the user's own.
   * @param {{ models?: string | URL }} [options]  models: the address of their folder, as for load
   * @returns {Promise<Model[]>}
   */
  static async models({ models = defaultModels } = {}) {
    const here = new Map((await cachedModels()).map(model => [model.folder, model]));
    const cached = (/** @type {string} */ name) => here.get(folderOf(models, name));
    /** @type {Model[]} */
    const list = Residua.shipped
      .map(about => ({ ...about, own: false, notes: [], kept: cached(about.name)?.bytes ?? 0 }));
    for (const { name, about, bytes, total } of here.values()) {
      if (!about || bytes < total || !cached(name)) continue;
      const { model, ...rest } = about;
      list.push({ ...rest, name, kept: bytes });
    }
    return list;
  }

  /**
   * The models that come with Residua, the default first. This list needs no download.
   * @type {readonly Readonly<Omit<Model, 'kept' | 'own' | 'notes'>>[]}
   */
  static shipped = shipped.map(({ model, ...about }) => ({ ...about, name: model }));

  /**
   * How many bytes of models are in the browser's cache: of models that can be downloaded again, and of the user's own.
   * @returns {Promise<{ downloaded: number, own: number }>}
   */
  static async storage() {
    const sum = { downloaded: 0, own: 0 };
    for (const { about, bytes } of await cachedModels()) sum[about ? 'own' : 'downloaded'] += bytes;
    return sum;
  }

  /** Deletes all models that can be downloaded again from the cache. Networks that are loaded are not affected. */
  static async forgetDownloaded() {
    await deleteDownloaded();
  }

  /**
   * Deletes a model from the cache. A model of the user's own is lost; others can be downloaded again. Networks that
   * are loaded are not affected.
   * @param {string} model  its name
   * @param {{ models?: string | URL }} [options]  models: the address of the models' folder, as for load
   */
  static async forget(model, { models = defaultModels } = {}) {
    if (!/^[\w.-]+$/.test(model)) throw badArgument(`"${model}" is no model's name`);
    await deleteModel(folderOf(models, model));
  }

  /** Use Residua.load. */
  constructor() {
    this.info = /** @type {any} */ (null);
  }

  /**
   * Classifies an image: the topK most probable classes, the best first. With ablate, parts of blocks y = ReLU(x +
   * F(x)) are left out: 'residual' leaves out F, so that y = ReLU(x), and 'shortcut' leaves out x, so that y =
   * ReLU(F(x)). A projection shortcut cannot be left out.
   *
   * With the `info.activation` 'softmax' one class is right, and the probabilities of all add up to 1. With 'sigmoid'
   * each class has a probability of its own, and any number may be right (multi-label). A network with one output
   * (`info.outputs`) has two classes: 0 is its label, or "yes", and 1 the opposite. Their sigmoids add up to 1.
   * @param {ImageSource} image
   * @param {{ topK?: number, ablate?: Ablate, signal?: AbortSignal }} [options]
   * @returns {Promise<Classification>}
   */
  async classify(image, { topK = 5, ablate, signal } = {}) {
    if (!Number.isInteger(topK) || topK < 1) throw badArgument('topK must be a whole number from 1');
    const args = { topK, ablate: checkedAblate(ablate) };
    return JSON.parse((await this.#connection.askAbout(image, 'classify', args, { signal })).json);
  }

  /**
   * The network's features of an image: the channels of its last stage, averaged over all positions. Pictures of
   * similar things have similar features.
   * @param {ImageSource} image
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Float32Array>} 2,048 values for ResNet-50
   */
  async features(image, { signal } = {}) {
    const { data } = await this.#connection.askAbout(image, 'features', {}, { signal });
    return /** @type {Float32Array} */ (data);
  }

  /**
   * What each residual block does to an image: the norms of x as it enters the sum, of F(x) and of y = ReLU(x + F(x)),
   * and the cosine of the angle between x and F(x). With block, also the tensors x, F(x) and y of that block, each with
   * the height × width × channels that `info.blocks` has. With topK, also the classification, as classify returns it.
   * @param {ImageSource} image
   * @param {{ block?: number, topK?: number, ablate?: Ablate, signal?: AbortSignal }} [options]
   * @returns {Promise<{
   *   blocks: import('./zproto.js').BlockTrace[],
   *   maps: { x: Float32Array, f: Float32Array, y: Float32Array } | null,
   *   classification: Classification | null,
   * }>}
   */
  async trace(image, { block, topK = 0, ablate, signal } = {}) {
    if (!Number.isInteger(topK) || topK < 0) throw badArgument('topK must be a whole number from 0');
    const args = { block: optionalIndex('block', block), topK, ablate: checkedAblate(ablate) };
    const { json, data } = await this.#connection.askAbout(image, 'trace', args, { signal });
    if (!data) return { ...JSON.parse(json), maps: null };
    const n = data.length / 3;
    const maps = { x: data.subarray(0, n), f: data.subarray(n, 2 * n), y: data.subarray(2 * n) };
    return { ...JSON.parse(json), maps };
  }

  /**
   * Where in an image the network sees a class, as a map over its square input. data is scaled from min … max to 0 … 1.
   * - 'cam', the class activation map (Zhou et al. 2016): what each position adds to the class's logit, exactly.
   * - 'grad-cam' (Selvaraju et al. 2017): the same to first order, at any block, for x, F(x), their sum or y.
   * - 'occlusion' (Zeiler and Fergus 2014): how much the class's probability drops when a grey square hides a place. It
   *   takes one pass for each cell of the map, and calls onProgress after each.
   * @param {ImageSource} image
   * @param {object} [options]
   * @param {number} [options.classIndex]  by default the most probable class
   * @param {import('./zproto.js').CAMMethod} [options.method]
   * @param {number} [options.block]  for Grad-CAM; by default the last
   * @param {import('./zproto.js').ViewTensor} [options.source]  for Grad-CAM
   * @param {number} [options.size]  for occlusion: the side of the grey square in pixels of the network's input; by
   *   default a quarter of the input's shorter side
   * @param {number} [options.stride]  for occlusion: the distance between the square's places in pixels; by default
   *   half of size
   * @param {Ablate} [options.ablate]
   * @param {(steps: Steps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<import('./zproto.js').Map & { data: Float32Array }>}
   */
  async cam(image, {
    classIndex, method = 'cam', block, source = 'y',
    size = Math.ceil(Math.min(this.info.inputHeight, this.info.inputWidth) / 4),
    stride = Math.ceil(size / 2), ablate, onProgress, signal,
  } = {}) {
    if (![size, stride].every(Number.isInteger)) throw badArgument('size and stride must be whole numbers');
    const { json, data } = await this.#connection.askAbout(image, 'cam', {
      classIndex: optionalIndex('classIndex', classIndex), method, block: optionalIndex('block', block), source, size,
      stride, ablate: checkedAblate(ablate),
    }, { onProgress, signal });
    return { ...JSON.parse(json), data };
  }

  /**
   * A class's probability when F of one block at a time is left out (Veit, Wilber and Belongie 2016).
   * @param {ImageSource} image
   * @param {object} [options]
   * @param {number} [options.classIndex]  by default the most probable class
   * @param {Ablate} [options.ablate]  what is left out in addition
   * @param {(steps: Steps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<import('./zproto.js').Swept>}
   */
  async sweep(image, { classIndex, ablate, onProgress, signal } = {}) {
    const args = { classIndex: optionalIndex('classIndex', classIndex), ablate: checkedAblate(ablate) };
    return JSON.parse((await this.#connection.askAbout(image, 'sweep', args, { onProgress, signal })).json);
  }

  /**
   * The filters of the first convolution as they are in the model file.
   * @returns {Promise<import('./zproto.js').Filters & { data: Float32Array }>} data: count × height × width × 3 (R, G,
   *   B)
   */
  async filters() {
    const { json, data } = await this.#connection.ask('filters', {}, {});
    return { ...JSON.parse(json), data };
  }

  /**
   * Connects the engine to the view of Look inside. The engine sends the view each image that is traced with its
   * classification, and answers the view's requests. A new port replaces the previous one.
   * @param {MessagePort} port
   */
  async connectView(port) {
    if (!(port instanceof MessagePort)) throw badArgument('connectView wants a MessagePort');
    await this.#connection.ask('view', {}, { port });
  }

  /**
   * Measures how long a forward pass and each convolution in it take, in milliseconds, and how much memory the engine
   * has, in bytes.
   * @param {{ runs?: number, signal?: AbortSignal }} [options]  runs: how many passes to average
   * @returns {Promise<import('./zproto.js').Times>}
   */
  async profile({ runs = 10, signal } = {}) {
    if (!Number.isInteger(runs) || runs < 1) throw badArgument('runs must be a whole number from 1');
    return JSON.parse((await this.#connection.ask('profile', { runs }, { signal })).json);
  }

  /**
   * Makes a teacher, which teaches this network classes of the user's own from a few pictures of each.
   * @param {{ store?: import('./api/teach/memorystore.js').ProjectStore }} [options]  store: where the project is
   *   stored, from `openStore`; by default in memory only
   * @returns {Teacher}
   */
  teach({ store } = {}) {
    const { info } = this;
    return new Teacher({
      info,
      ask: (op, args, options) => this.#connection.ask(op, args, options),
      askAbout: (image, op, args, options) => this.#connection.askAbout(image, op, args, options),
    }, store);
  }

  /** Ends the engine and frees its memory. Pending calls reject with `closed`. */
  close() {
    this.#connection.end(new ResiduaError('closed', 'This network was closed. Load it again to go on.'));
  }
}
