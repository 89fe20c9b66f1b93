// What the stage shows of the live camera: the picture, its buttons, what is to be said, and how fast answers come.

import { find } from './dom.js';
import { decimal, milliseconds } from './format.js';
import { say, setText } from './i18n.js';
import { fitFrame } from './seenframe.js';

/** The rate is that of the last seconds, and shown as often as one can read it. */
const rateOverMs = 3000;
const rateEveryMs = 1000;

/** How many pictures are answered in a second. */
function createRate() {
  /** @type {number[]} */
  let times = [];
  return {
    /** Counts a picture. @returns {number} pictures a second; 0: not known yet */
    count() {
      const now = performance.now();
      times = [...times.filter(time => now - time < rateOverMs), now];
      // A picture that takes longer than that is compared with the one before all the same.
      return times.length < 2 ? 0 : (times.length - 1) / (now - times[0]) * 1000;
    },
  };
}

/**
 * @param {HTMLVideoElement} video  of the camera
 * @param {{ onToggle: () => void, onFreeze: () => void, onChange: () => void, onRetry: () => void }} handlers
 */
export function createLiveView(video, { onToggle, onFreeze, onChange, onRetry }) {
  const stage = find('#stage', HTMLElement);
  const toggle = find('#live', HTMLButtonElement);
  const freezer = find('#live-freeze', HTMLButtonElement);
  const changer = find('#live-change', HTMLButtonElement);
  const view = find('#live-view', HTMLElement);
  const frame = find('.frame', HTMLElement, view);
  const words = find('.live-words p', HTMLElement, view);
  const retry = find('.live-words button', HTMLButtonElement, view);
  const rateLine = find('#live-rate', HTMLElement);
  frame.prepend(video);

  toggle.addEventListener('click', onToggle);
  freezer.addEventListener('click', onFreeze);
  changer.addEventListener('click', onChange);
  retry.addEventListener('click', onRetry);

  return {
    /** Makes room for the camera. */
    open() {
      const focused = document.activeElement;
      stage.toggleAttribute('data-live', true);
      view.hidden = freezer.hidden = false;
      say(toggle.lastElementChild ?? toggle, 'live.stop');
      if (focused === retry) toggle.focus(); // which disappears
    },

    /** A camera starts. */
    start() {
      retry.hidden = true;
      freezer.disabled = changer.disabled = true;
      setText(rateLine);
      say(words, 'live.starts');
    },

    /** There is no camera, or no longer. @param {string} why  the key of a sentence */
    explain(why) {
      freezer.disabled = changer.disabled = true;
      retry.hidden = false;
      setText(rateLine);
      say(words, why);
    },

    /** @param {string} [key]  of a sentence; without one nothing is to be said */
    tell(key) {
      if (key) say(words, key);
      else setText(words);
    },

    /** @param {boolean} can  whether there is a picture that can be frozen */
    allowFreeze(can) {
      freezer.disabled = !can;
    },

    /** @param {boolean} other  whether there is another camera */
    offerOther(other) {
      changer.hidden = !other;
      changer.disabled = false;
    },

    /** Places the frame round what the network sees. @param {import('../residua.js').Info | undefined} info */
    fit(info) {
      const { videoWidth: width, videoHeight: height } = video;
      if (width > 0) fitFrame(frame, info, width, height);
    },

    /** Counts pictures from now on. @returns {(taken: number) => void} to call when a picture was answered */
    countPictures() {
      const rate = createRate();
      let said = 0;
      return taken => {
        const now = performance.now();
        const perSecond = rate.count();
        if (perSecond === 0 || now - said < rateEveryMs) return;
        said = now;
        const count = Math.round(perSecond);
        const time = () => milliseconds(now - taken);
        if (count > 0) say(rateLine, 'live.rate', () => ({ count, time: time() }));
        else say(rateLine, 'live.rate.slow', () => ({ seconds: decimal(1 / perSecond, 1), time: time() }));
        say(rateLine, 'live.late', () => ({ time: time() }), 'title');
      };
    },

    /** The camera is off. @param {() => void} stop  stops it, after the keyboard's place was looked at */
    close(stop) {
      const hadFocus = stage.contains(document.activeElement) && document.activeElement !== toggle;
      stop();
      stage.removeAttribute('data-live');
      setText(words);
      view.hidden = freezer.hidden = changer.hidden = retry.hidden = true;
      say(toggle.lastElementChild ?? toggle, 'live.start');
      if (hadFocus) toggle.focus();
    },
  };
}
