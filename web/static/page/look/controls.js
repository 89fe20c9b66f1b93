// The controls of the canvas: scene, block, order of the channels, colour map and zoom.

import { find, make } from '../dom.js';
import { say, setText } from '../i18n.js';
import { blockName } from './lab.js';

/** @typedef {import('../address.js').Look} Look */

/**
 * Says why a button has no effect, while it has none.
 * @param {HTMLButtonElement} button
 * @param {string} key
 * @param {boolean} isOff
 */
function sayReason(button, key, isOff) {
  if (isOff) return say(button, key, {}, 'title');
  setText(button, '', 'title');
  button.removeAttribute('title');
}

/**
 * @param {{
 *   onChange: (change: Partial<Look>) => void,
 *   onBlock: (block: number) => void,
 *   onZoom: (steps: number) => void,
 * }} handlers onZoom: a negative number zooms out; 0 shows all
 */
export function createControls({ onChange, onBlock, onZoom }) {
  const scene = find('#look-scene', HTMLSelectElement);
  const block = find('#look-block', HTMLSelectElement);
  const order = find('#look-order', HTMLSelectElement);
  const map = find('#look-map', HTMLSelectElement);
  const back = find('#block-back', HTMLButtonElement);
  const next = find('#block-next', HTMLButtonElement);
  const zoomOut = find('#zoom-out', HTMLButtonElement);
  const zoomIn = find('#zoom-in', HTMLButtonElement);
  const zoomAll = find('#zoom-all', HTMLButtonElement);
  const whole = find('#look-whole', HTMLButtonElement);
  const photo = find('option[value=photo]', HTMLOptionElement, scene);
  let current = 0;

  scene.addEventListener('change', () => onChange({ scene: /** @type {Look['scene']} */ (scene.value) }));
  order.addEventListener('change', () => onChange({ order: /** @type {Look['order']} */ (order.value) }));
  map.addEventListener('change', () => onChange({ map: /** @type {Look['map']} */ (map.value) }));
  block.addEventListener('change', () => onBlock(Number(block.value)));
  back.addEventListener('click', () => onBlock(current - 1));
  next.addEventListener('click', () => onBlock(current + 1));
  whole.addEventListener('click', () => {
    scene.focus(); // the button that was clicked disappears
    onChange({ scene: 'network', channel: -1 });
  });
  zoomOut.addEventListener('click', () => onZoom(-1));
  zoomIn.addEventListener('click', () => onZoom(1));
  zoomAll.addEventListener('click', () => onZoom(0));

  return {
    /** The element that takes the focus when a focused button disappears. */
    home: scene,

    /** @param {import('../../zproto.js').Block[]} blocks  of the network */
    setBlocks(blocks) {
      block.replaceChildren(...blocks.map((_, i) => {
        const option = make('option');
        option.value = String(i);
        setText(option, () => blockName(blocks, i));
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
      sayReason(back, 'look.first', back.disabled);
      sayReason(next, 'look.last', next.disabled);
      find('#look-order-field', HTMLElement).hidden = look.scene !== 'block';
      find('#look-class', HTMLElement).hidden = look.scene !== 'block' || look.order !== 'class';
      photo.disabled = look.channel < 0;
      say(photo, photo.disabled ? 'look.scene.photo.none' : 'look.scene.photo');
      find('#look-play', HTMLButtonElement).hidden = look.scene !== 'network';
      whole.hidden = look.scene === 'network';
    },

    /** Shows which zoom buttons have an effect. @param {{ smaller: boolean, larger: boolean }} can */
    showZoom(can) {
      // They are not disabled, because a disabled button would lose the focus.
      zoomIn.ariaDisabled = String(!can.larger);
      zoomOut.ariaDisabled = zoomAll.ariaDisabled = String(!can.smaller);
      sayReason(zoomIn, 'look.zoom.largest', !can.larger);
      for (const button of [zoomOut, zoomAll]) sayReason(button, 'look.zoom.smallest', !can.smaller);
    },
  };
}
