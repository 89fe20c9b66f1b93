// Try it: what the taught network says to a new picture, or to what the camera sees.

import { make } from '../dom.js';
import { readDrop } from '../folders.js';
import { percent } from '../format.js';
import { say, text } from '../i18n.js';
import { sayError } from '../notices.js';
import { decodeImage } from '../../common/platform.js';
import { paintCenterCrop, shownSide } from './centercrop.js';
import { makeDropTarget } from './droptarget.js';
import { row, section } from './elements.js';
import { createLivePredictions } from './livepredictions.js';
import { maxClasses, predictionList } from './predictionlist.js';
import { mainRun, predict } from './runs.js';
import { createAdder } from './unlike.js';
import { isEngineFault } from '../../residua.js';
import { alertLine, button, fileInput, glossary, localized, statusLine } from '../elements.js';

/** @typedef {import('./predictionlist.js').Prediction} Prediction */
/** @typedef {import('./context.js').Run} Run */

/** The picture that was tried. */
function createPhoto() {
  const element = make('canvas', 'teach-tried');
  element.width = element.height = shownSide;
  element.role = 'img';
  element.hidden = true;
  return {
    element,
    /**
     * @param {ImageBitmap} bitmap
     * @param {string} name
     * @param {Parameters<typeof paintCenterCrop>[2]} seenPart  of a picture, which the network sees
     */
    show(bitmap, name, seenPart) {
      element.hidden = false;
      paintCenterCrop(element, bitmap, seenPart);
      say(element, 'photo.alt', () => ({ name: name || (text('photo.pasted') ?? '') }), 'aria-label');
    },
  };
}

/** The network's answer, which is also read out. */
function createAnswer() {
  const element = make('div', 'teach-answer');
  const spoken = statusLine('spoken');
  return {
    element,
    spoken,
    /** @param {Prediction} prediction @param {Parameters<typeof predictionList>[1]} options */
    show: (prediction, options) => element.replaceChildren(predictionList(prediction, options)),
    /** @param {Prediction} prediction  about a frame, which is gone by now */
    showLive: prediction => element.replaceChildren(predictionList(prediction, { live: true })),
    /** @param {Prediction} prediction @param {boolean} imported  whether the network was taught elsewhere */
    speak({ none, predictions: [best] }, imported) {
      const strange = imported ? 'teach.try.spoken.none.foreign' : 'teach.try.spoken.none';
      say(spoken, none ? strange : 'answer.spoken', () =>
        ({ label: best.label, probability: percent(best.probability) }));
    },
    showWaiting: () => element.replaceChildren(localized('p', 'teach.try.waits', 'hint')),
    clear: () => element.replaceChildren(),
  };
}

/**
 * @param {import('./context.js').TeachContext} context
 * @param {import('./additions.js').Additions} additions
 */
export function createTry(context, additions) {
  const empty = localized('p', 'teach.try.empty', 'hint');
  const elsewhere = localized('p', 'teach.try.elsewhere', 'hint');
  const terms = glossary(['answer.sure']);
  const photo = createPhoto();
  const answer = createAnswer();
  const fault = alertLine();
  const files = fileInput({ accept: 'image/*' }, takeFirst);
  const choose = button('teach.try.choose', 'plain', () => files.click());
  const live = createLivePredictions({
    predict: predictNow,
    onStart: beginFilming,
    onPrediction: answer.showLive,
    onRefused: key => say(fault, key),
    onFail,
  });
  // The buttons come first: an answer moves nothing that is above it.
  const element = section('try', row(choose, live.button), empty,
    make('div', 'teach-trying', make('div', 'teach-view', photo.element, live.video), answer.element),
    fault, answer.spoken, terms, elsewhere, files);
  /** Counts what was asked: the answers to earlier questions are not shown. */
  let turn = 0;
  /**
   * The picture whose answer is shown or on its way, and the training that gives it.
   * @type {{ blob: Blob, name: string, run: Run | undefined } | undefined}
   */
  let asked;

  makeDropTarget(element, {
    async onDrop(data) {
      const dropped = await readDrop(data);
      if (dropped.files.length > 0) takeFirst(dropped.files);
      else context.messages.tell('hint.no-file');
    },
  });

  /** @param {File[]} files */
  function takeFirst([file]) {
    if (file) void ask(file, file.name);
  }

  /** @param {unknown} error */
  function onFail(error) {
    if (isEngineFault(error)) context.onEngineFault(error);
    else sayError(fault, error);
  }

  /** @param {Blob | ImageBitmap} picture */
  async function predictNow(picture) {
    if (!context.teacher) throw new Error('there is no teacher');
    return predict(context.teacher, picture);
  }

  /**
   * @param {Blob} blob
   * @param {string} name
   * @param {{ isSpoken?: boolean }} [options]
   */
  async function ask(blob, name, { isSpoken = true } = {}) {
    live.stop();
    const mine = ++turn;
    const run = mainRun(context.teacher);
    asked = { blob, name, run };
    fault.textContent = '';
    empty.hidden = true;
    if (!run) return say(fault, 'teach.try.first');
    if (context.training) answer.showWaiting();
    try {
      // They show at once, for the one that came later would move the other.
      const [prediction, bitmap] = await Promise.all([predictNow(blob), decodeImage(blob).catch(() => null)]);
      if (mine !== turn) return bitmap?.close();
      const add = createAdder(context, additions, { blob, name }, prediction.predictions[0].label);
      const { teacher } = context;
      const imported = !!mainRun(teacher)?.imported;
      answer.show(prediction, { imported, add });
      if (isSpoken) answer.speak(prediction, imported);
      if (bitmap && teacher) photo.show(bitmap, name, (w, h) => teacher.seenPart(w, h));
      else photo.element.hidden = true;
    } catch (error) {
      if (mine === turn) onFail(error);
    }
  }

  /** @returns {boolean} whether there is something to ask */
  function beginFilming() {
    turn++;
    asked = undefined;
    fault.textContent = '';
    if (!mainRun(context.teacher)) {
      say(fault, 'teach.try.first');
      return false;
    }
    empty.hidden = photo.element.hidden = true;
    return true;
  }

  return {
    element,
    ask,
    leave: live.stop,

    show() {
      const run = mainRun(context.teacher);
      const isTaught = !!run;
      element.style.setProperty('--answers', String(Math.min(context.teacher?.classes.length ?? 0, maxClasses)));
      choose.disabled = live.button.disabled = !isTaught;
      elsewhere.hidden = terms.hidden = !isTaught;
      if (!isTaught) {
        live.stop();
        turn++;
        asked = undefined;
        answer.clear();
        photo.element.hidden = true;
        empty.hidden = false;
      } else if (asked && asked.run?.when !== run.when && context.hasEngine && !context.training) {
        void ask(asked.blob, asked.name, { isSpoken: false }); // something else answers now
      }
      if (!empty.hidden) say(empty, isTaught ? 'teach.try.ready' : 'teach.try.empty');
    },
  };
}
