// The model's line: the progress of its download, and buttons that stop it, resume it, and try again.

import { announce, announceError } from '../announce.js';
import { find } from '../dom.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';
import { worksOffline } from '../../common/platform.js';
import { amounts, createDownload } from './download.js';
import { showNotes } from './notes.js';
import { createOffers } from './offers.js';

/** @typedef {import('../loader.js').State} State */
/** @typedef {import('../loader.js').Progress} Progress */

/**
 * @param {{ onStart: () => void, onStop: () => void, onChoose: (model: string) => void }} handlers
 *   onChoose: the model that a person chose after being asked
 */
export function createProgress({ onStart, onStop, onChoose }) {
  const section = find('#model', HTMLElement);
  const line = find('.model-text', HTMLElement, section);
  const bar = find('progress', HTMLProgressElement, section);
  const button = find('button', HTMLButtonElement, section);
  const download = createDownload({ line, rateLine: find('.model-rate', HTMLElement, section), bar });
  const offers = createOffers({ onChoose });

  /** What the button does. */
  let act = onStart;
  /** @type {State['name'] | undefined} */
  let before;

  button.addEventListener('click', event => {
    // Cancel and Resume are the same button, so the second click of a double click would undo the first.
    if (event.detail < 2) act();
  });

  /**
   * @param {string} key
   * @param {() => void} action
   * @param {Parameters<typeof say>[2]} [values]
   */
  const offer = (key, action, values) => {
    say(button, key, values);
    act = action;
    button.hidden = false;
  };

  /** @param {Progress} [progress] */
  const showStopped = progress => {
    say(line, 'model.stopped');
    announce('model.stopped');
    if (!progress) return offer('model.restart', onStart);
    offer('model.resume', onStart, amounts({ loaded: progress.kept, total: progress.total }));
  };

  return {
    /**
     * Asks which model to download.
     * @param {'data' | 'line' | 'device'} why
     */
    ask(why) {
      section.dataset.state = before = 'waiting';
      bar.hidden = button.hidden = true;
      offers.show();
      say(line, `models.ask.${why}`);
    },

    /** @param {State} state */
    show(state) {
      const entered = state.name !== before;
      before = state.name;
      section.dataset.state = state.name;
      bar.hidden = state.name === 'waiting' || state.name === 'ready' || state.name === 'failed';
      if (entered) {
        download.stop();
        offers.hide();
      }
      showNotes(state.name === 'ready' ? state.net.info.notes : []);

      switch (state.name) {
        case 'waiting':
          break; // ask() shows it
        case 'loading':
          if (entered) {
            download.start();
            offer('model.cancel', onStop);
          }
          download.show(state.progress);
          break;
        case 'ready':
          say(line, worksOffline() && state.net.info.kept ? 'model.ready' : 'model.ready.online');
          announce('model.ready.online');
          button.hidden = true;
          break;
        case 'stopped':
          showStopped(state.progress);
          break;
        case 'failed':
          sayError(line, state.error);
          announceError(state.error);
          offer('model.retry', onStart);
          break;
      }
    },
  };
}
