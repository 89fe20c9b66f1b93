// The live camera on the stage. What is chosen to answer does so for one picture after the other: the next is taken
// when the answer to the one before is there, so that none waits and each is the newest. A picture can be frozen, and
// is then a photo like any other.

import { announce } from './announce.js';
import { createCamera, pictureFile } from './camera.js';
import { find } from './dom.js';
import { decimal, milliseconds } from './format.js';
import { language, say, setText, text } from './i18n.js';
import { fitFrame } from './seenframe.js';
import { classifierOf, netOf } from './session.js';
import { onCameras } from '../common/platform.js';

/** @typedef {import('./session.js').State} State */
/** @typedef {import('./classifiers.js').Classifier} Classifier */
/** @typedef {import('./session.js').Live} Live */
/** @typedef {import('./camera.js').CameraPicture} CameraPicture */
/**
 * Reads one picture: shows the answer, and is done when all is shown that comes with it.
 * @typedef {(question: {
 *   classifier: Classifier, image: ImageBitmap, signal: AbortSignal, show: (answer: Live['answer']) => void,
 * }) => Promise<void>} Read
 */

/** The rate is that of the last seconds, and shown as often as one can read it. */
const rateOverMs = 3000;
const rateEveryMs = 1000;
/** After this time without a picture the page says that the camera sends none. */
const silentMs = 5000;

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
 * @param {{
 *   session: import('./session.js').Session,
 *   onWanted: () => void,
 *   onFrozen: (photo: import('./photos.js').Photo) => void,
 *   onError: (error: unknown) => void,
 * }} options onWanted: the camera needs a network; onError: an answer failed, and the camera is off
 */
