// Is it any good? What the last training gets right of pictures that it has not learnt from.

import { make } from '../dom.js';
import { decimal } from '../format.js';
import { say } from '../i18n.js';
import { createGallery } from './gallery.js';
import { createMap, domainName } from './map.js';
import { button, judged, mainRun, part, whole, words } from './parts.js';

/** @typedef {import('./parts.js').Run} Run */
/** @typedef {import('../../zproto.js').Evaluation} Evaluation */
/** @typedef {import('../../zproto.js').Rate} Rate */

/** From so many pictures on they are not few. */
const many = 100;
/** From so many on they tell how far off probabilities are: by chance it seems some 0.4/√n, 7 percentage points. */
const telling = 30;

/** A bar with its interval, which only repeats the words for the eye. @param {Rate} rate */
export function rateBar({ k, n, low, high }) {
  const bar = make('span', 'teach-rate', make('i'), make('b'));
  bar.ariaHidden = 'true';
  for (const [name, value] of Object.entries({ share: n > 0 ? k / n : 0, low, high })) bar.style.setProperty(`--${name}`, String(value));
  return bar;
}

/** @param {import('./parts.js').Desk} desk */
export function createJudge(desk) {
  const empty = words('p', 'teach.judge.empty', 'hint');
  const verdict = make('p', 'teach-verdict');
  const range = make('p', 'prose');
  const domains = make('p', 'prose');
  const perClass = make('ul', 'teach-recalls');
  perClass.setAttribute('role', 'list');
  const table = make('table', 'teach-matrix');
  const calibration = make('p', 'prose');
  const strangers = make('p', 'prose');
  const showStrangers = button('teach.judge.outliers.show', 'plain', () => {});
  const gallery = createGallery(desk);
  const map = createMap(desk);
  const scroll = make('div', 'scroll', table);
  scroll.tabIndex = 0;
  scroll.role = 'region';
  say(scroll, 'teach.matrix.title', {}, 'aria-label');
  const body = make('div', 'teach-judged',
    make('div', '', verdict, range, domains, words('h4', 'teach.classes.title'), perClass, calibration, strangers, make('div', 'teach-row', showStrangers)),
    make('div', '', words('h4', 'teach.matrix.title'), words('p', 'teach.matrix.hint', 'hint'), scroll),
    gallery.element, map.element);
  const element = part('judge', empty, body);
  /** @type {Run | undefined} */
  let shown;

  /** @param {Run} run */
  function present(run) {
    const { evaluation, side, on } = judged(run);
    gallery.close();
    if (!evaluation) return say(empty, run.imported ? 'teach.judge.imported' : 'teach.judge.blind');
    const { accuracy, recall, ece, outliers } = evaluation;
    say(verdict, 'teach.judge.right', () => ({ k: accuracy.k, n: accuracy.n, share: whole(accuracy.k / accuracy.n) }));
    say(range, `teach.judge.${accuracy.n < many ? 'range.few' : 'range'}.${on}`, () => ({ low: whole(accuracy.low), high: whole(accuracy.high) }));
    tellDomains(run);
    perClass.replaceChildren(...recall.map((rate, i) => {
      const share = make('span', 'share');
      if (rate.n > 0) say(share, 'teach.judge.recall', () => ({ k: rate.k, n: rate.n, low: whole(rate.low), high: whole(rate.high) }));
      else say(share, 'teach.judge.recall.none');
      return make('li', '', make('span', 'label', run.classes[i]), share, rateBar(rate));
    }));
    if (accuracy.n < telling) say(calibration, 'teach.judge.calibration.few');
    else say(calibration, 'teach.judge.calibration', () => ({ ece: decimal(ece * 100, 0) }));
    say(strangers, 'teach.judge.outliers', { count: outliers, n: accuracy.n });
    strangers.hidden = showStrangers.hidden = outliers === 0;
    showStrangers.onclick = () => gallery.open(run, [...run.ids.keys()].filter(i => run.sides[i] === side && run.answers[i].class < 0), 'teach.judge.outliers', { count: outliers, n: accuracy.n });
    matrix(run, evaluation, side);
  }

  /** Learnt from one kind of pictures, judged by another: how it does on the first kind says what the change of kind costs. @param {Run} run */
  function tellDomains({ ids, sides, test, validation }) {
    domains.hidden = !test || !validation;
    if (!test || !validation) return;
    const of = new Map(desk.teacher?.classes.flatMap(({ pictures }) => pictures.map(({ id, domain }) => [id, domain])));
    const [known, judging] = [2, 3].map(side => new Set(ids.filter((_, i) => sides[i] === side).map(id => of.get(id) ?? '')));
    const across = known.size === 1 && judging.size === 1 && [...known][0] !== [...judging][0];
    const { k, n } = validation.accuracy;
    say(domains, across ? 'teach.judge.across' : 'teach.judge.same', () => ({
      from: domainName([...known][0] ?? ''), to: domainName([...judging][0] ?? ''), k, n, share: whole(k / n),
    }));
  }

  /**
   * @param {Run} run
   * @param {Evaluation} evaluation
   * @param {number} side
   */
  function matrix(run, { confusion }, side) {
    /** @param {string} scope  @param {string} name */
    const header = (scope, name) => {
      const th = make('th', '', name);
      th.scope = scope;
      return th;
    };
    const corner = make('td', 'teach-corner');
    say(corner, 'teach.matrix.corner');
    const head = make('tr', '', corner, ...run.classes.map(name => header('col', name)));
    const rows = confusion.map((row, truth) => make('tr', '', header('row', run.classes[truth]), ...row.map((count, said) => {
      const total = row.reduce((sum, value) => sum + value, 0);
      const cell = make('td', said === truth ? 'right' : 'wrong');
      cell.style.setProperty('--share', String(total > 0 ? count / total : 0));
      if (count === 0) {
        cell.append('0');
        return cell;
      }
      const open = make('button', '', String(count));
      open.type = 'button';
      const key = said === truth ? 'teach.matrix.right' : 'teach.matrix.wrong';
      const values = { count, truth: run.classes[truth], said: run.classes[said] };
      say(open, key, values, 'aria-label');
      open.addEventListener('click', () => {
        const places = [...run.ids.keys()].filter(i => run.sides[i] === side && run.labels[i] === truth && run.answers[i].best === said);
        gallery.open(run, places, key, values);
      });
      cell.append(open);
      return cell;
    })));
    const caption = make('caption', 'spoken-only');
    say(caption, 'teach.matrix.caption');
    const thead = make('thead', '', head);
    table.replaceChildren(caption, thead, make('tbody', '', ...rows));
  }

  return {
    element,
    drawMap: map.draw,
    show() {
      const run = mainRun(desk.teacher);
      body.hidden = !run || !judged(run).evaluation;
      empty.hidden = !body.hidden;
      if (!run) say(empty, 'teach.judge.empty');
      else if (run !== shown) present(run);
      shown = run;
      map.show();
    },
  };
}
