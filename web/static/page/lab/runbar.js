// The bar that is always in sight: train, pause, one step, start over, and how far it is.

import { make } from '../dom.js';
import { button, progressBar, statusLine } from '../elements.js';
import { decimal, duration } from '../format.js';
import { say, setText } from '../i18n.js';
import { sayFault } from './faults.js';

/** @typedef {import('./runner.js').RunState} RunState */

/**
 * @param {object} handlers
 * @param {() => void} handlers.onTrain  start or go on
 * @param {() => void} handlers.onPause
 * @param {() => void} handlers.onStep
 * @param {() => void} handlers.onStop
 */
export function createRunBar({ onTrain, onPause, onStep, onStop }) {
  const go = button('skiplab.run.train', 'main skiplab-go', () => (isRunning ? onPause() : onTrain()));
  const step = button('skiplab.run.step', 'plain', onStep);
  const stop = button('skiplab.run.stop', 'plain', onStop);
  const bar = progressBar('task.bar');
  const where = make('p', 'skiplab-where');
  const spoken = statusLine('spoken');
  const fault = make('p', 'task-fault');
  fault.role = 'alert';
  const element = make('div', 'skiplab-run', fault,
    make('div', 'skiplab-run-line', go, step, stop, make('div', 'skiplab-progress', where, bar), spoken));
  element.role = 'group';
  say(element, 'skiplab.run.label', {}, 'aria-label');
  let isRunning = false;
  /** @type {RunState} */ let before = 'none';

  /** @param {RunState} state */
  function announceChange(state) {
    if (state !== before && ['running', 'paused', 'done'].includes(state)) say(spoken, `skiplab.run.spoken.${state}`);
    before = state;
  }

  return {
    element,
    /**
     * @param {object} shown
     * @param {RunState} shown.state
     * @param {number} shown.step
     * @param {number} shown.steps
     * @param {boolean} shown.isChanged  whether the settings are no longer the run's
     * @param {number | undefined} shown.perSecond
     */
    show({ state, step: done, steps, isChanged, perSecond }) {
      const isBusy = state === 'starting' || state === 'pausing';
      isRunning = state === 'running';
      const goesOn = state === 'paused' && !isChanged;
      say(go, isRunning ? 'skiplab.run.pause' : goesOn && done > 0 ? 'skiplab.run.go-on'
        : state === 'done' && !isChanged ? 'skiplab.run.again' : 'skiplab.run.train');
      go.disabled = isBusy;
      step.disabled = isBusy || isRunning || state === 'done' && !isChanged;
      if (document.activeElement === stop && state === 'none') go.focus();
      stop.disabled = state === 'none' || state === 'starting';
      bar.max = steps;
      bar.value = state === 'none' ? 0 : done;
      const left = perSecond && isRunning ? (steps - done) / perSecond : 0;
      if (state === 'none') say(where, 'skiplab.run.ready', () => ({ steps: decimal(steps, 0) }));
      else if (state === 'starting') say(where, 'skiplab.run.starting');
      else if (isChanged && !isRunning) say(where, 'skiplab.run.changed');
      else if (left > 0) {
        say(where, 'skiplab.run.going', () => ({
          step: decimal(done, 0), steps: decimal(steps, 0), left: duration(left),
          speed: decimal(perSecond ?? 0, (perSecond ?? 0) < 10 ? 1 : 0),
        }));
      } else say(where, 'skiplab.run.at', () => ({ step: decimal(done, 0), steps: decimal(steps, 0) }));
      announceChange(state);
    },
    /** @param {unknown} [error]  undefined: nothing is wrong */
    fail(error) {
      if (error === undefined) setText(fault);
      else sayFault(fault, error);
    },
  };
}