export function createLive({ session, onWanted, onFrozen, onError }) {
  const stage = find('#stage', HTMLElement);
  const toggle = find('#live', HTMLButtonElement);
  const freezer = find('#live-freeze', HTMLButtonElement);
  const changer = find('#live-change', HTMLButtonElement);
  const view = find('#live-view', HTMLElement);
  const frame = find('.frame', HTMLElement, view);
  const words = find('.live-words p', HTMLElement, view);
  const retry = find('.live-words button', HTMLButtonElement, view);
  const rateLine = find('#live-rate', HTMLElement);
  const camera = createCamera();
  const { video } = camera;
  frame.prepend(video);
  /** How the rooms read a picture that do not only classify it. @type {Map<string, Read>} */
  const readers = new Map();
  /** The last picture that was answered. @type {ImageBitmap | undefined} */
  let answered;
  let controller = new AbortController();
  let frozen = 0;

  toggle.addEventListener('click', () => (session.state.live ? leave() : begin()));
  freezer.addEventListener('click', () => void freeze());
  changer.addEventListener('click', () => void open(() => camera.change()));
  retry.addEventListener('click', begin);
  video.addEventListener('resize', fit);
  onCameras(() => void offerOther());

  session.subscribe((now, before) => {
    if (before.live && !now.live) close(); // a photo was chosen, or the room left
    if (now.live && !['classify', 'look'].includes(now.look.room)) leave();
    if (now.info !== before.info) fit();
  });

  function fit() {
    const { videoWidth: width, videoHeight: height } = video;
    if (width > 0) fitFrame(frame, session.state.info, width, height);
  }

  function begin() {
    const focused = document.activeElement;
    session.update({ live: {} });
    onWanted();
    stage.toggleAttribute('data-live', true);
    view.hidden = freezer.hidden = false;
    say(toggle.lastElementChild ?? toggle, 'live.stop');
    if (focused === retry) toggle.focus(); // which disappears
    void open(() => camera.start(explain));
  }

  /** Opens a camera, and reads its pictures. @param {() => Promise<string>} start */
  async function open(start) {
    controller.abort();
    const { signal } = (controller = new AbortController());
    forget();
    retry.hidden = true;
    freezer.disabled = changer.disabled = true;
    setText(rateLine);
    say(words, 'live.starts');
    const why = await start();
    if (signal.aborted) return;
    if (why) return explain(why);
    if (!camera.on) return;
    void offerOther();
    await run(signal).catch(error => {
      if (signal.aborted) return;
      leave();
      onError(error);
    });
  }

  /** Why there is no camera, or no longer. @param {string} why  the key of a sentence; empty: it was stopped */
  function explain(why) {
    if (!why || !session.state.live) return;
    controller.abort();
    forget();
    session.update({ live: {} });
    freezer.disabled = changer.disabled = true;
    retry.hidden = false;
    setText(rateLine);
    say(words, why);
  }

  /** @param {AbortSignal} signal */
  async function run(signal) {
    const rate = createRate();
    let said = 0;
    for (;;) {
      const silence = setTimeout(() => say(words, 'camera.silent'), silentMs);
      const picture = await camera.next().finally(() => clearTimeout(silence));
      if (!picture || signal.aborted) return picture?.bitmap.close();
      const classifier = classifierOf(session.state);
      setText(words);
      if (!classifier) {
        say(words, 'live.waits');
        picture.bitmap.close();
        onWanted(); // perhaps its engine has stopped
        await networkChanges(signal);
        continue;
      }
      try {
        await read(picture, classifier, signal);
      } catch (error) {
        picture.bitmap.close();
        if (signal.aborted) return;
        if (classifierOf(session.state) === classifier) throw error;
        continue; // Another network or other classes have taken the place of those that were asked.
      }
      const now = performance.now();
      const perSecond = rate.count();
      if (perSecond === 0 || now - said < rateEveryMs) continue;
      said = now;
      sayRate(perSecond, now - picture.taken);
    }
  }

  /**
   * @param {CameraPicture} picture
   * @param {Classifier} classifier
   * @param {AbortSignal} signal
   */
  async function read({ bitmap, taken }, classifier, signal) {
    const { room } = session.state.look;
    /** @param {Live['answer']} answer */
    const show = answer => {
      if (signal.aborted) return;
      session.update({ live: { answer, info: classifier.info } });
      forget();
      answered = bitmap;
      freezer.disabled = false;
    };
    await (readers.get(room) ?? classifyOnly)({ classifier, image: bitmap, signal, show });
    // For whoever measures: see web/test/livetimes.mjs. It is not kept.
    performance.mark('live picture', { detail: { taken, room } });
    performance.clearMarks('live picture');
  }

  /** @type {Read} */
  async function classifyOnly({ classifier, image, signal, show }) {
    show(await classifier.classify(image, { signal }));
  }

  /** @param {AbortSignal} signal */
  async function networkChanges(signal) {
    const before = netOf(session.state);
    let unsubscribe = () => {};
    await new Promise(done => {
      unsubscribe = session.subscribe(now => { if (netOf(now) !== before) done(undefined); });
      signal.addEventListener('abort', done, { once: true });
    });
    unsubscribe();
  }

  /** @param {number} perSecond  @param {number} lateMs */
  function sayRate(perSecond, lateMs) {
    const count = Math.round(perSecond);
    const time = () => milliseconds(lateMs);
    if (count > 0) say(rateLine, 'live.rate', () => ({ count, time: time() }));
    else say(rateLine, 'live.rate.slow', () => ({ seconds: decimal(1 / perSecond, 1), time: time() }));
    say(rateLine, 'live.late', () => ({ time: time() }), 'title');
  }

  async function offerOther() {
    const { signal } = controller;
    const other = await camera.hasOther();
    if (signal.aborted) return;
    changer.hidden = !other;
    changer.disabled = false;
  }

  async function freeze() {
    if (!answered) return;
    const bitmap = answered;
    answered = undefined; // forget() must not close it
    controller.abort();
    video.pause();
    freezer.disabled = true;
    const time = new Intl.DateTimeFormat(language(), { timeStyle: 'medium' }).format(new Date());
    try {
      const blob = await pictureFile(bitmap);
      onFrozen({ key: `camera ${++frozen}`, name: text('live.name', { time }) ?? time, blob });
    } catch (error) {
      leave();
      onError(error);
    }
    bitmap.close();
  }

  function forget() {
    answered?.close();
    answered = undefined;
  }

  function leave() {
    session.update({ live: undefined });
  }

  function close() {
    controller.abort();
    forget();
    const hadFocus = stage.contains(document.activeElement) && document.activeElement !== toggle;
    camera.stop();
    stage.removeAttribute('data-live');
    setText(words);
    view.hidden = freezer.hidden = changer.hidden = retry.hidden = true;
    say(toggle.lastElementChild ?? toggle, 'live.start');
    if (hadFocus) toggle.focus();
    announce('live.off');
  }

  return {
    /** Has a room read the pictures in its own way. @param {string} room  @param {Read} read */
    readIn(room, read) {
      readers.set(room, read);
    },
  };
}
