// The page's state in the address: which room, and all that is chosen in Look inside, so that a view can be linked.
// Only what differs from the beginning is written.

/** @typedef {import('../zproto.js').ViewScene} Scene */
/** @typedef {import('../zproto.js').ViewOrder} Order */
/** @typedef {import('../zproto.js').ViewColormap} ColourMap */
/** @typedef {import('../zproto.js').ViewTensor} Tensor */
/** @typedef {import('../zproto.js').Ablation} Ablation */
/** @typedef {'none' | import('../zproto.js').CAMMethod} Method */
/** @typedef {'classify' | 'look' | 'teach'} Room */

/**
 * @typedef {object} Look
 * @property {Room} room
 * @property {Scene} scene
 * @property {number} block
 * @property {number} channel -1: none
 * @property {Tensor} tensor whose map of the channel is meant
 * @property {Order} order
 * @property {number} class -1: the best guess
 * @property {ColourMap} map
 * @property {Method} where how the map over the photo is made
 * @property {Tensor} source for Grad-CAM: what of the block
 * @property {number} opacity 0 … 1
 * @property {Record<string, Ablation>} ablate by the block's index
 */

/** @type {Readonly<Look>} */
export const beginning = Object.freeze({
  room: 'classify', scene: 'network', block: 0, channel: -1, tensor: 'y', order: 'energy', class: -1, map: 'viridis',
  where: 'none', source: 'sum', opacity: 0.6, ablate: {},
});

/** The values that a choice may have. */
const choices = /** @type {const} */ ({
  room: ['classify', 'look', 'teach'],
  scene: ['network', 'block', 'photo', 'filters'],
  tensor: ['x', 'f', 'sum', 'y'],
  order: ['energy', 'class'],
  map: ['viridis', 'magma', 'diverging'],
  where: ['none', 'cam', 'grad-cam', 'occlusion'],
  source: ['x', 'f', 'sum'],
});

/** The least and the most of each number. The model's own limits are the room's to know. */
const ranges = /** @type {const} */ ({ block: [0, 255], channel: [-1, 65535], class: [-1, 65535] });

/**
 * @param {Look} look
 * @returns {string} a hash, or nothing where all is as in the beginning
 */
export function addressOf(look) {
  const words = new URLSearchParams();
  for (const name of [.../** @type {(keyof typeof choices)[]} */ (Object.keys(choices)), .../** @type {(keyof typeof ranges)[]} */ (Object.keys(ranges))]) {
    if (look[name] !== beginning[name]) words.set(name, String(look[name]));
  }
  if (look.opacity !== beginning.opacity) words.set('opacity', String(Math.round(look.opacity * 100)));
  for (const [block, ablation] of Object.entries(look.ablate)) words.append('without', `${block}.${ablation}`);
  return words.size > 0 ? `#${words}` : '';
}

/**
 * Reads an address. What it does not understand is as in the beginning.
 * @param {string} hash
 * @returns {Look}
 */
export function readAddress(hash) {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  /** @type {any} */
  const look = { ...beginning, ablate: {} };
  for (const [name, values] of Object.entries(choices)) {
    const value = words.get(name);
    if (/** @type {readonly (string | null)[]} */ (values).includes(value)) look[name] = value;
  }
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value = words.get(name) ?? '';
    if (/^-?\d+$/.test(value) && Number(value) >= least && Number(value) <= most) look[name] = Number(value);
  }
  const opacity = words.get('opacity') ?? '';
  if (/^\d{1,3}$/.test(opacity)) look.opacity = Math.min(Number(opacity), 100) / 100;
  for (const one of words.getAll('without')) {
    const match = /^(\d{1,3})\.(residual|shortcut)$/.exec(one);
    if (match) look.ablate[Number(match[1])] = match[2];
  }
  return look;
}

/**
 * The share that an address names. It is asked about and then leaves the address: it is no state of the page.
 * @param {string} hash
 * @returns {string} what stands there, which may be no share's ID; empty: none is named
 */
export function sharedIn(hash) {
  return new URLSearchParams(hash.replace(/^#/, '')).get('share') ?? '';
}
