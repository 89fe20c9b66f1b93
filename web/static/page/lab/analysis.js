// What the analyses of trained networks say: the loss round their end, the gradient by the length of paths, transfer.

/** @typedef {import('./types.js').Landscape} Landscape */
/** @typedef {import('./types.js').PathGradient} PathGradient */
/** @typedef {import('./types.js').Transfer} Transfer */
/** @typedef {import('./verdicts.js').Verdict} Verdict */

/** How far from the end of training the rings of a landscape are, as shares of the way to its edge. */
export const rings = [0, 0.25, 0.5, 0.75, 1];

/**
 * The mean loss at each distance from the end of training.
 * @param {Landscape} landscape
 * @returns {number[]}  by ring; Infinity: a loss there is too large for a number
 */
export function ringsOf({ side, losses }) {
  const middle = (side - 1) / 2;
  return rings.map(ring => {
    const values = [...losses].filter((_, i) => {
      const distance = Math.hypot(Math.floor(i / side) - middle, i % side - middle) / middle;
      return Math.abs(distance - ring) <= 0.5 / middle;
    });
    return values.reduce((sum, value) => sum + (Number.isNaN(value) ? Infinity : value), 0) / values.length;
  });
}

/** @param {Landscape} landscape @returns {Verdict} */
export function landscapeVerdict(landscape) {
  const all = ringsOf(landscape);
  return { key: 'skiplab.landscape.rises', values: { loss: all[0], height: all[all.length - 1] } };
}

/**
 * Between which lengths of paths nine tenths of all gradient lie.
 * @param {readonly PathGradient[]} paths
 * @returns {Verdict}
 */
export function pathsVerdict(paths) {
  const masses = paths.map(({ count, gradient }) => count * gradient);
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  if (!(total > 0) || !Number.isFinite(total)) return { key: 'skiplab.paths.none', values: {} };
  /** @param {number} share */
  const lengthAt = share => {
    let sum = 0;
    return paths[masses.findIndex(mass => (sum += mass) >= share * total)]?.length ?? 0;
  };
  const blocks = Math.max(...paths.map(({ length }) => length));
  return { key: 'skiplab.paths.short', values: { from: lengthAt(0.05), to: lengthAt(0.95), blocks } };
}

/**
 * Up to how many frozen stages transfer helps. It helps or hurts for sure where the interval of the gain, seed by seed,
 * does not hold zero.
 * @param {Transfer} transfer
 * @returns {Verdict}
 */
export function transferVerdict({ frozen, scratch }) {
  const helps = frozen.filter(({ gainLow }) => gainLow > 0);
  const hurts = frozen.find(({ gainHigh }) => gainHigh < 0);
  const values = { scratch: scratch.mean };
  if (helps.length > 0) {
    const best = helps.reduce((a, b) => (b.mean > a.mean ? b : a));
    const all = { ...values, best: best.mean, frozen: best.stages, stages: hurts?.stages ?? 0 };
    return { key: hurts ? 'skiplab.transfer.helps-until' : 'skiplab.transfer.helps', values: all };
  }
  if (hurts) return { key: 'skiplab.transfer.hurts', values: { ...values, stages: hurts.stages, held: hurts.mean } };
  return { key: 'skiplab.transfer.same', values };
}
