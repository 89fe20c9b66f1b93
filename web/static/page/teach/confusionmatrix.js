// The confusion matrix: a row of each true class, a column of each predicted one. A count opens its pictures.

import { make } from '../dom.js';
import { localized } from '../elements.js';
import { say } from '../i18n.js';
import { pointingHint } from './elements.js';
import { evaluationOf } from './runs.js';

/** @typedef {import('./context.js').Run} Run */
/** @typedef {import('./evaluationsummary.js').ShowPictures} ShowPictures */

/** @param {'row' | 'col'} scope  @param {string} name */
function header(scope, name) {
  const element = make('th', '', name);
  element.scope = scope;
  return element;
}

/** @param {{ onShow: ShowPictures }} handlers */
export function createConfusionMatrix({ onShow }) {
  const table = make('table', 'teach-matrix');
  const scroll = make('div', 'scroll', table);
  scroll.tabIndex = 0;
  scroll.role = 'region';
  say(scroll, 'teach.matrix.title', {}, 'aria-label');
  const element = make('div', '',
    localized('h4', 'teach.matrix.title'), pointingHint('teach.matrix.hint.click', 'teach.matrix.hint.tap'), scroll);

  /**
   * @param {Run} run
   * @param {number} truth
   * @param {number} said
   * @param {number} count
   */
  function countButton(run, truth, said, count) {
    const { side } = evaluationOf(run);
    const key = said === truth ? 'teach.matrix.right' : 'teach.matrix.wrong';
    const values = { count, truth: run.classes[truth], said: run.classes[said] };
    const open = make('button', '', String(count));
    open.type = 'button';
    say(open, key, values, 'aria-label');
    say(open, key, values, 'title');
    open.addEventListener('click', () => {
      const places = [...run.ids.keys()].filter(i =>
        run.sides[i] === side && run.labels[i] === truth && run.answers[i].best === said);
      onShow(run, places, key, values);
    });
    return open;
  }

  /** @param {Run} run @param {number[]} counts  of what was predicted @param {number} truth */
  function tableRow(run, counts, truth) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return make('tr', '', header('row', run.classes[truth]), ...counts.map((count, said) => {
      const cell = make('td', said === truth ? 'right' : 'wrong');
      cell.style.setProperty('--share', String(total > 0 ? count / total : 0));
      cell.append(count === 0 ? '0' : countButton(run, truth, said, count));
      return cell;
    }));
  }

  return {
    element,

    /** @param {Run} run @param {import('../../zproto.js').Evaluation} evaluation */
    show(run, { confusion }) {
      const corner = localized('td', 'teach.matrix.corner', 'teach-corner');
      const head = make('tr', '', corner, ...run.classes.map(name => header('col', name)));
      const rows = confusion.map((counts, truth) => tableRow(run, counts, truth));
      const caption = localized('caption', 'teach.matrix.caption', 'spoken');
      table.replaceChildren(caption, make('thead', '', head), make('tbody', '', ...rows));
    },
  };
}
