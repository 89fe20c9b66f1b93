// @ts-check
/** What the questions of a network and those of a teacher about where it looked have in common. */

/**
 * The tensors of a traced block, which come one after the other.
 * @param {Float32Array | undefined} data  undefined: no block was asked for
 */
export function mapsIn(data) {
  if (!data) return null;
  const n = data.length / 3;
  return { x: data.subarray(0, n), f: data.subarray(n, 2 * n), y: data.subarray(2 * n) };
}

/**
 * The side of the grey square of an occlusion map, unless a caller chooses it.
 * @param {import('../zproto.js').Info} info
 */
export const occlusionSize = ({ inputHeight, inputWidth }) => Math.ceil(Math.min(inputHeight, inputWidth) / 4);
