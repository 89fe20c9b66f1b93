// @ts-check
/**
 * The engine's end of the thread pool: gives each helper its memory and kernels, and counts the helpers that run.
 *
 * The page makes the helpers, because only the page hears when one dies. It passes a port to each helper on to the
 * engine. The helper speaks first: in Firefox, a shared memory that is posted into a port which has only just arrived
 * gets lost, because the browser does not know yet that both ends are in the same agent cluster. The helper then gets
 * "messageerror", and asks again.
 *
 * Any of these messages may be lost, so every wait here has a limit. The engine computes without a helper that does not
 * come in time.
 */

/**
 * What a helper needs.
 * @typedef {object} HelperSetup
 * @property {WebAssembly.Memory} memory
 * @property {WebAssembly.Module} kernels  whose function `help` it calls with the next two
 * @property {number} control  address of the pool's control block
 * @property {number} scratch  address of the helper's scratch memory
 */
/** What a helper says through its port. @typedef {'ask' | 'ready' | 'failed'} HelperMessage */
/**
 * What the pool asks of the page: new helpers in place of all others, or the end of some. A generation numbers the
 * calls of start.
 * @typedef {{ kind: 'helpers', generation: number, count: number }
 *   | { kind: 'helpers-end', numbers: number[] }} PoolMessage
 */

/** How long the pool waits for its helpers. On a slow and busy machine a worker takes one or two seconds to start. */
const timeoutMs = 10_000;

export class Pool {
  #post;
  /** Helpers are started anew when one has died; messages of an earlier generation are ignored. */
  #generation = 0;
  /** @type {HelperSetup[]} */ #setups = [];
  /** @type {MessagePort[]} */ #ports = [];
  /**
   * Whether each helper runs, by its number; a helper is missing here until that is known.
   * @type {Map<number, boolean>}
   */
  #outcomes = new Map();
  #onOutcome = () => {};

  /** @param {(message: PoolMessage) => void} post  posts to the page */
  constructor(post) {
    this.#post = post;
  }

  /**
   * Replaces all helpers with new ones.
   * @param {HelperSetup[]} setups  one for each helper
   * @returns {Promise<number>} how many run
   */
  async start(setups) {
    const generation = ++this.#generation;
    this.#setups = setups;
    this.#outcomes.clear();
    for (const port of this.#ports.splice(0)) port.close();
    this.#post({ kind: 'helpers', generation, count: setups.length });
    if (setups.length > 0) {
      await new Promise(done => {
        const timer = setTimeout(done, timeoutMs);
        this.#onOutcome = () => { if (this.#outcomes.size === setups.length) done(clearTimeout(timer)); };
      });
      this.#onOutcome = () => {};
    }
    const running = setups.map((_, number) => this.#outcomes.get(number) === true);
    const missing = running.flatMap((runs, number) => (runs ? [] : [number]));
    if (missing.length > 0) this.#post({ kind: 'helpers-end', numbers: missing });
    return setups.length - missing.length;
  }

  /**
   * Takes a helper's port, which the page passes on.
   * @param {number} generation
   * @param {number} number
   * @param {MessagePort | undefined} port  undefined: this helper could not be started
   */
  connect(generation, number, port) {
    if (generation !== this.#generation) return port?.close();
    if (!port) return this.#settle(number, false);
    this.#ports.push(port);
    port.onmessage = (/** @type {MessageEvent<HelperMessage>} */ { data: message }) => {
      if (generation !== this.#generation) return;
      if (message === 'ask') port.postMessage(this.#setups[number]);
      else this.#settle(number, message === 'ready');
    };
  }

  /**
   * @param {number} number
   * @param {boolean} runs
   */
  #settle(number, runs) {
    this.#outcomes.set(number, runs);
    this.#onOutcome();
  }
}
