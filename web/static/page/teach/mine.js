// In Classify: whether the thousand classes of the model answer, or those that a person has taught, or those that somebody has shared, of the
// photo or of what the camera sees.

import { find, make } from '../dom.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';
import { createLive } from './live.js';
import { button, words } from './parts.js';
import { bars } from './try.js';

/** @typedef {(blob: Blob, signal?: AbortSignal) => Promise<import('./try.js').Answer>} Predict */
/** @typedef {'theirs' | 'own' | 'shared'} Classes */

/**
 * @param {{ predict: Predict, predictShared: Predict, onFail: (error: unknown) => void }} options
 */
export function createMine({ predict, predictShared, onFail }) {
  const section = find('#answer', HTMLElement);
  const buttons = {
    theirs: button('teach.mine.theirs', 'quiet', () => choose('theirs')),
    own: button('teach.mine.own', 'quiet', () => choose('own')),
    shared: button('teach.mine.shared', 'quiet', () => choose('shared')),
  };
  const choice = make('div', 'teach-mine', ...Object.values(buttons));
  choice.role = 'group';
  say(choice, 'teach.mine.label', {}, 'aria-label');
  const note = words('p', 'teach.mine.shared.text', 'hint teach-mine-note');
  const answer = make('div', 'teach-mine-answer');
  const fault = make('p', 'task-fault');
  fault.role = 'alert';
  const live = createLive({ ask: askChosen, onAnswer: found => answer.replaceChildren(bars(found)), onFail: tell });
  const film = button('teach.try.live', 'plain', () => (live.on ? live.stop() : start()));
  const camera = make('div', 'teach-mine-camera', live.video, film);
  choice.hidden = camera.hidden = answer.hidden = live.video.hidden = buttons.own.hidden = buttons.shared.hidden = true;
  find('h2', HTMLElement, section).after(choice, note, answer, fault, camera);
  /** @type {Classes} */ let chosen = 'theirs';
  /** @type {import('../photos.js').Photo | undefined} */ let photo;
  /** @type {AbortController | undefined} */ let running;

  /** @param {Classes} which */
  function choose(which) {
    chosen = which;
    for (const [name, button] of Object.entries(buttons)) button.ariaPressed = String(name === which);
    section.toggleAttribute('data-mine', which !== 'theirs');
    camera.hidden = which === 'theirs';
    note.hidden = which !== 'shared';
    live.stop();
    void ask();
  }

  /** @type {Predict} */
  function askChosen(blob, signal) {
    return (chosen === 'shared' ? predictShared : predict)(blob, signal);
  }

  /**
   * @param {'own' | 'shared'} which
   * @param {boolean} there whether they can be chosen
   */
  function offer(which, there) {
    buttons[which].hidden = !there;
    choice.hidden = buttons.own.hidden && buttons.shared.hidden;
    if (chosen === which && !live.on) choose(there ? which : 'theirs');
  }

  /** @param {unknown} error */
  function tell(error) {
    sayError(fault, error);
    onFail(error);
  }

  async function ask() {
    running?.abort();
    fault.textContent = '';
    answer.ariaLive = 'polite';
    answer.replaceChildren();
    answer.hidden = chosen === 'theirs' || !photo;
    if (answer.hidden || !photo) return;
    const { signal } = (running = new AbortController());
    try {
      const found = await askChosen(photo.blob, signal);
      if (!signal.aborted) answer.replaceChildren(bars(found));
    } catch (error) {
      if (!signal.aborted) tell(error);
    }
  }

  async function start() {
    running?.abort();
    fault.textContent = '';
    answer.ariaLive = 'off'; // what changes ten times a second is not read out
    answer.replaceChildren();
    answer.hidden = live.video.hidden = false;
    say(film, 'teach.try.still');
    const why = await live.start(() => {
      live.video.hidden = true;
      say(film, 'teach.try.live');
      void ask(); // the photo is there again
    });
    if (!why) return;
    live.video.hidden = true;
    say(film, 'teach.try.live');
    say(fault, why);
  }

  choose('theirs');
  return {
    /** @param {boolean} taught whether a person has classes of their own */
    offer: taught => offer('own', taught),
    /** Lets classes answer that are there from now on. @param {'own' | 'shared'} which */
    use(which) {
      offer(which, true);
      choose(which);
      buttons[which].focus();
    },
    /** @param {import('../photos.js').Photo} [next] */
    show(next) {
      photo = next;
      live.stop();
      void ask();
    },
    leave: live.stop,
  };
}
