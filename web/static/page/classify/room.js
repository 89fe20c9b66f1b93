// The room Classify, and the stage that it shares with Look inside: photos come in, wait for their answer, and are shown with it.

import { announce } from '../announce.js';
import { find } from '../dom.js';
import { percent } from '../format.js';
import { createNotices } from '../notices.js';
import { nameOf } from '../photoname.js';
import { netOf, shownAnswer } from '../session.js';
import { createAnswer, sureFrom } from './answer.js';
import { createHistory } from './history.js';
import { createPhoto } from './photo.js';
import { createQueue } from './queue.js';

/** @typedef {import('../session.js').State} State */
/** @typedef {import('../session.js').Answer} Answer */
/** @typedef {import('../photos.js').Photo} Photo */

/**
 * @param {{
 *   session: import('../session.js').Session,
 *   onTaken: () => void,
 *   onFail: (error: unknown) => void,
 * }} options onTaken hears that photos wait for an answer; onFail, of errors after which the engine may be of no use
 */
export function createClassify({ session, onTaken, onFail }) {
  const photoView = createPhoto();
  const answerView = createAnswer({ onCancel: cancel });
  const notices = createNotices({ onDismiss: focusChooser });
  const history = createHistory({ onPick: present });
  /** The last photo on the stage that was answered: it comes back when a later one fails. @type {{ photo: Photo, answer: Answer } | undefined} */
  let good;
  /** Which model gave an answer. @type {WeakMap<Answer, string>} */
  const givenBy = new WeakMap();

  const queue = createQueue({
    onAnswer(photo, answer) {
      const { info, photo: onStage } = session.state;
      if (info) givenBy.set(answer, info.model);
      history.add(photo, answer);
      if (photo === onStage) present({ photo, answer });
      else history.mark(session.state.answer && onStage);
    },
    onFail(photo, error) {
      notices.error(error, nameOf(photo));
      if (photo === session.state.photo) goBack();
      onFail(error);
    },
    onLength: waiting => history.setWaiting(waiting),
  });

  session.subscribe((now, before) => {
    if (now.info && now.info !== before.info) {
      answerView.introduce(now.info);
      photoView.see(now.info.inputSize / now.info.shortSide);
    }
    if (now.photo !== before.photo || now.answer !== before.answer) showPhoto(now);
    if (isOtherAnswer(now, before)) showAnswer(now);
    if (now.model !== before.model) serve(now, before);
  });

  /** @param {State} now */
  function showPhoto({ photo, answer }) {
    if (photo) photoView.show(photo);
    else photoView.clear();
    if (photo && answer) photoView.describe(photo, answer.image);
    history.mark(answer && photo);
  }

  /** @param {State} now @param {State} before */
  function isOtherAnswer(now, before) {
    return now.photo !== before.photo || now.info !== before.info || now.model.name !== before.model.name ||
      shownAnswer(now)?.answer !== shownAnswer(before)?.answer || shownAnswer(now)?.changed !== shownAnswer(before)?.changed;
  }

  /** @param {State} now */
  function showAnswer(now) {
    const shown = shownAnswer(now);
    if (!now.photo) answerView.clear();
    else if (shown && now.info) answerView.show(shown.answer, now.info, shown.changed);
    else {
      const { name } = now.model;
      answerView.wait(now.photo, name === 'ready' ? 'answer.busy' : name === 'loading' ? 'answer.queued' : 'answer.stopped');
    }
  }

  /** Another network answers from now on, or none. @param {State} now @param {State} before */
  function serve(now, before) {
    const net = netOf(now);
    if (net === netOf(before)) return;
    const isAnother = !!net && !!before.info && before.info.model !== net.info.model;
    if (isAnother) good = undefined;
    queue.serve(net);
    // What another model said to the photo on the stage is not this one's answer.
    if (!isAnother || !now.photo || !now.answer) return;
    session.update({ answer: undefined, altered: undefined });
    queue.put([now.photo]);
  }

  /**
   * Photos came in: the first goes on the stage.
   * @param {Photo[]} photos
   */
  function take(photos) {
    notices.clear();
    history.expect(photos);
    session.update({ photo: photos[0], answer: undefined, altered: undefined });
    queue.put(photos);
    onTaken();
  }

  /**
   * Shows a photo with its answer.
   * @param {{ photo: Photo, answer: Answer }} entry
   */
  function present({ photo, answer }) {
    const { info } = session.state;
    if (info && givenBy.get(answer) !== info.model) return take([photo]); // another model's answer
    good = { photo, answer };
    session.update({ photo, answer, altered: undefined });
    speak(answer);
  }

  /** @param {Answer} answer */
  function speak({ predictions: [best] }) {
    const key = best.probability >= sureFrom ? 'answer.spoken' : 'answer.spoken.unsure';
    announce(key, () => ({ label: best.label, probability: percent(best.probability) }));
  }

  /** The photo on the stage has no answer and gets none: the last good one comes back. */
  function goBack() {
    session.update({ photo: good?.photo, answer: good?.answer, altered: undefined });
  }

  function cancel() {
    queue.cancel();
    goBack();
  }

  return {
    take,
    refuse: notices.refuse,

    /** The canvas over the photo; who paints it shows it. */
    heat: photoView.heat,
  };
}

/** The focus goes to the button that brings a photo, whichever of them is on the page. */
function focusChooser() {
  for (const id of ['#drop', '#another', '#choose']) find(id, HTMLButtonElement).focus(); // one that is hidden takes no focus
}
