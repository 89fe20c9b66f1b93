// A chart of lines, a colour for each network. A pointer, a finger or the arrow keys read the values at a place of it.

import { make } from '../dom.js';
import { svgElement } from '../elements.js';
import { decimal, superscript } from '../format.js';
import { onLanguage, say, text } from '../i18n.js';
import { placeIn, powers, ticks } from './axes.js';
import { mark, markPath } from './glyph.js';

/** @typedef {import('./axes.js').Range} Range */
/**
 * @typedef {object} Series
 * @property {number} network  its index, which has a colour and a mark
 * @property {'learnt' | 'held'} side  learnt is drawn solid, held dashed
 * @property {readonly { x: number, y: number }[]} points  those that are no number leave a gap
 */
/**
 * What stands at a place: its name, and each network's value; words are for those who hear it.
 * @typedef {{ place: string, values: string[], words: string }} Reading
 */
/** @typedef {{ min: number, max: number }} Span */
/**
 * @typedef {object} Shown
 * @property {Series[]} series
 * @property {Span} x
 * @property {Range} y
 * @property {(x: number) => Reading} read  what stands at a place
 */

const size = { width: 340, height: 196, left: 44, right: 12, top: 12, bottom: 34 };

/** A line has no more points than it has pixels. */
const maxPoints = 300;

/**
 * @param {readonly { x: number, y: number }[]} points
 * @param {(x: number) => number} left
 * @param {(y: number) => number} top
 */
function pathOf(points, left, top) {
  const every = Math.max(1, Math.ceil(points.length / maxPoints));
  let isOpen = false;
  return points.filter((_, i) => i % every === 0 || i === points.length - 1).map(({ x, y }) => {
    if (!Number.isFinite(y)) {
      isOpen = false;
      return '';
    }
    const command = isOpen ? 'L' : 'M';
    isOpen = true;
    return `${command}${left(x).toFixed(1)} ${top(y).toFixed(1)}`;
  }).join('');
}

/** @param {Range} range @param {boolean} isShare  whether its values are shares, written as percentages */
function labelsOf(range, isShare) {
  if (range.isLog) {
    return powers(range.min, range.max, 5).map(exponent =>
      ({ value: 10 ** exponent, words: `10${superscript(exponent)}` }));
  }
  const values = ticks(range.min, range.max, 4);
  const digits = isShare || (values[1] ?? 1) - (values[0] ?? 0) >= 1 ? 0 : 1;
  return values.map(value => ({ value, words: isShare ? `${decimal(value * 100, 0)}%` : decimal(value, digits) }));
}

/**
 * @param {{ title: string, axis: string, isShare?: boolean }} keys  title: of the chart; axis: of what x counts
 */
