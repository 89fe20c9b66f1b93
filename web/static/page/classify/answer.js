// The answer: the most probable classes with their bars, the time that it took, and a note if the model is not sure.

import { originalName, showClassName } from '../classname.js';
import { questionOf } from '../classwords.js';
import { find, make } from '../dom.js';
import { decimal, milliseconds, percent, pixels, seconds } from '../format.js';
import { guessRow, probabilityBar } from '../guessrow.js';
import { say, setText, text } from '../i18n.js';
import { nameOf } from '../photoname.js';
import { isCut, isMultiLabel, many, shownOf, sureFrom } from '../predictions.js';

/** @typedef {import('../../residua.js').Classification} Answer */
/** @typedef {import('../photos.js').Photo} Photo */
/** @typedef {import('../../residua.js').Info} Engine */

/**
 * A row with a class's label and probability, and a bar that shows the probability once more.
 * @param {Answer['predictions'][number]} prediction
 * @param {Engine} engine
 */
function guess({ index, probability }, engine) {
  const share = make('span', 'share');
  setText(share, () => percent(probability));
  const name = make('span');
  showClassName(name, engine, index);
  const label = make('span', 'label', name, ' ', originalName(engine, index));
  return guessRow(label, share, probabilityBar(probability), probability >= sureFrom ? 'likely' : '');
}

/**
 * @param {{ onCancel: () => void }} handlers
 */
export function createAnswer({ onCancel }) {
  const section = find('#answer', HTMLElement);
  const status = find('.status', HTMLElement, section);
  const statusText = find('.status p', HTMLElement, section);
  const cancel = find('.status button', HTMLButtonElement, section);
  const empty = find('.empty', HTMLElement, section);
  const guesses = find('.guesses', HTMLOListElement, section);
  const unsure = find('.unsure', HTMLElement, section);
  const unsureTag = find('.unsure-tag', HTMLElement, section);
  const several = find('.several', HTMLElement, section);
  const altered = find('.altered', HTMLElement, section);
  const timings = find('.timings', HTMLDetailsElement, section);

  cancel.addEventListener('click', onCancel);

  /** @param {boolean} busy */
  const setBusy = busy => {
    status.hidden = !busy;
    section.toggleAttribute('data-busy', busy);
    section.ariaBusy = String(busy);
  };

  /**
   * @param {Answer} answer
   * @param {Engine} engine
   */
  const showTimings = ({ ms, image }, engine) => {
    const { threads, simd, compute } = engine;
    const summary = find('summary', HTMLElement, timings);
    say(summary, 'answer.summary', () => ({ time: seconds(ms.decode + ms.preprocess + ms.forward) }));
    say(find('.timings-photo', HTMLElement, timings), 'answer.photo', () => ({
      width: pixels(image.width), height: pixels(image.height), format: image.format.toUpperCase(),
    }));
    say(find('.timings-how', HTMLElement, timings), 'answer.how', () => ({
      count: threads,
      simd: (text(`answer.simd.${simd}`) ?? simd) + (compute === 'int8' ? text('answer.eight-bit') ?? compute : ''),
    }));
    const shares = find('.timings-shares', HTMLElement, timings);
    shares.hidden = isMultiLabel(engine); // which says it of its own accord
    say(shares, 'answer.shares', () => ({ classes: decimal(engine.classes, 0) }));
    const steps = [ms.decode, ms.preprocess, ms.forward];
    timings.querySelectorAll('dd').forEach((cell, i) => setText(cell, () => milliseconds(steps[i])));
  };

  /** @param {Engine} engine  @param {number} changed */
  const sayUnsure = (engine, changed) => {
    if (changed > 0) return say(unsure, 'answer.unsure.changed', { count: changed });
    say(unsure, isMultiLabel(engine) ? 'answer.none-likely' : 'answer.unsure', () => ({
      classes: decimal(engine.classes, 0),
    }));
  };

  return {
    /**
     * Says what a photo will be asked: about the model's classes, or about taught ones.
     * @param {Engine} engine
     * @param {readonly string[]} [taught]
     */
    setModel(engine, taught) {
      if (taught) return setText(empty, () => questionOf(taught));
      const values = () => ({ title: engine.title, classes: decimal(engine.classes, 0) });
      const kind = isMultiLabel(engine) ? 'several' : engine.outputs === 1 ? 'two' : 'of';
      say(empty, `answer.empty.${kind}`, values);
    },

    /**
     * Says that a photo waits for its answer. The answer before stays, dimmed.
     * @param {Photo} photo
     * @param {'answer.busy' | 'answer.queued' | 'answer.stopped'} key
     */
    wait(photo, key) {
      setBusy(true);
      status.dataset.kind = key;
      empty.hidden = true;
      say(cancel, key === 'answer.busy' ? 'answer.cancel' : 'answer.remove');
      say(statusText, key, () => ({ name: nameOf(photo) }));
    },

    /**
     * @param {Answer} answer
     * @param {Engine} engine
     * @param {number} [changed] how many blocks are ablated
     */
    show(answer, engine, changed = 0) {
      const [best] = answer.predictions;
      const sure = best.probability >= sureFrom;
      setBusy(false);
      empty.hidden = true;
      guesses.hidden = timings.hidden = false;
      unsure.hidden = unsureTag.hidden = sure;
      if (!sure) sayUnsure(engine, changed);
      several.hidden = !isMultiLabel(engine);
      say(several, isCut(answer.predictions, engine) ? 'answer.several.first' : 'answer.several',
        () => ({ many: decimal(many, 0) }));
      section.toggleAttribute('data-several', isMultiLabel(engine));
      altered.hidden = changed === 0;
      if (changed > 0) say(altered, 'lab.altered', { count: changed });
      section.toggleAttribute('data-unsure', !sure);
      guesses.replaceChildren(...shownOf(answer.predictions).map(prediction => guess(prediction, engine)));
      showTimings(answer, engine);
    },

    /** Goes back to the text that says what to do. */
    clear() {
      setBusy(false);
      guesses.hidden = unsure.hidden = unsureTag.hidden = several.hidden = altered.hidden = timings.hidden = true;
      empty.hidden = false;
    },
  };
}
