// The settings of Skip lab: their defaults, the values that each may have, and the four lessons.

/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').NetworkSettings} NetworkSettings */
/** @typedef {import('./types.js').DataSettings} DataSettings */
/** @typedef {import('./types.js').DataName} DataName */

export const maxNetworks = 4;

/** The values of a network's settings. */
export const networkChoices = /** @type {const} */ ({
  depth: [8, 14, 20, 26, 32, 44, 56],
  join: ['add', 'none', 'product', 'maximum', 'gate'],
  width: [4, 8, 16],
  activation: ['relu', 'leaky-relu', 'tanh', 'silu'],
  init: ['he-out', 'he-in', 'xavier'],
});

/** The values of the settings that all networks share. */
export const choices = /** @type {const} */ ({
  steps: [50, 100, 200, 400, 800, 2000],
  batch: [16, 32, 64, 128],
  optimizer: ['sgd', 'adamw'],
  rate: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
  schedule: ['cosine', 'step', 'constant'],
  warmup: [0, 5, 10, 20, 50, 100],
  momentum: [0, 0.5, 0.9, 0.95, 0.99],
  weightDecay: [0, 1e-5, 1e-4, 5e-4, 1e-3, 1e-2],
  clip: [0, 1, 5, 10],
  smoothing: [0, 0.05, 0.1, 0.2],
});

/** The values of the settings about pictures. */
export const dataChoices = /** @type {const} */ ({
  name: ['digits', 'shapes', 'emoji', 'own'],
  size: [16, 24, 32],
  train: [50, 100, 300, 600, 1200, 2400],
  held: [60, 100, 300, 600],
});

/**
 * What can be told about shapes, and the domains: the ways in which pictures of one thing may look; the first is the
 * default. An empty one is all of them.
 */
export const tasks = /** @type {Record<DataName, readonly string[]>} */ ({
  digits: [], shapes: ['form', 'colour', 'direction', 'rotation', 'count'], emoji: [], own: [],
});
export const domains = /** @type {Record<DataName, readonly string[]>} */ ({
  digits: [], shapes: ['filled', 'outlined'], emoji: ['', 'rendered', 'drawn'], own: [],
});

export const augmentChoices = /** @type {const} */ ({ shift: [0, 1, 2, 4], cut: [0, 4, 8] });

/** The largest seed. */
export const maxSeed = 999;

/** @type {Readonly<NetworkSettings>} */
export const networkDefaults = Object.freeze({
  depth: 20, join: 'add', norm: true, preActivation: false, width: 8, activation: 'relu', init: 'he-out',
  zeroLast: false,
});

/** @param {Partial<NetworkSettings>} change @returns {NetworkSettings} */
const network = change => ({ ...networkDefaults, ...change });

/** All settings but the networks. @type {Readonly<Omit<Settings, 'networks'>>} */
export const shared = Object.freeze({
  data: Object.freeze({ name: 'digits', task: '', domain: '', size: 16, train: 2400, held: 600, difficulty: 0.5 }),
  batch: 64, steps: 200, seed: 1, optimizer: 'sgd', rate: 0.05, momentum: 0.9, nesterov: false, warmup: 10,
  schedule: 'cosine', weightDecay: 1e-4, clip: 5, smoothing: 0,
  augment: Object.freeze({ mirror: false, shift: 0, cut: 0 }),
});

/**
 * The lessons, by their names in the address. A learning rate that is right with normalisation is too high without.
 * @type {Readonly<Record<string, Settings>>}
 */
export const lessons = Object.freeze({
  shallow: lesson([{}, { join: 'none' }], 0.05),
  deep: lesson([{ depth: 56 }, { depth: 56, join: 'none' }], 0.05),
  // With longer steps the residual network is thrown back to guessing in three of five seeds, the first among them.
  vanishing: { ...lesson([{ norm: false }, { norm: false, join: 'none' }], 0.02), clip: 1 },
  exploding: lesson([
    { depth: 56, norm: false }, { depth: 56, norm: false, zeroLast: true }, { depth: 56, norm: false, join: 'none' },
  ], 0.02),
});

/** @param {Partial<NetworkSettings>[]} networks @param {number} rate @returns {Settings} */
function lesson(networks, rate) {
  return { ...shared, rate, networks: networks.map(network) };
}

/** The lesson that a first visit shows. */
export const firstLesson = 'deep';

/** @returns {Settings} */
export const defaultSettings = () => structuredClone(lessons[firstLesson]);

/**
 * The lesson that settings are, if they are one.
 * @param {Settings} settings
 */
export const lessonOf = settings => Object.keys(lessons).find(name => isSame(lessons[name], settings));

/**
 * Whether two settings are the same.
 * @param {Settings} a
 * @param {Settings} b
 */
export function isSame(a, b) {
  return canonical(a) === canonical(b);
}

/** @param {unknown} value @returns {string} */
function canonical(value) {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/**
 * The settings for another set of pictures.
 * @param {DataSettings} data
 * @param {DataName} name
 * @returns {DataSettings}
 */
export const dataNamed = (data, name) => ({
  ...data, name, task: tasks[name][0] ?? '', domain: domains[name][0] ?? '',
});

/**
 * A network to add beside others: the last one's twin, with or without a shortcut.
 * @param {NetworkSettings[]} networks
 */
export function nextNetwork(networks) {
  const last = networks[networks.length - 1];
  return { ...last, join: last.join === 'none' ? /** @type {const} */ ('add') : /** @type {const} */ ('none') };
}
