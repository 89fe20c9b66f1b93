// @ts-check
/**
 * The helper workers of one engine's thread pool. The page owns them, because the page stays responsive while the
 * engine computes. A helper that crashes is replaced.
 *
 * The engine's memory reaches the helpers through ports and never passes through the page. A page that has once
 * received a shared memory keeps it until its next garbage collection, which may be several models later.
 * engine/pool.js is the other end.
 */

/**
 * Passes a helper's port on to the engine. Without a port, the helper cannot be started.
 * @typedef {(number: number, port?: MessagePort) => void} Connect
 */

/** How often one helper is started at most. A browser that cannot run helpers at all would otherwise try for ever. */
const maxStarts = 3;

export class Helpers {
  /** @type {(Worker | undefined)[]} */ #workers = [];
  /** @type {() => Worker} */ #create;

  /** @param {() => Worker} create  makes a worker of engine/helper.js */
  constructor(create) {
    this.#create = create;
  }

  /**
   * Replaces all helpers with new ones. Each tells the engine by itself when it runs.
   * @param {number} count
   * @param {Connect} connect
   */
  start(count, connect) {
    this.stop();
    for (let number = 0; number < count; number++) this.#run(number, connect, maxStarts);
  }

  /** Ends the helpers that the engine has given up. @param {number[]} numbers */
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
   * @param {number} startsLeft  this one included
   */
  #run(number, connect, startsLeft) {
    const worker = this.#create();
    this.#workers[number] = worker;
    worker.onerror = event => {
      event.preventDefault();
      worker.terminate();
      if (this.#workers[number] !== worker) return; // it was stopped
      this.#workers[number] = undefined;
      if (startsLeft > 1) this.#run(number, connect, startsLeft - 1);
      else connect(number);
    };
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(null, [port1]);
    connect(number, port2);
  }
}
