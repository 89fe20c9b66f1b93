// Accuracy over the number of frozen stages, with its interval, beside the band of a network that began anew.

import { svgElement } from '../elements.js';
import { decimal, share } from '../format.js';
import { say, text } from '../i18n.js';
import { placeIn, ticks } from './axes.js';

/** @typedef {import('./types.js').Transfer} Transfer */

const size = { width: 480, height: 240, left: 48, right: 16, top: 12, bottom: 40 };

export function createTransferChart() {
  const viewBox = `0 0 ${size.width} ${size.height}`;
  const svg = svgElement('svg', { viewBox, class: 'chart skiplab-chart', role: 'img' });
  say(svg, 'skiplab.transfer.chart', {}, 'aria-label');

  return {
    element: /** @type {any} */ (svg),
    /** @param {Transfer} transfer */
    show({ frozen, scratch }) {
      const all = [scratch, ...frozen];
      const low = Math.floor(Math.min(...all.map(one => one.low)) * 10) / 10;
      const high = Math.min(1, Math.ceil(Math.max(...all.map(one => one.high)) * 10) / 10);
      const range = { min: low, max: Math.max(high, low + 0.1), isLog: false };
      const bottom = size.height - size.bottom;
      const y = (/** @type {number} */ value) => size.top + (1 - placeIn(value, range)) * (bottom - size.top);
      const step = (size.width - size.left - size.right) / frozen.length;
      const x = (/** @type {number} */ i) => size.left + (i + 0.5) * step;
      const right = size.width - size.right;
      const grid = svgElement('g', { class: 'grid' },
        ...ticks(range.min, range.max, 4).flatMap(value => [
          svgElement('line', { x1: size.left, x2: right, y1: y(value), y2: y(value) }),
          svgElement('text', { x: size.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, share(value)),
        ]),
        ...frozen.map(({ stages }, i) =>
          svgElement('text', { x: x(i), y: bottom + 16, 'text-anchor': 'middle' }, decimal(stages, 0))),
        svgElement('text', { x: (size.left + right) / 2, y: bottom + 32, 'text-anchor': 'middle' },
          text('skiplab.transfer.axis') ?? ''));
      const band = svgElement('rect', {
        class: 'skiplab-band', x: size.left, width: right - size.left, y: y(scratch.high),
        height: Math.max(y(scratch.low) - y(scratch.high), 1),
      });
      const middle = svgElement('line', {
        class: 'skiplab-scratch', x1: size.left, x2: right, y1: y(scratch.mean), y2: y(scratch.mean),
      });
      const name = svgElement('text', {
        class: 'skiplab-band-name', x: right - 4, y: y(scratch.mean) - 5, 'text-anchor': 'end',
      }, text('skiplab.table.scratch') ?? '');
      const points = frozen.flatMap((one, i) => [
        svgElement('line', { class: 'skiplab-interval', x1: x(i), x2: x(i), y1: y(one.low), y2: y(one.high) }),
        svgElement('circle', { class: 'skiplab-mean', cx: x(i), cy: y(one.mean), r: 5 }),
      ]);
      svg.replaceChildren(grid, band, middle, name, ...points);
    },
  };
}
