// @ts-check
/**
 * The engine's end of the thread pool: gives each helper what it needs, and counts those that run.
 *
 * The page makes the helpers, for it hears when one dies, and passes a port to each of them on to the engine. The helper speaks first. What is
 * posted into a port that has only just arrived gets lost in Firefox: shared memory needs both ends in one group of agents, and the browser does
 * not know yet who has the other end. The helper then gets "messageerror", and asks again.
 *
 * Any of these messages may be lost, so nothing here waits without a limit: a helper that does not come is done without.
 */

/** What a helper needs: the kernels, the memory that they share, and what to call `help` with. @typedef {{ memory: WebAssembly.Memory, kernels: WebAssembly.Module, control: number, scratch: number }} Help */
/** What a helper says through its port. @typedef {'ask' | 'ready' | 'failed'} Word */
/** What the pool asks of the page. @typedef {{ kind: 'helpers', team: number, count: number } | { kind: 'helpers-end', numbers: number[] }} Wish */

/** How long the pool waits for its helpers, in milliseconds. On a slow machine at work a worker takes one or two seconds to start. */
export const patience = 10_000;

export class Pool {
  #post;
  /** Helpers are asked for anew when one has died. What still comes of an earlier team is not heard. */
  #team = 0;
  /** @type {Help[]} */ #helps = [];
  /** @type {MessagePort[]} */ #ports = [];
  /** What became of each helper, by its number. @type {Map<number, boolean>} */ #outcomes = new Map();
  #decide = () => {};

  /** @param {(wish: Wish) => void} post  tells the page */
  constructor(post) {
    this.#post = post;
  }

  /**
   * Starts helpers in place of those that there are.
   * @param {Help[]} helps
   * @returns {Promise<number>} how many run
   */
  async start(helps) {
    const team = ++this.#team;
    this.#helps = helps;
    this.#outcomes.clear();
    for (const port of this.#ports.splice(0)) port.close();
    this.#post({ kind: 'helpers', team, count: helps.length });
    if (helps.length > 0) {
      await new Promise(done => {
        const timer = setTimeout(done, patience);
        this.#decide = () => { if (this.#outcomes.size === helps.length) done(clearTimeout(timer)); };
      });
      this.#decide = () => {};
    }
    const running = helps.map((_, number) => this.#outcomes.get(number) === true);
    const missing = running.flatMap((runs, number) => (runs ? [] : [number]));
    if (missing.length > 0) this.#post({ kind: 'helpers-end', numbers: missing });
    return helps.length - missing.length;
  }

  /**
   * Takes a helper's port, which the page passes on.
   * @param {number} team
   * @param {number} number
   * @param {MessagePort | undefined} port  undefined: this helper could not be started
   */
  connect(team, number, port) {
    if (team !== this.#team) return port?.close();
    if (!port) return this.#settle(number, false);
    this.#ports.push(port);
    port.onmessage = (/** @type {MessageEvent<Word>} */ { data: word }) => {
      if (team !== this.#team) return;
      if (word === 'ask') port.postMessage(this.#helps[number]);
      else this.#settle(number, word === 'ready');
    };
  }

  /**
   * @param {number} number
   * @param {boolean} runs
   */
  #settle(number, runs) {
    this.#outcomes.set(number, runs);
    this.#decide();
  }
}
