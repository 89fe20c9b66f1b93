// The block lab: a part of a block is taken out, and the answer follows; or every block's F in turn, as a row of bars.

import { find, make } from './dom.js';
import { percent } from './format.js';
import { say, spell, text } from './i18n.js';

/** @typedef {import('./zproto.js').Block} Block */
/** @typedef {import('./zproto.js').Ablation} Ablation */
/** @typedef {import('./zproto.js').Swept} Swept */

/**
 * The words for a block, such as "Stage 2, block 1".
 * @param {Block[]} blocks
 * @param {number} i
 */
export function blockName(blocks, i) {
  const first = blocks.findIndex(({ stage }) => stage === blocks[i].stage);
  return text('look.block.option', { stage: blocks[i].stage, index: i - first + 1 }) ?? blocks[i].name;
}

/**
 * @param {{ onAblate: (block: number, ablation: Ablation | undefined) => void, onWhole: () => void, onSweep: () => void }} handlers
 */
export function createLab({ onAblate, onWhole, onSweep }) {
  const list = find('#lab', HTMLOListElement);
  const sweep = find('#lab-sweep', HTMLButtonElement);
  const whole = find('#lab-whole', HTMLButtonElement);
  const status = find('#lab-status', HTMLElement);
  /** @type {{ residual: HTMLButtonElement, shortcut: HTMLButtonElement, bar: HTMLElement, left: HTMLElement }[]} */
  let rows = [];

  sweep.addEventListener('click', onSweep);
  whole.addEventListener('click', () => {
    sweep.focus(); // the button goes away
    onWhole();
  });

  /**
   * @param {Block[]} blocks
   * @param {number} i
   * @param {Ablation} ablation
   */
  const toggle = (blocks, i, ablation) => {
    const button = make('button', 'plain');
    button.type = 'button';
    say(button, `lab.${ablation}`);
    say(button, `lab.${ablation}.of`, () => ({ block: blockName(blocks, i) }), 'aria-label');
    if (ablation === 'shortcut' && blocks[i].projection) {
      // It can be reached all the same: only so the reason is read out.
      button.ariaDisabled = 'true';
      button.setAttribute('aria-describedby', 'lab-reason');
      say(button, 'lab.reason', {}, 'title');
    } else button.addEventListener('click', () => onAblate(i, button.ariaPressed === 'true' ? undefined : ablation));
    return button;
  };

  return {
    /** @param {Block[]} blocks */
    introduce(blocks) {
      rows = blocks.map((_, i) => ({ residual: toggle(blocks, i, 'residual'), shortcut: toggle(blocks, i, 'shortcut'), bar: make('span', 'bar'), left: make('span', 'share') }));
      list.replaceChildren(...rows.map(({ residual, shortcut, bar, left }, i) => {
        const name = make('span', 'name');
        spell(name, () => blockName(blocks, i));
        bar.ariaHidden = 'true';
        bar.hidden = true;
        return make('li', '', name, residual, shortcut, left, bar);
      }));
    },

    /** @param {Record<string, Ablation>} ablate */
    show(ablate) {
      rows.forEach((row, i) => {
        row.residual.ariaPressed = String(ablate[i] === 'residual');
        if (row.shortcut.ariaDisabled !== 'true') row.shortcut.ariaPressed = String(ablate[i] === 'shortcut');
      });
      whole.hidden = Object.keys(ablate).length === 0;
    },

    /** @param {{ done: number, total: number }} steps */
    progress(steps) {
      say(status, 'lab.steps', { ...steps });
    },

    /**
     * @param {Swept | undefined} swept undefined: it holds no longer
     * @param {string} [label] of the class
     */
    sweep(swept, label = '') {
      rows.forEach(({ bar, left }, i) => {
        bar.hidden = !swept;
        if (!swept) return spell(left);
        bar.style.setProperty('--share', String(swept.without[i]));
        say(left, 'lab.left', () => ({ probability: percent(swept.without[i]) }));
      });
      if (swept) say(status, 'lab.swept', () => ({ label, probability: percent(swept.probability) }));
      else spell(status);
    },
  };
}
