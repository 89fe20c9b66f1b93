// Teaching: by which method, the big button, how it goes, and how to stop it and to go on.

import { make } from '../dom.js';
import { duration, percent } from '../format.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';
import { recall, remember } from '../settings.js';
import { createCurves } from './curves.js';
import { button, mainRun, part, words } from './parts.js';
import { isEngineFault } from '../../residua.js';

/** @typedef {import('./parts.js').Desk} Desk */
/** @typedef {import('./parts.js').Run} Run */
/** @typedef {'head' | 'last-block'} Method */

/** Augmentations of each picture, when they are wanted: the mirror image alone. More bring the loss up again, as docs/rationale.md says. */
const augmentationsEach = 1;
/** What the validation takes away from a class must leave something to learn from. */
const fewest = 2;

/**
 * @param {Desk} desk
 * @param {{ onTrained: (run: Run) => void, onBusy: (busy: boolean) => void, goTo: (name: string) => void }} handlers
 */
export function createTrain(desk, { onTrained, onBusy, goTo }) {
  const choices = /** @type {const} */ (['head', 'last-block']).map(method => {
    const input = make('input');
    Object.assign(input, { type: 'radio', name: 'teach-depth', value: method, checked: method === 'head' });
    return { method, input, label: make('label', 'teach-choice', input, make('span', '', words('b', `teach.depth.${method}`), ' ', words('span', `teach.depth.${method}.hint`, 'hint'))) };
  });
  const mirror = make('input');
  mirror.type = 'checkbox';
  const mirrorLabel = make('label', 'teach-choice', mirror, make('span', '', words('b', 'teach.copies'), ' ', words('span', 'teach.copies.hint', 'hint')));
  const group = make('fieldset', 'teach-choices', words('legend', 'teach.depth'), ...choices.map(({ label }) => label), mirrorLabel);

  const go = button('teach.train', 'main teach-go', () => (go.ariaDisabled === 'true' ? explain() : run({})));
  const stop = button('teach.stop', 'plain', () => controller?.abort());
  const resume = button('teach.resume', 'plain', () => run({ resume: true }));
  const why = make('p', 'hint');
  why.id = 'teach-why';
  why.role = 'status';
  go.setAttribute('aria-describedby', why.id);
  const state = make('p', 'teach-state');
  state.role = 'status';
  const bar = make('progress');
  say(bar, 'task.bar', {}, 'aria-label');
  const fault = make('p', 'task-fault');
  fault.role = 'alert';
  const curves = createCurves();
  const element = part('train', group, make('div', 'teach-row', go, stop, resume), why, bar, state, fault, curves.element);
  /** @type {AbortController | undefined} */
  let controller;
  let interrupted = false;
  stop.hidden = resume.hidden = bar.hidden = true;
  group.addEventListener('change', () => show());

  const method = () => /** @type {Method} */ (choices.find(({ input }) => input.checked)?.method ?? 'head');

  /**
   * Why it cannot begin: a sentence's key and values, and the class that is meant; nothing: it can.
   * @returns {{ key: string, values?: import('../i18n.js').Values, name?: string } | undefined}
   */
  function obstacle() {
    const classes = desk.teacher?.classes ?? [];
    if (!desk.teacher) return { key: 'teach.why.model' };
    if (desk.readOnly) return { key: 'teach.why.read-only' };
    if (classes.length < 2) return { key: classes.length === 1 ? 'teach.why.one' : 'teach.why.none' };
    const settings = { method: method(), augmentations: mirror.checked ? augmentationsEach : 0 };
    const there = classes.reduce((sum, { pictures }) => sum + pictures.length, 0);
    const most = desk.teacher.maxPictures(settings);
    if (there > most) return { key: settings.augmentations > 0 ? 'teach.why.many.copies' : 'teach.why.many', values: { count: most, there } };
    const poor = classes.find(({ pictures }) => pictures.filter(({ test }) => !test).length < fewest);
    if (poor) return { key: poor.pictures.length === 0 ? 'teach.why.empty' : 'teach.why.few', values: { name: poor.name, count: fewest }, name: poor.name };
    return undefined;
  }

  /** Who presses a button that cannot work is shown where the trouble is. */
  function explain() {
    const name = obstacle()?.name;
    why.classList.remove('shout');
    requestAnimationFrame(() => why.classList.add('shout'));
    if (name) goTo(name);
  }

  /** @param {{ resume?: boolean }} options @returns {Promise<boolean>} whether it came to a result */
  async function run({ resume: again = false }) {
    const { teacher } = desk;
    if (!teacher || controller) return false;
    let done = false;
    const settings = again ? remembered() : { method: method(), augmentations: mirror.checked ? augmentationsEach : 0 };
    remember('training', JSON.stringify({ depth: settings.method, copies: settings.augmentations })); // the names that older pages have kept
    const { signal } = (controller = new AbortController());
    const start = performance.now();
    busy(true);
    if (!again) curves.show([]);
    say(state, teacher.waiting > 0 ? 'teach.state.looking' : 'teach.state.begins');
    try {
      const result = await teacher.train({
        ...settings, resume: again, signal,
        onAugmented: ({ done, total }) => progress('teach.state.copies', done, total, start),
        onStep: step => {
          curves.add(step);
          progress(step.method === 'head' ? 'teach.state.head' : 'teach.state.block', step.done, step.total, start);
        },
      });
      busy(false);
      report(result);
      onTrained(result);
      done = !result.stopped;
    } catch (error) {
      busy(false);
      say(state, 'teach.state.ended');
      // Stopped before there was anything to keep.
      if (isEngineFault(error)) desk.retire(error);
      else if (!signal.aborted || /** @type {any} */ (error)?.code !== 'cancelled') {
        state.textContent = '';
        sayError(fault, error);
      }
    }
    await look();
    return done;
  }

  /**
   * @param {string} key
   * @param {number} done
   * @param {number} total
   * @param {number} start
   */
  function progress(key, done, total, start) {
    bar.max = total;
    bar.value = done;
    const left = done > 0 ? (performance.now() - start) / done * (total - done) / 1000 : 0;
    say(state, key, () => ({ done, total, left: duration(left) }));
  }

  /** @param {Run} result */
  function report(result) {
    const { accuracy } = result.test ?? result.validation ?? {};
    if (result.imported) say(state, 'teach.state.imported');
    else if (!accuracy) say(state, 'teach.state.done.blind');
    else say(state, result.stopped ? 'teach.state.stopped' : 'teach.state.done', () => ({ k: accuracy.k, n: accuracy.n, share: percent(accuracy.k / accuracy.n), time: duration(result.ms / 1000) }));
    curves.show(result.curve);
  }

  /** @param {boolean} on */
  function busy(on) {
    const away = on ? go : stop;
    const focused = [go, stop, resume].includes(/** @type {any} */ (document.activeElement));
    desk.training = on;
    stop.hidden = bar.hidden = !on;
    go.hidden = on;
    resume.hidden = true;
    if (on) bar.removeAttribute('value');
    else controller = undefined;
    group.disabled = on;
    fault.textContent = '';
    if (focused && away) (on ? stop : go).focus();
    onBusy(on);
    show();
  }

  /** What the interrupted training was asked for. @returns {{ method: Method, augmentations: number }} */
  function remembered() {
    try {
      const { depth, copies } = JSON.parse(recall('training') ?? '');
      return { method: depth === 'head' ? 'head' : 'last-block', augmentations: Number.isInteger(copies) && copies > 0 ? augmentationsEach : 0 };
    } catch {
      return { method: 'last-block', augmentations: 0 };
    }
  }

  /** Looks whether a training was interrupted. */
  async function look() {
    interrupted = !!(await desk.teacher?.store.weights('checkpoint').catch(() => null)) && remembered().method === 'last-block';
    show();
  }

  function show() {
    const trouble = obstacle();
    go.ariaDisabled = String(!!trouble);
    say(go, mainRun(desk.teacher) ? 'teach.train.again' : 'teach.train');
    why.hidden = !trouble || desk.training;
    if (trouble) say(why, trouble.key, trouble.values);
    resume.hidden = !interrupted || desk.training || !!trouble;
  }

  return {
    element,
    show,
    run: () => run({}),
    stop: () => controller?.abort(),
    /** Shows what the last training was, after the page was opened. */
    async restore() {
      const last = mainRun(desk.teacher);
      await look();
      if (last) {
        curves.show(last.curve);
        for (const { method, input } of choices) input.checked = method === last.method;
        mirror.checked = last.augmentations > 0;
        report(last);
      }
      if (interrupted) say(state, 'teach.state.interrupted');
    },
    clear() {
      curves.show([]);
      interrupted = false;
      state.textContent = '';
      state.removeAttribute('data-i18n');
      show();
    },
  };
}
