// @ts-check
/** A lab's settings: what is not given has a default, and what does not exist is refused. */
import { badArgument } from '../errors.js';

/** @typedef {import('../../zproto.js').LabSettings} LabSettings */
/** @typedef {import('../../zproto.js').LabSet} LabSet */
/** @typedef {import('../../zproto.js').LabNetwork} LabNetwork */
/** @typedef {import('../../zproto.js').LabAugment} LabAugment */
/**
 * Settings as callers give them.
 * @typedef {Partial<Omit<LabSettings, 'data' | 'networks' | 'augment'>> & {
 *   data?: Partial<LabSet>, networks?: Partial<LabNetwork>[], augment?: Partial<LabAugment> }} GivenSettings
 */

/** @type {Readonly<LabSet>} */
const data = Object.freeze({
  name: 'digits', task: '', domain: '', size: 16, train: 2400, held: 600, difficulty: 0.5,
});

/** @type {Readonly<LabNetwork>} */
const network = Object.freeze({
  depth: 20, join: 'add', norm: true, preActivation: false, width: 8, activation: 'relu', init: 'he-out',
  zeroLast: false,
});

/** @type {Readonly<LabAugment>} */
const augment = Object.freeze({ mirror: false, shift: 0, cut: 0 });

/** All but what is an object. @type {Readonly<Omit<LabSettings, 'data' | 'networks' | 'augment'>>} */
const shared = Object.freeze({
  batch: 64, steps: 200, seed: 1, optimizer: 'sgd', rate: 0.05, momentum: 0.9, nesterov: false, warmup: 10,
  schedule: 'cosine', weightDecay: 1e-4, clip: 5, smoothing: 0,
});

/**
 * @template {object} T
 * @param {string} what
 * @param {Readonly<T>} defaults
 * @param {Partial<T>} given
 * @returns {T}
 */
function filled(what, defaults, given) {
  if (typeof given !== 'object' || given === null) throw badArgument(`${what} must be an object`);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) {
      throw badArgument(`${what} has no "${name}"; it has ${Object.keys(defaults).join(', ')}`);
    }
    const wanted = typeof /** @type {any} */ (defaults)[name];
    if (typeof value !== wanted || wanted === 'number' && !Number.isFinite(value)) {
      const kind = wanted === 'number' ? 'finite number' : wanted;
      throw badArgument(`${name} of ${what} must be a ${kind}, and not ${value}`);
    }
  }
  return { ...defaults, ...given };
}

/** @param {Partial<LabSet>} given  @returns {LabSet} */
export function filledData(given) {
  const of = filled('data', data, given);
  return of.name === 'shapes' && of.task === '' ? { ...of, task: 'form' } : of;
}

/**
 * By default a residual network of 20 layers and the same without shortcuts learn 2,400 handwritten digits.
 * @param {GivenSettings} given
 * @returns {LabSettings}
 */
export function filledSettings({ data: set = {}, networks = [{}, { join: 'none' }], augment: altered = {}, ...rest }) {
  if (!Array.isArray(networks)) throw badArgument('networks must be a list');
  return {
    ...filled('settings', shared, rest),
    data: filledData(set),
    augment: filled('augment', augment, altered),
    networks: networks.map(one => filled('a network', network, one)),
  };
}
