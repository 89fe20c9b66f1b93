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
 * An image is a Blob (or File), ImageBitmap, ImageData, canvas, <img>, <video>, VideoFrame or URL. Of a video it is the
 * picture that it shows at the time of the call. An image is neither changed nor transferred, and no frame is closed.
 * The engine keeps the activations of the last image. Further calls with the same Blob or ImageBitmap, whose pixels
 * cannot change, are answered from them.
 *
 * All methods reject with a ResiduaError, which has a stable code for programs and a message that tells people what
 * to do. An argument of the wrong type, a value that an option does not have, and an option that a method does not
 * have are refused with `bad-argument`. Any of them may reject with `cancelled` after its signal is aborted, `closed`
 * after close, and `engine-crashed` or `no-answer`. Methods that take an image also reject with `empty-file`,
 * `not-an-image`, `unsupported-format`, `truncated-image`, `broken-image`, `too-many-pixels`, `too-many-bytes` or
 * `folder`, and for a URL with `http` or `offline`.
 */
import { address, check, folderAt, guard, guarded } from './api/arguments.js';
import { Connection } from './api/connection.js';
import { badArgument, ResiduaError } from './api/errors.js';
import { cachedModels, deleteDownloaded, deleteModel, folderOf } from './api/models/cache.js';
import { explained } from './api/models/fault.js';
import { shipped } from './api/models/shipped.js';
import { mapsIn, occlusionSize } from './api/maps.js';
import * as signatures from './api/signatures.js';
import * as seen from './api/seenpart.js';
import * as importExport from './api/teach/importexport.js';
import * as stores from './api/teach/openstore.js';
import { Teacher } from './api/teach/teacher.js';
import { Lab } from './api/lab/lab.js';
import { moveSite, siteFolder } from './common/site.js';

export { isEngineFault, isPictureFault, ResiduaError } from './api/errors.js';
export { Teacher } from './api/teach/teacher.js';
export { Lab } from './api/lab/lab.js';
export * as sharing from './api/teach/sharing.js';
export * as files from './api/files/checked.js';

/** @typedef {import('./zproto.js').Info} Info */
/** @typedef {import('./zproto.js').Progress} Progress */
/** @typedef {import('./zproto.js').Classification} Classification */
/** @typedef {import('./zproto.js').Steps} Steps */
/** @typedef {import('./api/types.js').ImageSource} ImageSource */
/** @typedef {import('./api/types.js').Ablate} Ablate */
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
/** @typedef {import('./api/files/files.js').Recognized} Recognized */
/** @typedef {import('./api/teach/sharing.js').Limits} Limits */
/** @typedef {import('./api/teach/sharing.js').Described} Described */
/** @typedef {import('./api/teach/sharing.js').NameFault} NameFault */

/** The default address of the models' folder. */
const defaultModels = () => new URL('models/', siteFolder);

/** How often an engine that does not answer is started, the first time included. */
const maxStarts = 2;

/** A network of this size has no work for more threads. */
const maxThreads = 8;

export class Residua {
  #connection = new Connection();

  /** The loaded model, and how the engine runs it. @type {Info} */ info;

  /**
   * The address of the folder that the built site's folders static and models lie in. By default it is found from this
   * module's own address. A bundler moves this module away from its files, and then its page must set it before
   * anything else. It must be on the page's own origin, for browsers start no worker of another.
   */
  static get base() {
    return siteFolder.href;
  }

  /** @param {string | URL} folder  relative to the page, or absolute */
  static set base(folder) {
    check('base', folder, { ...address, required: true });
    moveSite(folderAt('base', folder));
  }

