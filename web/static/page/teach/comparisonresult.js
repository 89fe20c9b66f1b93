// The result of a comparison: the answer in one sentence, and the report for those who open it: the methods side by
// side in a table, and what is certain of it.

import { make } from '../dom.js';
import { columnHead, glossary, localized, statusLine } from '../elements.js';
import { decimal, duration } from '../format.js';
import { say } from '../i18n.js';
import { blockLabels } from './domains/names.js';
import { fold, scroller } from './elements.js';
import { rateCells } from './rates.js';
import { evaluationOf } from './runs.js';

/** @typedef {import('./context.js').Teacher} Teacher */
/** @typedef {import('./context.js').Run} Run */
/** @typedef {import('../../zproto.js').Method} Method */
/** @typedef {Awaited<ReturnType<Teacher['compare']>>} Compared */

/** The methods in the order of the table. */
const methods = /** @type {const} */ (['scratch', 'class-means', 'head', 'last-block']);

/** From this similarity of the features (CKA) on they are called the same. */
const sameFeatures = 0.9995;

/** @param {Run} run @param {Teacher} teacher */
function tableRow(run, { blocks }) {
  const { evaluation } = evaluationOf(run);
  const name = make('th', '', localized('span', `teach.method.${run.method}`));
  name.scope = 'row';
  if (run.blocks.length > 0) {
    const values = () => ({ blocks: blockLabels(blocks, run.blocks) });
    name.append(' ', localized('span', 'teach.worth.from', 'hint', values));
  }
  if (run.depth > 1) name.append(' ', localized('span', `teach.worth.deep.${run.depth}`, 'hint'));
  const { share, interval } = rateCells(evaluation?.accuracy);
  const time = localized('td', 'teach.worth.seconds', '', () => ({ time: duration(run.ms / 1000) }));
  return make('tr', '', name, share, interval, time);
}

/** @param {Compared} compared */
function reasonKey({ verdict, low, high, n, needed }) {
  if (verdict !== 'undecided' || needed <= n) return 'teach.worth.difference';
  return low === high ? 'teach.worth.equal' : 'teach.worth.needed';
}

/**
 * @param {'transfer' | 'block'} about
 * @param {Compared} compared
 */
function verdict(about, compared) {
  const { difference, low, high, n, needed } = compared;
  const points = (/** @type {number} */ share) => decimal(share * 100, 0);
  const values = () => ({
    difference: points(difference), low: points(low), high: points(high), n, needed: decimal(needed, 0),
  });
  return make('div', '',
    localized('h4', `teach.worth.${about}.${compared.verdict}`),
    localized('p', reasonKey(compared), 'prose', values));
}

/**
 * The answer to the section's question.
 * @param {HTMLElement} line
 * @param {Run} scratch
 * @param {Run} transferred
 * @param {Compared} compared
 */
function sayAnswer(line, scratch, transferred, { verdict }) {
  const [without, its] = [scratch, transferred].map(run => evaluationOf(run).evaluation?.accuracy);
  say(line, `teach.worth.answer.${verdict}`, { k: its?.k ?? 0, without: without?.k ?? 0, n: its?.n ?? 0 });
}

export function createComparisonResult() {
  const caption = make('p', 'hint');
  const rows = make('tbody');
  const columns = ['method', 'accuracy', 'interval', 'time'].map(name => `teach.worth.${name}`);
  const head = make('tr', '', ...columns.map(key => columnHead(key, `${key}.text`)));
  const table = make('table', 'teach-methods', make('thead', '', head), rows);
  const verdicts = make('div', 'teach-verdicts');
  const answer = statusLine('teach-verdict');
  const scroll = scroller(table);
  scroll.role = 'region';
  say(scroll, 'teach.worth.report', {}, 'aria-label');
  const element = make('div', 'teach-compared', answer, fold('teach.worth.report', caption, scroll,
    glossary(columns), verdicts));
  element.hidden = true;

  return {
    element,

    hide() {
      element.hidden = true;
    },

    clear() {
      element.hidden = true;
      rows.replaceChildren();
      verdicts.replaceChildren();
    },

    /**
     * @param {Teacher} teacher
     * @param {Map<Method, Run>} runs  one of each method
     * @param {Method} taught  the method that the person has chosen
     */
    async show(teacher, runs, taught) {
      const all = methods.map(method => /** @type {Run} */ (runs.get(method)));
      const [scratch, , head, block] = all;
      const transferred = taught === 'head' ? head : block;
      const transfer = await teacher.compare(scratch, transferred);
      const { evaluation, on } = evaluationOf(scratch);
      say(caption, `teach.worth.on.${on}`, { count: evaluation?.accuracy.n ?? 0 });
      rows.replaceChildren(...all.map(run => tableRow(run, teacher)));
      verdicts.replaceChildren(
        verdict('transfer', transfer),
        verdict('block', await teacher.compare(head, block)),
        localized('p', block.similarity > sameFeatures ? 'teach.worth.same' : 'teach.worth.cka', 'prose', () =>
          ({ cka: decimal(block.similarity, 3) })),
      );
      element.hidden = false; // before it is said: what is hidden is not read out
      sayAnswer(answer, scratch, transferred, transfer);
    },
  };
}
