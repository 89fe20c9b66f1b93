// Classify, and the stage that it shares with Look inside: photos come in, wait for their answer, and are shown with
// it.

import { announce } from '../announce.js';
import { classNameOf } from '../classname.js';
import { find } from '../dom.js';
import { percent } from '../format.js';
import { language } from '../i18n.js';
import { createNotices } from '../notices.js';
import { nameOf } from '../photoname.js';
import { isMultiLabel, sureFrom } from '../predictions.js';
import { isSameModel, netOf, offerOf, shownAnswer } from '../session.js';
import { createAnswer } from './answer.js';
import { createExample } from './example.js';
import { createHistory } from './history.js';
import { createLiveAnswer } from './liveanswer.js';
import { createPhoto } from './photo.js';
import { createQueue } from './queue.js';

/** @typedef {import('../session.js').State} State */
/** @typedef {import('../session.js').Answer} Answer */
/** @typedef {import('../photos.js').Photo} Photo */
/** @typedef {ReturnType<typeof createAnswer>} AnswerView */

/**
 * @param {{
 *   session: import('../session.js').Session,
 *   onTaken: () => void,
 *   onFail: (error: unknown) => void,
 * }} options onTaken: photos wait for an answer; onFail: a photo failed, perhaps because the engine has stopped
 */
export function createClassify({ session, onTaken, onFail }) {
  const photoView = createPhoto();
  const answerView = createAnswer({ onCancel: cancel });
  const liveAnswer = createLiveAnswer();
  const notices = createNotices({ onDismiss: focusChooser });
  const history = createHistory({ onPick: pick });
  /**
   * The last photo on the stage that was answered. It comes back when a later one fails or is cancelled.
   * @type {{ photo: Photo, answer: Answer } | undefined}
   */
  let lastAnswered;
  /** The model that gave an answer. @type {WeakMap<Answer, import('../session.js').Info>} */
  const modelOf = new WeakMap();

  const queue = createQueue({
    onAnswer(photo, answer) {
      const { info, photo: onStage } = session.state;
      if (info) modelOf.set(answer, info);
      if (info && !photo.isExample) history.add(photo, answer, info);
      if (photo === onStage) present({ photo, answer });
      else history.mark(session.state.answer && onStage);
    },
    onFail(photo, error) {
      if (!photo.isExample) notices.error(error, nameOf(photo));
      if (photo === session.state.photo) goBack();
      onFail(error);
    },
    onLength: waiting => history.setWaiting(waiting),
  });

  const example = createExample({
    session,
    onShow(photo) {
      session.update({ photo, answer: undefined, altered: undefined });
      queue.put([photo]);
    },
  });

  session.subscribe((now, before) => {
    if (now.info && now.info !== before.info) {
      photoView.setModel(now.info);
    }
    if (now.info && (now.info !== before.info || offerOf(now) !== offerOf(before))) {
      answerView.setModel(now.info, offerOf(now)?.classes);
    }
    if (now.photo !== before.photo || now.answer !== before.answer) showPhoto(now);
    if (now.live && !before.live) notices.clear(); // as when a photo comes: they are about what was before
    if (now.live !== before.live) liveAnswer.show(now.live);
    if (isAnswerStale(now, before)) showAnswer(answerView, now);
    if (netOf(now) !== netOf(before)) serve(now, before);
  });

  /** @param {State} now */
  function showPhoto({ photo, answer }) {
    if (photo) photoView.show(photo);
    else photoView.clear();
    if (photo && answer) photoView.describe(photo, answer.image);
    history.mark(answer && photo);
  }

  /** Hands another network, or none, to the queue. @param {State} now @param {State} before */
  function serve(now, before) {
    const net = netOf(now);
    const isOtherModel = !!net && !!before.info && !isSameModel(before.info, net.info);
    if (isOtherModel) lastAnswered = undefined;
    queue.serve(net);
    if (!isOtherModel || !now.photo || !now.answer) return;
    // The answer on the page is the other model's, so this one is asked about the photo too.
    session.update({ answer: undefined, altered: undefined });
    queue.put([now.photo]);
  }

  /**
   * Photos came in: the first goes on the stage.
   * @param {Photo[]} photos
   */
  function take(photos) {
    example.stop();
    notices.clear();
    history.expect(photos);
    session.update({ photo: photos[0], answer: undefined, altered: undefined, live: undefined });
    queue.put(photos);
    onTaken();
  }

  /**
   * Brings a photo of the history back to the stage. If it is there already, it is shown anew all the same: the page
   * scrolls to it, and it takes the place of a running camera.
   * @param {{ photo: Photo, answer: Answer }} entry
   */
  function pick(entry) {
    session.update({ live: undefined });
    const { info, photo } = session.state;
    const answered = modelOf.get(entry.answer);
    if (info && !(answered && isSameModel(answered, info))) return take([entry.photo]); // another model's answer
    if (photo === entry.photo) session.update({ answer: undefined });
    present(entry);
  }

  /**
   * Shows a photo with its answer.
   * @param {{ photo: Photo, answer: Answer }} entry
   */
  function present({ photo, answer }) {
    if (!photo.isExample) lastAnswered = { photo, answer };
    session.update({ photo, answer, altered: undefined });
    // A taught classifier is asked now, and its answer is read out in its own place.
    const isRead = !photo.isExample && !offerOf(session.state);
    if (session.state.info && isRead) announceAnswer(answer, session.state.info);
  }

  /** Brings back what was answered last: the photo on the stage has no answer and will get none. */
  function goBack() {
    session.update({ photo: lastAnswered?.photo, answer: lastAnswered?.answer, altered: undefined });
  }

  function cancel() {
    queue.cancel();
    goBack();
  }

  return {
    take,
    example,
    refuse: notices.refuse,
    showError: notices.error,
    clearMessages: notices.clear,

    /** The canvas over the photo. Whoever paints it also shows it. */
    heat: photoView.heat,
  };
}

