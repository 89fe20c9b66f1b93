// A map of numbers becomes colours over the photo: the same colours by the same rules as on the canvas, see wasm/paint/colormap.go.

import { ramps } from '../zcolours.js';

/** @typedef {import('../zproto.js').ViewColormap} ColourMap */
/** @typedef {{ width: number, height: number, data: Float32Array, min: number, max: number }} Heat  values 0 … 1, which stand for min … max */

/** The side of what is painted: that of the network's input. */
const side = 224;

/** @param {string} hex  @param {number} i */
const byte = (hex, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16);

/**
 * The colours of a scale, from min to max in 256 steps, as R, G, B, R, G, B, … Values of both signs have the diverging colours whatever was asked
 * for, with their middle at zero: the other two maps have no colour that says "nothing".
 * @param {{ min: number, max: number }} scale
 * @param {ColourMap} map
 * @param {boolean} dark whether the page is
 */
export function coloursOf({ min, max }, map, dark) {
  const diverging = map === 'diverging' || min < 0;
  const hex = ramps[diverging ? 'diverging' : map][dark ? 'dark' : 'light'];
  const most = Math.max(-min, max);
  return Uint8Array.from({ length: 3 * 256 }, (_, at) => {
    let step = Math.floor(at / 3);
    if (diverging) step = Math.floor((0.5 + (most > 0 ? (min + ((max - min) * step) / 255) / most / 2 : 0)) * 255 + 0.5);
    return byte(hex, 3 * step + (at % 3));
  });
}

/**
 * The value at a point of a map, mixed from the four around it. Each number stands in the middle of its cell.
 * @param {Heat} heat
 * @param {number} x 0 … 1
 * @param {number} y 0 … 1
 */
function at({ width, height, data }, x, y) {
  const column = Math.min(Math.max(x * width - 0.5, 0), width - 1);
  const row = Math.min(Math.max(y * height - 0.5, 0), height - 1);
  const left = Math.floor(column);
  const top = Math.floor(row);
  const right = Math.min(left + 1, width - 1);
  const bottom = Math.min(top + 1, height - 1);
  const mix = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ t) => a + (b - a) * t;
  const row1 = mix(data[top * width + left], data[top * width + right], column - left);
  const row2 = mix(data[bottom * width + left], data[bottom * width + right], column - left);
  return mix(row1, row2, row - top);
}

/**
 * Paints a picture of some size: the colour of value(x, y), 0 … 1, at each point.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} colours
 * @param {(x: number, y: number) => number} value x and y are 0 … 1
 */
function paint(canvas, width, height, colours, value) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  if (!context) return;
  const picture = context.createImageData(width, height);
  for (let i = 0, to = 0; i < width * height; i++, to += 4) {
    const step = Math.round(Math.min(Math.max(value((i % width + 0.5) / width, (Math.floor(i / width) + 0.5) / height), 0), 1) * 255);
    picture.data.set(colours.subarray(3 * step, 3 * step + 3), to);
    picture.data[to + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

/**
 * Paints a map, and the scale of its colours.
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLCanvasElement} scale
 * @param {Heat} heat
 * @param {ColourMap} map
 */
export function paintHeat(canvas, scale, heat, map) {
  const colours = coloursOf(heat, map, document.documentElement.dataset.theme === 'dark');
  paint(canvas, side, side, colours, (x, y) => at(heat, x, y));
  paint(scale, 256, 1, colours, x => x);
}
