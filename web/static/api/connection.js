// @ts-check
/** The page's end of an engine: its worker, its helper workers, and the requests that wait for an answer. */
import { scriptOf } from '../common/trusted.js';
import { Watchdog } from '../common/watchdog.js';
import { version } from '../zproto.js';
import { cancelled, errorFrom, noAnswer, ResiduaError } from './errors.js';
import { Helpers } from './helpers.js';
import { sendable, sendablePixels } from './images.js';

/** @typedef {import('../zproto.js').Op} Op */
/** @typedef {import('../zproto.js').Kind} Kind */
/** @typedef {import('./types.js').ImageSource} ImageSource */
/** @typedef {import('./types.js').Buffers} Buffers */
/** @typedef {import('./types.js').Sent} Sent */
/** @typedef {import('./types.js').Reply} Reply */
/** @typedef {import('./types.js').AskOptions} AskOptions */
/**
 * @typedef {object} Pending  a request without an answer yet
 * @property {(reply: Reply) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {AskOptions['onProgress']} [onProgress]
 */
/** @typedef {{ id: number, kind: Kind, json: string, buffers: Buffers }} Answer */

/** @param {'engine' | 'helper'} name */
function createWorker(name) {
  const script = scriptOf(name);
  try {
    return new Worker(script, { type: 'module', name: `residua ${name}` });
  } catch (error) {
    console.warn(error);
    throw new ResiduaError('cross-origin', `This page may not start the worker ${script}: browsers start none of ` +
      'another origin, nor one that the page\'s Content Security Policy does not allow (worker-src). ' +
      'Put the folder static of Residua on this page\'s own host.', { file: String(script) });
  }
}

/**
 * How many seconds an engine may be silent while it loads: before its first message, for which its script must arrive,
 * and between later ones. The longest silent step is packing the weights: half a minute for a large network on a slow
 * phone.
 */
const timeouts = { first: 30, next: 120 };

export class Connection {
  /** @type {Worker} */ #worker = createWorker('engine');
  #helpers = new Helpers(() => createWorker('helper'));
  /** @type {Map<number, Pending>} */ #pending = new Map();
  /** Why the engine has ended; every later request fails with it. @type {ResiduaError | null} */ #ended = null;
  #lastID = 0;
  #watchdog = new Watchdog(() => this.end(noAnswer('it was silent for too long')));
  /** @type {WeakMap<object, number>} */ #keys = new WeakMap();
  #lastKey = 0;

