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
import { Helpers } from './api/helpers.js';
import { deleteModel, folderOf, keptModels } from './api/models/cache.js';
import { shipped } from './api/models/shipped.js';
import { decodeImage, isCanvas, pixelsOf } from './common/platform.js';
import { Teacher } from './api/teach/teacher.js';
import { scriptOf } from './common/trusted.js';
import { Watchdog } from './common/watchdog.js';
import { version } from './zproto.js';

/** @typedef {import('./zproto.js').Code} Code */
/** @typedef {import('./zproto.js').Info} Info */
/** @typedef {import('./zproto.js').Progress} Progress */
/** @typedef {import('./zproto.js').Classification} Classification */
/** @typedef {import('./zproto.js').Steps} Steps */
/** @typedef {Record<number, import('./zproto.js').Ablation>} Ablate  what to leave out of blocks, by their index */
/** @typedef {Blob | ImageBitmap | ImageData | HTMLCanvasElement | OffscreenCanvas | HTMLImageElement | string | URL} ImageSource */
/** @typedef {Record<string, Float32Array | Uint16Array | Uint8Array>} Buffers  typed arrays by their names */
/** @typedef {{ image?: Blob | ImageBitmap | ImageData, key?: number, port?: MessagePort, files?: Blob[], buffers?: Buffers }} Sent  what goes along with a question */
/** @typedef {Omit<import('./zproto.js').About, 'model'> & { name: string, kept: number }} Model  kept: how many of its bytes are on this device */
/** @typedef {{ json: string, data: Float32Array, buffers: Buffers }} Reply  data: the buffer of this name, if the operation gives it */
/** @typedef {{ resolve(reply: Reply): void, reject(error: Error): void, onProgress?: (p: any, buffers: Buffers) => void }} Pending */

export class ResiduaError extends Error {
  /**
   * @param {Code} code
   * @param {string} message  an English sentence: cause and cure
   * @param {Record<string, string>} [details]  the values in the message
   */
  constructor(code, message, details = {}) {
    super(message);
    this.name = 'ResiduaError';
    this.code = code;
    this.details = details;
  }
}

/** @param {'engine' | 'helper'} name */
const createWorker = name => new Worker(scriptOf(name), { type: 'module', name: `residua ${name}` });

/** Where the models are by default. */
const modelsHere = new URL('../models/', import.meta.url);

/** An engine that does not answer is started anew so often, all in all. */
const maxStarts = 2;

/**
 * How many seconds an engine that loads may be silent: until the first word, for which its script has to come; and then. Of the steps in which it cannot
 * say anything the longest is laying out the weights, which a slow phone takes half a minute for with a large network.
 */
const patience = { first: 30, next: 120 };

/** More threads than this have nothing to do in a network of this size. */
const maxThreads = 8;

const cancelled = () => new ResiduaError('cancelled', 'Cancelled.');
const noAnswer = (/** @type {string} */ reason) => new ResiduaError('no-answer',
  `The engine does not answer (${reason}). Close other tabs and programs, then reload the page; if that does not help, try another browser.`, { reason });
