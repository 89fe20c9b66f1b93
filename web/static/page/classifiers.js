// Who answers about a picture: the model with its classes, or a classifier that was taught on it. Each is asked in the
// same way, and explains its own answers.

import { topOf } from './predictions.js';

/** @typedef {import('../residua.js').Residua} Net */
/** @typedef {import('../residua.js').Info} Info */
/** @typedef {import('../residua.js').Teacher} Teacher */
/** @typedef {import('../residua.js').Ablate} Ablate */
/** @typedef {import('../residua.js').Classification & { none?: boolean }} Answer  none: it shows none of the classes */
/** @typedef {Parameters<Net['cam']>[1]} MapOptions */
/** @typedef {Parameters<Net['sweep']>[1]} SweepOptions */
/** @typedef {Parameters<Net['classify']>[0]} ImageSource */
/** @typedef {{ ablate?: Ablate, signal?: AbortSignal }} Options */

/** Whose classes answer: the model's, those in the project, or those that somebody shared and nobody keeps here. */
/** @typedef {'theirs' | 'own' | 'shared'} Kind */

/**
 * A taught classifier that can answer. Another object is another classifier.
 * @typedef {object} Offer
 * @property {'own' | 'shared'} kind
 * @property {string} model  that it was taught on
 * @property {readonly string[]} classes  their names
 * @property {readonly number[]} blocks  that it goes by; empty: the last one
 * @property {string} [id]  of what was shared
 * @property {number} [when]  it was taught, as Date.now() counts
 * @property {boolean} imported  whether a file or a link brought it, so that the person has shown it nothing
 * @property {boolean} foreign  whether the classes are not the person's own either: no picture of theirs is in them
 * @property {'head' | 'last-block'} [method]  of the run that answers; by default the latest
 * @property {() => Promise<Teacher>} teacher  as soon as there is one with an engine
 */

/**
 * @typedef {object} Classifier
 * @property {Kind} kind
 * @property {Net} net
 * @property {Info} info  the network's, with the classes that answer
 * @property {Offer} [offer]  undefined: the model answers
 * @property {(image: ImageSource, options?: Options) => Promise<Answer>} classify
 * @property {(image: ImageSource, options?: Options) => Promise<{
 *   blocks: import('../zproto.js').BlockTrace[], classification: Answer | null,
 * }>} trace
 * @property {(image: ImageSource, options?: MapOptions) => ReturnType<Net['cam']>} cam
 * @property {(image: ImageSource, options?: SweepOptions) => ReturnType<Net['sweep']>} sweep
 */

/** @param {Net} net @returns {Classifier} */
function modelOn(net) {
  const topK = topOf(net.info);
  return {
    kind: 'theirs',
    net,
    info: net.info,
    classify: (image, options) => net.classify(image, { topK, ...options }),
    trace: (image, options) => net.trace(image, { topK, ...options }),
    cam: (image, options) => net.cam(image, options),
    sweep: (image, options) => net.sweep(image, options),
  };
}

/** @param {Net} net @param {Offer} offer @returns {Classifier} */
function taughtOn(net, offer) {
  const { classes, method, teacher } = offer;
  const labels = [...classes];
  return {
    kind: offer.kind,
    net,
    info: {
      ...net.info, labels, classes: labels.length, outputs: labels.length, activation: 'softmax', own: true,
    },
    offer,
    classify: async (image, options) => (await teacher()).predict(image, { method, ...options }),
    trace: async (image, options) => (await teacher()).trace(image, { method, ...options }),
    cam: async (image, { classIndex: index = 0, method: map, ...options } = {}) =>
      (await teacher()).cam(image, { index, map, method, ...options }),
    sweep: async (image, { classIndex: index = 0, ...options } = {}) =>
      (await teacher()).sweep(image, { index, method, ...options }),
  };
}

/**
 * The classifiers of each network, by their offers. The network itself stands for its own.
 * @type {WeakMap<Net, WeakMap<object, Classifier>>}
 */
const made = new WeakMap();

/**
 * Who answers with a network's classes, or with those of an offer. The same arguments give the same object.
 * @param {Net} net
 * @param {Offer} [offer]
 */
export function classifierOn(net, offer) {
  const ofNet = made.get(net) ?? new WeakMap();
  made.set(net, ofNet);
  const classifier = ofNet.get(offer ?? net) ?? (offer ? taughtOn(net, offer) : modelOn(net));
  ofNet.set(offer ?? net, classifier);
  return classifier;
}
