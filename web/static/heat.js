// A map of numbers becomes colours over the photo.

/** @typedef {import('./zproto.js').ViewMap} ColourMap */
/** @typedef {{ width: number, height: number, data: Float32Array, min: number, max: number }} Heat */

/** Colours at equal steps; between them they are mixed. The diverging one has its middle at the value 0. @type {Record<ColourMap, number[]>} */
const stops = {
  viridis: [0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725],
  magma: [0x000004, 0x180f3d, 0x440f76, 0x721f81, 0x9e2f7f, 0xcd4071, 0xf1605d, 0xfd9668, 0xfeca8d, 0xfcfdbf],
  diverging: [0x2166ac, 0x67a9cf, 0xd1e5f0, 0xf7f7f7, 0xfddbc7, 0xef8a62, 0xb2182b],
};

/** The side of what is painted: that of the network's input. */
const side = 224;

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
 * Paints a map of values 0 … 1, which stand for min … max.
 * @param {HTMLCanvasElement} canvas
 * @param {Heat} heat
 * @param {ColourMap} map
 */
export function paintHeat(canvas, heat, map) {
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d');
  if (!context) return;
  const picture = context.createImageData(side, side);
  const colours = stops[map];
  const most = Math.max(Math.abs(heat.min), Math.abs(heat.max)) || 1;
  for (let y = 0, to = 0; y < side; y++) {
    for (let x = 0; x < side; x++, to += 4) {
      let value = at(heat, (x + 0.5) / side, (y + 0.5) / side);
      if (map === 'diverging') value = 0.5 + (heat.min + value * (heat.max - heat.min)) / most / 2;
      const place = Math.min(Math.max(value, 0), 1) * (colours.length - 1);
      const low = Math.min(Math.floor(place), colours.length - 2);
      for (let i = 0; i < 3; i++) {
        const shift = 16 - 8 * i;
        const from = (colours[low] >> shift) & 255;
        picture.data[to + i] = from + (((colours[low + 1] >> shift) & 255) - from) * (place - low);
      }
      picture.data[to + 3] = 255;
    }
  }
  context.putImageData(picture, 0, 0);
}