const badArgument = (/** @type {string} */ reason) => new ResiduaError('bad-argument', `The call cannot be carried out: ${reason}.`, { reason });

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
  /** @type {Worker} */ #worker;
  #helpers = new Helpers(() => createWorker('helper'));
  /** @type {Map<number, Pending>} */ #pending = new Map();
  /** @type {ResiduaError | null} why no more calls are answered */ #ended = null;
  #lastID = 0;
  #watchdog = new Watchdog(() => this.#end(noAnswer('it was silent for too long')));
  /** @type {WeakMap<object, number>} */ #keys = new WeakMap();
  #lastKey = 0;

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
        net.#watchdog.expect(patience.first);
        const { json } = await net.#ask('load', args, { files: file && [file, ...side], onProgress, signal });
        net.#watchdog.stop();
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
    const list = shipped.map(({ model, ...about }) => ({ ...about, name: model, own: false, notes: [], kept: keptOf(model)?.bytes ?? 0 }));
    for (const { name, about, bytes, total } of here.values()) {
      if (!about || bytes < total || !keptOf(name)) continue;
      const { model, ...rest } = about;
      list.push({ ...rest, name, kept: bytes });
    }
    return list;
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
    this.#worker = createWorker('engine');
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    // Not onmessageerror, which Chromium's workers do not have.
    this.#worker.addEventListener('messageerror', () => this.#end(noAnswer('what it says cannot be read')));
    this.#worker.onerror = event => this.#end(new ResiduaError('engine-crashed',
      `The engine failed (${event.message || 'its code could not be loaded'}). Reload the page and try again.`,
      { reason: event.message || 'its code could not be loaded' }));
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
    return JSON.parse((await this.#askAbout(image, 'classify', { topK, ablate: checkedAblate(ablate) }, { signal })).json);
  }

  /**
   * The network's features of an image: its last stage's channels, each its mean over all positions. Pictures of like things have like features.
   * @param {ImageSource} image
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Float32Array>}
   */
  async features(image, { signal } = {}) {
    const { data } = await this.#askAbout(image, 'features', {}, { signal });
    return /** @type {Float32Array} */ (data);
  }

  /**
   * What each residual block does to an image: the norms of x as it enters the sum, of F(x) and of y = ReLU(x + F(x)), and the cosine of the
   * angle between x and F(x). Of one block, if it is named, also x, F(x) and y themselves, each height × width × channels of `info.blocks`.
   * @param {ImageSource} image
   * @param {{ block?: number, ablate?: Ablate, signal?: AbortSignal }} [options]
   * @returns {Promise<{ blocks: import('./zproto.js').BlockTrace[], maps: { x: Float32Array, f: Float32Array, y: Float32Array } | null }>}
   */
  async trace(image, { block, ablate, signal } = {}) {
    const { json, data } = await this.#askAbout(image, 'trace', { block: indexOrOpen('block', block), ablate: checkedAblate(ablate) }, { signal });
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
    const { json, data } = await this.#askAbout(image, 'cam', {
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
    return JSON.parse((await this.#askAbout(image, 'sweep', args, { onProgress, signal })).json);
  }

  /**
   * The filters of the first convolution as they are in the model file, count × height × width × R, G, B.
   * @returns {Promise<import('./zproto.js').Filters & { data: Float32Array }>}
   */
  async filters() {
    const { json, data } = await this.#ask('filters', {}, {});
    return { ...JSON.parse(json), data };
  }

  /**
   * Hands the engine a port whose other end is the view's: through it the engine tells the view about each image that is classified,
   * and the view asks for more. It takes the place of the port before.
   * @param {MessagePort} port
   */
  async connectView(port) {
    if (!(port instanceof MessagePort)) throw badArgument('connectView wants a MessagePort');
    await this.#ask('view', {}, { port });
  }

  /**
   * Where the time goes: of a pass and of each convolution in it, in milliseconds, the mean of some runs; and how much memory the engine has taken.
   * @param {{ runs?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<import('./zproto.js').Times>}
   */
  async profile({ runs = 10, signal } = {}) {
    if (!Number.isInteger(runs) || runs < 1) throw badArgument('runs must be a whole number from 1');
    return JSON.parse((await this.#ask('profile', { runs }, { signal })).json);
  }

  /**
   * A teacher: it learns classes of your own from a few pictures of each, on top of this network.
   * @param {{ store?: import('./api/teach/teacher.js').Store }} [options]  store: where everything is kept; by default in memory only
   * @returns {Teacher}
   */
  teach({ store } = {}) {
    return new Teacher({
      info: this.info,
      ask: (op, args, sent) => this.#ask(op, args, sent),
      askAbout: (image, op, args, sent) => this.#askAbout(image, op, args, sent),
      badArgument,
    }, store);
  }

  /** Ends the engine and frees its memory. What was asked and not answered is rejected. */
  close() {
    this.#end(new ResiduaError('closed', 'This network was closed. Load it again to go on.'));
  }

  /**
   * @param {ImageSource} image
   * @param {import('./zproto.js').Op} op
   * @param {object} args
   * @param {{ onProgress?: (steps: Steps) => void, signal?: AbortSignal }} options
   */
  async #askAbout(image, op, args, { onProgress, signal }) {
    const key = this.#keyOf(image);
    const ask = (/** @type {Sent['image']} */ source) => this.#ask(op, args, { image: source, key, onProgress, signal });
    const source = await sendable(image, signal);
    return ask(source).catch(async error => {
      // Workers may have no canvas, in browsers whose pages have one. All else that there is to say about a file, the engine
      // has said.
      if (error?.code !== 'unsupported-browser' || source instanceof ImageData) throw error;
      const again = source instanceof Blob ? source : await decodeImage(/** @type {any} */ (image)); // a bitmap was given away
      return ask(await pixelsOf(again).catch(noPixels));
    });
  }

  /**
   * A number by which the engine knows an image again; 0 for one whose pixels may have changed since.
   * @param {ImageSource} image
   */
  #keyOf(image) {
    if (!(image instanceof Blob || image instanceof ImageBitmap)) return 0;
    const key = this.#keys.get(image) ?? ++this.#lastKey;
    this.#keys.set(image, key);
    return key;
  }

  /**
   * @param {import('./zproto.js').Op} op
   * @param {object} args
   * @param {Sent & { onProgress?: (p: any, buffers: Buffers) => void, signal?: AbortSignal, stop?: AbortSignal }} options
   *   signal gives the question up; stop asks for an early answer
   * @returns {Promise<Reply>}
   */
  #ask(op, args, { onProgress, signal, stop, ...sent }) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      if (signal?.aborted) return reject(cancelled());
      const id = ++this.#lastID;
      const abort = () => {
        this.#pending.delete(id);
        this.#send(++this.#lastID, 'cancel', { id });
        reject(cancelled());
      };
      const end = () => this.#send(++this.#lastID, 'stop', { id });
      const settled = () => {
        signal?.removeEventListener('abort', abort);
        stop?.removeEventListener('abort', end);
      };
      signal?.addEventListener('abort', abort, { once: true });
      stop?.addEventListener('abort', end, { once: true });
      this.#pending.set(id, {
        resolve: answer => { settled(); resolve(answer); },
        reject: error => { settled(); reject(error); },
        onProgress,
      });
      this.#send(id, op, args, sent);
      if (stop?.aborted) end();
    });
  }

  /**
   * @param {number} id
   * @param {import('./zproto.js').Op} op
   * @param {object} args
   * @param {Sent} [sent]
   */
  #send(id, op, args, { image, key, port, files, buffers = {} } = {}) {
    const given = [...(image instanceof ImageBitmap ? [image] : []), ...(port ? [port] : []), ...Object.values(buffers).map(({ buffer }) => buffer)];
    this.#worker.postMessage({ version, id, op, json: JSON.stringify(args), image, key, port, files, buffers }, given);
  }

  /**
   * Hears the engine: an answer, or one of the words that worker.js has for this class alone.
   * @param {{ id: number, kind: import('./zproto.js').Kind, json: string, buffers: Buffers }
   *   | { kind: 'alive' | 'unreadable' } | { kind: 'fault', json: string } | import('./engine/pool.js').Wish} message
   */
  #receive(message) {
    if (this.#ended) return;
    if (this.#watchdog.running) this.#watchdog.expect(patience.next);
    switch (message.kind) {
      case 'alive': break;
      case 'unreadable': return this.#end(noAnswer('what the page says does not reach it'));
      case 'fault': return this.#end(errorFrom(message.json));
      case 'helpers': return this.#startHelpers(message.team, message.count);
      case 'helpers-end': return this.#helpers.end(message.numbers);
      default: this.#settle(message);
    }
  }

  /**
   * @param {number} team
   * @param {number} count
   */
  #startHelpers(team, count) {
    this.#helpers.start(count, (number, port) => this.#worker.postMessage({ op: 'helper', team, number }, port ? [port] : []));
  }

  /** @param {{ id: number, kind: import('./zproto.js').Kind, json: string, buffers: Buffers }} answer */
  #settle({ id, kind, json, buffers }) {
    const pending = this.#pending.get(id);
    if (!pending) return; // it was cancelled
    if (kind === 'progress') return pending.onProgress?.(JSON.parse(json), buffers);
    this.#pending.delete(id);
    if (kind === 'error') pending.reject(errorFrom(json));
    else pending.resolve({ json, data: /** @type {Float32Array} */ (buffers.data), buffers });
  }

  /** @param {ResiduaError} error */
  #end(error) {
    if (this.#ended) return;
    this.#ended = error;
    this.#watchdog.stop();
    this.#worker.terminate();
    this.#helpers.stop();
    this.#pending.forEach(pending => pending.reject(error));
    this.#pending.clear();
  }
}

