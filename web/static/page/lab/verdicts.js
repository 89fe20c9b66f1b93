// What numbers say about a network, as keys of sentences with their values: how the signal and the gradient fare before
// any training, and what a difference between learnt and held-out pictures means.

import { intervalOf } from '../wilson.js';

/** @typedef {import('./types.js').Layer} Layer */
/** @typedef {import('./types.js').Norms} Norms */
/** @typedef {import('./types.js').Score} Score */
/** @typedef {{ key: string, values: Record<string, number> }} Verdict */

/** A signal or a gradient that changes by more than this from one end to the other explodes. */
const explodes = 100;
/** A gradient that shrinks by more than this on its way back vanishes. */
const vanishes = 30;
/** With the learning rates on offer, a gradient of a smaller norm moves a layer's weights hardly at all. */
const tooWeak = 0.005;

/**
 * The convolutions on the way through the blocks: those on shortcuts have another way.
 * @param {readonly Layer[]} layers
 */
export const mainLayers = layers =>
  layers.flatMap(({ kind, name }, i) => (kind === 'conv' && !/downsample/.test(name) ? [i] : []));

/**
 * The gradients of the first and of the last convolution.
 * @param {readonly Layer[]} layers
 * @param {ArrayLike<number>} gradients  by layer
 */
export function endsOf(layers, gradients) {
  const main = mainLayers(layers);
  return { first: gradients[main[0]] ?? NaN, last: gradients[main[main.length - 1]] ?? NaN };
}

/**
 * How a network's signal and gradient fare at its start.
 * @param {{ layers: readonly Layer[] } & Norms} network
 * @returns {Verdict}
 */
export function signalVerdict({ layers, activations: all, weightGradients }) {
  const { first, last } = endsOf(layers, weightGradients);
  const activations = mainLayers(layers).map(i => all[i]);
  const growth = Math.max(...activations) / activations[0];
  if (![first, last, growth].every(Number.isFinite)) return { key: 'skiplab.signal.overflow', values: {} };
  if (growth > explodes) return { key: 'skiplab.signal.grows', values: { factor: growth } };
  if (first > last * explodes) return { key: 'skiplab.signal.explodes', values: { factor: first / last } };
  if (first * vanishes < last) return { key: 'skiplab.signal.vanishes', values: { factor: last / first } };
  if (first < tooWeak) return { key: 'skiplab.signal.weak', values: { first, last } };
  return { key: 'skiplab.signal.arrives', values: { first, last } };
}

/** A smaller difference between learnt and held-out pictures is not worth a word, even if it is no chance. */
const gapThatMatters = 0.05;
/** So few held-out pictures tell little. */
const fewPictures = 100;

/**
 * What the difference between learnt and held-out pictures means. It is overfitting where the two intervals of 95 % do
 * not touch: then it is no chance.
 * @param {Score} learnt
 * @param {Score | null | undefined} held
 * @returns {Verdict | undefined} undefined: nothing to say
 */
export function gapVerdict(learnt, held) {
  if (!held || held.n === 0) return { key: 'skiplab.gap.blind', values: {} };
  const gap = learnt.accuracy - held.accuracy;
  if (!(gap >= gapThatMatters)) return undefined;
  const { low, high } = intervalOf(held.accuracy, held.n);
  const isSure = intervalOf(learnt.accuracy, learnt.n).low > high;
  const values = { learnt: learnt.accuracy, held: held.accuracy, low, high, pictures: held.n };
  if (isSure) return { key: held.n < fewPictures ? 'skiplab.gap.overfit-few' : 'skiplab.gap.overfit', values };
  return { key: 'skiplab.gap.unsure', values };
}
