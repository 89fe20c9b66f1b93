// Paints a heat map over the photo. Colours and rules are those of the canvas: see wasm/paint/colormap.go.

import { ramps } from '../zcolours.js';

/** @typedef {import('../zproto.js').ViewColormap} ColourMap */
/**
 * @typedef {object} Heat
 * @property {number} width
 * @property {number} height
 * @property {Float32Array} data  height × width values, 0 … 1
 * @property {number} min  the number that 0 stands for
 * @property {number} max  the number that 1 stands for
 */

/** The side of the painted picture in pixels, as large as the usual network's input. */
const side = 224;

/** @param {string} hex  @param {number} i */
const byte = (hex, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16);

/**
 * The colours of a scale from min to max, in 256 steps, as R, G, B, R, G, B, … Where there are negative values, the
 * colour map is always the diverging one, with its middle at zero: the other two have no colour for zero.
 * @param {{ min: number, max: number }} scale
 * @param {ColourMap} map
 * @param {boolean} dark whether the page has the dark theme
 */
export function coloursOf({ min, max }, map, dark) {
  const diverging = map === 'diverging' || min < 0;
  const hex = ramps[diverging ? 'diverging' : map][dark ? 'dark' : 'light'];
  const largest = Math.max(-min, max);
  return Uint8Array.from({ length: 3 * 256 }, (_, at) => {
    let step = Math.floor(at / 3);
    const value = min + ((max - min) * step) / 255;
    if (diverging) step = Math.floor((0.5 + (largest > 0 ? value / largest / 2 : 0)) * 255 + 0.5);
    return byte(hex, 3 * step + (at % 3));
  });
}

/** @param {number} a @param {number} b @param {number} t */
const mix = (a, b, t) => a + (b - a) * t;

/**
 * The value at a point, by bilinear interpolation. Each value stands at the middle of its cell.
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
  const above = mix(data[top * width + left], data[top * width + right], column - left);
  const below = mix(data[bottom * width + left], data[bottom * width + right], column - left);
  return mix(above, below, row - top);
}

/**
 * Paints a canvas with the colour of value(x, y) at each point.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} colours
 * @param {(x: number, y: number) => number} value all three are 0 … 1
 */
function paint(canvas, width, height, colours, value) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  if (!context) return;
  const picture = context.createImageData(width, height);
  for (let i = 0, to = 0; i < width * height; i++, to += 4) {
    const v = value((i % width + 0.5) / width, (Math.floor(i / width) + 0.5) / height);
    const step = Math.round(Math.min(Math.max(v, 0), 1) * 255);
    picture.data.set(colours.subarray(3 * step, 3 * step + 3), to);
    picture.data[to + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

/**
 * Paints a heat map, and the scale of its colours.
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
