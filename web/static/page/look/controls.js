// The controls of Look inside: which scene, which block, in which order and colours, and the size of the picture.

import { find, make } from '../dom.js';
import { spell } from '../i18n.js';
import { blockName } from './lab.js';

/** @typedef {import('../address.js').Look} Look */

/** @param {{ onChange: (change: Partial<Look>) => void, onBlock: (block: number) => void, onZoom: (steps: number) => void }} handlers */
export function createControls({ onChange, onBlock, onZoom }) {
  const scene = find('#look-scene', HTMLSelectElement);
  const block = find('#look-block', HTMLSelectElement);
  const order = find('#look-order', HTMLSelectElement);
  const map = find('#look-map', HTMLSelectElement);
  const back = find('#block-back', HTMLButtonElement);
  const next = find('#block-next', HTMLButtonElement);
  const smaller = find('#zoom-out', HTMLButtonElement);
  const larger = find('#zoom-in', HTMLButtonElement);
  const all = find('#zoom-all', HTMLButtonElement);
  let current = 0;

  scene.addEventListener('change', () => onChange({ scene: /** @type {Look['scene']} */ (scene.value) }));
  order.addEventListener('change', () => onChange({ order: /** @type {Look['order']} */ (order.value) }));
  map.addEventListener('change', () => onChange({ map: /** @type {Look['map']} */ (map.value) }));
  block.addEventListener('change', () => onBlock(Number(block.value)));
  back.addEventListener('click', () => onBlock(current - 1));
  next.addEventListener('click', () => onBlock(current + 1));
  smaller.addEventListener('click', () => onZoom(-1));
  larger.addEventListener('click', () => onZoom(1));
  all.addEventListener('click', () => onZoom(0));

  return {
    /** Where the keyboard goes when a button that it is on goes away. */
    home: scene,

    /** @param {import('../../zproto.js').Block[]} blocks  of the network */
    introduce(blocks) {
      block.replaceChildren(...blocks.map((_, i) => {
        const option = make('option');
        option.value = String(i);
        spell(option, () => blockName(blocks, i));
        return option;
      }));
    },

    /** @param {Look} look @param {number} blocks  how many the network has */
    show(look, blocks) {
      current = look.block;
      scene.value = look.scene;
      block.value = String(look.block);
      order.value = look.order;
      map.value = look.map;
      back.disabled = look.block === 0;
      next.disabled = look.block === blocks - 1;
      find('#look-order-field', HTMLElement).hidden = look.scene !== 'block';
      find('#look-class', HTMLElement).hidden = look.scene !== 'block' || look.order !== 'class';
      find('option[value=photo]', HTMLOptionElement, scene).disabled = look.channel < 0;
      find('#look-play', HTMLButtonElement).hidden = look.scene !== 'network';
    },

    /** Says which way the size can still be changed. @param {{ smaller: boolean, larger: boolean }} can */
    showZoom(can) {
      // They keep the keyboard's focus also while they do nothing.
      larger.ariaDisabled = String(!can.larger);
      smaller.ariaDisabled = all.ariaDisabled = String(!can.smaller);
    },
  };
}
