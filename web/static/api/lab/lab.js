// @ts-check
/** The Skip lab's part of the API: an engine without a model that trains small networks side by side. */
import { Connection } from '../connection.js';
import { badArgument, ResiduaError } from '../errors.js';
import { digits } from './digits.js';
import { picturesOf } from './pictures.js';
import { numbersByNetwork } from './numbers.js';
import { filledData, filledSettings } from './settings.js';

/** @typedef {import('./settings.js').GivenSettings} LabSettings */
/** @typedef {Partial<import('../../zproto.js').LabSet>} LabSet */
/** @typedef {import('../../zproto.js').LabMade} LabMade */
/** @typedef {import('../../zproto.js').LabMadeNetwork} LabMadeNetwork */
/** @typedef {import('../../zproto.js').LabLayer} LabLayer */
/** @typedef {import('../../zproto.js').LabStep} LabStep */
/** @typedef {import('../../zproto.js').LabNetworkStep} LabNetworkStep */
/** @typedef {import('../../zproto.js').LabRan} LabRan */
/** @typedef {import('../../zproto.js').Steps} Steps */
/** @typedef {import('./numbers.js').LayerNumbers} LayerNumbers */
/** @typedef {import('./pictures.js').LabPicture} LabPicture */
/** @typedef {LabLayer & { activation: number, outputGradient: number, weightGradient: number }} MeasuredLayer */
/** @typedef {Omit<LabMadeNetwork, 'layers'> & { layers: MeasuredLayer[] } & LayerNumbers} MeasuredNetwork */
/** @typedef {Omit<LabMade, 'networks'> & { networks: MeasuredNetwork[] }} Signal */
/** @typedef {LabStep & { networks: (LabNetworkStep & LayerNumbers)[] }} Step */

/** The networks have no work for more threads. */
const maxThreads = 8;
/** The set of pictures that the engine draws by itself. */
const drawn = 'shapes';

export class Lab {
  #connection = new Connection();
  /** The sets of pictures that the engine has. @type {Set<string>} */ #sets = new Set([drawn]);
  #pause = new AbortController();

  /** How the engine computes. @type {import('../../zproto.js').LabOpened} */ info;

  /**
   * Starts an engine for the lab. It is apart from those of networks that are loaded, so that these go on answering.
   * @param {{ threads?: number, signal?: AbortSignal }} [options]  threads: as for Residua.load
   * @returns {Promise<Lab>} It rejects with what Residua.load does, except for what is about models.
   */
  static async open({ threads = 0, signal } = {}) {
    const lab = new Lab();
    try {
      const count = Math.min(threads || navigator.hardwareConcurrency || 1, maxThreads);
      const { json } = await lab.#connection.start('lab-open', { threads: count }, { signal });
      lab.info = JSON.parse(json);
      return lab;
    } catch (error) {
      lab.close();
      throw error;
    }
  }

  /** Use Lab.open. */
  constructor() {
    this.info = /** @type {any} */ (null);
  }

  /**
   * Gives the lab a set of pictures, which settings then name as `data.name`. Of each picture the square in its middle
   * is taken, at size × size pixels. The sets "digits" and "shapes" are there without it.
   * @param {string} name
   * @param {Iterable<LabPicture>} pictures  with the label of each, an index into classes, and if the set has domains,
   *   an index into these
   * @param {object} options
   * @param {string[]} options.classes
   * @param {string[]} [options.domains]  their names; by default "0", "1" …
   * @param {number} [options.size]
   * @param {(steps: Steps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   */
  async addPictures(name, pictures, { classes, domains, size = 32, onProgress, signal }) {
    const { domainCount, ...buffers } = await picturesOf([...pictures], { size, onProgress, signal });
    domains ??= Array.from({ length: domainCount }, (_, i) => String(i));
    const args = { name, classes, domains, size };
    await this.#connection.ask('lab-data', args, { buffers, signal });
    this.#sets.add(name);
  }

  /**
   * Pictures of a set as the networks see them.
   * @param {LabSet} data
   * @param {{ count?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<{ pictures: ImageData[], labels: number[], classes: string[] }>}
   */
  async samples(data, { count = 20, signal } = {}) {
    data = filledData(data);
    const { json, buffers } = await this.#ask('lab-samples', { data, count }, { signal });
    const side = /** @type {number} */ (data.size), rgb = /** @type {Uint8Array} */ (buffers.pictures);
    const { labels, classes } = JSON.parse(json);
    return { pictures: labels.map((/** @type {number} */ _, /** @type {number} */ i) =>
      imageData(rgb.subarray(i * side * side * 3, (i + 1) * side * side * 3), side)), labels, classes };
  }

  /**
   * How a signal fares in networks before any training: layer by layer on its way forward, and the loss's gradient on
   * its way back, from one batch.
   * @param {LabSettings} settings
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Signal>}
   */
  async signal(settings, { signal } = {}) {
    const { json, buffers } = await this.#ask('lab-signal', { settings: filledSettings(settings) }, { signal });
    return withLayers(numbersByNetwork(JSON.parse(json), buffers));
  }

  /**
   * Makes the networks and their data, in place of the last ones. With state, of `state()`, training goes on from there
   * to the very same result.
   * @param {LabSettings} settings
   * @param {{ state?: Blob, signal?: AbortSignal }} [options]
   * @returns {Promise<LabMade>}
   */
  async start(settings, { state, signal } = {}) {
    /** @type {Record<string, Uint8Array>} */
    const buffers = state ? { state: new Uint8Array(await state.arrayBuffer()) } : {};
    const { json } = await this.#ask('lab-start', { settings: filledSettings(settings) }, { buffers, signal });
    return JSON.parse(json);
  }

