// What lies under the pointer, or under the keyboard's marker, on the canvas: in words, below it.

import { make } from '../dom.js';
import { decimal, significant } from '../format.js';
import { say, setText, text } from '../i18n.js';
import { nameText } from './words.js';

/** @typedef {import('./names.js').Part} Part */
/**
 * @typedef {{ kind: string, part: string, network: number, layer: number, step: number, quantity: string, y: number,
 *   x: number, length: number, known: boolean, value: number }} Point  as the canvas gives it; −1: not set
 */

export function createPoint() {
  const element = make('p', 'skiplab-reading');
  say(element, 'skiplab.point.none');
  return {
    element,
    /** @param {Point | null} point @param {Part[][]} names */
    show(point, names) {
      if (!point || !['layer', 'cell', 'surface', 'path'].includes(point.part) || !names[point.network]) {
        say(element, 'skiplab.point.none');
        return;
      }
      const { part, network, layer, step, quantity, length, known, value } = point;
      const what = () => text(part === 'surface' ? 'skiplab.point.loss'
        : quantity === 'activation' ? 'skiplab.quantity.activation' : 'skiplab.quantity.gradient') ?? '';
      const place = () => {
        if (part === 'path') return text('skiplab.point.path', { length: decimal(length, 0) });
        if (part === 'surface') return '';
        const values = { layer: decimal(layer + 1, 0), step: decimal(step, 0) };
        return text(step > 0 ? 'skiplab.point.cell' : 'skiplab.point.layer', values);
      };
      setText(element, () => [nameText(names[network]), place(),
        `${what()} ${known ? significant(value, 3) : '∞'}`].filter(Boolean).join(' · '));
    },
  };
}
