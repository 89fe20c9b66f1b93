// The settings as a part of the address. A lesson has its name; else only what differs from the defaults is written.

import {
  augmentChoices, choices, dataChoices, dataNamed, defaultSettings, domains, firstLesson, lessonOf, lessons,
  maxNetworks, maxSeed, networkChoices, networkDefaults, shared, tasks,
} from './settings.js';

/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').NetworkSettings} NetworkSettings */

/** The flags of a network, and of a run, by their words in the address. */
const networkFlags = /** @type {const} */ ({ 'no-norm': 'norm', 'pre-activation': 'preActivation', zero: 'zeroLast' });

/**
 * A network in short, such as 56.none.no-norm: its depth, and what differs from the defaults.
 * @param {NetworkSettings} network
 */
function networkCode(network) {
  const words = [String(network.depth)];
  for (const name of /** @type {const} */ (['join', 'activation', 'init'])) {
    if (network[name] !== networkDefaults[name]) words.push(network[name]);
  }
  if (network.width !== networkDefaults.width) words.push(`w${network.width}`);
  for (const [word, name] of Object.entries(networkFlags)) {
    if (network[name] !== networkDefaults[name]) words.push(word);
  }
  return words.join('.');
}

/** @param {string} code @returns {NetworkSettings | undefined} undefined: it names no depth that there is */
function networkOf(code) {
  const [depth, ...words] = code.split('.');
  /** @type {any} */
  const network = { ...networkDefaults, depth: Number(depth) };
  if (!(/** @type {readonly number[]} */ (networkChoices.depth)).includes(network.depth)) return undefined;
  for (const word of words) {
    const flag = Object.entries(networkFlags).find(([flag]) => flag === word)?.[1];
    if (flag) network[flag] = !networkDefaults[flag];
    for (const name of /** @type {const} */ (['join', 'activation', 'init'])) {
      if (/** @type {readonly string[]} */ (networkChoices[name]).includes(word)) network[name] = word;
    }
    const width = Number(/^w(\d+)$/.exec(word)?.[1]);
    if (/** @type {readonly number[]} */ (networkChoices.width).includes(width)) network.width = width;
  }
  return network;
}

/**
 * @param {Settings} settings
 * @returns {string} parameters for the address; empty: the settings that a first visit has
 */
export function codeOf(settings) {
  const params = new URLSearchParams();
  const lesson = lessonOf(settings);
  if (lesson) {
    if (lesson !== firstLesson) params.set('lesson', lesson);
    return String(params);
  }
  const { data, augment } = settings;
  for (const network of settings.networks) params.append('net', networkCode(network));
  if (data.name !== shared.data.name) params.set('data', data.name);
  for (const name of /** @type {const} */ (['task', 'domain'])) {
    if (data[name] !== ({ task: tasks, domain: domains }[name][data.name][0] ?? '')) params.set(name, data[name]);
  }
  for (const name of /** @type {const} */ (['size', 'train', 'held'])) {
    if (data[name] !== shared.data[name]) params.set(name, String(data[name]));
  }
  if (data.difficulty !== shared.data.difficulty) params.set('difficulty', String(Math.round(data.difficulty * 100)));
  for (const name of /** @type {(keyof typeof choices)[]} */ (Object.keys(choices))) {
    if (settings[name] !== shared[name]) params.set(name, String(settings[name]));
  }
  if (settings.seed !== shared.seed) params.set('seed', String(settings.seed));
  if (settings.nesterov) params.set('nesterov', '1');
  if (augment.mirror) params.set('mirror', '1');
  if (augment.shift) params.set('shift', String(augment.shift));
  if (augment.cut) params.set('cut', String(augment.cut));
  return String(params);
}

/**
 * Reads the parameters of an address. What cannot be understood has its default.
 * @param {string} code
 * @returns {Settings}
 */
export function settingsOf(code) {
  const params = new URLSearchParams(code);
  const lesson = params.get('lesson') ?? '';
  if (Object.hasOwn(lessons, lesson)) return structuredClone(lessons[lesson]);
  const networks = params.getAll('net').flatMap(one => networkOf(one) ?? []).slice(0, maxNetworks);
  /** @type {any} */
  const settings = { ...structuredClone(shared), networks: networks.length ? networks : defaultSettings().networks };
  /** The value of a parameter, if it is one of those given. @type {(name: string, all: readonly any[]) => any} */
  const chosen = (name, all) => all.find(value => params.has(name) && String(value) === params.get(name));
  settings.data = dataNamed(settings.data, chosen('data', dataChoices.name) ?? shared.data.name);
  const { data, augment } = settings;
  for (const [name, lists] of Object.entries({ task: tasks, domain: domains })) {
    const value = chosen(name, lists[/** @type {import('./types.js').DataName} */ (data.name)]);
    if (value !== undefined) data[name] = value;
  }
  for (const name of /** @type {const} */ (['size', 'train', 'held'])) {
    data[name] = chosen(name, dataChoices[name]) ?? data[name];
  }
  const difficulty = params.get('difficulty') ?? '';
  if (/^\d{1,3}$/.test(difficulty)) data.difficulty = Math.min(Number(difficulty), 100) / 100;
  for (const [name, values] of Object.entries(choices)) settings[name] = chosen(name, values) ?? settings[name];
  const seed = params.get('seed') ?? '';
  if (/^\d{1,3}$/.test(seed)) settings.seed = Math.max(1, Math.min(Number(seed), maxSeed));
  settings.nesterov = params.get('nesterov') === '1';
  augment.mirror = params.get('mirror') === '1';
  augment.shift = chosen('shift', augmentChoices.shift) ?? 0;
  augment.cut = chosen('cut', augmentChoices.cut) ?? 0;
  return settings;
}
