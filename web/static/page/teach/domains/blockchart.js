// A chart over the blocks of the network: a point with its interval for each, and another for the test pictures if
// there are any. A table beside it has the numbers.

import { make } from '../../dom.js';
import { localized, svgElement } from '../../elements.js';
import { decimal } from '../../format.js';
import { onLanguage, say, text } from '../../i18n.js';

/** @typedef {{ label: string, mid: number, low: number, high: number, isChosen?: boolean, test?: number }} Point */

const margin = { left: 40, right: 12, top: 16, bottom: 40 };
/** As wide as it is shown, so that its words are as large as others, for screens up to such a width. */
const sizes = [
  { screen: matchMedia('(max-width: 359px)'), width: 256, height: 200 },
  { screen: matchMedia('(max-width: 599px)'), width: 320, height: 220 },
  { screen: matchMedia('(min-width: 600px)'), width: 640, height: 240 },
];
/** How much room the label of a block takes. */
const labelWidth = 22;

/**
 * @param {string} title  key of its heading; its words for those who hear it are at KEY.spoken
 * @param {{ max: number, ticks: number[], format: (value: number) => string }} axis
 */
export function createBlockChart(title, { max, ticks, format }) {
  const svg = svgElement('svg', { class: 'chart domains-chart', role: 'img' });
  const key = make('p', 'domains-key', localized('span', 'domains.chart.learnt', 'learnt'), ' ',
    localized('span', 'domains.chart.test', 'test'));
  const element = make('figure', 'teach-chart', localized('h5', title), /** @type {any} */ (svg), key);
  /** @type {Point[]} */
  let points = [];
  /** @type {() => Record<string, string | number>} */
  let spoken = () => ({});

  function paint() {
    const { width: right, height: base } = sizes.find(({ screen }) => screen.matches) ?? sizes[2];
    const [width, height] = [right - margin.left - margin.right, base - margin.top - margin.bottom];
    const bottom = base - margin.bottom;
    const x = (/** @type {number} */ i) => margin.left + (i + 0.5) / Math.max(points.length, 1) * width;
    const y = (/** @type {number} */ value) => margin.top + (1 - Math.min(Math.max(value / max, 0), 1)) * height;
    const labelEvery = Math.ceil(points.length * labelWidth / width);
    // The chosen block always has its label.
    const labelFrom = Math.max(points.findIndex(({ isChosen }) => isChosen), 0) % labelEvery;
    svg.setAttribute('viewBox', `0 0 ${right} ${base}`);
    svg.replaceChildren(
      svgElement('g', { class: 'grid' },
        ...ticks.flatMap(value => [
          svgElement('line', { x1: margin.left, x2: right - margin.right, y1: y(value), y2: y(value) }),
          svgElement('text', { x: margin.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, format(value)),
        ]),
        ...points.flatMap(({ label }, i) => ((i - labelFrom) % labelEvery !== 0 ? [] :
          svgElement('text', { x: x(i), y: bottom + 16, 'text-anchor': 'middle' }, label))),
        svgElement('text', { x: margin.left + width / 2, y: bottom + 34, 'text-anchor': 'middle' },
          text('domains.axis.block') ?? ''),
      ),
      svgElement('path', { class: 'curve domains-line', d: points.length > 0
        ? `M${points.map(({ mid }, i) => `${x(i).toFixed(1)} ${y(mid).toFixed(1)}`).join('L')}` : '' }),
      ...points.flatMap(({ mid, low, high, isChosen, test }, i) => [
        svgElement('path', { class: 'domains-whisker',
          d: `M${x(i) - 4} ${y(low)}h8m-4 0V${y(high)}m-4 0h8` }),
        svgElement('circle', { class: isChosen ? 'domains-point chosen' : 'domains-point', cx: x(i), cy: y(mid),
          r: isChosen ? 6 : 4 }),
        ...(test === undefined ? [] : [svgElement('path', { class: 'domains-test',
          d: `M${x(i)} ${y(test) - 5}l5 5l-5 5l-5 -5z` })]),
      ]),
    );
    key.hidden = !points.some(({ test }) => test !== undefined);
    say(svg, `${title}.spoken`, spoken, 'aria-label');
  }

  onLanguage(paint);
  for (const { screen } of sizes) screen.addEventListener('change', paint);

  return {
    element,
    /** @param {Point[]} next @param {() => Record<string, string | number>} words  the values of its sentence */
    show(next, words) {
      points = next;
      spoken = words;
      paint();
    },
  };
}

/** The axis of shares, in whole percent. */
export const shareAxis = {
  max: 1, ticks: [0, 0.25, 0.5, 0.75, 1], format: (/** @type {number} */ value) => `${decimal(value * 100, 0)}%`,
};
