// @ts-check
/**
 * The helper workers of one engine. The page owns them, for it answers while the engine computes. A helper that dies is replaced.
 *
 * The engine's memory goes to its helpers by ports, past the page: what a page has once held stays until its collector comes by, which for a
 * page that has little to collect may be several models later. engine/pool.js is the engine's end.
 */

/** Passes a helper's port on to the engine; no port: this helper cannot be started. @typedef {(number: number, port?: MessagePort) => void} Connect */

/** How often a helper is replaced before it is given up: a browser that cannot start one would try for ever. */
const maxDeaths = 3;

export class Helpers {
  /** @type {(Worker | undefined)[]} */ #workers = [];
  /** @type {() => Worker} */ #create;

  /** @param {() => Worker} create  makes a worker of engine/helper.js */
  constructor(create) {
    this.#create = create;
  }

  /**
   * Starts helpers in place of those that there are. The engine hears from each of them when it runs.
   * @param {number} count
   * @param {Connect} connect
   */
  start(count, connect) {
    this.stop();
    for (let number = 0; number < count; number++) this.#run(number, connect, maxDeaths);
  }

  /** Ends some helpers, which the engine does without. @param {number[]} numbers */
  end(numbers) {
    for (const number of numbers) {
      this.#workers[number]?.terminate();
      this.#workers[number] = undefined;
    }
  }

  /** Ends all helpers. */
  stop() {
    this.#workers.splice(0).forEach(worker => worker?.terminate());
  }

  /**
   * @param {number} number
   * @param {Connect} connect
   * @param {number} lives
   */
  #run(number, connect, lives) {
    const worker = this.#create();
    this.#workers[number] = worker;
    worker.onerror = event => {
      event.preventDefault();
      worker.terminate();
      if (this.#workers[number] !== worker) return; // it was stopped
      this.#workers[number] = undefined;
      if (lives > 1) this.#run(number, connect, lives - 1);
      else connect(number);
    };
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(null, [port1]);
    connect(number, port2);
  }
}
