// The curves of a training: loss and accuracy on the training and the validation pictures, as they come.

import { make } from '../dom.js';
import { localized, svgElement } from '../elements.js';
import { decimal, percent } from '../format.js';
import { onLanguage, say, text } from '../i18n.js';
import { wholePercent } from './rates.js';
import { ticksTo } from './ticks.js';

/** @typedef {import('../../zproto.js').TrainStep} TrainStep */
/** @typedef {'accuracy' | 'loss'} Measure */

const size = { width: 320, height: 190, left: 44, right: 10, top: 10, bottom: 44 };

/**
 * The axes of a chart: their ticks, x of a step, y of a value.
 * @param {Measure} measure
 * @param {TrainStep[]} steps
 */
function axes(measure, steps) {
  const scores = steps.flatMap(({ train, validation }) => [train, validation]);
  const values = scores.flatMap(score => (score && Number.isFinite(score[measure]) ? [score[measure]] : []));
  const yTicks = measure === 'accuracy' ? [0, 0.25, 0.5, 0.75, 1] : ticksTo(Math.max(...values, 0.01));
  const max = yTicks[yTicks.length - 1];
  const last = Math.max(steps.at(-1)?.done ?? 1, 2);
  const first = Math.min(steps[0]?.done ?? 0, last - 1);
  const width = size.width - size.left - size.right;
  const height = size.height - size.top - size.bottom;
  return {
    max,
    yTicks,
    xTicks: ticksTo(last, 1).filter(done => done >= first && done <= last),
    x: (/** @type {number} */ done) => size.left + (done - first) / (last - first) * width,
    y: (/** @type {number} */ value) => size.height - size.bottom - value / max * height,
  };
}

/** @param {Measure} measure @param {number} value @param {number[]} ticks */
function label(measure, value, ticks) {
  if (measure === 'accuracy') return wholePercent(value);
  return decimal(value, Math.max(0, -Math.floor(Math.log10(ticks[1]) + 1e-9)));
}

/**
 * The lines and the numbers behind a chart.
 * @param {Measure} measure
 * @param {ReturnType<typeof axes>} axes
 */
function gridOf(measure, { xTicks, yTicks, x, y }) {
  const bottom = size.height - size.bottom;
  return [
    ...yTicks.flatMap((value, i) => [
      svgElement('line', { x1: size.left, x2: size.width - size.right, y1: y(value), y2: y(value) }),
      ...(measure === 'accuracy' && i % 2 ? [] : [svgElement('text',
        { x: size.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, label(measure, value, yTicks))]),
    ]),
    ...xTicks.flatMap(done => [
      svgElement('line', { x1: x(done), x2: x(done), y1: bottom, y2: bottom + 4 }),
      svgElement('text', { x: x(done), y: bottom + 17, 'text-anchor': 'middle' }, decimal(done, 0)),
    ]),
    svgElement('text', { x: (size.left + size.width - size.right) / 2, y: size.height - 6, 'text-anchor': 'middle' },
      text('teach.curves.steps') ?? ''),
  ];
}

/** @param {Measure} measure */
function createChart(measure) {
  const lines = /** @type {const} */ (['train', 'validation']).map(side => ({
    side,
    path: svgElement('path', { class: `curve ${side}` }),
    end: svgElement('circle', { class: `curve-end ${side}`, r: 3.5 }),
  }));
  const grid = svgElement('g', { class: 'grid' });
  const svg = svgElement('svg', { viewBox: `0 0 ${size.width} ${size.height}`, class: 'chart', role: 'img' },
    grid, ...lines.flatMap(({ path, end }) => [path, end]));
  const title = localized('h4', `teach.curves.${measure}`);
  const element = make('figure', 'teach-chart', title, /** @type {any} */ (svg));

  /** @param {TrainStep[]} steps  those that have scores */
  function show(steps) {
    const drawn = axes(measure, steps);
    const { max, x, y } = drawn;
    grid.replaceChildren(...gridOf(measure, drawn));
    for (const { side, path, end } of lines) {
      const points = steps.flatMap(({ done, [side]: score }) =>
        (score ? [`${x(done).toFixed(1)} ${y(Math.min(score[measure], max)).toFixed(1)}`] : []));
      path.setAttribute('d', points.length > 0 ? `M${points.join('L')}` : '');
      const [cx, cy] = points.at(-1)?.split(' ') ?? ['-9', '-9']; // without points it is out of sight
      end.setAttribute('cx', cx);
      end.setAttribute('cy', cy);
    }
    const final = (/** @type {'train' | 'validation'} */ side) => {
      const score = steps.findLast(step => step[side])?.[side];
      if (!score) return text('teach.curves.unknown') ?? '';
      return measure === 'accuracy' ? percent(score.accuracy) : decimal(score.loss, 2);
    };
    const values = () => ({ train: final('train'), validation: final('validation') });
    say(svg, `teach.curves.${measure}.spoken`, values, 'aria-label');
  }

  return { element, show };
}

/** @param {{ onShow: (isShown: boolean) => void }} handlers  onShow: whether there is anything to see */
export function createCurves({ onShow }) {
  const charts = [createChart('accuracy'), createChart('loss')];
  const legend = make('p', 'teach-key',
    localized('span', 'teach.curves.train', 'train'), localized('span', 'teach.curves.validation', 'validation'));
  const element = make('div', 'teach-curves', ...charts.map(chart => chart.element), legend,
    localized('p', 'teach.curves.about', 'hint'));
  element.hidden = true;
  /** @type {TrainStep[]} */
  let steps = [];
  /** The animation frame in which the charts are drawn; 0: none is asked for. */
  let frame = 0;

  function paint() {
    frame = 0;
    const scored = steps.filter(({ train, validation }) => train || validation);
    element.hidden = scored.length === 0;
    onShow(!element.hidden);
    for (const chart of charts) chart.show(scored);
  }

  onLanguage(paint);

  return {
    element,
    /** @param {readonly TrainStep[]} all */
    show(all) {
      steps = [...all];
      paint();
    },
    /** @param {TrainStep} step */
    add(step) {
      steps.push(step);
      frame ||= requestAnimationFrame(paint);
    },
  };
}
