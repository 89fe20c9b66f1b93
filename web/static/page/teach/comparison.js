// Was the transfer worth it? Trains by every method on the same pictures, and compares the results.

import { say } from '../i18n.js';
import { sayError } from '../notices.js';
import { createComparisonResult } from './comparisonresult.js';
import { row, section } from './elements.js';
import { scratchOptions } from './leftright.js';
import { evaluationOf, mainRun } from './runs.js';
import { isEngineFault } from '../../residua.js';
import { alertLine, button, clearText, localized, progressBar, statusLine } from '../elements.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {import('./context.js').Teacher} Teacher */
/** @typedef {import('./context.js').Run} Run */
/** @typedef {import('../../zproto.js').Method} Method */

/**
 * The methods in the order of their training. What the person has chosen comes last, so that it goes on answering.
 * @param {Run} main
 * @returns {Method[]}
 */
const trainingOrder = ({ method }) =>
  ['class-means', 'scratch', method === 'head' ? 'last-block' : 'head', method];

/**
 * The last trainings of all methods, if they were of the main run's pictures and are evaluated.
 * @param {Teacher} teacher
 * @param {Run} main
 * @returns {Map<Method, Run> | undefined}
 */
function comparableRuns(teacher, main) {
  const pictures = main.ids.join();
  if (pictures === '') return undefined;
  const runs = new Map();
  for (const method of trainingOrder(main)) {
    const run = teacher.evaluate({ method });
    if (!run || run.stopped || run.ids.join() !== pictures || !evaluationOf(run).evaluation) return undefined;
    runs.set(method, run);
  }
  return runs;
}

/**
 * What the person has chosen is taught as it was.
 * @param {Method} method
 * @param {Run} main
 * @param {Teacher} teacher
 */
function optionsOf(method, main, teacher) {
  if (method === 'scratch') return scratchOptions(teacher.classes);
  if (method !== main.method) return {};
  const { augmentations, blocks, depth } = main;
  return { augmentations, ...(method === 'head' ? { blocks } : { depth }) };
}

/**
 * Trains by every method.
 * @param {Teacher} teacher
 * @param {Run} main
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(method: Method, n: number, count: number) => void} options.onMethod  The n-th of the methods begins.
 * @param {(steps: { done: number, total: number }) => void} options.onProgress
 */
async function trainAll(teacher, main, { signal, onMethod, onProgress }) {
  /** @type {Map<Method, Run>} */
  const runs = new Map();
  const order = trainingOrder(main);
  for (const [i, method] of order.entries()) {
    onMethod(method, i + 1, order.length);
    const run = await teacher.train({
      method, ...optionsOf(method, main, teacher), signal, onAugmented: onProgress, onPrepared: onProgress,
      onStep: onProgress,
    });
    if (signal.aborted) throw signal.reason;
    runs.set(method, run);
  }
  return runs;
}

/**
 * @param {TeachContext} context
 * @param {{ onEnd: () => void }} handlers  onEnd: the engine is free again
 */
export function createComparison(context, { onEnd }) {
  const start = button('teach.worth.start', 'plain', () => void run());
  const stop = button('teach.stop', 'quiet', () => running?.abort());
  const state = statusLine('teach-state');
  const bar = progressBar('task.bar');
  const fault = alertLine();
  const result = createComparisonResult();
  const introduction = localized('p', 'teach.worth.text', 'prose');
  const element = section('worth', introduction, row(start, stop), bar, state, fault, result.element);
  bar.hidden = stop.hidden = true;
  /** @type {AbortController | undefined} */
  let running;

  async function run() {
    const { teacher } = context;
    const main = mainRun(teacher);
    if (!teacher || !main || running || obstacle()) return;
    const { signal } = (running = new AbortController());
    setBusy(true);
    result.clear();
    /** @type {unknown} */ let wrong;
    try {
      const runs = await trainAll(teacher, main, { signal, onMethod: showMethod, onProgress: showProgress });
      await result.show(teacher, runs, main.method);
      clearText(state);
    } catch (error) {
      if (isEngineFault(error)) context.onEngineFault(error);
      else if (!signal.aborted) wrong = error;
    }
    setBusy(false);
    if (wrong) {
      state.textContent = '';
      sayError(fault, wrong);
    } else if (signal.aborted) say(state, 'teach.state.ended');
  }

  /** @param {Method} method @param {number} n @param {number} count */
  function showMethod(method, n, count) {
    say(state, 'teach.worth.busy', { n, count });
    state.append(' ', localized('span', `teach.method.${method}`));
    bar.removeAttribute('value');
  }

  /** @param {{ done: number, total: number }} steps */
  function showProgress({ done, total }) {
    Object.assign(bar, { max: total, value: done });
  }

  /** @param {boolean} on */
  function setBusy(on) {
    const hadFocus = document.activeElement === start || document.activeElement === stop;
    context.training = on;
    start.hidden = on;
    stop.hidden = bar.hidden = !on;
    fault.textContent = '';
    if (!on) running = undefined;
    if (hadFocus) (on ? stop : start).focus();
    if (!on) onEnd();
    show();
  }

  /** The key of why it cannot start. A classifier that was fitted to other pictures would be lost by it. */
  function obstacle() {
    const main = mainRun(context.teacher);
    if (!main) return 'teach.worth.first';
    return main.adapted ? 'teach.worth.adapted' : undefined;
  }

  function show() {
    const why = obstacle();
    start.disabled = !!why || context.training || context.readOnly;
    if (why) {
      say(state, why);
      result.hide(); // it was of what answered before
    } else if (['teach.worth.first', 'teach.worth.adapted'].includes(state.dataset.i18n ?? '')) {
      clearText(state);
    }
  }

  return {
    element,
    show,
    run,
    stop: () => running?.abort(),

    /** Shows the comparison again that was made before the page was loaded. */
    async restore() {
      const { teacher } = context;
      const main = mainRun(teacher);
      const runs = teacher && main && !running && comparableRuns(teacher, main);
      if (!runs) return;
      try {
        await result.show(teacher, runs, main.method);
        clearText(state);
      } catch (error) {
        if (isEngineFault(error)) context.onEngineFault(error);
        else throw error;
      }
    },

    clear() {
      result.hide();
      clearText(state);
      show();
    },
  };
}
