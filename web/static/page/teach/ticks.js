// The numbers at an axis.

/** About how many numbers an axis has. */
const ticksWanted = 5;

/**
 * Round numbers from 0 on that reach up to a value, or past it.
 * @param {number} value
 * @param {number} [least]  their distance at least
 */
export function ticksTo(value, least = 0) {
  const rough = value / ticksWanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(least, power * ([1, 2, 5].find(factor => factor * power >= rough) ?? 10));
  return Array.from({ length: Math.ceil(value / step - 1e-9) + 1 }, (_, i) => i * step);
}