/**
 * What is shown of the model's own answer. If a taught classifier answers, its answer covers it.
 * @param {State} state
 */
const modelsAnswer = state =>
  (offerOf(state) ? state.answer && { answer: state.answer, changed: 0 } : shownAnswer(state));

/** @param {AnswerView} view  @param {State} state */
function showAnswer(view, state) {
  const shown = modelsAnswer(state);
  if (!state.photo) return view.clear();
  if (shown && state.info) return view.show(shown.answer, state.info, shown.changed);
  const { name } = state.model;
  view.wait(state.photo, name === 'ready' ? 'answer.busy' : name === 'loading' ? 'answer.queued' : 'answer.stopped');
}

/**
 * Whether the answer on the page is no longer the right one, or the reason to wait for it is another.
 * @param {State} now
 * @param {State} before
 */
function isAnswerStale(now, before) {
  const shown = modelsAnswer(now);
  const shownBefore = modelsAnswer(before);
  const isOtherAnswer = shown?.answer !== shownBefore?.answer || shown?.changed !== shownBefore?.changed;
  return now.photo !== before.photo || isOtherAnswer || (!shown && now.model.name !== before.model.name);
}

/** @param {Answer} answer @param {import('../../residua.js').Info} info */
function announceAnswer({ predictions }, info) {
  const [best] = predictions;
  const sure = best.probability >= sureFrom;
  const likely = predictions.filter(({ probability }) => probability >= sureFrom);
  if (isMultiLabel(info) && sure) {
    announce('answer.spoken.several', () => ({
      labels: new Intl.ListFormat(language()).format(likely.map(({ index }) => classNameOf(info, index))),
    }));
    return;
  }
  announce(sure ? 'answer.spoken' : 'answer.spoken.unsure',
    () => ({ label: classNameOf(info, best.index), probability: percent(best.probability) }));
}

/** Moves the focus to the button that brings a photo, whichever of them is on the page. */
function focusChooser() {
  for (const id of ['#drop', '#another', '#choose']) find(id, HTMLButtonElement).focus(); // a hidden one takes no focus
}
