// In Classify: the choice between the model's classes, the person's own, and those that somebody has shared.
// The chosen ones answer for the photo, or for what the camera sees.

import { find, make } from '../dom.js';
import { alertLine, button, localized } from '../elements.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';
import { createLivePredictions } from './livepredictions.js';
import { predictionList } from './predictionlist.js';

/** @typedef {(blob: Blob, signal?: AbortSignal) => Promise<import('./predictionlist.js').Prediction>} Predict */
/** @typedef {'theirs' | 'own' | 'shared'} Classes  theirs: those of the model */

/** The buttons that choose the classes. @param {(which: Classes) => void} onChoose */
function createChoice(onChoose) {
  const buttons = {
    theirs: button('teach.mine.theirs', 'quiet', () => onChoose('theirs')),
    own: button('teach.mine.own', 'quiet', () => onChoose('own')),
    shared: button('teach.mine.shared', 'quiet', () => onChoose('shared')),
  };
  const element = make('div', 'teach-mine', ...Object.values(buttons));
  element.role = 'group';
  say(element, 'teach.mine.label', {}, 'aria-label');
  element.hidden = buttons.own.hidden = buttons.shared.hidden = true;
  return {
    element,
    /** @param {Classes} chosen */
    show(chosen) {
      for (const [name, one] of Object.entries(buttons)) one.ariaPressed = String(name === chosen);
    },
    /** @param {'own' | 'shared'} which @param {boolean} available */
    offer(which, available) {
      buttons[which].hidden = !available;
      element.hidden = buttons.own.hidden && buttons.shared.hidden;
    },
    /** @param {Classes} which */
    focus: which => buttons[which].focus(),
    /** @param {boolean} isOwn  whether the model is the person's, whose classes need not be ImageNet's */
    name: isOwn => say(buttons.theirs, isOwn ? 'teach.mine.model' : 'teach.mine.theirs'),
  };
}

/** @param {{ predict: Predict, predictShared: Predict, onFail: (error: unknown) => void }} options */
export function createOwnClasses({ predict, predictShared, onFail }) {
  const section = find('#answer', HTMLElement);
  const choice = createChoice(choose);
  const note = localized('p', 'teach.mine.shared.text', 'hint teach-mine-note');
  const answer = make('div', 'teach-mine-answer');
  const fault = alertLine();
  const live = createLivePredictions({
    predict: predictChosen,
    onStart: beginFilming,
    onStop: () => void ask(), // the photo is shown again
    onPrediction: prediction => answer.replaceChildren(predictionList(prediction)),
    onRefused: key => say(fault, key),
    onFail: showError,
  });
  const camera = make('div', 'teach-mine-camera', live.video, live.button);
  camera.hidden = answer.hidden = true;
  find('h2', HTMLElement, section).after(choice.element, note, answer, fault, camera);
  /** @type {Classes} */ let chosen = 'theirs';
  /** @type {import('../photos.js').Photo | undefined} */ let photo;
  /** @type {AbortController | undefined} */ let running;

  /** @param {Classes} which */
  function choose(which) {
    chosen = which;
    choice.show(which);
    section.toggleAttribute('data-mine', which !== 'theirs');
    camera.hidden = which === 'theirs';
    note.hidden = which !== 'shared';
    live.stop();
    void ask();
  }

  /** @type {Predict} */
  function predictChosen(blob, signal) {
    return (chosen === 'shared' ? predictShared : predict)(blob, signal);
  }

  /**
   * @param {'own' | 'shared'} which
   * @param {boolean} available
   */
  function offer(which, available) {
    choice.offer(which, available);
    if (chosen === which && !live.on) choose(available ? which : 'theirs');
  }

  /** @param {unknown} error */
  function showError(error) {
    sayError(fault, error);
    onFail(error);
  }

  function reset() {
    running?.abort();
    fault.textContent = '';
    answer.replaceChildren();
  }

  /** Asks about the photo. */
  async function ask() {
    reset();
    answer.ariaLive = 'polite';
    answer.hidden = chosen === 'theirs' || !photo;
    if (answer.hidden || !photo) return;
    const { signal } = (running = new AbortController());
    try {
      const prediction = await predictChosen(photo.blob, signal);
      if (!signal.aborted) answer.replaceChildren(predictionList(prediction));
    } catch (error) {
      if (!signal.aborted) showError(error);
    }
  }

  function beginFilming() {
    reset();
    answer.ariaLive = 'off'; // changes ten times a second must not be read out
    answer.hidden = false;
    return true;
  }

  choose('theirs');
  return {
    /** @param {boolean} taught  whether the person has own classes */
    offer: taught => offer('own', taught),
    /** Lets classes answer that are there from now on. @param {'own' | 'shared'} which */
    use(which) {
      offer(which, true);
      choose(which);
      choice.focus(which);
    },
    /** @param {import('../photos.js').Photo} [next] */
    show(next) {
      photo = next;
      live.stop();
      void ask();
    },
    leave: live.stop,
    /** Names the classes of the model. @param {import('../../residua.js').Info} info */
    setModel: info => choice.name(info.own),
  };
}
