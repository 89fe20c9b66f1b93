// @ts-check

const tickMs = 1000;

/**
 * Notices when no message comes for too long. It counts ticks of a timer instead of comparing times, so that a sleeping
 * device or a frozen tab does not count as silence.
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

  /** Starts the countdown, or restarts it after a message. @param {number} seconds */
  expect(seconds) {
    this.#limit = seconds;
    this.#silent = 0;
    this.#timer ??= setInterval(() => {
      if (++this.#silent < this.#limit) return;
      this.stop();
      this.#onSilence();
    }, tickMs);
  }

  /** Whether a message is expected. */
  get running() {
    return this.#timer !== undefined;
  }

  /** Ends the countdown. */
  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
