// Which block knows it? A linear classifier on every block's means, and the choice of the blocks to teach from.

import { make } from '../../dom.js';
import { button, columnHead, localized } from '../../elements.js';
import { decimal } from '../../format.js';
import { say } from '../../i18n.js';
import { row } from '../elements.js';
import { rateCells, wholePercent } from '../rates.js';
import { tooFewPictures } from '../trainingobstacle.js';
import { createBlockChart, shareAxis } from './blockchart.js';
import { blockLabel, blockLabels } from './names.js';
import { createPanel } from './panel.js';

/** @typedef {import('../../../zproto.js').ProbedBlock} ProbedBlock */
/** @typedef {import('../context.js').Teacher} Teacher */

/** What a mouse finds at the heads of the columns. @type {Record<string, string>} */
const about = {
  block: 'domains.term.block.text', interval: 'domains.term.interval.text', logme: 'domains.term.logme.text',
};

/**
 * The block to teach from, by the pictures that are learnt from: what test pictures chose they could no longer test. Of
 * blocks that are right equally often it is the one that is surest of it.
 * @param {ProbedBlock[]} probed
 */
const bestOf = probed => probed.reduce((best, one) =>
  (one.accuracy.k - best.accuracy.k || best.folds.loss - one.folds.loss) > 0 ? one : best);

/**
 * The table: a row for each block, with a box that chooses it.
 * @param {{ onChoice: () => void }} handlers
 */
function createTable({ onChoice }) {
  const rows = make('tbody');
  const head = make('tr');
  const element = make('div', 'scroll', make('table', 'teach-methods', make('thead', '', head), rows));
  /** @type {{ block: number, box: HTMLInputElement }[]} */
  let boxes = [];

  /**
   * @param {Teacher} teacher
   * @param {ProbedBlock} probed
   * @param {number | undefined} score
   * @param {boolean} isChosen
   */
  function tableRow({ blocks }, probed, score, isChosen) {
    const { block } = probed;
    const label = blockLabel(blocks, block);
    const { share, interval } = rateCells(probed.accuracy);
    const box = make('input');
    Object.assign(box, { type: 'checkbox', checked: isChosen });
    say(box, 'domains.probes.choose', { block: label }, 'aria-label');
    box.addEventListener('change', onChoice);
    boxes.push({ block, box });
    const name = make('th', '', label);
    name.scope = 'row';
    const test = probed.test ? [rateCells(probed.test).share] : [];
    return make('tr', '', make('td', '', box), name, share, interval, ...test,
      localized('td', 'domains.number', '', () => ({ number: score === undefined ? '–' : decimal(score, 2) })));
  }

  return {
    element,
    /** @param {Teacher} teacher @param {ProbedBlock[]} probed @param {number[]} scores @param {number} best */
    show(teacher, probed, scores, best) {
      boxes = [];
      const columns = ['from', 'block', 'right', 'interval', ...(probed[0].test ? ['test'] : []), 'logme'];
      head.replaceChildren(...columns.map(name => columnHead(`domains.probes.${name}`, about[name])));
      rows.replaceChildren(...probed.map(one => tableRow(teacher, one, scores[one.block], one.block === best)));
    },
    get chosen() {
      return boxes.filter(({ box }) => box.checked).map(({ block }) => block);
    },
  };
}

/**
 * @param {import('../context.js').TeachContext} context
 * @param {{ onTeach: (blocks: number[]) => void, onProbed: (probed?: ProbedBlock[]) => void }} handlers
 *   onTeach: these blocks shall be taught from; onProbed: hears what each block knows, or that it is no longer known
 */
export function createProbes(context, { onTeach, onProbed }) {
  const chart = createBlockChart('domains.probes.chart', shareAxis);
  const verdict = make('p', 'teach-verdict');
  const detail = make('p', 'prose');
  const tested = make('p', 'prose');
  const table = createTable({ onChoice: showChoice });
  const teach = button('domains.probes.teach', 'main', () => onTeach(table.chosen));
  const several = make('details', '', localized('summary', 'domains.probes.several'), table.element);
  const result = make('div', 'domains-result', verdict, detail, tested, chart.element, row(teach), several);

  const panel = createPanel(context, 'probes', {
    result,
    terms: ['block', 'interval', 'logme'],
    obstacle: () => tooFewPictures(context.teacher),
    async run({ teacher, signal, onSteps }) {
      const { scores } = await teacher.rank({ signal, onPrepared: steps => onSteps(steps, 'domains.busy.pictures') });
      const probed = await teacher.probes({
        signal, onProgress: ({ blocks }) => onSteps({ done: blocks.length, total: teacher.blocks.length }),
      });
      present(teacher, probed, scores);
      onProbed(probed);
    },
  });

  function showChoice() {
    const { teacher } = context;
    const { chosen } = table;
    teach.disabled = chosen.length === 0 || context.training || context.readOnly;
    if (!teacher || chosen.length === 0) return say(teach, 'domains.probes.teach.none');
    say(teach, 'domains.probes.teach', () => ({ blocks: blockLabels(teacher.blocks, chosen) }));
  }

  /** @param {Teacher} teacher @param {ProbedBlock[]} probed @param {number[]} scores */
  function present(teacher, probed, scores) {
    const best = bestOf(probed);
    const last = probed[probed.length - 1];
    const [rate, lastRate] = [best.accuracy, last.accuracy];
    const label = (/** @type {ProbedBlock} */ { block }) => blockLabel(teacher.blocks, block);
    const values = () => ({
      block: label(best), last: label(last), share: wholePercent(rate.k / rate.n),
      lastShare: wholePercent(lastRate.k / lastRate.n), k: rate.k, lastK: lastRate.k, n: rate.n,
    });
    say(verdict, best === last ? 'domains.probes.last' : 'domains.probes.best', values);
    const isSure = rate.low > lastRate.high;
    teach.classList.toggle('main', isSure);
    teach.classList.toggle('plain', !isSure);
    say(detail, best === last ? 'domains.probes.last.detail' :
      isSure ? 'domains.probes.sure' : 'domains.probes.unsure', values);
    say(tested, best === last ? 'domains.probes.tested.last' : 'domains.probes.tested', () => ({
      ...values(), count: best.test?.n ?? 0, n: best.test?.n ?? 0, k: best.test?.k ?? 0, lastK: last.test?.k ?? 0,
    }));
    tested.hidden = !best.test;
    chart.show(probed.map(one => ({
      label: label(one), mid: one.accuracy.k / one.accuracy.n, low: one.accuracy.low, high: one.accuracy.high,
      isChosen: one === best, ...(one.test ? { test: one.test.k / one.test.n } : {}),
    })), values);
    table.show(teacher, probed, scores, best.block);
    showChoice();
  }

  return {
    ...panel,
    show() {
      panel.show();
      if (!result.hidden) showChoice();
    },
    clear() {
      panel.clear();
      onProbed();
    },
  };
}
