// The model's own line: how far its download is, with a way to stop it, to go on, and to try again.

import { announce, announceError } from './announce.js';
import { find } from './dom.js';
import { bareMegabytes, duration, megabytes, speed } from './format.js';
import { say, spell } from './i18n.js';
import { sayError } from './notices.js';
import { createRate } from './rate.js';

/** @typedef {import('./loader.js').State} State */
/** @typedef {import('./loader.js').Progress} Progress */

/** What a first visit downloads, for people who save data and must choose before anything is fetched. */
export const downloadBytes = 51e6;

const tickMs = 250;

/**
 * @param {{ onStart: () => void, onStop: () => void }} handlers
 */
export function createProgress({ onStart, onStop }) {
  const section = find('#model', HTMLElement);
  const line = find('.model-text', HTMLElement, section);
  const rateLine = find('.model-rate', HTMLElement, section);
  const bar = find('progress', HTMLProgressElement, section);
  const button = find('button', HTMLButtonElement, section);

  let act = onStart;
  let rate = createRate();
  /** The download as it was last heard of. @type {Progress | undefined} */
  let download;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ticking;

  button.addEventListener('click', event => {
    // The second click of a double click would undo the first: Cancel and Resume are one button.
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

  /** @param {{ loaded: number, total: number }} progress */
  const sum = ({ loaded, total }) => () => ({ loaded: bareMegabytes(loaded), total: megabytes(total) });

  /** The words of a download: on a clock, so that they hold still long enough to be read and notice when nothing comes. */
  const tick = () => {
    if (!download) return;
    const { loaded, total, cached } = download;
    rate.add(loaded - cached);
    say(line, 'model.download', sum(download));
    const perSecond = rate.perSecond();
    if (perSecond) say(rateLine, 'model.left', () => ({ speed: speed(perSecond), time: duration((total - loaded) / perSecond) }));
    else spell(rateLine);
  };

  /** @param {Progress | undefined} progress */
  const showLoading = progress => {
    const first = !download;
    download = progress?.phase === 'download' && progress.loaded > progress.cached ? progress : undefined;
    if (download) {
      bar.max = download.total;
      bar.value = download.loaded;
      if (first) tick();
      return;
    }
    bar.removeAttribute('value'); // of unknown length
    spell(rateLine);
    if (progress?.phase === 'prepare') say(line, 'model.prepare');
    else if (progress?.phase === 'download' && progress.cached > 0) say(line, 'model.cached');
    else say(line, 'model.engine');
  };

  /** @type {State['name'] | undefined} */
  let before;

  return {
    /** @param {State} state */
    show(state) {
      const entered = state.name !== before;
      before = state.name;
      section.dataset.state = state.name;
      bar.hidden = state.name === 'waiting' || state.name === 'ready' || state.name === 'failed';
      if (entered) {
        clearInterval(ticking);
        download = undefined;
        spell(rateLine);
      }

      switch (state.name) {
        case 'waiting':
          say(line, 'model.waiting', () => ({ size: megabytes(downloadBytes) }));
          offer('model.start', onStart);
          break;
        case 'loading':
          if (entered) {
            rate = createRate();
            ticking = setInterval(tick, tickMs);
            offer('model.cancel', onStop);
          }
          showLoading(state.progress);
          break;
        case 'ready':
          say(line, 'model.ready');
          announce('model.ready');
          button.hidden = true;
          break;
        case 'stopped':
          say(line, 'model.stopped');
          announce('model.stopped');
          if (state.progress) offer('model.resume', onStart, sum({ loaded: state.progress.kept, total: state.progress.total }));
          else offer('model.restart', onStart);
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
