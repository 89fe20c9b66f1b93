// The answer: the five best guesses with their bars, how long it took, and, where it is so, that the model is not sure.

import { find, make } from '../dom.js';
import { decimal, milliseconds, percent } from '../format.js';
import { say, spell, text } from '../i18n.js';
import { nameOf } from '../photoname.js';

/** @typedef {import('../../residua.js').Classification} Answer */
/** @typedef {import('../photos.js').Photo} Photo */
/** @typedef {import('../../residua.js').Info} Engine */

/** Below this the best guess is more likely wrong than right, and the page says so. */
export const sureFrom = 0.5;

/**
 * One guess: its label, its share, and a bar under them that only repeats the share for the eye.
 * @param {Answer['predictions'][number]} prediction
 * @param {boolean} own whether the label is of a person's own model
 */
function guess({ label, probability }, own) {
  const share = make('span', 'share');
  spell(share, () => percent(probability));
  const name = make('span', 'label', label);
  if (!own) name.lang = 'en'; // the labels of ImageNet are English in every language of the page
  const bar = make('span', 'bar');
  bar.ariaHidden = 'true';
  bar.style.setProperty('--share', String(probability));
  return make('li', '', name, ' ', share, bar);
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
  const showTimings = ({ ms }, { threads, simd, compute }) => {
    const summary = find('summary', HTMLElement, timings);
    say(summary, 'answer.summary', () => ({
      time: milliseconds(ms.decode + ms.preprocess + ms.forward),
      count: threads,
      simd: `${text(`answer.simd.${simd}`) ?? simd}${compute === 'int8' ? ` · ${text('answer.eight-bit') ?? compute}` : ''}`,
    }));
    const steps = [ms.decode, ms.preprocess, ms.forward];
    timings.querySelectorAll('dd').forEach((cell, i) => spell(cell, () => milliseconds(steps[i])));
  };

  return {
    /** Says what the model that is here knows. @param {Engine} engine */
    introduce({ title, classes }) {
      const values = () => ({ title, classes: decimal(classes, 0) });
      say(empty, 'answer.empty.of', values);
      say(unsure, 'answer.unsure', values);
    },

    /**
     * Says that a photo's answer is on its way. The answer that was there stays, dimmed.
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
     * @param {number} [changed] how many blocks are not as they were trained
     */
    show(answer, engine, changed = 0) {
      const [best] = answer.predictions;
      const sure = best.probability >= sureFrom;
      setBusy(false);
      empty.hidden = true;
      guesses.hidden = timings.hidden = false;
      unsure.hidden = sure;
      altered.hidden = changed === 0;
      if (changed > 0) say(altered, 'lab.altered', { count: changed });
      section.toggleAttribute('data-unsure', !sure);
      guesses.replaceChildren(...answer.predictions.map(prediction => guess(prediction, engine.own)));
      showTimings(answer, engine);
    },

    /** Goes back to the words that say what to do. */
    clear() {
      setBusy(false);
      guesses.hidden = unsure.hidden = altered.hidden = timings.hidden = true;
      empty.hidden = false;
    },
  };
}
