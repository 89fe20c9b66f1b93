// The curves of a run: loss and accuracy of each network, on the pictures it learns from and on those held out.

import { make } from '../dom.js';
import { localized } from '../elements.js';
import { decimal, share } from '../format.js';
import { text } from '../i18n.js';
import { createLineChart } from './linechart.js';
import { smooth } from './record.js';
import { readingOf } from './words.js';

/** @typedef {import('./record.js').RunRecord} RunRecord */
/** @typedef {import('./names.js').Part} Part */

/** Between two paintings the page does other things, in milliseconds. */
const paintEveryMs = 120;

/**
 * The largest loss that the axis needs: an outlier of one step does not press all else down.
 * @param {number[]} losses
 */
function lossLimit(losses) {
  const sorted = losses.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return 1;
  const most = sorted[Math.floor((sorted.length - 1) * 0.98)];
  return Math.max(most * 1.08, 0.1);
}

export function createCurves() {
  const loss = createLineChart({ title: 'skiplab.curves.loss', axis: 'skiplab.curves.step' });
  const accuracy = createLineChart({ title: 'skiplab.curves.accuracy', axis: 'skiplab.curves.step', isShare: true });
  const key = make('p', 'skiplab-key',
    localized('span', 'skiplab.curves.learnt', 'learnt'), localized('span', 'skiplab.curves.held', 'held'));
  const element = make('div', 'skiplab-curves', loss.element, accuracy.element, key);
  /** @type {RunRecord | undefined} */ let record;
  /** @type {Part[][]} */ let names = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  let paintedAt = -Infinity;

  function paint() {
    clearTimeout(timer);
    timer = undefined;
    paintedAt = performance.now();
    if (!record) return;
    const { networks, steps } = record;
    const curves = networks.map(({ losses, accuracies, learnt, held }) => ({
      loss: { learnt: pointsOf(smooth(losses)), held: held.map(({ step, loss }) => ({ x: step, y: loss })) },
      accuracy: {
        // The whole set's accuracy where there is one; a batch is a small sample of it.
        learnt: learnt.length > 1 ? learnt.map(score => ({ x: score.step, y: score.accuracy }))
          : pointsOf(smooth(accuracies)),
        held: held.map(score => ({ x: score.step, y: score.accuracy })),
      },
    }));
    for (const [chart, measure] of /** @type {const} */ ([[loss, 'loss'], [accuracy, 'accuracy']])) {
      const all = curves.flatMap(curve => [...curve[measure].learnt, ...curve[measure].held].map(({ y }) => y));
      const max = measure === 'loss' ? lossLimit(all) : 1;
      chart.show({
        series: curves.flatMap((curve, network) => /** @type {const} */ (['learnt', 'held']).map(side =>
          ({ network, side, points: curve[measure][side] }))),
        x: { min: 1, max: Math.max(steps, 2) },
        y: { min: 0, max, isLog: false },
        read: x => reading(x, measure, curves.map(curve => curve[measure])),
      });
    }
  }

  /**
   * What stands at a step.
   * @param {number} x
   * @param {'loss' | 'accuracy'} measure
   * @param {{ learnt: { x: number, y: number }[], held: { x: number, y: number }[] }[]} curves
   */
  function reading(x, measure, curves) {
    const step = Math.min(x, record?.step ?? 0);
    const write = (/** @type {number} */ value) => (measure === 'loss' ? decimal(value, 2) : share(value));
    const values = curves.map(({ learnt }) => {
      const value = learnt.findLast(point => point.x <= Math.max(step, 1))?.y;
      return value === undefined || Number.isNaN(value) ? '–' : write(value);
    });
    return readingOf(text('skiplab.curves.at', { step }) ?? '', values, names);
  }

  return {
    element,
    /** @param {RunRecord} next @param {Part[][]} nextNames */
    show(next, nextNames) {
      record = next;
      names = nextNames;
      paint();
    },
    /** A step was added to the record. */
    grow() {
      timer ??= setTimeout(paint, Math.max(0, paintEveryMs - (performance.now() - paintedAt)));
    },
    clear() {
      record = undefined;
    },
  };
}

/** @param {number[]} values  by step */
const pointsOf = values => values.map((y, i) => ({ x: i + 1, y }));
