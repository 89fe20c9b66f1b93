// Where it looked: a map of a class's evidence, laid over the photo.

import { find } from '../dom.js';
import { signed } from '../format.js';
import { paintHeat } from '../heat.js';
import { say, spell } from '../i18n.js';
import { blockName } from './lab.js';
import { createTask } from './task.js';

/** @typedef {import('../address.js').Look} Look */
/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {{ key: string, blob: Blob }} Photo */

/**
 * @param {{ canvas: HTMLCanvasElement, onChange: (change: Partial<Look>) => void, onFail: (error: unknown) => void }} options
 */
export function createWhere({ canvas, onChange, onFail }) {
  const section = find('#where', HTMLElement);
  const method = find('#where-method', HTMLSelectElement);
  const source = find('#where-source', HTMLSelectElement);
  const opacity = find('#where-opacity', HTMLInputElement);
  const words = find('#where-text', HTMLElement);
  const legend = find('#where-legend', HTMLElement);
  const scale = find('#where-legend canvas', HTMLCanvasElement);
  const [least, most] = [...legend.querySelectorAll('span')];
  const task = createTask(find('#where-task', HTMLElement), { home: method, onCancel: cancel, onRetry: () => onChange({}) });

  /** What was asked for last, as words; empty: nothing. The map is computed again only when this changes. */
  let asked = '';
  /** The photo, and what is left out of the network, that was asked about. */
  let about = '';
  /** What is shown, and what was asked for it. @type {{ heat: import('../heat.js').Heat, asked: string, about: string, look: Look } | undefined} */
  let shown;
  /** @type {AbortController | undefined} */
  let running;
  /** What the page shows otherwise. @type {Look | undefined} */
  let now;

  method.addEventListener('change', () => onChange({ where: /** @type {Look['where']} */ (method.value) }));
  source.addEventListener('change', () => onChange({ source: /** @type {Look['source']} */ (source.value) }));
  opacity.addEventListener('input', () => onChange({ opacity: opacity.valueAsNumber / 100 }));

  /**
   * @param {Look} look
   * @param {Net} net
   * @param {Photo} photo
   */
  async function compute(look, net, { blob }) {
    const mine = { asked, about, look };
    const { signal } = (running = new AbortController());
    if (shown?.about !== about) remove(); // of another photo or another network: nobody shall take it for this one's
    task.begin('where.busy');
    section.ariaBusy = 'true';
    try {
      const heat = await net.cam(blob, {
        classIndex: look.class, method: /** @type {import('../../zproto.js').CAMMethod} */ (look.where), block: look.block, source: look.source, ablate: look.ablate, signal,
        onProgress: steps => { if (!signal.aborted && steps.total > 1) task.step(steps); },
      });
      if (signal.aborted) return;
      stop();
      asked = mine.asked;
      shown = { heat, ...mine };
      paint(look);
    } catch (error) {
      if (signal.aborted) return;
      stop();
      asked = shown?.asked ?? '';
      task.fail(error);
      onFail(error);
    }
  }

  /** A person does not want to wait: what was shown before is what is asked for again. */
  function cancel() {
    stop();
    if (!shown) return onChange({ where: 'none' });
    const { where, source: of, block, class: index } = shown.look;
    asked = shown.asked;
    onChange({ where, ...(index !== now?.class ? { class: index } : {}), ...(where === 'grad-cam' ? { source: of, block } : {}) });
  }

  function stop() {
    running?.abort();
    running = undefined;
    asked = '';
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
     * @param {Look} look with the class that is meant
     * @param {Net} net
     * @param {Photo} photo
     */
    show(look, net, photo) {
      now = look;
      method.value = look.where;
      source.value = look.source;
      opacity.value = String(Math.round(look.opacity * 100));
      find('#where-source-field', HTMLElement).hidden = look.where !== 'grad-cam';
      find('#where-opacity-field', HTMLElement).hidden = look.where === 'none';
      say(words, `where.about.${look.where}`, () => ({ block: blockName(net.info.blocks, look.block) }));
      if (look.where === 'none') return this.hide();
      const wanted = JSON.stringify([photo.key, look.ablate, look.where, look.class, ...(look.where === 'grad-cam' ? [look.block, look.source] : [])]);
      if (wanted !== asked) {
        stop();
        asked = wanted;
        about = JSON.stringify([photo.key, look.ablate]);
        void compute(look, net, photo);
      } else paint(look);
    },

    hide() {
      stop();
      remove();
    },
  };
}
