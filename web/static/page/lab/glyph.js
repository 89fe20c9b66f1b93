// A small drawing of a network: its blocks as points on a line, and its shortcuts as arcs over them.

import { svgElement } from '../elements.js';

/** @typedef {import('./types.js').NetworkSettings} NetworkSettings */

const size = { width: 240, height: 40, edge: 6, line: 32 };

/** The marks of the networks, told apart without colour: a circle, a square, a triangle, a diamond. */
const marks = [
  'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z', 'M-3.6-3.6h7.2v7.2h-7.2z', 'M0-4.6 4.4 3.4h-8.8z', 'M0-5 4.6 0 0 5-4.6 0z',
];

/** @param {number} i  the network's index */
export const markPath = i => marks[i % marks.length];

/** The mark of a network in its colour. @param {number} i */
export function mark(i) {
  const svg = svgElement('svg', {
    viewBox: '-6 -6 12 12', class: `skiplab-mark network-${i + 1}`, 'aria-hidden': 'true',
  });
  svg.append(svgElement('path', { d: markPath(i) }));
  return svg;
}

/**
 * The drawing of a network.
 * @param {Pick<NetworkSettings, 'depth' | 'join'>} network
 */
export function glyph({ depth, join }) {
  const blocks = (depth - 2) / 2;
  const { width, height, edge, line } = size;
  const step = (width - 2 * edge) / blocks;
  const x = (/** @type {number} */ i) => edge + i * step;
  const rise = Math.min(Math.max(step * 1.1, 16), line - 4);
  const svg = svgElement('svg', {
    viewBox: `0 0 ${width} ${height}`, class: `skiplab-glyph ${join}`, 'aria-hidden': 'true',
  });
  svg.append(svgElement('path', { class: 'way', d: `M${edge} ${line}H${width - edge}` }));
  for (let i = 0; i < blocks && join !== 'none'; i++) {
    const d = `M${x(i).toFixed(1)} ${line}C${x(i).toFixed(1)} ${(line - rise).toFixed(1)} `
      + `${x(i + 1).toFixed(1)} ${(line - rise).toFixed(1)} ${x(i + 1).toFixed(1)} ${line}`;
    svg.append(svgElement('path', { class: 'skip', d }));
  }
  const r = Math.min(3.2, step * 0.28);
  for (let i = 0; i <= blocks; i++) {
    svg.append(svgElement('circle', { cx: x(i).toFixed(1), cy: line, r: r.toFixed(1) }));
  }
  return svg;
}
