// The page's state in the address: the room, and all that is chosen in Look inside and in Skip lab, so that a view can
// be linked to.
// Only what differs from the defaults is written.

import { sharing } from '../residua.js';

/** @typedef {import('../zproto.js').ViewScene} Scene */
/** @typedef {import('../zproto.js').ViewOrder} Order */
/** @typedef {import('../zproto.js').ViewColormap} ColourMap */
/** @typedef {import('../zproto.js').ViewTensor} Tensor */
/** @typedef {import('../zproto.js').Ablation} Ablation */
/** @typedef {'none' | import('../zproto.js').CAMMethod} Method */
/** @typedef {'classify' | 'look' | 'teach' | 'lab'} Room */

/**
 * @typedef {object} Look
 * @property {Room} room
 * @property {Scene} scene
 * @property {number} block
 * @property {number} channel -1: none
 * @property {Tensor} tensor  of the block, whose channel is shown
 * @property {Order} order
 * @property {number} class -1: the most probable one
 * @property {ColourMap} map the colour map
 * @property {Method} where the method for the heat map over the photo
 * @property {Tensor} source for Grad-CAM: the tensor of the block
 * @property {number} opacity of the heat map, 0 … 1
 * @property {Record<string, Ablation>} ablate by the block's index
 * @property {import('./classifiers.js').Kind} classes whose classes answer, if they are there; else the model's do
 * @property {string} lab  the settings of Skip lab, as that room writes them; only there they are in the address
 */

/** @type {Readonly<Look>} */
export const defaults = Object.freeze({
  room: 'classify', scene: 'network', block: 0, channel: -1, tensor: 'y', order: 'energy', class: -1, map: 'viridis',
  where: 'none', source: 'sum', opacity: 0.6, ablate: {}, classes: 'theirs',
  lab: '',
});

/** The values that each choice may have. */
const choices = /** @type {const} */ ({
  room: ['classify', 'look', 'teach', 'lab'],
  scene: ['network', 'block', 'photo', 'filters'],
  tensor: ['x', 'f', 'sum', 'y'],
  order: ['energy', 'class'],
  map: ['viridis', 'magma', 'diverging'],
  where: ['none', 'cam', 'grad-cam', 'occlusion'],
  source: ['x', 'f', 'sum'],
  classes: ['theirs', 'own', 'shared'],
});

/** The smallest and the largest value of each number. Look inside applies the model's own limits. */
const ranges = /** @type {const} */ ({ block: [0, 255], channel: [-1, 65535], class: [-1, 65535] });

/**
 * The change of a look by which other classes answer. The class that was chosen is one of the former.
 * @param {import('./classifiers.js').Kind} classes
 */
export const toClasses = classes => ({ classes, class: -1 });

/**
 * @param {Look} look
 * @returns {string} a hash, or an empty string if everything has its default
 */
export function addressOf(look) {
  const params = new URLSearchParams();
  const names = /** @type {(keyof typeof choices | keyof typeof ranges)[]} */ (Object.keys({ ...choices, ...ranges }));
  for (const name of names) {
    if (look[name] !== defaults[name]) params.set(name, String(look[name]));
  }
  if (look.opacity !== defaults.opacity) params.set('opacity', String(Math.round(look.opacity * 100)));
  for (const [block, ablation] of Object.entries(look.ablate)) params.append('without', `${block}.${ablation}`);
  const ours = params.size > 0 ? `#${params}` : '';
  return look.room === 'lab' && look.lab ? `${ours}&${look.lab}` : ours;
}

/**
 * Reads an address. What cannot be understood has its default.
 * @param {string} hash
 * @returns {Look}
 */
export function readAddress(hash) {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  /** @type {any} */
  const look = { ...defaults, ablate: {} };
  for (const [name, values] of Object.entries(choices)) {
    const value = params.get(name);
    if (/** @type {readonly (string | null)[]} */ (values).includes(value)) look[name] = value;
  }
  for (const [name, [min, max]] of Object.entries(ranges)) {
    const value = params.get(name) ?? '';
    if (/^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max) look[name] = Number(value);
  }
  const opacity = params.get('opacity') ?? '';
  if (/^\d{1,3}$/.test(opacity)) look.opacity = Math.min(Number(opacity), 100) / 100;
  for (const one of params.getAll('without')) {
    const match = /^(\d{1,3})\.(residual|shortcut)$/.exec(one);
    if (match) look.ablate[Number(match[1])] = match[2];
  }
  if (look.room === 'lab') look.lab = labSettings(params);
  return look;
}

/** What is left of an address is for Skip lab, which knows what it means. @param {URLSearchParams} params */
function labSettings(params) {
  const ours = new Set([...Object.keys(choices), ...Object.keys(ranges), 'opacity', 'without']);
  return String(new URLSearchParams([...params].filter(([name]) => !ours.has(name))));
}

/**
 * The ID of a shared link in an address. The page asks about it and then removes it from the address.
 * @param {string} hash
 * @returns {string | null} null: the address is no shared link; else the ID, or what stands in its place in a link that
 *   was cut off
 */
export function sharedIn(hash) {
  return hash.length > 1 ? sharing.shareIDIn(hash) : null;
}
