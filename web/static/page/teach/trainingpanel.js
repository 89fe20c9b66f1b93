// The elements of a training: settings, buttons, progress, and the curves.

import { alertLine, button, clearText, progressBar, statusLine } from '../elements.js';
import { duration, percent } from '../format.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';
import { createCurves } from './curves.js';
import { row, section } from './elements.js';
import { createTrainingSettings } from './trainingsettings.js';

/** @typedef {import('./context.js').Run} Run */
/** @typedef {import('./trainingobstacle.js').Obstacle} Obstacle */
/** @typedef {{ done: number, total: number }} Steps */

/**
 * The line that says how a training goes, with its progress bar.
 * @param {HTMLElement} state
 */
function createProgress(state) {
  const bar = progressBar('task.bar');
  let startedAt = 0;
  return {
    bar,
    begin() {
      startedAt = performance.now();
    },
    /** @param {string} key @param {Steps} steps */
    show(key, { done, total }) {
      bar.max = total;
      bar.value = done;
      const left = done > 0 ? (performance.now() - startedAt) / done * (total - done) / 1000 : 0;
      say(state, key, () => ({ done, total, left: duration(left) }));
    },
  };
}

/** @param {HTMLElement} state @param {Run} result */
function sayResult(state, result) {
  const { accuracy } = result.test ?? result.validation ?? {};
  if (result.imported) say(state, 'teach.state.imported');
  else if (result.adapted) say(state, 'teach.state.adapted');
  else if (!accuracy) say(state, 'teach.state.done.blind');
  else {
    const { k, n } = accuracy;
    say(state, result.stopped ? 'teach.state.stopped' : 'teach.state.done', () =>
      ({ k, n, share: percent(k / n), time: duration(result.ms / 1000) }));
  }
}

/** @param {{ onStart: () => void, onStop: () => void, onResume: () => void, onSettings: () => void }} handlers */
export function createTrainingPanel({ onStart, onStop, onResume, onSettings }) {
  const settings = createTrainingSettings({ onChange: onSettings });
  const start = button('teach.train', 'main teach-go', onStart);
  const stop = button('teach.stop', 'plain', onStop);
  const resume = button('teach.resume', 'plain', onResume);
  const why = statusLine('hint');
  why.id = 'teach-why';
  start.setAttribute('aria-describedby', why.id);
  const state = statusLine('teach-state');
  const progress = createProgress(state);
  const { bar } = progress;
  const fault = alertLine();
  const curves = createCurves();
  stop.hidden = resume.hidden = bar.hidden = true;

  return {
    element: section('train', settings.element, row(start, stop, resume), why, bar, state, fault, curves.element),
    settings,

    /** @param {{ isWaiting: boolean, keepCurves: boolean }} how  isWaiting: features are to be extracted first */
    begin({ isWaiting, keepCurves }) {
      progress.begin();
      if (!keepCurves) curves.show([]);
      say(state, isWaiting ? 'teach.state.looking' : 'teach.state.begins');
    },

    /** @param {Steps} steps */
    showAugmented: steps => progress.show('teach.state.copies', steps),

    /** @param {Steps} steps */
    showPrepared: steps => progress.show('domains.busy.pictures', steps),

    /** @param {import('../../zproto.js').TrainStep} step */
    showStep(step) {
      curves.add(step);
      progress.show(step.method === 'head' ? 'teach.state.head' : 'teach.state.block', step);
    },

    /** @param {boolean} on */
    setBusy(on) {
      const hadFocus = [start, stop, resume].some(one => one === document.activeElement);
      stop.hidden = bar.hidden = !on;
      start.hidden = on;
      resume.hidden = true;
      if (on) bar.removeAttribute('value');
      settings.element.disabled = on;
      fault.textContent = '';
      if (hadFocus) (on ? stop : start).focus();
    },

    /** @param {Run} result */
    report(result) {
      sayResult(state, result);
      curves.show(result.curve);
    },

    end: () => say(state, 'teach.state.ended'),

    /** @param {unknown} error */
    fail(error) {
      state.textContent = '';
      sayError(fault, error);
    },

    tellInterrupted: () => say(state, 'teach.state.interrupted'),

    /** Runs the animation of the sentence that says why the training cannot start. */
    emphasizeObstacle() {
      why.classList.remove('shout');
      requestAnimationFrame(() => why.classList.add('shout'));
    },

    clear() {
      curves.show([]);
      clearText(state);
    },

    /** @param {{ obstacle: Obstacle | undefined, isTrained: boolean, isBusy: boolean, canResume: boolean }} shown */
    show({ obstacle, isTrained, isBusy, canResume }) {
      start.ariaDisabled = String(!!obstacle); // not disabled: a click on it explains why it cannot start
      say(start, isTrained ? 'teach.train.again' : 'teach.train');
      why.hidden = !obstacle || isBusy;
      if (obstacle) say(why, obstacle.key, obstacle.values);
      resume.hidden = !canResume || isBusy || !!obstacle;
    },
  };
}
