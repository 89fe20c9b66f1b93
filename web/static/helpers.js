// @ts-check
/**
 * The helper workers of one engine. The page owns them, for it answers while the engine computes. A helper that dies is replaced.
 *
 * The engine's memory goes to its helpers by ports, past the page: what a page has once held stays until its collector comes by, which for a
 * page that has little to collect may be several models later.
 */

/** Has the engine send the helper of this number what it needs. @typedef {(number: number, port: MessagePort) => void} Give */

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
   * @param {number} count
   * @param {Give} give
   * @returns {Promise<number>} how many run
   */
  async start(count, give) {
    this.stop();
    const ready = await Promise.all(Array.from({ length: count }, (_, i) => this.#run(i, give, maxDeaths)));
    return ready.filter(Boolean).length;
  }

  /** Ends all helpers. */
  stop() {
    this.#workers.splice(0).forEach(worker => worker.terminate());
  }

  /**
   * @param {number} i
   * @param {Give} give
   * @param {number} lives
   * @returns {Promise<boolean>} whether it runs
   */
  #run(i, give, lives) {
    return new Promise(resolve => {
      const worker = this.#create();
      this.#workers[i] = worker;
      worker.onmessage = () => resolve(true);
      worker.onerror = event => {
        event.preventDefault();
        worker.terminate();
        if (this.#workers[i] !== worker) return resolve(false); // it was stopped
        resolve(lives > 1 ? this.#run(i, give, lives - 1) : false);
      };
      const { port1, port2 } = new MessageChannel();
      worker.postMessage(null, [port1]);
      give(i, port2);
    });
  }
}
