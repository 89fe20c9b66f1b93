// @ts-check

/** In milliseconds. */
const tick = 1000;

/**
 * Notices when nothing is heard for too long. It counts ticks of a clock, not the time: a device that sleeps, or a tab that is frozen, is not
 * taken for one that does not answer.
 */
export class Watchdog {
  #onSilence;
  #limit = 0;
  #silent = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #timer;

  /** @param {() => void} onSilence  called once */
  constructor(onSilence) {
    this.#onSilence = onSilence;
  }

  /** Something was heard; the next must come within some seconds. @param {number} seconds */
  expect(seconds) {
    this.#limit = seconds;
    this.#silent = 0;
    this.#timer ??= setInterval(() => {
      if (++this.#silent < this.#limit) return;
      this.stop();
      this.#onSilence();
    }, tick);
  }

  /** Whether something is expected. */
  get running() {
    return this.#timer !== undefined;
  }

  /** Nothing is expected any more. */
  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
