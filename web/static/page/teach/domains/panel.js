// A panel of the section on domains: what it asks, a button that finds out, progress, a button that stops, the result.

import { isEngineFault } from '../../../residua.js';
import { make } from '../../dom.js';
import { alertLine, button, clearText, glossary, localized, statusLine } from '../../elements.js';
import { say } from '../../i18n.js';
import { sayError } from '../../notices.js';
import { row } from '../elements.js';
import { createProgressLine } from '../progressline.js';

/** @typedef {import('../context.js').TeachContext} TeachContext */
/** @typedef {import('../context.js').Teacher} Teacher */
/** @typedef {import('../trainingobstacle.js').Obstacle} Obstacle */
/** @typedef {import('../progressline.js').Steps} Steps */
/**
 * @typedef {object} Work
 * @property {Teacher} teacher
 * @property {AbortSignal} signal
 * @property {(steps: Steps, key?: string) => void} onSteps  key: of a sentence with done, total and left
 */

/**
 * @param {TeachContext} context
 * @param {string} name  Its keys begin with domains.NAME: title, text, start.
 * @param {object} parts
 * @param {Node[]} [parts.controls]  above the button
 * @param {HTMLElement} parts.result
 * @param {string[]} parts.terms  what is explained below the result; their keys begin with domains.term.
 * @param {() => Obstacle | string | undefined} [parts.obstacle]  why it cannot start, or the key of that
 * @param {(work: Work) => Promise<void>} parts.run  shows the result; it throws when the signal is aborted
 */
export function createPanel(context, name, { controls = [], result, terms, obstacle = () => undefined, run }) {
  const start = button(`domains.${name}.start`, 'plain', () => void begin());
  const stop = button('teach.stop', 'quiet', () => running?.abort());
  const state = statusLine('teach-state');
  const progress = createProgressLine(state);
  const fault = alertLine();
  const title = localized('h4', `domains.${name}.title`);
  title.tabIndex = -1;
  const element = make('div', `domains-panel domains-${name}`, title, localized('p', `domains.${name}.text`, 'prose'),
    ...controls, row(start, stop), progress.bar, state, fault, result);
  result.append(glossary(terms.map(term => `domains.term.${term}`)));
  result.hidden = stop.hidden = true;
  /** @type {AbortController | undefined} */
  let running;
  /** Whether it was ended because its pictures are no longer the same. */
  let isOutdated = false;
  /** The key of the obstacle that is shown. */
  let said = '';

  async function begin() {
    context.show(); // what has changed a moment ago is no reason to end it
    const { teacher } = context;
    if (!teacher || running || context.training) return;
    const { signal } = (running = new AbortController());
    isOutdated = false;
    setBusy(true);
    /** @type {any} */ let wrong;
    try {
      await run({ teacher, signal, onSteps: (steps, key = `domains.${name}.busy`) => progress.show(steps, key) });
    } catch (error) {
      wrong = error;
    }
    const wasStopped = signal.aborted || wrong?.code === 'closed'; // closed: for another model
    if (isEngineFault(wrong)) context.onEngineFault(wrong);
    if (!wrong) result.hidden = false;
    setBusy(false); // it also looks whether the pictures are still the same
    clearText(state);
    if (isOutdated) {
      result.hidden = true;
      say(state, 'domains.outdated');
    } else if (wrong && wasStopped) say(state, 'teach.state.ended');
    else if (wrong && !isEngineFault(wrong)) sayError(fault, wrong);
  }

  /** @param {boolean} on */
  function setBusy(on) {
    const hadFocus = document.activeElement === start || document.activeElement === stop;
    context.training = on;
    start.hidden = on;
    stop.hidden = progress.bar.hidden = !on;
    fault.textContent = '';
    if (on) {
      progress.begin();
      say(state, `domains.${name}.begins`);
    } else running = undefined;
    context.show();
    if (hadFocus) (on ? stop : start).focus(); // the start is enabled now
  }

  return {
    element,
    begin,
    stop: () => running?.abort(),
    isBusy: () => !!running,

    /** Brings it into sight, and the keyboard there. */
    goTo() {
      element.scrollIntoView({ block: 'start' });
      title.focus({ preventScroll: true });
    },

    show() {
      const why = context.hasEngine ? obstacle() : 'teach.why.model';
      start.disabled = !!why || context.training || context.readOnly;
      if (running) return;
      if (why) {
        const { key, values } = typeof why === 'string' ? { key: why, values: {} } : why;
        say(state, key, values);
        said = key;
      } else if (said !== '') {
        if (state.dataset.i18n === said) clearText(state);
        said = '';
      }
    },

    /** Takes the result away, or ends the work on it: it is of other pictures, or of another training. */
    clear() {
      isOutdated = true;
      running?.abort();
      result.hidden = true;
      if (running) return;
      clearText(state);
      fault.textContent = '';
    },
  };
}
