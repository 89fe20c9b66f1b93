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

/** How good a block is: by the test pictures if there are any. @param {ProbedBlock} probed */
const rateOf = ({ accuracy, test }) => test ?? accuracy;

/** @param {ProbedBlock[]} probed */
const bestOf = probed => probed.reduce((best, one) => (rateOf(one).k >= rateOf(best).k ? one : best));

/**
 * The table: a row for each block, with a box that chooses it.
 * @param {{ onChoice: () => void }} handlers
 */
function createTable({ onChoice }) {
  const rows = make('tbody');
  const head = make('tr', '', ...['from', 'block', 'right', 'interval', 'logme']
    .map(name => columnHead(`domains.probes.${name}`, about[name])));
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
    const { share, interval } = rateCells(rateOf(probed));
    const box = make('input');
    Object.assign(box, { type: 'checkbox', checked: isChosen });
    say(box, 'domains.probes.choose', { block: label }, 'aria-label');
    box.addEventListener('change', onChoice);
    boxes.push({ block, box });
    const name = make('th', '', label);
    name.scope = 'row';
    return make('tr', '', make('td', '', box), name, share, interval,
      localized('td', 'domains.number', '', () => ({ number: score === undefined ? '–' : decimal(score, 2) })));
  }

  return {
    element,
    /** @param {Teacher} teacher @param {ProbedBlock[]} probed @param {number[]} scores @param {number} best */
    show(teacher, probed, scores, best) {
      boxes = [];
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
  const table = createTable({ onChoice: showChoice });
  const teach = button('domains.probes.teach', 'main', () => onTeach(table.chosen));
  const several = make('details', '', localized('summary', 'domains.probes.several'), table.element);
  const result = make('div', 'domains-result', verdict, detail, chart.element, row(teach), several);

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
    const [rate, lastRate] = [rateOf(best), rateOf(last)];
    const label = (/** @type {ProbedBlock} */ { block }) => blockLabel(teacher.blocks, block);
    const values = () => ({
      block: label(best), last: label(last), share: wholePercent(rate.k / rate.n),
      lastShare: wholePercent(lastRate.k / lastRate.n), k: rate.k, lastK: lastRate.k, n: rate.n,
    });
    say(verdict, best === last ? 'domains.probes.last' : 'domains.probes.best', values);
    const isSure = rate.low > lastRate.high;
    say(detail, best === last ? 'domains.probes.last.detail' :
      isSure ? 'domains.probes.sure' : 'domains.probes.unsure', values);
    chart.show(probed.map(one => ({
      label: label(one), mid: rateOf(one).k / rateOf(one).n, low: rateOf(one).low, high: rateOf(one).high,
      isChosen: one === best,
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
