// The curves of a training: loss and accuracy, of the pictures that teach and of those that judge, as they come.

import { make } from '../dom.js';
import { decimal, percent } from '../format.js';
import { onLanguage, say, text } from '../i18n.js';
import { draw, words } from './parts.js';

/** @typedef {import('../../zproto.js').TrainStep} TrainStep */

const size = { width: 320, height: 160, left: 40, right: 8, top: 10, bottom: 22 };

/** @param {'accuracy' | 'loss'} what */
function chart(what) {
  const title = words('h4', `teach.curves.${what}`);
  const lines = /** @type {const} */ (['train', 'validation']).map(side => ({ side, path: draw('path', { class: `curve ${side}` }), end: draw('circle', { class: `curve-end ${side}`, r: 3.5 }) }));
  const grid = draw('g', { class: 'grid' });
  const svg = draw('svg', { viewBox: `0 0 ${size.width} ${size.height}`, class: 'chart', role: 'img' }, grid, ...lines.flatMap(({ path, end }) => [path, end]));
  const element = make('figure', 'teach-chart', title, /** @type {any} */ (svg));

  /** @param {TrainStep[]} steps those that have scores */
  function show(steps) {
    const values = steps.flatMap(({ train, validation }) => [train, validation].flatMap(score => (score ? [score[what]] : [])));
    const top = what === 'accuracy' ? 1 : Math.max(...values, 1e-3);
    const last = Math.max(steps.at(-1)?.done ?? 1, 2);
    const first = Math.min(steps[0]?.done ?? 0, last - 1);
    const x = (/** @type {number} */ done) => size.left + (done - first) / (last - first) * (size.width - size.left - size.right);
    const y = (/** @type {number} */ value) => size.height - size.bottom - value / top * (size.height - size.top - size.bottom);
    const label = (/** @type {number} */ value) => (what === 'accuracy' ? `${decimal(value * 100, 0)}%` : decimal(value, value < 10 && value > 0 ? 1 : 0));
    grid.replaceChildren(...[0, 0.5, 1].flatMap(part => [
      draw('line', { x1: size.left, x2: size.width - size.right, y1: y(part * top), y2: y(part * top) }),
      draw('text', { x: size.left - 6, y: y(part * top) + 4, 'text-anchor': 'end' }, label(part * top)),
    ]));
    for (const { side, path, end } of lines) {
      const points = steps.flatMap(step => (step[side] ? [`${x(step.done).toFixed(1)} ${y(Math.min(step[side][what], top)).toFixed(1)}`] : []));
      path.setAttribute('d', points.length > 0 ? `M${points.join('L')}` : '');
      const [cx, cy] = points.at(-1)?.split(' ') ?? ['-9', '-9'];
      end.setAttribute('cx', cx);
      end.setAttribute('cy', cy);
    }
    const final = (/** @type {'train' | 'validation'} */ side) => {
      const score = steps.findLast(step => step[side])?.[side];
      if (!score) return text('teach.curves.unknown') ?? '';
      return what === 'accuracy' ? percent(score.accuracy) : decimal(score.loss, 2);
    };
    say(svg, `teach.curves.${what}.spoken`, () => ({ train: final('train'), validation: final('validation') }), 'aria-label');
  }
  return { element, show };
}

export function createCurves() {
  const charts = [chart('accuracy'), chart('loss')];
  const key = make('p', 'teach-key', words('span', 'teach.curves.train', 'train'), words('span', 'teach.curves.validation', 'validation'));
  const element = make('div', 'teach-curves', ...charts.map(one => one.element), key);
  element.hidden = true;
  /** @type {TrainStep[]} */
  let steps = [];
  let drawn = 0;
  const paint = () => {
    drawn = 0;
    const scored = steps.filter(({ train, validation }) => train || validation);
    element.hidden = scored.length === 0;
    for (const one of charts) one.show(scored);
  };
  onLanguage(() => { if (!element.hidden) paint(); });

  return {
    element,
    /** @param {TrainStep[]} all */
    show(all) {
      steps = [...all];
      paint();
    },
    /** @param {TrainStep} step */
    add(step) {
      steps.push(step);
      drawn ||= requestAnimationFrame(paint);
    },
  };
}