/** @param {string} json */
function errorFrom(json) {
  const { code, message, details } = /** @type {import('./zproto.js').Error} */ (JSON.parse(json));
  return new ResiduaError(code, message, details);
}

/** @param {unknown} error  @returns {never} */
function noPixels(error) {
  console.warn(error);
  throw badArgument('the picture has no pixels that can be read');
}

/**
 * An image in a form that crosses to the worker: files as they are, bitmaps as copies, so that the caller keeps its own.
 * @param {ImageSource} image
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob | ImageBitmap | ImageData>}
 */
async function sendable(image, signal) {
  if (signal?.aborted) throw cancelled();
  if (image instanceof Blob || image instanceof ImageData) return image;
  if (typeof image === 'string' || image instanceof URL) return fetchImage(image, signal);
  if (image instanceof HTMLImageElement || image instanceof ImageBitmap || isCanvas(image)) {
    return decodeImage(image).catch(noPixels);
  }
  throw badArgument('an image must be a Blob, ImageBitmap, ImageData, canvas, <img> or URL');
}

/**
 * @param {string | URL} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
async function fetchImage(url, signal) {
  const file = String(url).startsWith('data:') ? 'data:…' : String(url);
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) {
      throw new ResiduaError('http', `The server answered ${response.status} for ${file}. Check the address.`, { status: String(response.status), file });
    }
    return await response.blob();
  } catch (error) {
    if (error instanceof ResiduaError) throw error;
    if (signal?.aborted) throw cancelled();
    throw new ResiduaError('offline', `${file} did not come through: the network, the server or this page's rules do not allow it. Save the picture and choose the file instead.`, { file });
  }
}
