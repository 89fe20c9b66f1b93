// @ts-check
/**
 * Residua's API: a real ResNet in the browser. All computing is in a worker; no picture leaves the device.
 *
 *     import { Residua } from './residua.js';
 *     const net = await Residua.load({ model: 'resnet50', onProgress: p => console.log(p.loaded / p.total) });
 *     const { predictions } = await net.classify(file, { topK: 5 });
 *     net.close();
 *
 * An image is a Blob (or File), ImageBitmap, ImageData, canvas, <img> or URL. It is never changed or taken away. The engine keeps the last
 * image's way through the network: one question after the other about the same Blob or ImageBitmap, which cannot change, is answered from that.
 *
 * Whatever goes wrong is a ResiduaError, whose stable code is for programs and whose message tells a person what to do.
 */
import { Connection } from './api/connection.js';
import { badArgument, ResiduaError } from './api/errors.js';
import { siteFolder } from './common/site.js';
import { deleteDownloaded, deleteModel, folderOf, keptModels } from './api/models/cache.js';
import { shipped } from './api/models/shipped.js';
import { Teacher } from './api/teach/teacher.js';

export { isEngineFault, isPictureFault, ResiduaError } from './api/errors.js';
export { Teacher } from './api/teach/teacher.js';
export * as sharing from './api/teach/sharing.js';
export { checkFile } from './api/teach/importexport.js';
export { openStore, storedModel } from './api/teach/databasestore.js';

/** @typedef {import('./zproto.js').Info} Info */
/** @typedef {import('./zproto.js').Progress} Progress */
/** @typedef {import('./zproto.js').Classification} Classification */
/** @typedef {import('./zproto.js').Steps} Steps */
/** @typedef {import('./api/types.js').ImageSource} ImageSource */
/** @typedef {Record<number, import('./zproto.js').Ablation>} Ablate  what to leave out of blocks, by their index */
/**
 * A model that can be loaded.
 * @typedef {Omit<import('./zproto.js').About, 'model'> & { name: string, kept: number }} Model
 *   bytes: of all its files; kept: how many of them are on this device
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

/** Where the models are by default. */
const modelsHere = new URL('models/', siteFolder);

/** An engine that does not answer is started anew so often, all in all. */
const maxStarts = 2;

/** More threads than this have nothing to do in a network of this size. */
const maxThreads = 8;

/**
 * An index for the engine, which takes -1 for one that the caller left open.
 * @param {string} what
 * @param {number | undefined} index
 */
