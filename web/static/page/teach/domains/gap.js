// Close the gap: classifiers that fit pictures of another domain, whose labels are not used.

import { make } from '../../dom.js';
import { button, columnHead, localized } from '../../elements.js';
import { decimal, listOf } from '../../format.js';
import { say, text } from '../../i18n.js';
import { rateCells, wholePercent } from '../rates.js';
import { mainRun } from '../runs.js';
import { tooFewPictures } from '../trainingobstacle.js';
import { createChanged } from './changed.js';
import { createFitted } from './fitted.js';
import { pictureSets } from './names.js';
import { createPanel } from './panel.js';
import { createSetChoice } from './setchoice.js';
import { createUnlabelled } from './unlabelled.js';

/** @typedef {import('../context.js').Teacher} Teacher */
/** @typedef {import('../context.js').Run} Run */
/** @typedef {Awaited<ReturnType<Teacher['adapt']>>} Adapted */
/** @typedef {import('../../../zproto.js').AdaptedMethod} AdaptedMethod */
/** @typedef {import('../../../zproto.js').AdaptMethod} AdaptMethod */

/** What a mouse finds at the heads of the columns. @type {Record<string, string>} */
const about = { interval: 'domains.term.interval.text', criterion: 'domains.term.promise.text' };

/** The methods without a pass over the pictures. */
const quick = /** @type {AdaptMethod[]} */ (['mean', 'standardise', 'coral', 'priors']);

/** To find that two kinds do not differ takes about so many pictures of each. */
const fewest = 100;

/** @param {AdaptMethod} chosen */
const choiceKey = chosen => (chosen === 'none' ? 'domains.gap.none' : `domains.gap.chosen.${chosen}`);

/** @param {Adapted} adapted */
const noGapKey = ({ source, target }) =>
  (Math.min(source.length, target.length) < fewest ? 'domains.gap.few' : 'domains.gap.same');

/** Whether a training was of more than a last layer on the features of each picture. @param {Run | undefined} run */
const isMore = run => run?.method === 'last-block' || (run?.augmentations ?? 0) > 0;

/**
 * @param {AdaptedMethod} of
 * @param {{ key: string, isChosen: boolean, onUse: () => void }} options  key: of its name
 */
function tableRow({ method, criterion, accuracy, against }, { key, isChosen, onUse }) {
  const name = make('th', '', localized('span', key));
  name.scope = 'row';
  if (isChosen) name.append(' ', localized('span', 'domains.gap.chosen', 'domains-mark'));
  const { share, interval } = rateCells(accuracy);
  const verdict = against ? localized('td', `domains.gap.${against.verdict}`) : make('td', '', '–');
  const use = method === 'none' ? [] : [button('domains.gap.use', 'plain', onUse)];
  return make('tr', '', name, share, make('td', '', ...use), interval, verdict,
    localized('td', 'domains.number', '', () => ({ number: decimal(criterion, 2) })));
}

/**
 * @param {import('../context.js').TeachContext} context
 * @param {{ additions: import('../additions.js').Additions, onReplaced: () => void }} handlers
 *   onReplaced: another classifier answers
 */
