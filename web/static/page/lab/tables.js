// The tables under the pictures: all that a canvas tells is here too, for eyes, ears and the clipboard.

import { make } from '../dom.js';
import { decimal, share, significant } from '../format.js';
import { text } from '../i18n.js';
import { rings, ringsOf } from './analysis.js';
import { nameText } from './words.js';

/** @typedef {import('./types.js').Layer} Layer */
/** @typedef {import('./types.js').Norms} Norms */
/** @typedef {import('./names.js').Part} Part */

/**
 * @param {string[]} head
 * @param {string[][]} rows  the first cell of each is its heading
 */
function table(head, rows) {
  /** @param {string} words @param {'col' | 'row'} scope */
  const heading = (words, scope) => Object.assign(make('th', '', words), { scope });
  return make('table', 'skiplab-table',
    make('thead', '', make('tr', '', ...head.map(words => heading(words, 'col')))),
    make('tbody', '', ...rows.map(([first, ...cells]) =>
      make('tr', '', heading(first, 'row'), ...cells.map(words => make('td', '', words))))));
}

const word = (/** @type {string} */ key) => text(key) ?? '';

/**
 * Layer by layer: the signal forward and the gradient of the weights, for each network.
 * @param {readonly ({ layers: readonly Layer[] } & Norms | null)[]} networks  null: it has no numbers
 * @param {readonly Part[][]} names
 */
export function layersTable(networks, names) {
  const most = Math.max(0, ...networks.map(network => network?.layers.length ?? 0));
  const head = [word('skiplab.table.layer'), ...names.flatMap(name =>
    [`${nameText(name)}: ${word('skiplab.table.signal')}`, `${nameText(name)}: ${word('skiplab.table.gradient')}`])];
  const rows = Array.from({ length: most }, (_, i) => [String(i + 1), ...networks.flatMap(network => {
    if (!network || i >= network.layers.length) return ['', ''];
    return [significant(network.activations[i], 2), significant(network.weightGradients[i], 2)];
  })]);
  return table(head, rows);
}

/**
 * @param {readonly (import('./types.js').Landscape | undefined)[]} landscapes
 * @param {readonly Part[][]} names
 */
export function landscapeTable(landscapes, names) {
  const all = landscapes.map(landscape => landscape && ringsOf(landscape));
  return table(
    [word('skiplab.table.distance'), ...names.map(nameText)],
    rings.map((ring, i) => [share(ring), ...all.map(values => (values ? significant(values[i], 3) : ''))]),
  );
}

/**
 * @param {readonly (readonly import('./types.js').PathGradient[] | undefined)[]} paths
 * @param {readonly Part[][]} names
 */
export function pathsTable(paths, names) {
  const measured = paths.flatMap((all, i) => (all ? [{ all, name: nameText(names[i]) }] : []));
  const most = Math.max(0, ...measured.map(({ all }) => all.length));
  const head = [word('skiplab.table.length'), ...measured.flatMap(({ name }) =>
    [`${name}: ${word('skiplab.table.count')}`, `${name}: ${word('skiplab.table.path-gradient')}`])];
  return table(head, Array.from({ length: most }, (_, i) => [String(i), ...measured.flatMap(({ all }) =>
    (all[i] ? [significant(all[i].count, 3), significant(all[i].gradient, 2)] : ['', '']))]));
}

/** @param {import('./types.js').Transfer} transfer */
export function transferTable({ frozen, scratch }) {
  const head = ['stages', 'mean', 'interval', 'runs'].map(name => word(`skiplab.table.${name}`));
  /** @param {string} name @param {import('./types.js').Frozen} runs */
  const row = (name, { mean, low, high, accuracies }) =>
    [name, share(mean), `${share(low)} – ${share(high)}`, accuracies.map(share).join(' ')];
  return table(head, [
    ...frozen.map(one => row(decimal(one.stages, 0), one)), row(word('skiplab.table.scratch'), scratch),
  ]);
}
