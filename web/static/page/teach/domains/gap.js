// Close the gap: classifiers that fit pictures of another domain, whose labels are not used. One press takes one into
// use, another takes it back.

import { make } from '../../dom.js';
import { button, localized, statusLine } from '../../elements.js';
import { decimal } from '../../format.js';
import { say } from '../../i18n.js';
import { row } from '../elements.js';
import { rateBar, wholePercent } from '../rates.js';
import { mainRun } from '../runs.js';
import { pictureSets } from './names.js';
import { createPanel } from './panel.js';
import { createSetChoice } from './setchoice.js';
import { createUnlabelled } from './unlabelled.js';

/** @typedef {import('../context.js').Teacher} Teacher */
/** @typedef {import('../context.js').Run} Run */
/** @typedef {Awaited<ReturnType<Teacher['adapt']>>} Adapted */
/** @typedef {import('../../../zproto.js').AdaptedMethod} AdaptedMethod */
/** @typedef {import('../../../zproto.js').AdaptMethod} AdaptMethod */

/** The methods without a pass over the pictures. */
const quick = /** @type {AdaptMethod[]} */ (['mean', 'standardise', 'coral', 'priors']);

/**
 * @param {AdaptedMethod} of
 * @param {{ isChosen: boolean, onUse: () => void }} options
 */
function tableRow({ method, criterion, accuracy, against }, { isChosen, onUse }) {
  const name = make('th', '', localized('span', `domains.method.${method}`));
  name.scope = 'row';
  if (isChosen) name.append(' ', localized('span', 'domains.gap.chosen', 'domains-mark'));
  const right = make('td');
  const interval = make('td', 'teach-interval');
  if (accuracy) {
    const { k, n, low, high } = accuracy;
    say(right, 'teach.worth.share', () => ({ share: wholePercent(k / n), k, n }));
    interval.append(localized('span', 'teach.worth.between', '', () =>
      ({ low: wholePercent(low), high: wholePercent(high) })), rateBar(accuracy));
  }
  const verdict = against ? localized('td', `domains.gap.${against.verdict}`) : make('td', '', '–');
  const use = method === 'none' ? [] : [button('domains.gap.use', 'plain', onUse)];
  return make('tr', '', name, localized('td', 'domains.number', '', () => ({ number: decimal(criterion, 2) })), right,
    interval, verdict, make('td', '', ...use));
}

/**
 * @param {import('../context.js').TeachContext} context
 * @param {{ onReplaced: () => void }} handlers  onReplaced: another classifier answers
 */
export function createGap(context, { onReplaced }) {
  const target = createSetChoice('domains.gap.target', {
    prefers: ['unlabelled', 'test'], onChange: () => show(),
  });
  const unlabelled = createUnlabelled(context);
  const norms = make('input');
  norms.type = 'checkbox';
  const deeper = make('label', 'teach-choice', norms,
    make('span', '', localized('b', 'domains.gap.norms'), ' ', localized('span', 'domains.gap.norms.hint', 'hint')));
  const verdict = make('p', 'teach-verdict');
  const detail = make('p', 'prose');
  const rows = make('tbody');
  const head = make('tr', '', ...['method', 'criterion', 'right', 'interval', 'against', 'use'].map(name => {
    const cell = localized('th', `domains.gap.column.${name}`);
    cell.scope = 'col';
    return cell;
  }));
  const used = statusLine('prose');
  const undo = button('domains.gap.undo', 'plain', () => void putBack());
  const table = make('div', 'scroll', make('table', 'teach-methods', make('thead', '', head), rows));
  const result = make('div', 'domains-result', verdict, detail, table);
  const back = make('div', 'domains-back', used, row(undo));

  /** The training whose place an adapted classifier has taken, if it can come back. @returns {Run | undefined} */
  function before() {
    const { teacher } = context;
    if (!teacher || !mainRun(teacher)?.adapted) return undefined;
    return teacher.history.findLast(run => !run.adapted && teacher.canRevert(run));
  }

  const panel = createPanel(context, 'gap', {
    controls: [unlabelled.element, target.element, deeper, back],
    result,
    obstacle() {
      if (!target.set) return 'domains.gap.nothing';
      if (!mainRun(context.teacher)) return 'teach.worth.first';
      return target.set.isLearnt ? 'domains.gap.learnt' : undefined;
    },
    async run({ teacher, signal, onSteps }) {
      const { ids } = /** @type {import('./names.js').PictureSet} */ (target.set);
      const adapted = await teacher.adapt({
        target: ids, blocks: mainRun(teacher)?.blocks ?? [], signal,
        methods: norms.checked ? [...quick, 'norms'] : quick,
        onProgress: ({ phase, ...steps }) => onSteps(steps, `domains.gap.busy.${phase}`),
      });
      present(adapted);
    },
  });

  /** @param {Adapted} adapted */
  function present(adapted) {
    const { methods, chosen, judged, gap } = adapted;
    const best = /** @type {AdaptedMethod} */ (methods.find(({ method }) => method === chosen));
    const plain = /** @type {AdaptedMethod} */ (methods.find(({ method }) => method === 'none'));
    const share = (/** @type {AdaptedMethod} */ { accuracy }) =>
      (accuracy ? wholePercent(accuracy.k / accuracy.n) : '–');
    say(verdict, !gap ? 'domains.gap.same' : chosen === 'none' ? 'domains.gap.none' : `domains.gap.chosen.${chosen}`);
    const outcome = chosen === 'none' ? 'none' : best.against?.verdict ?? 'undecided';
    say(detail, judged === 0 ? 'domains.gap.unjudged' : `domains.gap.judged.${outcome}`, () => ({
      share: share(best), plain: share(plain), k: best.accuracy?.k ?? 0, plainK: plain.accuracy?.k ?? 0,
      count: judged, n: decimal(judged, 0),
    }));
    rows.replaceChildren(...methods.map(one => tableRow(one, {
      isChosen: one.method === chosen, onUse: () => void use(adapted, one.method),
    })));
  }

  /** @param {Adapted} adapted @param {AdaptMethod} method */
  async function use(adapted, method) {
    const { teacher } = context;
    if (!teacher || context.training || context.readOnly) return;
    try {
      await teacher.useAdapted(adapted, method);
      say(used, 'domains.gap.used');
      onReplaced();
    } catch (error) {
      context.onError(error);
    }
  }

  async function putBack() {
    const { teacher } = context;
    const run = before();
    if (!teacher || !run || context.training || context.readOnly) return;
    try {
      await teacher.revert(run);
      say(used, 'domains.gap.undone');
      onReplaced();
    } catch (error) {
      context.onError(error);
    }
  }

  function show() {
    target.show(pictureSets(context.teacher).filter(({ isLearnt }) => !isLearnt));
    unlabelled.show();
    norms.disabled = context.training;
    const isUsed = !!before();
    undo.hidden = !isUsed;
    undo.disabled = context.training || context.readOnly;
    if (isUsed && !used.textContent) say(used, 'domains.gap.used');
    panel.show();
  }

  return { ...panel, show };
}
