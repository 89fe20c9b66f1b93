// What a share that was counted on a few says of the share on very many.

/**
 * Wilson's interval, which holds a share with a confidence of 95 %.
 * @param {number} share
 * @param {number} n  how many were counted
 */
export function intervalOf(share, n) {
  const z = 1.96;
  const middle = (share + z * z / (2 * n)) / (1 + z * z / n);
  const half = z / (1 + z * z / n) * Math.sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return { low: Math.max(middle - half, 0), high: Math.min(middle + half, 1) };
}
