// @ts-check
/**
 * The helper workers of one engine. The page owns them, for it answers while the engine computes. A helper that dies is replaced.
 */

/** @typedef {{ memory: WebAssembly.Memory, kernels: WebAssembly.Module, helpers: { control: number, scratch: number }[] }} Wanted */

/** How often a helper is replaced before it is given up: a browser that cannot start one would try for ever. */
const maxDeaths = 3;

export class Helpers {
  /** @type {Worker[]} */ #workers = [];
  /** @type {() => Worker} */ #create;

  /** @param {() => Worker} create  makes a worker of engine/helper.js */
  constructor(create) {
    this.#create = create;
  }

  /**
   * Starts helpers in place of those that there are.
   * @param {Wanted} wanted
   * @returns {Promise<number>} how many run
   */
  async start({ memory, kernels, helpers }) {
    this.stop();
    const ready = await Promise.all(helpers.map(({ control, scratch }, i) => this.#run(i, { memory, kernels, control, scratch }, maxDeaths)));
    return ready.filter(Boolean).length;
  }

  /** Ends all helpers. */
  stop() {
    this.#workers.splice(0).forEach(worker => worker.terminate());
  }

  /**
   * @param {number} i
   * @param {object} message
   * @param {number} lives
   * @returns {Promise<boolean>} whether it runs
   */
  #run(i, message, lives) {
    return new Promise(resolve => {
      const worker = this.#create();
      this.#workers[i] = worker;
      worker.onmessage = () => resolve(true);
      worker.onerror = event => {
        event.preventDefault();
        worker.terminate();
        if (this.#workers[i] !== worker) return resolve(false); // it was stopped
        resolve(lives > 1 ? this.#run(i, message, lives - 1) : false);
      };
      worker.postMessage(message);
    });
  }
}
