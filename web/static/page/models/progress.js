// The model's own line: how far its download is, with a way to stop it, to go on, and to try again.

import { announce, announceError } from '../announce.js';
import { find, make } from '../dom.js';
import { bareMegabytes, duration, megabytes, speed } from '../format.js';
import { say, spell } from '../i18n.js';
import { Residua } from '../../residua.js';
import { sayError } from '../notices.js';
import { worksOffline } from '../../common/platform.js';
import { createRate } from './rate.js';

/** @typedef {import('../loader.js').State} State */
/** @typedef {import('../loader.js').Progress} Progress */

const tickMs = 250;

/**
 * @param {{ onStart: () => void, onStop: () => void, onChoose: (model: string) => void }} handlers
 *   onChoose: which model a person wants, who was asked
 */
export function createProgress({ onStart, onStop, onChoose }) {
  const section = find('#model', HTMLElement);
  const line = find('.model-text', HTMLElement, section);
  const rateLine = find('.model-rate', HTMLElement, section);
  const bar = find('progress', HTMLProgressElement, section);
  const button = find('button', HTMLButtonElement, section);
  const notes = find('#model-notes', HTMLElement);
  const offers = find('#model-offers', HTMLElement);

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
    else if (progress?.phase === 'read') say(line, 'models.read', sum(progress));
    else if (progress?.phase === 'keep') say(line, 'models.keep');
    else if (progress?.phase === 'download' && progress.cached > 0) say(line, 'model.cached');
    else say(line, 'model.engine');
  };

  /** @type {State['name'] | undefined} */
  let before;

  // The smallest comes first: this is for those to whom the size matters.
  offers.replaceChildren(...[...Residua.shipped].sort((a, b) => a.bytes - b.bytes).map(({ name, title, bytes }, i) => {
    const choose = make('button', i === 0 ? 'main' : 'plain');
    choose.type = 'button';
    say(choose, 'models.offer', () => ({ title, size: megabytes(bytes) }));
    choose.addEventListener('click', () => onChoose(name));
    const words = make('p', 'hint');
    say(words, i === 0 ? 'models.offer.small' : 'models.offer.whole');
    return make('li', '', choose, words);
  }));

  /** What had to be assumed of a person's own model. @param {import('../../residua.js').Info} [info] */
  const showNotes = info => {
    notes.hidden = !info || info.notes.length === 0;
    find('ul', HTMLElement, notes).replaceChildren(...(info?.notes ?? []).map(({ code, value }) => {
      const item = make('li');
      say(item, `models.note.${code === 'labels' || code === 'pad-shortcut' ? `${code}-${value}` : code}`, { value: value.replace(/(\d)x(\d)/, '$1×$2') });
      return item;
    }));
  };

  return {
    /**
     * Asks which model to bring, before anything is fetched.
     * @param {'data' | 'line' | 'device'} why
     */
    ask(why) {
      section.dataset.state = before = 'waiting';
      bar.hidden = button.hidden = true;
      offers.hidden = false;
      say(line, `models.ask.${why}`);
    },

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
        offers.hidden = true;
      }
      showNotes(state.name === 'ready' ? state.net.info : undefined);

      switch (state.name) {
        case 'waiting':
          break; // see ask
        case 'loading':
          if (entered) {
            rate = createRate();
            ticking = setInterval(tick, tickMs);
            offer('model.cancel', onStop);
          }
          showLoading(state.progress);
          break;
        case 'ready':
          say(line, worksOffline() && state.net.info.kept ? 'model.ready' : 'model.ready.online');
          announce('model.ready.online');
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
