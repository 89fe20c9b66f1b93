// The elements of a training: settings, buttons, progress, and the curves.

import { alertLine, button, clearText, statusLine } from '../elements.js';
import { duration } from '../format.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';
import { createCurves } from './curves.js';
import { fold, row, section } from './elements.js';
import { createProgressLine } from './progressline.js';
import { sayTest } from './testresult.js';
import { createTrainingSettings } from './trainingsettings.js';

/** @typedef {import('./context.js').Run} Run */
/** @typedef {import('./trainingobstacle.js').Obstacle} Obstacle */
/** @typedef {import('./progressline.js').Steps} Steps */

/** @param {HTMLElement} state @param {Run} result */
function sayResult(state, result) {
  if (result.imported) say(state, 'teach.state.imported');
  else if (result.adapted) say(state, 'teach.state.adapted');
  else if (!(result.test ?? result.validation)) say(state, 'teach.state.done.blind');
  else {
    say(state, result.stopped ? 'teach.state.stopped' : 'teach.state.done', () =>
      ({ time: duration(result.ms / 1000) }));
  }
}

/**
 * @param {{ onStart: () => void, onStop: () => void, onResume: () => void, onSettings: () => void, onAsk: () => void }}
 *   handlers  onAsk: a person wants to know what suits, before or after a training
 */
export function createTrainingPanel({ onStart, onStop, onResume, onSettings, onAsk }) {
  const settings = createTrainingSettings({ onChange: onSettings });
  const start = button('teach.train', 'main teach-go', onStart);
  const stop = button('teach.stop', 'plain', onStop);
  const resume = button('teach.resume', 'plain', onResume);
  const ask = button('teach.ask', 'quiet', onAsk);
  const why = statusLine('hint');
  why.id = 'teach-why';
  start.setAttribute('aria-describedby', why.id);
  const state = statusLine('teach-state');
  const tested = statusLine('teach-tested');
  const progress = createProgressLine(state);
  const { bar } = progress;
  const fault = alertLine();
  const curves = createCurves({ onShow: isShown => { course.hidden = !isShown; } });
  const course = fold('teach.curves.title', curves.element);
  stop.hidden = resume.hidden = course.hidden = tested.hidden = true;

  return {
    element: section('train', settings.element, row(start, stop, resume, ask), why, bar, state, tested, fault,
      course),
    settings,

    /** @param {{ isWaiting: boolean, keepCurves: boolean }} how  isWaiting: features are to be extracted first */
    begin({ isWaiting, keepCurves }) {
      progress.begin();
      tested.hidden = true;
      if (!keepCurves) curves.show([]);
      say(state, isWaiting ? 'teach.state.looking' : 'teach.state.begins');
    },

    /** @param {Steps} steps */
    showAugmented: steps => progress.show(steps, 'teach.state.copies'),

    /** @param {Steps} steps */
    showPrepared: steps => progress.show(steps, 'domains.busy.pictures'),

    /** @param {import('../../zproto.js').TrainStep} step */
    showStep(step) {
      curves.add(step);
      progress.show(step, step.method === 'head' ? 'teach.state.head' : 'teach.state.block');
    },

    /** @param {boolean} on */
    setBusy(on) {
      const hadFocus = [start, stop, resume].some(one => one === document.activeElement);
      stop.hidden = bar.hidden = !on;
      start.hidden = on;
      resume.hidden = true;
      settings.element.disabled = on;
      fault.textContent = '';
      if (hadFocus) (on ? stop : start).focus();
    },

    /** @param {Run} result */
    report(result) {
      sayResult(state, result);
      tested.hidden = !sayTest(tested, result);
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
      tested.hidden = true;
    },

    /**
     * @param {{ obstacle: Obstacle | undefined, isTrained: boolean, isBusy: boolean, canResume: boolean,
     *   canAsk: boolean }} shown
     */
    show({ obstacle, isTrained, isBusy, canResume, canAsk }) {
      ask.hidden = !canAsk;
      start.ariaDisabled = String(!!obstacle); // not disabled: a click on it explains why it cannot start
      say(start, isTrained ? 'teach.train.again' : 'teach.train');
      why.hidden = !obstacle || isBusy;
      if (obstacle) say(why, obstacle.key, obstacle.values);
      resume.hidden = !canResume || isBusy || !!obstacle;
    },
  };
}
