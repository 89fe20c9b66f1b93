// @ts-check
/** The page's end of an engine: its worker, the helper workers, questions and answers. */
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
/** @typedef {{ resolve(reply: Reply): void, reject(error: Error): void, onProgress?: AskOptions['onProgress'] }} Pending */
/** @typedef {{ id: number, kind: Kind, json: string, buffers: Buffers }} Answer */

/** @param {'engine' | 'helper'} name */
const createWorker = name => new Worker(scriptOf(name), { type: 'module', name: `residua ${name}` });

/**
 * How many seconds an engine that loads may be silent: until the first word, for which its script has to come; and then.
 * Of the steps in which it cannot say anything the longest is laying out the weights, which a slow phone takes half a
 * minute for with a large network.
 */
const patience = { first: 30, next: 120 };

export class Connection {
  /** @type {Worker} */ #worker = createWorker('engine');
  #helpers = new Helpers(() => createWorker('helper'));
  /** @type {Map<number, Pending>} */ #pending = new Map();
  /** @type {ResiduaError | null} why no more questions are answered */ #ended = null;
  #lastID = 0;
  #watchdog = new Watchdog(() => this.end(noAnswer('it was silent for too long')));
  /** @type {WeakMap<object, number>} */ #keys = new WeakMap();
  #lastKey = 0;

  constructor() {
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    // Not onmessageerror, which Chromium's workers do not have.
    this.#worker.addEventListener('messageerror', () => this.end(noAnswer('what it says cannot be read')));
    this.#worker.onerror = event => {
      const reason = event.message || 'its code could not be loaded';
      this.end(new ResiduaError('engine-crashed', `The engine failed (${reason}). Reload the page and try again.`, { reason }));
    };
  }

  /**
   * Has the engine load a model. An engine that is silent for too long while it loads has ended.
   * @param {object} args
   * @param {Sent & AskOptions} options
   */
  async load(args, options) {
    this.#watchdog.expect(patience.first);
    const reply = await this.ask('load', args, options);
    this.#watchdog.stop();
    return reply;
  }

  /**
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
      // Workers may have no canvas, in browsers whose pages have one. All else that there is to say about a file, the
      // engine has said.
      if (error?.code !== 'unsupported-browser' || sent instanceof ImageData) throw error;
      return ask(await sendablePixels(image, sent));
    });
  }

  /** Ends the engine. What was asked and not answered is rejected. @param {ResiduaError} error  why */
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
   * @param {number} id
   * @param {Op} op
   * @param {object} args
   * @param {Sent} [sent]
   */
  #send(id, op, args, { image, key, port, files, buffers = {} } = {}) {
    const given = [
      ...(image instanceof ImageBitmap ? [image] : []),
      ...(port ? [port] : []),
      ...Object.values(buffers).map(({ buffer }) => buffer),
    ];
    this.#worker.postMessage({ version, id, op, json: JSON.stringify(args), image, key, port, files, buffers }, given);
  }

  /**
   * Hears the engine: an answer, or one of the words that worker.js has for this class alone.
   * @param {Answer | { kind: 'alive' | 'unreadable' } | { kind: 'fault', json: string }
   *   | import('../engine/pool.js').Wish} message
   */
  #receive(message) {
    if (this.#ended) return;
    if (this.#watchdog.running) this.#watchdog.expect(patience.next);
    switch (message.kind) {
      case 'alive': break;
      case 'unreadable': return this.end(noAnswer('what the page says does not reach it'));
      case 'fault': return this.end(errorFrom(message.json));
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
    this.#helpers.start(count, (number, port) =>
      this.#worker.postMessage({ op: 'helper', team, number }, port ? [port] : []));
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