export function createGap(context, { additions, onReplaced }) {
  const target = createSetChoice('domains.gap.target', {
    prefers: ['unlabelled', 'test'], onChange: () => show(),
  });
  const unlabelled = createUnlabelled(context, additions);
  const norms = make('input');
  norms.type = 'checkbox';
  const deeper = make('label', 'teach-choice', norms,
    make('span', '', localized('b', 'domains.gap.norms'), ' ', localized('span', 'domains.gap.norms.hint', 'hint')));
  /** What was taught, if it is more than a last layer, which is all that the ways fit. */
  const leftOut = localized('p', 'domains.gap.left-out', 'hint');
  const verdict = make('p', 'teach-verdict');
  const missing = make('p', 'prose');
  const detail = make('p', 'prose');
  const rows = make('tbody');
  const head = make('tr', '', ...['method', 'right', 'use', 'interval', 'against', 'criterion']
    .map(name => columnHead(`domains.gap.column.${name}`, about[name])));
  const table = make('div', 'scroll', make('table', 'teach-methods', make('thead', '', head), rows));
  const again = localized('p', 'domains.gap.again', 'hint');
  const changed = createChanged(context);
  const result = make('div', 'domains-result', verdict, missing, detail, table, again);
  const fitted = createFitted(context, { onReplaced });

  /** When the training was made that the result starts from. @type {number | undefined} */
  let learnt;

  const panel = createPanel(context, 'gap', {
    controls: [unlabelled.element, target.element, deeper, leftOut],
    result,
    terms: ['mean', 'standardise', 'coral', 'norms', 'priors', 'promise', 'interval'],
    obstacle() {
      if (!target.set) return 'domains.gap.nothing';
      if (!mainRun(context.teacher)) return 'teach.worth.first';
      return target.set.ids.length < 2 ? 'domains.gap.one' : tooFewPictures(context.teacher);
    },
    async run({ teacher, signal, onSteps }) {
      const { ids } = /** @type {import('./names.js').PictureSet} */ (target.set);
      const adapted = await teacher.adapt({
        target: ids, blocks: mainRun(teacher)?.blocks ?? [], signal,
        methods: norms.checked ? [...quick, 'norms'] : quick,
        onProgress: ({ phase, ...steps }) => onSteps(steps, `domains.gap.busy.${phase}`),
      });
      present(adapted);
      changed.show(teacher, adapted, isMore(start()));
    },
  });

  /** The training that the ways start from. */
  const start = () => (mainRun(context.teacher)?.adapted ? fitted.before() : mainRun(context.teacher));

  /** @param {Adapted} adapted */
  function present(adapted) {
    const { methods, chosen, ifAllCome, judged, gap } = adapted;
    const plainName = isMore(start()) ? 'domains.method.unfitted' : 'domains.method.none';
    const best = /** @type {AdaptedMethod} */ (methods.find(({ method }) => method === chosen));
    const plain = /** @type {AdaptedMethod} */ (methods.find(({ method }) => method === 'none'));
    const share = (/** @type {AdaptedMethod} */ { accuracy }) =>
      (accuracy ? wholePercent(accuracy.k / accuracy.n) : '–');
    say(verdict, gap ? choiceKey(chosen) : noGapKey(adapted));
    missing.hidden = ifAllCome === chosen;
    if (!missing.hidden) {
      say(verdict, 'domains.gap.missing');
      say(missing, 'domains.gap.missing.detail', () => ({
        classes: listOf(adapted.missing.map(i => adapted.classes[i])), way: text(`domains.method.${ifAllCome}`) ?? '',
      }));
    }
    const outcome = chosen === 'none' ? 'none' : best.against?.verdict ?? 'undecided';
    const unjudged = chosen === 'none' ? 'domains.gap.unjudged.none' : 'domains.gap.unjudged';
    say(detail, judged === 0 ? unjudged : `domains.gap.judged.${outcome}`, () => ({
      share: share(best), plain: share(plain), way: text(plainName) ?? '', count: judged,
      k: best.accuracy?.k ?? 0, plainK: plain.accuracy?.k ?? 0, n: decimal(judged, 0),
    }));
    rows.replaceChildren(...methods.map(one => tableRow(one, {
      key: one.method === 'none' ? plainName : `domains.method.${one.method}`,
      isChosen: one.method === chosen,
      onUse: async () => { if (await fitted.use(adapted, one.method)) changed.choose(one.method); },
    })));
  }

  // Below the table: what appears there moves nothing that is being read. The style sheet hides the changed pictures
  // where there is no result.
  panel.element.append(fitted.element, changed.element);

  function show() {
    target.show(pictureSets(context.teacher).filter(({ isLearnt }) => !isLearnt));
    unlabelled.show();
    norms.disabled = context.training;
    const from = start();
    if (from?.when !== learnt) panel.clear();
    learnt = from?.when;
    leftOut.hidden = !isMore(from);
    for (const use of rows.querySelectorAll('button')) use.disabled = context.training || context.readOnly;
    again.hidden = isMore(from); // this is not what the table begins with
    fitted.show();
    panel.show();
  }

  return {
    ...panel,
    show,

    /** Goes there, to fit what was taught to a set of pictures. @param {string} set  its value */
    fitTo(set) {
      target.choose(set);
      show();
      panel.goTo();
    },
  };
}
