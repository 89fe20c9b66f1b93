// The speed of a download over the last few seconds.

/** The time over which the speed is measured. */
const windowMs = 4000;
/** No speed is given before so much time has been measured. */
const settleMs = 800;

/**
 * @param {() => number} [now] a clock in milliseconds
 */
export function createRate(now = () => performance.now()) {
  /** @type {{ at: number, bytes: number }[]} */
  const marks = [];
  return {
    /**
     * Records how many bytes have been received so far.
     * @param {number} bytes
     */
    add(bytes) {
      const at = now();
      // The newest mark outside the window stays, because the speed is measured from it.
      while (marks.length > 1 && at - marks[1].at >= windowMs) marks.shift();
      marks.push({ at, bytes });
    },
    /** Bytes per second, or undefined while there is too little to measure. */
    perSecond() {
      const first = marks.at(0);
      const last = marks.at(-1);
      if (!first || !last || last.at - first.at < settleMs || last.bytes <= first.bytes) return undefined;
      return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
    },
  };
}
