// The limits of a map on one axis. A few points far outside must not push all others into a corner.

/** At most this part of the points may lie outside the limits, and at least one where there are enough points. */
const spared = 0.05;
/** Of fewer points each counts: none is spared. */
const fewest = 8;

/**
 * The limits that all values lie within, or all but a few that lie far away: the shortest range without these, if it is
 * less than half of the whole.
 * @param {readonly number[]} values
 * @returns {{ low: number, high: number, isTrimmed: boolean }} isTrimmed: some values lie outside
 */
export function limitsOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const { length } = sorted;
  const [low, high] = [sorted[0], sorted[length - 1]];
  const count = length < fewest ? 0 : Math.max(1, Math.floor(spared * length));
  const inside = length - 1 - count;
  let from = 0;
  for (let i = 1; i <= count; i++) {
    if (sorted[i + inside] - sorted[i] < sorted[from + inside] - sorted[from]) from = i;
  }
  const isTrimmed = count > 0 && 2 * (sorted[from + inside] - sorted[from]) < high - low;
  return isTrimmed ? { low: sorted[from], high: sorted[from + inside], isTrimmed } : { low, high, isTrimmed };
}

/**
 * Maps values to places on an axis.
 * @param {readonly number[]} values
 * @param {{ length: number, edge: number, inset: number }} axis  edge: how near to the ends a point may be; inset: how
 *   much farther inside the limits are, where values lie outside
 * @returns {(value: number) => { at: number, beyond: -1 | 0 | 1 }} beyond: at which end the value is out of the map,
 *   and drawn at the edge
 */
export function scaleOf(values, { length, edge, inset }) {
  const { low, high, isTrimmed } = limitsOf(values);
  const first = edge + (isTrimmed ? inset : 0);
  return value => {
    const at = high > low ? first + (value - low) / (high - low) * (length - 2 * first) : length / 2;
    if (at < edge - 1e-6) return { at: edge, beyond: -1 };
    if (at > length - edge + 1e-6) return { at: length - edge, beyond: 1 };
    return { at, beyond: 0 };
  };
}
