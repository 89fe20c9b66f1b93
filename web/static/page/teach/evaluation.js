// How good the last training is: what it gets right of pictures that it has not learnt from.

import { make } from '../dom.js';
import { localized } from '../elements.js';
import { say } from '../i18n.js';
import { createConfusionMatrix } from './confusionmatrix.js';
import { fold, section } from './elements.js';
import { createEvaluationSummary } from './evaluationsummary.js';
import { createFeatureMap } from './featuremap.js';
import { createGallery } from './gallery.js';
import { evaluationOf, mainRun } from './runs.js';

/** @typedef {import('./context.js').Run} Run */

/**
 * @param {import('./context.js').TeachContext} context
 * @param {{ onDistances: () => void }} handlers  onDistances: how far two domains are apart is asked
 */
export function createEvaluation(context, { onDistances }) {
  const empty = localized('p', 'teach.judge.empty', 'hint');
  const gallery = createGallery(context);
  const summary = createEvaluationSummary(context, { onShow: gallery.open, onDistances });
  const matrix = createConfusionMatrix({ onShow: gallery.open });
  const map = createFeatureMap(context);
  const figures = fold('teach.judge.details', make('div', 'teach-figures', summary.details, matrix.element));
  const body = make('div', 'teach-judged', summary.element, figures, gallery.element, map.element);
  const element = section('judge', empty, body);
  /** @type {Run | undefined} */
  let shown;

  /**
   * Says what a fitted classifier gets right of the pictures that it was fitted to, where their classes are known.
   * @param {import('../../zproto.js').Rate} accuracy
   * @param {import('../../zproto.js').Compared | null} against
   */
  function sayAdapted({ k, n }, against) {
    const before = k - Math.round((against?.difference ?? 0) * n);
    say(empty, against ? 'teach.judge.adapted.before' : 'teach.judge.adapted.rate', { count: n, n, k, before });
  }

  /** @param {Run} run */
  function present(run) {
    const { evaluation } = evaluationOf(run);
    gallery.close();
    if (!evaluation && run.adapted?.accuracy) return sayAdapted(run.adapted.accuracy, run.adapted.against);
    if (!evaluation) {
      return say(empty, `teach.judge.${run.adapted ? 'adapted' : run.imported ? 'imported' : 'blind'}`);
    }
    summary.show(run, evaluation);
    matrix.show(run, evaluation);
  }

  return {
    element,
    drawMap: map.draw,
    expectMap: map.expect,

    show() {
      const run = mainRun(context.teacher);
      body.hidden = !run || !evaluationOf(run).evaluation;
      empty.hidden = !body.hidden;
      if (!run) say(empty, 'teach.judge.empty');
      else if (run !== shown) present(run);
      shown = run;
      map.show();
    },
  };
}
