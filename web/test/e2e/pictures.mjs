// Pictures as pixels, and colours as values.

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ width: number, height: number, data: Uint8Array }} Picture  R, G, B, A */

/**
 * The pixels of a PNG file.
 * @param {Page} page any: its browser decodes
 * @param {Buffer} png
 * @returns {Promise<Picture>}
 */
export async function decode(page, png) {
  const { width, height, bytes } = await page.evaluate(async base64 => {
    const file = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([file], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let bytes = '';
    for (let i = 0; i < data.length; i += 8192) bytes += String.fromCharCode(...data.subarray(i, i + 8192));
    return { width: bitmap.width, height: bitmap.height, bytes: btoa(bytes) };
  }, png.toString('base64'));
  return { width, height, data: new Uint8Array(Buffer.from(bytes, 'base64')) };
}

/**
 * @param {Picture} picture
 * @param {number} x
 * @param {number} y
 * @returns {number[]} R, G, B
 */
export function pixel({ width, data }, x, y) {
  const at = 4 * (Math.floor(y) * width + Math.floor(x));
  return [...data.subarray(at, at + 3)];
}

/**
 * Where on a scale of colours a colour lies, 0 … 255, and how far it is from the nearest of them.
 * @param {Uint8Array} colours as coloursOf gives them
 * @param {number[]} rgb
 */
export function levelOf(colours, rgb) {
  let [level, far] = [0, Infinity];
  for (let i = 0; i < 256; i++) {
    const d = Math.max(...rgb.map((value, k) => Math.abs(value - colours[3 * i + k])));
    if (d < far) [level, far] = [i, d];
  }
  return { level, far };
}

/**
 * A map of values enlarged to a square of pixels as PyTorch's interpolate does it: bilinear, align_corners false.
 * @param {{ width: number, height: number, data: number[] }} map
 * @param {number} side
 * @param {number} x
 * @param {number} y
 */
export function enlarged({ width, height, data }, side, x, y) {
  const [across, down] = [[x, width], [y, height]].map(([i, n]) => {
    const place = Math.min(Math.max((i + 0.5) * n / side - 0.5, 0), n - 1);
    const first = Math.min(Math.floor(place), n - 2);
    return { first, part: place - first };
  });
  let sum = 0;
  for (const [dy, wy] of [[0, 1 - down.part], [1, down.part]]) {
    for (const [dx, wx] of [[0, 1 - across.part], [1, across.part]]) {
      sum += wy * wx * data[(down.first + dy) * width + across.first + dx];
    }
  }
  return sum;
}
