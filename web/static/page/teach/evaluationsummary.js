// An evaluation in sentences: the accuracy with its interval, and the pictures that it got wrong; for those who want
// more, the recall of each class, the calibration, and how many pictures were taken for none of the classes.

import { make } from '../dom.js';
import { button, localized, plainList } from '../elements.js';
import { decimal } from '../format.js';
import { say } from '../i18n.js';
import { isSure } from './certainty.js';
import { row } from './elements.js';
import { domainName } from './featureplot.js';
import { rateBar, wholePercent } from './rates.js';
import { evaluationOf } from './runs.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {import('./context.js').Run} Run */
/** @typedef {import('../../zproto.js').Evaluation} Evaluation */
/** @typedef {ReturnType<typeof import('./gallery.js').createGallery>['open']} ShowPictures */

/** With fewer, chance alone moves the calibration error by 0.4/√n, which is 7 percentage points here. */
const fewestForCalibration = 30;

/** @param {string} label  the class @param {import('../../zproto.js').Rate} rate */
function recallItem(label, rate) {
  const share = make('span', 'share');
  const values = () => ({ k: rate.k, n: rate.n, low: wholePercent(rate.low), high: wholePercent(rate.high) });
  if (rate.n > 0) say(share, 'teach.judge.recall', values);
  else say(share, 'teach.judge.recall.none');
  return make('li', '', make('span', 'label', label), share, rateBar(rate));
}

/**
 * The domains of the validation and of the test pictures, if there are both. Where they differ, the accuracy on the
 * first says what the change of domain costs.
 * @param {TeachContext} context
 * @param {Run} run
 */
function domainsOf(context, { ids, sides, test, validation }) {
  if (!test || !validation) return undefined;
  const classes = context.teacher?.classes ?? [];
  const domainOf = new Map(classes.flatMap(({ pictures }) => pictures.map(({ id, domain }) => [id, domain])));
  const [from, to] = [2, 3].map(side =>
    [...new Set(ids.filter((_, i) => sides[i] === side).map(id => domainOf.get(id) ?? ''))]);
  const differ = from.length === 1 && to.length === 1 && from[0] !== to[0];
  return { from: from[0] ?? '', to: to[0] ?? '', differ, rate: validation.accuracy };
}

/**
 * @param {TeachContext} context
 * @param {{ onShow: ShowPictures, onDistances: () => void }} handlers
 *   onDistances: how far two domains are apart is asked
 */
export function createEvaluationSummary(context, { onShow, onDistances }) {
  const verdict = make('p', 'teach-verdict');
  const range = make('p', 'prose');
  const domains = make('p', 'prose');
  const recalls = plainList('ul', 'teach-recalls');
  const calibration = make('p', 'prose');
  const outlierCount = make('p', 'prose');
  const showOutliers = button('teach.judge.outliers.show', 'plain', () => {});
  const showWrong = button('teach.judge.wrong.show', 'plain', () => {});
  const goOn = button('teach.judge.across.more', 'plain', onDistances);
  const next = row(showWrong, goOn);
  const learnt = localized('p', 'teach.judge.learnt', 'prose');
  const element = make('div', '', verdict, range, domains, next);
  const details = make('div', '', localized('h4', 'teach.classes.title'),
    localized('p', 'teach.classes.hint', 'hint'), recalls, calibration, outlierCount,
    row(showOutliers), learnt);

  /** @param {Run} run */
  function tellDomains(run) {
    const found = domainsOf(context, run);
    domains.hidden = !found;
    goOn.hidden = !found?.differ;
    if (!found) return;
    const { from, to, differ, rate: { k, n } } = found;
    say(domains, differ ? 'teach.judge.across' : 'teach.judge.same', () =>
      ({ from: domainName(from), to: domainName(to), k, n, share: wholePercent(k / n) }));
  }

  /** @param {Run} run */
  function tellWrong(run) {
    const { side } = evaluationOf(run);
    const places = [...run.ids.keys()].filter(i => run.sides[i] === side && run.answers[i].best !== run.labels[i]);
    const values = { count: places.length };
    showWrong.hidden = places.length === 0;
    next.hidden = showWrong.hidden && goOn.hidden;
    say(showWrong, 'teach.judge.wrong.show', values);
    showWrong.onclick = () => onShow(run, places, 'teach.judge.wrong', values);
  }

  /** @param {Run} run @param {Evaluation} evaluation */
  function tellOutliers(run, { accuracy: { n }, outliers }) {
    const { side } = evaluationOf(run);
    const values = { count: outliers, n };
    if (run.missingForNone > 0) say(outlierCount, 'teach.unlike.missing', { count: run.missingForNone });
    else say(outlierCount, 'teach.judge.outliers', values);
    showOutliers.hidden = outliers === 0;
    outlierCount.hidden = outliers === 0 && !run.missingForNone;
    showOutliers.onclick = () => {
      const places = [...run.ids.keys()].filter(i => run.sides[i] === side && run.answers[i].class < 0);
      onShow(run, places, 'teach.judge.outliers', values);
    };
  }

  return {
    element,
    /** What only some want to know. */
    details,

    /** @param {Run} run @param {Evaluation} evaluation */
    show(run, evaluation) {
      const { accuracy, recall, ece } = evaluation;
      const { k, n, low, high } = accuracy;
      const { on } = evaluationOf(run);
      say(verdict, 'teach.judge.right', () => ({ k, n, share: wholePercent(k / n) }));
      say(range, `teach.judge.${isSure(accuracy) ? 'range' : 'range.few'}.${on}`, () =>
        ({ low: wholePercent(low), high: wholePercent(high) }));
      tellDomains(run);
      recalls.replaceChildren(...recall.map((rate, i) => recallItem(run.classes[i], rate)));
      if (n < fewestForCalibration) say(calibration, 'teach.judge.calibration.few');
      else say(calibration, 'teach.judge.calibration', () => ({ ece: decimal(ece * 100, 0) }));
      tellWrong(run);
      tellOutliers(run, evaluation);
      learnt.hidden = on === 'test' || run.stopped;
    },
  };
}