  /**
   * Starts an engine and loads a model, as far as possible from the browser's cache. Each network has its own engine:
   * to change to another model, load it and close this one.
   *
   * With file, the model is the caller's: safetensors with the names of torchvision, timm or Hugging Face transformers,
   * or ONNX. A model in several files is a list of them, in any order: the parts of a checkpoint
   * (model-00001-of-00002.safetensors …) with or without their index, or an ONNX graph with its external data
   * (model.onnx.data). `info.notes` says what had to be assumed, and which files were not used. The model is stored in
   * the browser's cache as one; later it can be loaded without the files, with `info.model` as its name.
   * @param {object} [options]
   * @param {string} [options.model]  a name from `Residua.models`
   * @param {Blob | Iterable<Blob>} [options.file]  a network's file or files; those of a list are told by their
   *   names, so they are Files
   * @param {Blob[]} [options.side]  files published with it: config.json, preprocessor_config.json, or the classes'
   *   names as JSON (a list, numbered, or class_to_idx), as text (one on each line) or as a table (.csv). They may as
   *   well be in the list of file.
   * @param {string | URL} [options.models]  the address of the models' folder, with or without a slash at its end; by
   *   default `../models/`, relative to this module. On another origin it needs CORS
   * @param {number} [options.threads]  0: as many as the machine has, up to 8. A page that is not cross-origin isolated
   *   always gets one. Results are bit-equal for any number.
   * @param {(progress: Progress) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Residua>} It also rejects with `unsupported-browser` (no WebAssembly SIMD), `no-model` (the
   *   message lists the names that exist), `cross-origin`, `http`, `offline` or `corrupt-download`, `bad-model` if
   *   the site's model is not sound, `bad-model-file` if file is not (its `details.why` says why, in one of the words
   *   of resnet/modelfile/refusal.go), and `not-kept` if a model of the caller's is no longer in the cache.
   */
  static async load({
    model = 'resnet50', file, side = [], models = defaultModels(), threads = 0, onProgress, signal,
  } = {}) {
    const files = [...(file instanceof Blob ? [file] : Array.from(file ?? [])), ...side];
    if (!files.every(blob => blob instanceof Blob) || file && files.length === side.length) {
      throw badArgument('file must be a Blob or a list of Blobs, and side a list of Blobs');
    }
    if (!file && files.length > 0) throw badArgument('side describes the model in file, which is missing');
    const args = {
      models: folderAt('models', models),
      model,
      threads: Math.min(threads || navigator.hardwareConcurrency || 1, maxThreads),
    };
    for (let start = 1; ; start++) {
      const net = new Residua();
      try {
        onProgress?.({ phase: 'engine', loaded: 0, total: 0, cached: 0, kept: 0 });
        const { json } = await net.#connection.start('load', args, { files: file && files, onProgress, signal });
        net.info = JSON.parse(json);
        return net;
      } catch (error) {
        net.close();
        if (start === maxStarts || !(error instanceof ResiduaError) || error.code !== 'no-answer') {
          throw await explained(error, args, options => Residua.models(options));
        }
        console.warn(`${error.message} It is started anew.`);
      }
    }
  }

  /**
   * The models that can be loaded: those that come with Residua, and then the user's own.
   * @param {{ models?: string | URL }} [options]  models: the address of their folder, as for load
   * @returns {Promise<Model[]>}
   */
  static async models({ models = defaultModels() } = {}) {
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
  static async forget(model, { models = defaultModels() } = {}) {
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
    const args = { topK, ablate: ablate ?? null };
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
    const args = { block: block ?? -1, topK, ablate: ablate ?? null, taught: false };
    const { json, data } = await this.#connection.askAbout(image, 'trace', args, { signal });
    const { blocks, classification } = /** @type {import('./zproto.js').Traced} */ (JSON.parse(json));
    return { blocks, classification, maps: mapsIn(data) };
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
    size = occlusionSize(this.info), stride = Math.ceil(size / 2), ablate, onProgress, signal,
  } = {}) {
    const { json, data } = await this.#connection.askAbout(image, 'cam', {
      classIndex: classIndex ?? -1, method, block: block ?? -1, source, size, stride, ablate: ablate ?? null,
      taught: false,
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
    const args = { classIndex: classIndex ?? -1, ablate: ablate ?? null, taught: false };
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
    await this.#connection.ask('view', {}, { port });
  }

  /**
   * Measures how long a forward pass and each convolution in it take, in milliseconds, and how much memory the engine
   * has, in bytes.
   * @param {{ runs?: number, signal?: AbortSignal }} [options]  runs: how many passes to average
   * @returns {Promise<import('./zproto.js').Times>}
   */
  async profile({ runs = 10, signal } = {}) {
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

guard(Residua, signatures.ofResidua, (self, name) =>
  (self === Residua ? undefined : `${name} must be called as Residua.${name}`));
guard(Residua.prototype, signatures.ofNetwork, (self, name) =>
  (self instanceof Residua && (self.info || name === 'close') ? undefined
    : `${name} must be called on a network that Residua.load has made`));
guard(Teacher.prototype, signatures.ofTeacher, (self, name) =>
  (self instanceof Teacher ? undefined : `${name} must be called on a teacher that net.teach has made`));
guard(Lab, signatures.ofLabClass, (self, name) =>
  (self === Lab ? undefined : `${name} must be called as Lab.${name}`));
guard(Lab.prototype, signatures.ofLab, (self, name) =>
  (self instanceof Lab && (self.info || name === 'close') ? undefined
    : `${name} must be called on a lab that Lab.open has made`));

export const checkFile = guarded('checkFile', importExport.checkFile, signatures.ofModule.checkFile);
export const openStore = guarded('openStore', stores.openStore, signatures.ofModule.openStore);
export const storedModel = guarded('storedModel', stores.storedModel, signatures.ofModule.storedModel);
export const seenPart = guarded('seenPart', seen.seenPart, signatures.ofModule.seenPart);
