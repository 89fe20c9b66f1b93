// Where the network sees a class: its map, laid over the photo.

import { find } from '../dom.js';
import { signed } from '../format.js';
import { paintHeat } from '../heat.js';
import { say, spell } from '../i18n.js';
import { blockName } from './lab.js';
import { sameQuestion } from './question.js';
import { createTask } from './task.js';

/** @typedef {import('../address.js').Look} Look */
/** @typedef {import('./question.js').Question & { look: Look, method: Look['where'], classIndex: number, block: number, source: Look['source'] }} Question */

/** What of a question a map depends on besides the photo and the network. @type {(keyof Question)[]} */
const also = ['method', 'classIndex', 'block', 'source'];

/**
 * @param {import('./question.js').Question} about
 * @param {Look} look  with the class that is meant
 * @returns {Question}
 */
function questionOf(about, look) {
  const { where: method, class: classIndex } = look;
  // Only Grad-CAM is of a block.
  return { ...about, look, method, classIndex, ...(method === 'grad-cam' ? { block: look.block, source: look.source } : { block: -1, source: 'y' }) };
}

/**
 * @param {{ canvas: HTMLCanvasElement, onChange: (change: Partial<Look>) => void, onFail: (error: unknown) => void }} options
 */
export function createCAM({ canvas, onChange, onFail }) {
  const section = find('#where', HTMLElement);
  const method = find('#where-method', HTMLSelectElement);
  const source = find('#where-source', HTMLSelectElement);
  const opacity = find('#where-opacity', HTMLInputElement);
  const words = find('#where-text', HTMLElement);
  const legend = find('#where-legend', HTMLElement);
  const scale = find('#where-legend canvas', HTMLCanvasElement);
  const [least, most] = [...legend.querySelectorAll('span')];
  const task = createTask(find('#where-task', HTMLElement), { home: method, onCancel: cancel, onRetry: () => onChange({}) });

  /** What was asked last. The map is computed again only when this changes. @type {Question | undefined} */
  let asked;
  /** What is shown. @type {Question & { heat: import('../heat.js').Heat } | undefined} */
  let shown;
  /** @type {AbortController | undefined} */
  let running;
  /** What the page shows otherwise. @type {Look | undefined} */
  let now;

  method.addEventListener('change', () => onChange({ where: /** @type {Look['where']} */ (method.value) }));
  source.addEventListener('change', () => onChange({ source: /** @type {Look['source']} */ (source.value) }));
  opacity.addEventListener('input', () => onChange({ opacity: opacity.valueAsNumber / 100 }));

  /** @param {Question} question */
  async function compute(question) {
    const { net, photo, ablate, look } = question;
    const { signal } = (running = new AbortController());
    if (!sameQuestion(/** @type {import('./question.js').Question | undefined} */ (shown), question)) remove(); // nobody shall take it for this one's
    task.begin('where.busy');
    section.ariaBusy = 'true';
    try {
      const heat = await net.cam(photo.blob, {
        classIndex: look.class, method: /** @type {import('../../zproto.js').CAMMethod} */ (look.where),
        block: look.block, source: look.source, ablate, signal,
        onProgress: steps => { if (!signal.aborted && steps.total > 1) task.step(steps); },
      });
      if (signal.aborted) return;
      stop();
      asked = question;
      shown = { ...question, heat };
      paint(look);
    } catch (error) {
      if (signal.aborted) return;
      stop();
      asked = shown;
      task.fail(error);
      onFail(error);
    }
  }

  /** A person does not want to wait: what was shown before is what is asked for again. */
  function cancel() {
    stop();
    if (!shown) return onChange({ where: 'none' });
    const { where, source: of, block, class: index } = shown.look;
    asked = shown;
    onChange({ where, ...(index !== now?.class ? { class: index } : {}), ...(where === 'grad-cam' ? { source: of, block } : {}) });
  }

  function stop() {
    running?.abort();
    running = undefined;
    asked = undefined;
    section.ariaBusy = 'false';
    task.idle();
  }

  function remove() {
    shown = undefined;
    canvas.hidden = legend.hidden = true;
  }

  /** @param {Look} look */
  function paint(look) {
    if (!shown) return;
    const { heat } = shown;
    paintHeat(canvas, scale, heat, look.map);
    canvas.style.opacity = String(look.opacity);
    canvas.hidden = legend.hidden = false;
    // Of occlusion the values are probabilities, of the other maps parts of a logit.
    const share = shown.look.where === 'occlusion';
    spell(least, () => signed(heat.min, share));
    spell(most, () => signed(heat.max, share));
  }

  return {
    /**
     * @param {import('./question.js').Question} about
     * @param {Look} look with the class that is meant
     */
    show(about, look) {
      now = look;
      method.value = look.where;
      source.value = look.source;
      opacity.value = String(Math.round(look.opacity * 100));
      find('#where-source-field', HTMLElement).hidden = look.where !== 'grad-cam';
      find('#where-opacity-field', HTMLElement).hidden = look.where === 'none';
      say(words, `where.about.${look.where}`, () => ({ block: blockName(about.net.info.blocks, look.block) }));
      if (look.where === 'none') return this.hide();
      const question = questionOf(about, look);
      if (sameQuestion(question, asked, also)) return paint(look);
      stop();
      asked = question;
      void compute(question);
    },

    hide() {
      stop();
      remove();
    },
  };
}
