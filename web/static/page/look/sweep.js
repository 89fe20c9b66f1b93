// The sweep as a heat map: what is left of a class's probability when one block's F after the other is left out.

import { find, make } from '../dom.js';
import { percent } from '../format.js';
import { say, spell } from '../i18n.js';
import { blockName, stagesOf } from './lab.js';

/** @typedef {import('../../zproto.js').Block} Block */
/** @typedef {import('../../zproto.js').Swept} Swept */

/**
 * How much of a probability is gone, 0 … 1.
 * @param {number} whole
 * @param {number} left
 */
export function lost(whole, left) {
  return whole > 0 ? Math.min(Math.max((whole - left) / whole, 0), 1) : 0;
}

/** @param {{ onOpen: (block: number) => void }} handlers onOpen: a person wants to see a block */
export function createSweep({ onOpen }) {
  const figure = find('#sweep', HTMLElement);
  const title = find('#sweep-title', HTMLElement);
  const strip = find('#sweep-strip', HTMLElement);
  const [most] = figure.querySelectorAll('.sweep-scale span');
  /** @type {{ cell: HTMLButtonElement, share: HTMLElement }[]} */
  let cells = [];
  /** @type {Block[]} */
  let blocks = [];

  return {
    /** @param {Block[]} next of the network */
    introduce(next) {
      blocks = next;
      cells = [];
      strip.replaceChildren(...stagesOf(blocks).map(({ stage, members }) => {
        const head = make('span', 'sweep-stage');
        head.id = `sweep-stage-${stage}`;
        say(head, 'lab.stage', { stage });
        const group = make('div', 'sweep-group', head, ...members.map((i, k) => {
          const share = make('span', 'share');
          const cell = make('button', 'sweep-cell', make('span', 'name', `${stage}.${k + 1}`), ' ', share);
          cell.type = 'button';
          cell.addEventListener('click', () => onOpen(i));
          say(cell, 'sweep.open', () => ({ block: blockName(blocks, i) }), 'title');
          cells.push({ cell, share });
          return cell;
        }));
        group.role = 'group';
        group.setAttribute('aria-labelledby', head.id);
        group.style.setProperty('--blocks', String(members.length));
        return group;
      }));
    },

    /**
     * @param {Swept | undefined} swept undefined: there is none that holds
     * @param {string} [label] of its class
     */
    show(swept, label = '') {
      figure.hidden = !swept;
      if (!swept) return spell(title);
      say(title, 'sweep.title', () => ({ label, probability: percent(swept.probability) }));
      spell(most, () => percent(swept.probability));
      cells.forEach(({ cell, share }, i) => {
        cell.style.setProperty('--lost', String(lost(swept.probability, swept.without[i])));
        spell(share, () => percent(swept.without[i]));
      });
    },
  };
}