  constructor() {
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    // Chromium's workers have no onmessageerror property, only the event.
    this.#worker.addEventListener('messageerror', () => this.end(noAnswer('what it says cannot be read')));
    this.#worker.onerror = event => {
      // An exception is for programmers. That the code is not there is for whoever has put the page on its host.
      const missing = `its code could not be loaded from ${scriptOf('engine')}`;
      const message = event.message ? 'The engine failed. Reload the page and try again.'
        : `The engine failed: ${missing}. Reload the page and try again. If this page is yours: the folder static of ` +
          'Residua must lie there, whole; with a bundler, set Residua.base.';
      this.end(new ResiduaError('engine-crashed', message, { reason: event.message || missing }));
    };
  }

  /**
   * Sends the first request, after which the engine can be used. An engine that is silent for too long meanwhile is
   * ended.
   * @param {'load' | 'lab-open'} op
   * @param {object} args
   * @param {Sent & AskOptions} options
   */
  async start(op, args, options) {
    this.#watchdog.expect(timeouts.first);
    const reply = await this.ask(op, args, options);
    this.#watchdog.stop();
    return reply;
  }

  /**
   * Sends a request to the engine.
   * @param {Op} op
   * @param {object} args
   * @param {Sent & AskOptions} options
   * @returns {Promise<Reply>}
   */
  ask(op, args, { onProgress, signal, stop, ...sent }) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      if (signal?.aborted) return reject(cancelled());
      const id = ++this.#lastID;
      const cancel = () => {
        this.#pending.delete(id);
        this.#send(++this.#lastID, 'cancel', { id });
        reject(cancelled());
      };
      const finishEarly = () => this.#send(++this.#lastID, 'stop', { id });
      const settled = () => {
        signal?.removeEventListener('abort', cancel);
        stop?.removeEventListener('abort', finishEarly);
      };
      signal?.addEventListener('abort', cancel, { once: true });
      stop?.addEventListener('abort', finishEarly, { once: true });
      this.#pending.set(id, {
        resolve: reply => { settled(); resolve(reply); },
        reject: error => { settled(); reject(error); },
        onProgress,
      });
      this.#send(id, op, args, sent);
      if (stop?.aborted) finishEarly();
    });
  }

  /**
   * Sends a request about an image.
   * @param {ImageSource} image
   * @param {Op} op
   * @param {object} args
   * @param {AskOptions} options
   * @returns {Promise<Reply>}
   */
  async askAbout(image, op, args, { onProgress, signal }) {
    const key = this.#keyOf(image);
    const ask = (/** @type {Sent['image']} */ sent) => this.ask(op, args, { image: sent, key, onProgress, signal });
    const sent = await sendable(image, signal);
    return ask(sent).catch(async error => {
      // In some browsers workers lack a canvas to decode with, while pages have one. Then the page decodes.
      if (error?.code !== 'unsupported-browser' || sent instanceof ImageData) throw error;
      return ask(await sendablePixels(image, sent));
    });
  }

  /** Ends the engine and rejects all pending requests. @param {ResiduaError} error  why */
  end(error) {
    if (this.#ended) return;
    this.#ended = error;
    this.#watchdog.stop();
    this.#worker.terminate();
    this.#helpers.stop();
    this.#pending.forEach(pending => pending.reject(error));
    this.#pending.clear();
  }

  /**
   * The number by which the engine recognizes an image; 0 for an image whose pixels may change between requests.
   * @param {ImageSource} image
   */
  #keyOf(image) {
    if (!(image instanceof Blob || image instanceof ImageBitmap)) return 0;
    const key = this.#keys.get(image) ?? ++this.#lastKey;
    this.#keys.set(image, key);
    return key;
  }

  /**
   * @param {number} id
   * @param {Op} op
   * @param {object} args
   * @param {Sent} [sent]
   */
  #send(id, op, args, { image, key, port, files, buffers = {} } = {}) {
    const transfer = [
      ...(image instanceof ImageBitmap ? [image] : []),
      ...(port ? [port] : []),
      ...Object.values(buffers).map(({ buffer }) => buffer),
    ];
    const json = JSON.stringify(args);
    this.#worker.postMessage({ version, id, op, json, image, key, port, files, buffers }, transfer);
  }

  /**
   * Handles a message of the worker: an answer of the engine, or a message of worker.js and its thread pool.
   * @param {Answer | { kind: 'alive' | 'unreadable' } | { kind: 'fault', json: string }
   *   | import('../engine/pool.js').PoolMessage} message
   */
  #receive(message) {
    if (this.#ended) return;
    if (this.#watchdog.running) this.#watchdog.expect(timeouts.next);
    switch (message.kind) {
      case 'alive': break;
      case 'unreadable': return this.end(noAnswer('what the page says does not reach it'));
      case 'fault': return this.end(errorFrom(message.json));
      case 'helpers': return this.#startHelpers(message.generation, message.count);
      case 'helpers-end': return this.#helpers.end(message.numbers);
      default: this.#settle(message);
    }
  }

  /**
   * @param {number} generation
   * @param {number} count
   */
  #startHelpers(generation, count) {
    this.#helpers.start(count, (number, port) =>
      this.#worker.postMessage({ op: 'helper', generation, number }, port ? [port] : []));
  }

  /** @param {Answer} answer */
  #settle({ id, kind, json, buffers }) {
    const pending = this.#pending.get(id);
    if (!pending) return; // it was cancelled
    if (kind === 'progress') return pending.onProgress?.(JSON.parse(json), buffers);
    this.#pending.delete(id);
    if (kind === 'error') pending.reject(errorFrom(json));
    else pending.resolve({ json, data: /** @type {Float32Array} */ (buffers.data), buffers });
  }
}
