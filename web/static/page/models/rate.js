// The speed of a download, from what came in during the last seconds.

const windowMs = 4000;
const settleMs = 800;

/**
 * @param {() => number} [now] a clock in milliseconds
 */
export function createRate(now = () => performance.now()) {
  /** @type {{ at: number, bytes: number }[]} */
  const marks = [];
  return {
    /**
     * Notes how many bytes have come over the wire so far.
     * @param {number} bytes
     */
    add(bytes) {
      const at = now();
      // The last mark outside the window stays: the window is measured from it.
      while (marks.length > 1 && at - marks[1].at >= windowMs) marks.shift();
      marks.push({ at, bytes });
    },
    /** Bytes per second; undefined while there is too little to tell. */
    perSecond() {
      const first = marks.at(0);
      const last = marks.at(-1);
      if (!first || !last || last.at - first.at < settleMs || last.bytes <= first.bytes) return undefined;
      return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
    },
  };
}