  /**
   * Trains the networks, each on the same batches: all steps that are left, or some. After `pause` it returns with the
   * present step done, and can be called again. signal is for giving up: it does not wait.
   * @param {object} [options]
   * @param {number} [options.steps]  at most; 0 is all
   * @param {(step: Step) => void} [options.onStep]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<LabRan>}
   */
  async run({ steps = 0, onStep, signal } = {}) {
    this.#pause = new AbortController();
    const { json } = await this.#connection.ask('lab-run', { steps }, {
      signal, stop: this.#pause.signal, onProgress: (step, buffers) => onStep?.(numbersByNetwork(step, buffers)),
    });
    return JSON.parse(json);
  }

  /** Has `run` return after the present step. */
  pause() {
    this.#pause.abort();
  }

  /**
   * How the networks do on all pictures, those they learn from and those that are held out.
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<LabNetworkStep[]>}
   */
  async score({ signal } = {}) {
    return JSON.parse((await this.#connection.ask('lab-score', {}, { signal })).json).networks;
  }

  /** All that `start` needs to go on to the very same result. @returns {Promise<Blob>} */
  async state() {
    const { buffers } = await this.#connection.ask('lab-state', {}, {});
    return new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (buffers.state)]);
  }

  /**
   * The loss round the end of a network's training, in two random directions that are normalised by filter (Li et al.
   * 2018): side × side values, the network itself in the middle.
   * @param {object} options
   * @param {number} options.network  its index
   * @param {number} [options.side]  odd
   * @param {number} [options.span]  how far it goes each way, in norms of the filters
   * @param {(steps: Steps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<{ side: number, span: number, losses: Float32Array }>}
   */
  async landscape({ network, side = 25, span = 1, onProgress, signal }) {
    const args = { network, side, span };
    const { data } = await this.#connection.ask('lab-landscape', args, { onProgress, signal });
    return { side, span, losses: data };
  }

  /**
   * The gradient by the length of the paths through a residual network (Veit et al. 2016).
   * @param {object} options
   * @param {number} options.network  its index
   * @param {(steps: Steps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<import('../../zproto.js').LabPathLength[]>}
   */
  async paths({ network, onProgress, signal }) {
    return JSON.parse((await this.#connection.ask('lab-paths', { network }, { onProgress, signal })).json).lengths;
  }

  /**
   * Where transfer helps: networks that have learnt the pictures of from learn those of the settings, with none to all
   * of their stages frozen, against networks that begin anew (Yosinski et al. 2014).
   * @param {LabSettings} settings  its first network is the structure
   * @param {object} options
   * @param {LabSet} options.from
   * @param {number} [options.seeds]  how many networks are trained of each kind, at least 2
   * @param {(steps: Steps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<import('../../zproto.js').LabTransferred>}
   */
  async transfer(settings, { from, seeds = 3, onProgress, signal }) {
    const args = { settings: filledSettings(settings), from: filledData(from), seeds };
    return JSON.parse((await this.#ask('lab-transfer', args, { onProgress, signal })).json);
  }

  /**
   * A network as a file: safetensors under torchvision's names, or ONNX. `Residua.load({ file })` opens both.
   * @param {object} options
   * @param {number} options.network  its index
   * @param {import('../../zproto.js').Format} [options.format]
   * @param {string} [options.title]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<File>}
   */
  async export({ network, format = 'safetensors', title = 'Skip lab', signal }) {
    /** @type {BlobPart[]} */
    const chunks = [];
    const onProgress = (/** @type {unknown} */ _, /** @type {import('../types.js').Buffers} */ { chunk }) =>
      chunks.push(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (chunk)]));
    await this.#connection.ask('lab-export', { network, format, title }, { signal, onProgress });
    return new File(chunks, `${title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'network'}.${format}`);
  }

  /** Ends the engine and frees its memory. Pending calls reject with `closed`. */
  close() {
    this.#connection.end(new ResiduaError('closed', 'This lab was closed. Open another one to go on.'));
  }

  /**
   * Asks about sets of pictures, which the engine gets first.
   * @param {import('../../zproto.js').Op} op
   * @param {{ data?: LabSet, settings?: { data: LabSet }, from?: LabSet } & Record<string, any>} args
   * @param {import('../types.js').Sent & import('../types.js').AskOptions} options
   */
  async #ask(op, args, options) {
    for (const name of [args.data, args.settings?.data, args.from].map(data => data?.name)) {
      if (name === 'digits' && !this.#sets.has(name)) {
        const { args: set, buffers } = await digits(options.signal);
        await this.#connection.ask('lab-data', set, { buffers, signal: options.signal });
        this.#sets.add(name);
      }
      if (name && !this.#sets.has(name)) throw badArgument(`there are no pictures "${name}"; give them by addPictures`);
    }
    return this.#connection.ask(op, args, options);
  }
}

/** Gives each layer its own numbers too. @param {LabMade & { networks: LayerNumbers[] }} made  @returns {any} */
function withLayers(made) {
  for (const network of /** @type {Signal['networks']} */ (made.networks)) {
    network.layers = network.layers.map((layer, i) => ({
      ...layer,
      activation: network.activations[i],
      outputGradient: network.outputGradients[i],
      weightGradient: network.weightGradients[i],
    }));
  }
  return made;
}

/** @param {Uint8Array} rgb  @param {number} side */
function imageData(rgb, side) {
  const image = new ImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    image.data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  return image;
}