export function createLineChart({ title, axis, isShare = false }) {
  const grid = svgElement('g', { class: 'grid' });
  const lines = svgElement('g', {});
  const cursor = svgElement('line', { class: 'skiplab-cursor', y1: size.top, y2: size.height - size.bottom });
  const svg = svgElement('svg', {
    viewBox: `0 0 ${size.width} ${size.height}`, class: 'chart skiplab-chart', tabindex: 0, role: 'slider',
    'aria-orientation': 'horizontal',
  });
  svg.append(grid, lines, cursor);
  const heading = make('h4');
  const reading = make('p', 'skiplab-reading');
  reading.ariaHidden = 'true'; // the chart itself is read out
  const element = make('figure', 'skiplab-figure', heading, /** @type {any} */ (svg), reading);
  say(heading, title);
  say(svg, title, {}, 'aria-label');
  /** @type {Shown | undefined} */
  let shown;
  /** The place that is read; undefined: the end. @type {number | undefined} */
  let at;
  /** The ranges that the grid shows. A step changes them seldom, and its texts cost the page a layout. */
  let gridOf = '';

  const width = size.width - size.left - size.right;
  const height = size.height - size.top - size.bottom;
  /** @param {number} x */
  const left = x => {
    const { min, max } = /** @type {Shown} */ (shown).x;
    return size.left + (max > min ? (x - min) / (max - min) : 0) * width;
  };
  /** @param {number} y */
  const top = y => size.top + (1 - placeIn(y, /** @type {Shown} */ (shown).y)) * height;

  function paintGrid() {
    if (!shown) return;
    const { x, y } = shown;
    const ranges = JSON.stringify([x, y]);
    if (ranges === gridOf) return;
    gridOf = ranges;
    const bottom = size.height - size.bottom;
    grid.replaceChildren(
      ...labelsOf(y, isShare).flatMap(({ value, words }) => [
        svgElement('line', { x1: size.left, x2: size.width - size.right, y1: top(value), y2: top(value) }),
        svgElement('text', { x: size.left - 6, y: top(value) + 4, 'text-anchor': 'end' }, words),
      ]),
      ...ticks(x.min, x.max, 4).map(value =>
        svgElement('text', { x: left(value), y: bottom + 16, 'text-anchor': 'middle' }, decimal(value, 0))),
      svgElement('text', { x: size.left + width / 2, y: bottom + 30, 'text-anchor': 'middle' }, text(axis) ?? ''),
    );
  }

  function paint() {
    if (!shown) return;
    paintGrid();
    lines.replaceChildren(...shown.series.flatMap(({ network, side, points }) => {
      const end = points.findLast(({ y }) => Number.isFinite(y));
      const colour = `network-${network + 1}`;
      return [
        svgElement('path', { class: `skiplab-line ${side} ${colour}`, d: pathOf(points, left, top) }),
        ...(end ? [svgElement('path', {
          class: `skiplab-end ${side} ${colour}`, d: markPath(network),
          transform: `translate(${left(end.x).toFixed(1)} ${top(end.y).toFixed(1)})`,
        })] : []),
      ];
    }));
    read();
  }

  function read() {
    if (!shown) return;
    const { min, max } = shown.x;
    const place = Math.min(Math.max(at ?? max, min), max);
    const isMarked = at !== undefined;
    cursor.setAttribute('x1', String(left(place)));
    cursor.setAttribute('x2', String(left(place)));
    cursor.classList.toggle('marked', isMarked);
    const { place: name, values, words } = shown.read(place);
    reading.replaceChildren(make('span', '', name),
      ...values.map((value, i) => make('span', 'skiplab-value', mark(i), value)));
    svg.setAttribute('aria-valuemin', String(min));
    svg.setAttribute('aria-valuemax', String(max));
    svg.setAttribute('aria-valuenow', String(place));
    svg.setAttribute('aria-valuetext', words);
  }

  /** @param {PointerEvent} event */
  function follow(event) {
    if (!shown) return;
    const box = svg.getBoundingClientRect();
    const part = ((event.clientX - box.left) / box.width * size.width - size.left) / width;
    at = Math.round(shown.x.min + Math.min(Math.max(part, 0), 1) * (shown.x.max - shown.x.min));
    read();
  }

  function leave() {
    at = undefined;
    read();
  }

  svg.addEventListener('pointermove', follow);
  svg.addEventListener('pointerdown', follow);
  svg.addEventListener('pointerleave', leave);
  svg.addEventListener('blur', leave);
  svg.addEventListener('keydown', event => {
    if (!shown) return;
    const { min, max } = shown.x;
    const now = at ?? max;
    const page = Math.max(1, Math.round((max - min) / 10));
    const next = {
      ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1,
      PageDown: now - page, PageUp: now + page, Home: min, End: max,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    at = Math.min(Math.max(next, min), max);
    read();
  });
  onLanguage(() => {
    gridOf = '';
    paint();
  });

  return {
    element,
    /** @param {Shown} next */
    show(next) {
      shown = next;
      paint();
    },
  };
}
