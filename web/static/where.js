// Where it looked: a map of a class's evidence, laid over the photo.

import { find, make } from './dom.js';
import { say } from './i18n.js';
import { paintHeat } from './heat.js';
import { blockName } from './lab.js';

/** @typedef {import('./address.js').Look} Look */
/** @typedef {import('./loader.js').Net} Net */

/**
 * @param {{ canvas: HTMLCanvasElement, onChange: (change: Partial<Look>) => void, onFail: (error: unknown) => void }} options
 */
export function createWhere({ canvas, onChange, onFail }) {
  const method = find('#where-method', HTMLSelectElement);
  const classes = find('#where-class', HTMLSelectElement);
  const source = find('#where-source', HTMLSelectElement);
  const opacity = find('#where-opacity', HTMLInputElement);
  const words = find('#where-text', HTMLElement);
  /** What the map over the photo is of: it is computed again only when this changes. */
  let made = '';
  /** @type {AbortController | undefined} */
  let running;
  /** @type {import('./heat.js').Heat | undefined} */
  let heat;

  method.addEventListener('change', () => onChange({ where: /** @type {Look['where']} */ (method.value) }));
  source.addEventListener('change', () => onChange({ source: /** @type {Look['source']} */ (source.value) }));
  classes.addEventListener('change', () => onChange({ class: Number(classes.value) }));
  opacity.addEventListener('input', () => onChange({ opacity: opacity.valueAsNumber / 100 }));

  /**
   * @param {Look} look
   * @param {Net} net
   * @param {Blob} blob
   * @param {string} asked
   */
  async function compute(look, net, blob, asked) {
    running?.abort();
    const mine = (running = new AbortController());
    made = asked;
    canvas.hidden = true;
    say(words, 'where.busy');
    try {
      const found = await net.cam(blob, {
        classIndex: look.class, method: /** @type {import('./zproto.js').CAMMethod} */ (look.where), block: look.block, source: look.source, ablate: look.ablate, signal: mine.signal,
        onProgress: ({ done, total }) => { if (!mine.signal.aborted && total > 1) say(words, 'where.steps', { done, total }); },
      });
      if (mine.signal.aborted) return;
      heat = found;
      paintHeat(canvas, heat, look.map);
      canvas.hidden = false;
      explain(look, net);
    } catch (error) {
      if (mine.signal.aborted) return;
      made = '';
      say(words, 'where.about.none');
      onFail(error);
    }
  }

  /**
   * @param {Look} look
   * @param {Net} net
   */
  const explain = ({ where, block }, net) => say(words, `where.about.${where}`, () => ({ block: blockName(net.info.blocks, block) }));

  return {
    /**
     * The classes that a person may choose: those of the answer, and one that the address named.
     * @param {{ index: number, label: string }[]} list
     */
    offer(list) {
      classes.replaceChildren(...list.map(({ index, label }) => {
        const option = make('option', '', label);
        option.value = String(index);
        option.lang = 'en';
        return option;
      }));
    },

    /**
     * @param {Look} look with the class that is meant
     * @param {Net} net
     * @param {{ key: string, blob: Blob }} photo
     */
    show(look, net, { key, blob }) {
      method.value = look.where;
      source.value = look.source;
      classes.value = String(look.class);
      opacity.value = String(Math.round(look.opacity * 100));
      canvas.style.opacity = String(look.opacity);
      find('#where-source-field', HTMLElement).hidden = look.where !== 'grad-cam';
      find('#where-opacity-field', HTMLElement).hidden = look.where === 'none';
      if (look.where === 'none') {
        this.hide();
        return say(words, 'where.about.none');
      }
      const asked = JSON.stringify([key, look.where, look.class, look.ablate, ...(look.where === 'grad-cam' ? [look.block, look.source] : [])]);
      if (asked !== made) return void compute(look, net, blob, asked);
      if (heat && !canvas.hidden) paintHeat(canvas, heat, look.map);
    },

    hide() {
      running?.abort();
      made = '';
      canvas.hidden = true;
    },
  };
}
