// Close the gap: classifiers that fit pictures of another domain, whose labels are not used. One press takes one into
// use, another takes it back.

import { make } from '../../dom.js';
import { button, clearText, columnHead, localized, statusLine } from '../../elements.js';
import { decimal } from '../../format.js';
import { say, text } from '../../i18n.js';
import { row } from '../elements.js';
import { rateCells, wholePercent } from '../rates.js';
import { mainRun } from '../runs.js';
import { tooFewPictures } from '../trainingobstacle.js';
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

/**
 * @param {AdaptedMethod} of
 * @param {{ isChosen: boolean, onUse: () => void }} options
 */
function tableRow({ method, criterion, accuracy, against }, { isChosen, onUse }) {
  const name = make('th', '', localized('span', `domains.method.${method}`));
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
  const verdict = make('p', 'teach-verdict');
  const detail = make('p', 'prose');
  const rows = make('tbody');
  const head = make('tr', '', ...['method', 'right', 'use', 'interval', 'against', 'criterion']
    .map(name => columnHead(`domains.gap.column.${name}`, about[name])));
  const used = statusLine('prose');
  const undo = button('domains.gap.undo', 'plain', () => void putBack());
  const table = make('div', 'scroll', make('table', 'teach-methods', make('thead', '', head), rows));
  const result = make('div', 'domains-result', verdict, detail, table);
  const back = make('div', 'domains-back', used, row(undo));

  /** The training that was put back. @type {Run | undefined} */
  let undone;
  /** Whether a classifier is just being put in the place of another. */
  let isReplacing = false;

  /** The training whose place an adapted classifier has taken, if it can come back. @returns {Run | undefined} */
  function before() {
    const { teacher } = context;
    if (!teacher || !mainRun(teacher)?.adapted) return undefined;
    return teacher.history.findLast(run => !run.adapted && teacher.canRevert(run));
  }

  const panel = createPanel(context, 'gap', {
    controls: [unlabelled.element, target.element, deeper],
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

  /** @param {string} method */
  const sayUsed = method =>
    say(used, 'domains.gap.used', () => ({ way: text(`domains.method.${method}`) ?? method }));

  /** @param {Adapted} adapted @param {AdaptMethod} method */
  async function use(adapted, method) {
    const { teacher } = context;
    if (!teacher || context.training || context.readOnly) return;
    await replace(async () => {
      await teacher.useAdapted(adapted, method);
      sayUsed(method);
    });
  }

  async function putBack() {
    const { teacher } = context;
    const run = before();
    if (!teacher || !run || context.training || context.readOnly) return;
    await replace(async () => {
      await teacher.revert(run);
      undone = mainRun(teacher);
      say(used, 'domains.gap.undone');
    });
  }

  /** Only one at a time. @param {() => Promise<void>} change */
  async function replace(change) {
    if (isReplacing) return;
    isReplacing = true;
    try {
      await change();
      onReplaced();
    } catch (error) {
      context.onError(error);
    }
    isReplacing = false;
  }

  // Below the table: what appears there moves nothing that is being read.
  panel.element.append(back);

  function show() {
    target.show(pictureSets(context.teacher).filter(({ isLearnt }) => !isLearnt));
    unlabelled.show();
    norms.disabled = context.training;
    const isUsed = !!before();
    undo.hidden = !isUsed;
    undo.disabled = context.training || context.readOnly;
    const method = mainRun(context.teacher)?.adapted?.method;
    if (isUsed && method) sayUsed(method);
    else if (!isUsed && (used.dataset.i18n?.startsWith('domains.gap.used') || undone !== mainRun(context.teacher))) {
      clearText(used);
    }
    panel.show();
  }

  return { ...panel, show };
}
