// In Classify: whether the thousand classes of the model answer, or those that a person has taught.

import { find, make } from './dom.js';
import { say } from './i18n.js';
import { sayError } from './notices.js';
import { bars } from './teach-try.js';
import { button } from './teach-parts.js';

/**
 * @param {{ predict: (blob: Blob, signal: AbortSignal) => Promise<import('./teach-try.js').Answer>, onFail: (error: unknown) => void }} options
 */
export function createMine({ predict, onFail }) {
  const section = find('#answer', HTMLElement);
  const theirs = button('teach.mine.theirs', 'quiet', () => choose(false));
  const own = button('teach.mine.own', 'quiet', () => choose(true));
  const choice = make('div', 'teach-mine', theirs, own);
  choice.role = 'group';
  say(choice, 'teach.mine.label', {}, 'aria-label');
  const answer = make('div', 'teach-mine-answer');
  answer.ariaLive = 'polite';
  choice.hidden = answer.hidden = true;
  find('h2', HTMLElement, section).after(choice, answer);
  let mine = false;
  /** @type {import('./queue.js').Photo | undefined} */ let photo;
  /** @type {AbortController | undefined} */ let running;

  /** @param {boolean} on */
  function choose(on) {
    mine = on;
    own.ariaPressed = String(on);
    theirs.ariaPressed = String(!on);
    section.toggleAttribute('data-mine', on);
    void ask();
  }

  async function ask() {
    running?.abort();
    answer.hidden = !mine || !photo;
    answer.replaceChildren();
    if (answer.hidden || !photo) return;
    const { signal } = (running = new AbortController());
    try {
      const found = await predict(photo.blob, signal);
      if (!signal.aborted) answer.replaceChildren(bars(found));
    } catch (error) {
      if (signal.aborted) return;
      const words = make('p', 'task-fault');
      sayError(words, error);
      answer.replaceChildren(words);
      onFail(error);
    }
  }

  choose(false);
  return {
    /** @param {boolean} taught whether there is anything to choose */
    offer(taught) {
      choice.hidden = !taught;
      if (mine) choose(taught);
    },
    /** @param {import('./queue.js').Photo} [next] */
    show(next) {
      photo = next;
      void ask();
    },
  };
}
