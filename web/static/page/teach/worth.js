// Was the transfer worth it? The ways to teach side by side on the same pictures, and a verdict in words.

import { make } from '../dom.js';
import { decimal, duration } from '../format.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';
import { rateBar } from './judge.js';
import { button, judged, mainRun, part, whole, words } from './parts.js';
import { isEngineFault } from '../../residua.js';

/** @typedef {import('./parts.js').Run} Run */
/** @typedef {import('../../zproto.js').Method} Method */
/** @typedef {import('./parts.js').Teacher} Teacher */
/** @typedef {Awaited<ReturnType<import('./parts.js').Teacher['compare']>>} Compared */

/** The ways to teach, in the order of the table. */
const ways = /** @type {const} */ (['scratch', 'class-means', 'head', 'last-block']);

/**
 * @param {import('./parts.js').Desk} desk
 * @param {{ onBusy: (busy: boolean) => void }} handlers
 */
export function createWorth(desk, { onBusy }) {
  const start = button('teach.worth.start', 'plain', () => void run());
  const stop = button('teach.stop', 'quiet', () => controller?.abort());
  const state = make('p', 'teach-state');
  state.role = 'status';
  const bar = make('progress');
  say(bar, 'task.bar', {}, 'aria-label');
  const fault = make('p', 'task-fault');
  fault.role = 'alert';
  const rows = make('tbody');
  const on = make('caption');
  const head = make('tr', '', ...['method', 'accuracy', 'interval', 'time'].map(name => {
    const th = words('th', `teach.worth.${name}`);
    th.scope = 'col';
    return th;
  }));
  const table = make('table', 'teach-methods', on, make('thead', '', head), rows);
  const verdicts = make('div', 'teach-verdicts');
  const result = make('div', '', make('div', 'scroll', table), verdicts);
  result.hidden = bar.hidden = stop.hidden = true;
  const element = part('worth', words('p', 'teach.worth.text', 'prose'), make('div', 'teach-row', start, stop), bar, state, fault, result);
  /** @type {AbortController | undefined} */
  let controller;

  async function run() {
    const { teacher } = desk;
    const main = mainRun(teacher);
    if (!teacher || !main || controller) return;
    const { signal } = (controller = new AbortController());
    busy(true);
    rows.replaceChildren();
    verdicts.replaceChildren();
    result.hidden = true;
    // What the person has taught comes last, so that it goes on answering.
    const other = /** @type {Method} */ (main.method === 'head' ? 'last-block' : 'head');
    const order = /** @type {Method[]} */ (['class-means', 'scratch', other, main.method]);
    /** @type {Map<Method, Run>} */
    const runs = new Map();
    /** @type {unknown} */ let wrong;
    try {
      for (const [i, method] of order.entries()) {
        say(state, 'teach.worth.busy', { n: i + 1, count: order.length });
        state.append(' ', words('span', `teach.method.${method}`));
        bar.removeAttribute('value');
        const one = await teacher.train({
          method, augmentations: method === main.method ? main.augmentations : 0, signal,
          onAugmented: steps => step(steps),
          onStep: steps => step(steps),
        });
        if (signal.aborted) throw signal.reason;
        runs.set(method, one);
      }
      await report(teacher, runs, main.method);
    } catch (error) {
      if (isEngineFault(error)) desk.retire(error);
      else if (!signal.aborted) wrong = error;
    }
    busy(false);
    if (wrong) {
      state.textContent = '';
      sayError(fault, wrong);
    } else if (signal.aborted) say(state, 'teach.state.ended');
  }

  /**
   * Shows how the ways to teach did, side by side.
   * @param {Teacher} teacher
   * @param {Map<Method, Run>} runs  one of each way
   * @param {Method} taught  the way that the person has chosen
   */
  async function report(teacher, runs, taught) {
    const [scratch, means, head, block] = /** @type {Run[]} */ (ways.map(method => runs.get(method)));
    tabulate([scratch, means, head, block]);
    verdicts.replaceChildren(
      verdict('transfer', await teacher.compare(scratch, taught === 'head' ? head : block)),
      verdict('block', await teacher.compare(head, block)),
      words('p', block.similarity > 0.9995 ? 'teach.worth.same' : 'teach.worth.cka', 'prose', () => ({ cka: decimal(block.similarity, 3) })),
    );
    result.hidden = false;
    say(state, 'teach.worth.done');
  }

  /** Shows the comparison again that was made before the page was loaded: the last trainings of all ways, if they were of the same pictures. */
  async function restore() {
    const { teacher } = desk;
    const main = mainRun(teacher);
    if (!teacher || !main || controller) return;
    const runs = new Map(ways.map(method => [method, /** @type {Run} */ (teacher.evaluate({ method }))]));
    const pictures = main.ids.join();
    if (pictures === '' || ![...runs.values()].every(run => run && !run.stopped && run.ids.join() === pictures && judged(run).evaluation)) return;
    try {
      await report(teacher, runs, main.method);
    } catch (error) {
      if (isEngineFault(error)) desk.retire(error);
      else throw error;
    }
  }

  /** @param {{ done: number, total: number }} steps */
  function step({ done, total }) {
    Object.assign(bar, { max: total, value: done });
  }

  /** @param {boolean} on */
  function busy(on) {
    const focused = document.activeElement === start || document.activeElement === stop;
    desk.training = on;
    start.hidden = on;
    stop.hidden = bar.hidden = !on;
    fault.textContent = '';
    if (!on) controller = undefined;
    if (focused) (on ? stop : start).focus();
    onBusy(on);
    show();
  }

  /** @param {Run[]} runs */
  function tabulate(runs) {
    say(on, `teach.worth.on.${judged(runs[0]).on}`, { count: judged(runs[0]).evaluation?.accuracy.n ?? 0 });
    rows.replaceChildren(...runs.map(one => {
      const { evaluation } = judged(one);
      const name = make('th', '', words('span', `teach.method.${one.method}`));
      name.scope = 'row';
      const accuracy = make('td');
      const interval = make('td', 'teach-interval');
      const time = words('td', 'teach.worth.seconds', '', () => ({ time: duration(one.ms / 1000) }));
      if (evaluation) {
        const { k, n, low, high } = evaluation.accuracy;
        say(accuracy, 'teach.worth.share', () => ({ share: whole(k / n), k, n }));
        interval.append(words('span', 'teach.worth.between', '', () => ({ low: whole(low), high: whole(high) })), rateBar(evaluation.accuracy));
      }
      return make('tr', '', name, accuracy, interval, time);
    }));
  }

  /**
   * @param {'transfer' | 'block'} about
   * @param {Compared} compared
   */
  function verdict(about, { verdict: which, difference, low, high, n, needed }) {
    const points = (/** @type {number} */ share) => decimal(share * 100, 0);
    const line = make('p', 'teach-verdict');
    say(line, `teach.worth.${about}.${which}`);
    const key = which !== 'undecided' || needed <= n ? 'teach.worth.difference' : low === high ? 'teach.worth.equal' : 'teach.worth.needed';
    return make('div', '', line, words('p', key, 'prose', () => ({ difference: points(difference), low: points(low), high: points(high), n, needed: decimal(needed, 0) })));
  }

  function show() {
    const trained = !!mainRun(desk.teacher);
    start.disabled = !trained || desk.training || desk.readOnly;
    if (!trained) say(state, 'teach.worth.first');
    else if (state.dataset.i18n === 'teach.worth.first') {
      state.removeAttribute('data-i18n');
      state.textContent = '';
    }
  }

  return {
    element,
    show,
    run,
    restore,
    stop: () => controller?.abort(),
    clear() {
      result.hidden = true;
      state.removeAttribute('data-i18n');
      state.textContent = '';
      show();
    },
  };
}