function indexOrOpen(what, index) {
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

  /** @type {Info} what was loaded: labels, blocks, threads, kernels, licence */ info;

  /**
   * Starts an engine and loads a model, from the browser's cache as far as that has it. Each network has an engine of its own: to change to another
   * model, load that and close this one.
   *
   * With file, it is a network of your own: safetensors with the names of torchvision, timm or Hugging Face transformers, or ONNX. `info.notes` says what
   * had to be assumed of it. It is kept in the browser's cache; from then on `info.model` is its name, by which it is loaded without the file.
   * @param {object} [options]
   * @param {string} [options.model]  a name that `Residua.models` gives
   * @param {Blob} [options.file]  a network of your own
   * @param {Blob[]} [options.side]  what was published beside it: config.json, preprocessor_config.json, a list of labels
   * @param {string | URL} [options.models]  where the models are; by default `../models/`, seen from this module
   * @param {number} [options.threads]  how many compute; 0: as many as the machine has, up to 8. Where the page is not cross-origin
   *   isolated it is always one. Results are the same, to the bit, for any number.
   * @param {(progress: Progress) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Residua>}
   */
  static async load({ model = 'resnet50', file, side = [], models = modelsHere, threads = 0, onProgress, signal } = {}) {
    if (!/^[\w.-]+$/.test(model)) throw badArgument(`"${model}" is no model's name`);
    if (![...(file ? [file] : []), ...side].every(blob => blob instanceof Blob)) throw badArgument('file must be a Blob, and side a list of Blobs');
    if (!Number.isInteger(threads) || threads < 0) throw badArgument('threads must be a whole number, or 0 for as many as the machine has');
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
   * The models that can be loaded: those that come with Residua, and then your own.
   * @param {{ models?: string | URL }} [options]  models: where they are, as for load
   * @returns {Promise<Model[]>}
   */
  static async models({ models = modelsHere } = {}) {
    const here = new Map((await keptModels()).map(kept => [kept.folder, kept]));
    const keptOf = (/** @type {string} */ name) => here.get(folderOf(models, name));
    /** @type {Model[]} */
    const list = Residua.shipped.map(about => ({ ...about, own: false, notes: [], kept: keptOf(about.name)?.bytes ?? 0 }));
    for (const { name, about, bytes, total } of here.values()) {
      if (!about || bytes < total || !keptOf(name)) continue;
      const { model, ...rest } = about;
      list.push({ ...rest, name, kept: bytes });
    }
    return list;
  }

  /**
   * The models that come with Residua, the usual one first. Their names and sizes are known before anything is fetched.
   * @type {readonly Readonly<Omit<Model, 'kept' | 'own' | 'notes'>>[]}
   */
  static shipped = shipped.map(({ model, ...about }) => ({ ...about, name: model }));

  /**
   * How many bytes of models are on this device: of those that can be downloaded again, and of your own.
   * @returns {Promise<{ downloaded: number, own: number }>}
   */
  static async storage() {
    const sum = { downloaded: 0, own: 0 };
    for (const { about, bytes } of await keptModels()) sum[about ? 'own' : 'downloaded'] += bytes;
    return sum;
  }

  /** Deletes from this device what can be downloaded again. A network that has one of these loaded goes on. */
  static async forgetDownloaded() {
    await deleteDownloaded();
  }

  /**
   * Deletes a model from this device. One of your own is gone then; others can be downloaded again. A network that has it loaded goes on.
   * @param {string} model  its name
   * @param {{ models?: string | URL }} [options]
   */
  static async forget(model, { models = modelsHere } = {}) {
    if (!/^[\w.-]+$/.test(model)) throw badArgument(`"${model}" is no model's name`);
    await deleteModel(folderOf(models, model));
  }

  /** Use Residua.load. */
  constructor() {
    this.info = /** @type {any} */ (null);
  }

  /**
   * What an image shows: the topK most probable classes, best first. With ablate, what the network makes of it without some parts of its
   * blocks: 'residual' leaves F out, y = ReLU(x), 'shortcut' leaves x out, y = ReLU(F(x)); a projection's shortcut cannot be left out.
   * @param {ImageSource} image
   * @param {{ topK?: number, ablate?: Ablate, signal?: AbortSignal }} [options]
   * @returns {Promise<Classification>}
   */
  async classify(image, { topK = 5, ablate, signal } = {}) {
    if (!Number.isInteger(topK) || topK < 1) throw badArgument('topK must be a whole number from 1');
    return JSON.parse((await this.#connection.askAbout(image, 'classify', { topK, ablate: checkedAblate(ablate) }, { signal })).json);
  }

  /**
   * The network's features of an image: its last stage's channels, each its mean over all positions. Pictures of like things have like features.
   * @param {ImageSource} image
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Float32Array>}
   */
  async features(image, { signal } = {}) {
    const { data } = await this.#connection.askAbout(image, 'features', {}, { signal });
    return /** @type {Float32Array} */ (data);
  }

  /**
   * What each residual block does to an image: the norms of x as it enters the sum, of F(x) and of y = ReLU(x + F(x)), and the
   * cosine of the angle between x and F(x). Of one block, if it is named, also x, F(x) and y themselves, each
   * height × width × channels of `info.blocks`. With topK also what the network then says, as classify does.
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
    const args = { block: indexOrOpen('block', block), topK, ablate: checkedAblate(ablate) };
    const { json, data } = await this.#connection.askAbout(image, 'trace', args, { signal });
    if (!data) return { ...JSON.parse(json), maps: null };
    const n = data.length / 3;
    return { ...JSON.parse(json), maps: { x: data.subarray(0, n), f: data.subarray(n, 2 * n), y: data.subarray(2 * n) } };
  }

  /**
   * Where in an image the network sees a class, as a map over the square that it gets. Of data, 0 stands for min and 1 for max.
   * - 'cam', the class activation map (Zhou et al. 2016): what each position adds to the class's logit, exactly.
   * - 'grad-cam' (Selvaraju et al. 2017): the same to first order, at any block, of x, F(x), their sum or y.
   * - 'occlusion' (Zeiler and Fergus 2014): by how much the class's probability drops when a grey square hides a place. It takes
   *   as many passes as the map has cells, and tells onProgress after each.
   * @param {ImageSource} image
   * @param {object} [options]
   * @param {number} [options.classIndex]  by default the most probable class
   * @param {import('./zproto.js').CAMMethod} [options.method]
   * @param {number} [options.block]  for Grad-CAM; by default the last
   * @param {import('./zproto.js').ViewTensor} [options.source]  for Grad-CAM
   * @param {number} [options.size]  of the grey square, in pixels of the network's input; by default a quarter of its side
   * @param {number} [options.stride]  how far its places are apart; by default half of size
   * @param {Ablate} [options.ablate]
   * @param {(steps: Steps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<import('./zproto.js').Map & { data: Float32Array }>}
   */
  async cam(image, { classIndex, method = 'cam', block, source = 'y', size = Math.ceil(this.info.inputSize / 4), stride = Math.ceil(size / 2), ablate, onProgress, signal } = {}) {
    if (!Number.isInteger(size) || !Number.isInteger(stride)) throw badArgument('size and stride must be whole numbers');
    const { json, data } = await this.#connection.askAbout(image, 'cam', {
      classIndex: indexOrOpen('classIndex', classIndex), method, block: indexOrOpen('block', block), source, size, stride, ablate: checkedAblate(ablate),
    }, { onProgress, signal });
    return { ...JSON.parse(json), data };
  }

  /**
   * What becomes of a class's probability when F of one block after the other is left out (Veit, Wilber and Belongie 2016).
   * @param {ImageSource} image
   * @param {object} [options]
   * @param {number} [options.classIndex]  by default the most probable class
   * @param {Ablate} [options.ablate]  what is left out besides
   * @param {(steps: Steps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<import('./zproto.js').Swept>}
   */
  async sweep(image, { classIndex, ablate, onProgress, signal } = {}) {
    const args = { classIndex: indexOrOpen('classIndex', classIndex), ablate: checkedAblate(ablate) };
    return JSON.parse((await this.#connection.askAbout(image, 'sweep', args, { onProgress, signal })).json);
  }

  /**
   * The filters of the first convolution as they are in the model file, count × height × width × R, G, B.
   * @returns {Promise<import('./zproto.js').Filters & { data: Float32Array }>}
   */
  async filters() {
    const { json, data } = await this.#connection.ask('filters', {}, {});
    return { ...JSON.parse(json), data };
  }

  /**
   * Hands the engine a port whose other end is the view's: through it the engine tells the view about each image that is classified,
   * and the view asks for more. It takes the place of the port before.
   * @param {MessagePort} port
   */
  async connectView(port) {
    if (!(port instanceof MessagePort)) throw badArgument('connectView wants a MessagePort');
    await this.#connection.ask('view', {}, { port });
  }

  /**
   * Where the time goes: of a pass and of each convolution in it, in milliseconds, the mean of some runs; and how much memory the engine has taken.
   * @param {{ runs?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<import('./zproto.js').Times>}
   */
  async profile({ runs = 10, signal } = {}) {
    if (!Number.isInteger(runs) || runs < 1) throw badArgument('runs must be a whole number from 1');
    return JSON.parse((await this.#connection.ask('profile', { runs }, { signal })).json);
  }

  /**
   * A teacher: it learns classes of your own from a few pictures of each, on top of this network.
   * @param {{ store?: import('./api/teach/memorystore.js').ProjectStore }} [options]  store: where everything is kept; by default in memory only
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

  /** Ends the engine and frees its memory. What was asked and not answered is rejected. */
  close() {
    this.#connection.end(new ResiduaError('closed', 'This network was closed. Load it again to go on.'));
  }
}
