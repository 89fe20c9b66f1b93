// The heat map over the photo, which shows where the network sees a class.

import { find } from '../dom.js';
import { signed } from '../format.js';
import { paintHeat } from '../heat.js';
import { say, text } from '../i18n.js';
import { createTask } from '../task.js';
import { blockName } from './lab.js';
import { sameQuestion } from './question.js';

/** @typedef {import('../address.js').Look} Look */
/** @typedef {import('./question.js').Question} BaseQuestion */
/** @typedef {{ look: Look, method: Look['where'], classIndex: number } & Pick<Look, 'block' | 'source'>} Choices */
/** @typedef {BaseQuestion & Choices} Question */

/** What a map depends on besides the photo and who is asked. @type {(keyof Question)[]} */
const choices = ['method', 'classIndex', 'block', 'source'];

/**
 * @param {BaseQuestion} question
 * @param {Look} look  with a class that is not -1
 * @returns {Question}
 */
function questionOf(question, look) {
  const { where: method, class: classIndex } = look;
  // Only Grad-CAM depends on a block.
  const { block, source } = method === 'grad-cam' ? look : { block: -1, source: /** @type {Look['source']} */ ('y') };
  return { ...question, look, method, classIndex, block, source };
}

/**
 * @param {{
 *   canvas: HTMLCanvasElement,
 *   onChange: (change: Partial<Look>) => void,
 *   onFail: (error: unknown) => void,
 * }} options
 */
export function createCAM({ canvas, onChange, onFail }) {
  const section = find('#where', HTMLElement);
  const method = find('#where-method', HTMLSelectElement);
  const source = find('#where-source', HTMLSelectElement);
  const opacity = find('#where-opacity', HTMLInputElement);
  const words = find('#where-text', HTMLElement);
  const legend = find('#where-legend', HTMLElement);
  const scale = find('#where-legend canvas', HTMLCanvasElement);
  const [minLabel, maxLabel] = [...legend.querySelectorAll('span')];
  const more = find('#where-more', HTMLDetailsElement);
  const toggle = find('#where-show', HTMLButtonElement);
  const task = createTask(find('#where-task', HTMLElement), {
    home: method, onCancel: cancel, onRetry: () => onChange({}),
  });

  /** The last question. A map is computed only when this changes. @type {Question | undefined} */
  let asked;
  /** The map that is shown, and its question. @type {Question & { heat: import('../heat.js').Heat } | undefined} */
  let shown;
  /** @type {AbortController | undefined} */
  let running;
  /** What was chosen last. @type {Look | undefined} */
  let latest;
  /** The index of the last block that counts. */
  let lastBlock = 0;

  toggle.addEventListener('click', () => onChange({ where: latest?.where === 'none' ? 'cam' : 'none' }));
  method.addEventListener('change', () => {
    const where = /** @type {Look['where']} */ (method.value);
    // Grad-CAM begins at the last block, which says most, unless a person has chosen a block.
    const isUnchosen = latest?.block === 0 && latest.scene !== 'block' && latest.scene !== 'photo';
    onChange({ where, ...(where === 'grad-cam' && isUnchosen ? { block: lastBlock } : {}) });
  });
  source.addEventListener('change', () => onChange({ source: /** @type {Look['source']} */ (source.value) }));
  opacity.addEventListener('input', () => onChange({ opacity: opacity.valueAsNumber / 100 }));

  /** @param {Question} question */
  async function compute(question) {
    const { by, photo, ablate, look } = question;
    const { signal } = (running = new AbortController());
    // A map of another photo or network must not be taken for this one's.
    if (!sameQuestion(/** @type {BaseQuestion | undefined} */ (shown), question)) remove();
    task.begin('where.busy');
    section.ariaBusy = 'true';
    try {
      const heat = await by.cam(photo.blob, {
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

  /** A person does not want to wait: the choices go back to those of the map that is shown. */
  function cancel() {
    stop();
    if (!shown) return onChange({ where: 'none' });
    const { where, source, block, class: index } = shown.look;
    asked = shown;
    onChange({
      where,
      ...(index !== latest?.class ? { class: index } : {}),
      ...(where === 'grad-cam' ? { source, block } : {}),
    });
  }

  function stop() {
    running?.abort();
    running = undefined;
    asked = undefined;
    section.ariaBusy = 'false';
    task.idle();
  }

  /** @param {BaseQuestion & { heat?: import('../heat.js').Heat }} question  @param {Look} look */
  function sayAbout({ by: { info, offer }, heat }, look) {
    if (heat && heat.max < 0) return say(words, 'where.about.against');
    const isDiverging = look.map === 'diverging' || heat && heat.min < 0; // values of both signs are blue and orange
    const ends = offer?.blocks.at(-1); // a classifier on other blocks than the last has its map there
    const kind = look.where === 'cam' && ends !== undefined ? 'grad-cam' : look.where;
    say(words, `where.about.${kind}`, () => ({
      block: blockName(info.blocks, kind === look.where ? look.block : ends ?? 0),
      bright: text(isDiverging ? 'where.orange' : 'where.bright') ?? '',
    }));
  }

  /** Takes the map away. What is said about it keeps its room where another one is to come. */
  function remove() {
    shown = undefined;
    canvas.hidden = true;
    const isComing = !!latest && latest.where !== 'none';
    for (const part of [legend, more]) {
      part.hidden = !isComing;
      part.toggleAttribute('data-waiting', isComing);
    }
  }

  /** @param {Look} look */
  function paint(look) {
    if (!shown) return;
    const { heat } = shown;
    paintHeat(canvas, scale, heat, look.map);
    canvas.style.opacity = String(look.opacity);
    canvas.hidden = legend.hidden = more.hidden = false;
    for (const part of [legend, more]) part.removeAttribute('data-waiting');
    sayAbout(shown, look);
    say(minLabel, heat.min < 0 ? 'where.against' : 'where.least');
    say(maxLabel, heat.max < 0 ? 'where.least' : 'where.most');
    const { by: { info, offer }, block, look: { where } } = shown;
    const ends = where === 'cam' ? offer?.blocks.at(-1) : undefined;
    // Occlusion gives probabilities. The other methods give parts of a logit.
    const asPercent = where === 'occlusion';
    const measured = ends === undefined ? where : (offer?.blocks.length ?? 1) > 1 ? 'cam.part' : 'cam.of';
    say(find('p', HTMLElement, more), `where.measured.${measured}`, () => ({
      block: (ends ?? block) < 0 ? '' : blockName(info.blocks, ends ?? block),
      min: signed(heat.min, asPercent), max: signed(heat.max, asPercent),
    }));
  }

  return {
    /**
     * @param {BaseQuestion} base
     * @param {Look} look with a class that is not -1
     */
    show(base, look) {
      latest = look;
      lastBlock = base.by.offer?.blocks.at(-1) ?? base.by.info.blocks.length - 1;
      method.value = look.where;
      source.value = look.source;
      opacity.value = String(Math.round(look.opacity * 100));
      find('#where-source-field', HTMLElement).hidden = look.where !== 'grad-cam';
      find('#where-opacity-field', HTMLElement).hidden = look.where === 'none';
      say(toggle, look.where === 'none' ? 'where.show' : 'where.hide');
      sayAbout(base, look);
      if (look.where === 'none') return this.hide();
      const question = questionOf(base, look);
      if (sameQuestion(question, asked, choices)) return paint(look);
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
