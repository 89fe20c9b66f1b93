// How good the last training is: what it gets right of pictures that it has not learnt from.

import { make } from '../dom.js';
import { localized } from '../elements.js';
import { say } from '../i18n.js';
import { createConfusionMatrix } from './confusionmatrix.js';
import { section } from './elements.js';
import { createEvaluationSummary } from './evaluationsummary.js';
import { createFeatureMap } from './featuremap.js';
import { createGallery } from './gallery.js';
import { evaluationOf, mainRun } from './runs.js';

/** @typedef {import('./context.js').Run} Run */

/** @param {import('./context.js').TeachContext} context */
export function createEvaluation(context) {
  const empty = localized('p', 'teach.judge.empty', 'hint');
  const gallery = createGallery(context);
  const summary = createEvaluationSummary(context, { onShow: gallery.open });
  const matrix = createConfusionMatrix({ onShow: gallery.open });
  const map = createFeatureMap(context);
  const body = make('div', 'teach-judged', summary.element, matrix.element, gallery.element, map.element);
  const element = section('judge', empty, body);
  /** @type {Run | undefined} */
  let shown;

  /** @param {Run} run */
  function present(run) {
    const { evaluation } = evaluationOf(run);
    gallery.close();
    if (!evaluation) {
      return say(empty, `teach.judge.${run.adapted ? 'adapted' : run.imported ? 'imported' : 'blind'}`);
    }
    summary.show(run, evaluation);
    matrix.show(run, evaluation);
  }

  return {
    element,
    drawMap: map.draw,

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
