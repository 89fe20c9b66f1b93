// The elements of the room in their order.

import { make } from '../dom.js';
import { button, iconButton, localized } from '../elements.js';
import { say } from '../i18n.js';
import { glyph } from './glyph.js';

/** The two kinds of networks, drawn: what the first sentence says. */
function drawings() {
  const one = (/** @type {'add' | 'none'} */ join) => make('figure', `skiplab-kind ${join}`,
    /** @type {any} */ (glyph({ depth: 14, join })), localized('figcaption', `skiplab.kind.${join}`));
  const element = make('div', 'skiplab-kinds', one('add'), one('none'));
  element.setAttribute('aria-hidden', 'true');
  return element;
}

/**
 * Asks whether to go on with a run of an earlier visit.
 * @param {{ onAccept: () => void, onRefuse: () => void }} handlers
 */
export function createOffer({ onAccept, onRefuse }) {
  const words = make('p');
  const accept = button('skiplab.offer.accept', 'main', onAccept);
  const element = make('div', 'notice skiplab-offer', words, accept, button('skiplab.offer.refuse', 'quiet', onRefuse));
  element.role = 'status';
  element.hidden = true;
  return {
    element,
    /** @param {{ step: number, steps: number, isDone: boolean }} run */
    show({ step, steps, isDone }) {
      element.hidden = false;
      say(words, isDone ? 'skiplab.offer.done' : 'skiplab.offer', { step, steps });
      say(accept, isDone ? 'skiplab.offer.show' : 'skiplab.offer.accept');
    },
    hide() { element.hidden = true; },
  };
}

/** The buttons over the settings. @param {{ onUndo: () => void, onReset: () => void }} handlers */
export function createSettingsHead({ onUndo, onReset }) {
  const undo = iconButton('undo', 'skiplab.undo', 'quiet', onUndo);
  const reset = button('skiplab.reset', 'quiet', onReset);
  const title = localized('h3', 'skiplab.settings.title');
  const locked = localized('p', 'skiplab.settings.locked', 'hint');
  return {
    element: make('div', 'skiplab-settings-head', make('div', 'skiplab-head', title, undo, reset), locked),
    /** @param {{ canUndo: boolean, canReset: boolean, isLocked: boolean }} shown */
    show({ canUndo, canReset, isLocked }) {
      undo.disabled = !canUndo || isLocked;
      reset.disabled = !canReset || isLocked;
      locked.hidden = !isLocked;
    },
  };
}

/**
 * @typedef {'offer' | 'lessons' | 'stage' | 'results' | 'saving' | 'head' | 'networks' | 'pictures' | 'training'
 *   | 'run'} PartName
 */

/**
 * @param {HTMLElement} root
 * @param {Record<PartName, { element: HTMLElement }>} parts
 */
export function layOut(root, { offer, lessons, stage, results, saving, head, networks, pictures, training, run }) {
  const title = localized('h2', 'skiplab.title', 'spoken');
  title.id = 'skip-lab-title';
  const settings = make('fieldset', 'skiplab-settings', networks.element, pictures.element, training.element);
  say(settings, 'skiplab.settings.title', {}, 'aria-label');
  root.append(title,
    make('div', 'skiplab-intro', localized('p', 'skiplab.lead', 'skiplab-lead'), drawings()),
    offer.element, lessons.element,
    make('div', 'skiplab-bench',
      make('div', 'skiplab-shown', stage.element, results.element),
      make('div', 'skiplab-chosen', head.element, settings)),
    saving.element, run.element);
  return settings;
}
