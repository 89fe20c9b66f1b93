// The names of networks, made of what tells them apart.

import { networkDefaults } from './settings.js';

/** @typedef {import('./types.js').NetworkSettings} NetworkSettings */
/** @typedef {{ key: string, values?: Record<string, number> }} Part  of a name: a key of the table of words */

/**
 * The parts of each network's name: its kind and its depth, and what else is neither the same in all of them nor as
 * usual. Two networks that are the same in everything are numbered.
 * @param {readonly NetworkSettings[]} networks
 * @returns {Part[][]}
 */
export function namesOf(networks) {
  /** @param {keyof NetworkSettings} name */
  const differs = name => networks.some(other => other[name] !== networks[0][name]);
  const names = networks.map(network => {
    /** @param {keyof NetworkSettings} name */
    const isOwn = name => differs(name) && network[name] !== networkDefaults[name];
    /** @type {Part[]} */
    const parts = [
      { key: `skiplab.kind.${network.join}` },
      { key: 'skiplab.name.depth', values: { depth: network.depth } },
    ];
    if (isOwn('norm')) parts.push({ key: 'skiplab.name.no-norm' });
    if (isOwn('width')) parts.push({ key: 'skiplab.name.width', values: { width: network.width } });
    if (isOwn('activation')) parts.push({ key: `skiplab.activation.${network.activation}` });
    if (isOwn('init')) parts.push({ key: `skiplab.init.${network.init}` });
    if (isOwn('zeroLast')) parts.push({ key: 'skiplab.name.zero' });
    if (isOwn('preActivation')) parts.push({ key: 'skiplab.name.pre-activation' });
    return parts;
  });
  const seen = /** @type {Map<string, number>} */ (new Map());
  const codes = names.map(parts => JSON.stringify(parts));
  return names.map((parts, i) => {
    if (codes.indexOf(codes[i]) === codes.lastIndexOf(codes[i])) return parts;
    const number = (seen.get(codes[i]) ?? 0) + 1;
    seen.set(codes[i], number);
    return [...parts, { key: 'skiplab.name.number', values: { number } }];
  });
}
