// The live camera on the stage. What is chosen to answer does so for one picture after the other: the next is taken
// when the answer to the one before is there, so that none waits and each is the newest. A picture can be frozen, and
// is then a photo like any other.

import { announce } from './announce.js';
import { createCamera, pictureFile } from './camera.js';
import { language, text } from './i18n.js';
import { createLiveView } from './liveview.js';
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

/** After this time without a picture the page says that the camera sends none. */
const silentMs = 5000;

/**
 * @param {{
 *   session: import('./session.js').Session,
 *   onWanted: () => void,
 *   onFrozen: (photo: import('./photos.js').Photo) => void,
 *   onError: (error: unknown) => void,
 * }} options onWanted: the camera needs a network; onError: an answer failed, and the camera is off
 */
export function createLive({ session, onWanted, onFrozen, onError }) {
  const camera = createCamera();
  const { video } = camera;
  const view = createLiveView(video, {
    onToggle: () => (session.state.live ? leave() : begin()),
    onFreeze: () => void freeze(),
    onChange: () => void open(() => camera.change()),
    onRetry: begin,
  });
  /** How the rooms read a picture that do not only classify it. @type {Map<string, Read>} */
  const readers = new Map();
  /** The last picture that was answered. @type {ImageBitmap | undefined} */
  let answered;
  let controller = new AbortController();
  let frozen = 0;

  video.addEventListener('resize', fit);
  onCameras(() => void offerOther());

  session.subscribe((now, before) => {
    if (before.live && !now.live) close(); // a photo was chosen, or the room left
    if (now.live && !['classify', 'look'].includes(now.look.room)) leave();
    if (now.info !== before.info) fit();
  });

  function fit() {
    view.fit(session.state.info);
  }

  function begin() {
    session.update({ live: {} });
    onWanted();
    view.open();
    void open(() => camera.start(explain));
  }

  /** Opens a camera, and reads its pictures. @param {() => Promise<string>} start */
  async function open(start) {
    controller.abort();
    const { signal } = (controller = new AbortController());
    forget();
    view.start();
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
    view.explain(why);
  }

  /** @param {AbortSignal} signal */
  async function run(signal) {
    const counted = view.countPictures();
    for (;;) {
      const silence = setTimeout(() => view.tell('camera.silent'), silentMs);
      const picture = await camera.next().finally(() => clearTimeout(silence));
      if (!picture || signal.aborted) return picture?.bitmap.close();
      const classifier = classifierOf(session.state);
      view.tell();
      if (!classifier) {
        view.tell('live.waits');
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
      counted(picture.taken);
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
      view.allowFreeze(true);
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

  async function offerOther() {
    const { signal } = controller;
    const other = await camera.hasOther();
    if (!signal.aborted) view.offerOther(other);
  }

  async function freeze() {
    if (!answered) return;
    const bitmap = answered;
    answered = undefined; // forget() must not close it
    controller.abort();
    video.pause();
    view.allowFreeze(false);
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
    view.close(camera.stop);
    announce('live.off');
  }

  return {
    /** Has a room read the pictures in its own way. @param {string} room  @param {Read} read */
    readIn(room, read) {
      readers.set(room, read);
    },
  };
}
