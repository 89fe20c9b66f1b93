// What the tests of the room Look inside share: the way in, an engine of the test's own to compare with, and pictures as pixels.

import { clickSample, readAnswer } from '../person.mjs';
import { proxy } from './harness.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ width: number, height: number, data: Uint8Array }} Picture  R, G, B, A */

export const slow = { timeout: 60_000 };

/** @param {Page} page */
export const rows = page => page.getByRole('region', { name: 'In numbers' }).getByRole('row');

/**
 * Opens the room with the barn in it.
 * @param {Page} page
 * @param {string} [hash] more of the address
 */
export async function lookInside(page, hash = '') {
  if (hash) {
    await page.goto(`${proxy.origin}/#room=look${hash}`);
    await page.reload();
  } else await page.getByRole('tab', { name: 'Look inside' }).click();
  await clickSample(page, 'Dust Bowl');
  await readAnswer(page);
  await rows(page).nth(16).waitFor(slow);
}

/** The document of the canvas. @param {Page} page */
export function inside(page) {
  const frame = page.frames().find(frame => frame.url().endsWith('/static/view.html'));
  if (!frame) throw new Error('the page has no canvas');
  return frame;
}

/** Waits until the canvas has painted what it was told, and nothing more comes. @param {Page} page */
export async function settled(page) {
  await page.getByText('Preparing the picture…').waitFor({ state: 'hidden', ...slow });
  for (let last = -1; ;) {
    await page.waitForTimeout(250);
    const { frames, waits } = await inside(page).evaluate(() => {
      const { frames, waits } = /** @type {any} */ (globalThis).residuaView;
      return { frames, waits };
    });
    if (frames === last && !waits) return;
    last = frames;
  }
}

/**
 * Asks an engine of the test's own about the barn: what the page shows must be what it says.
 * @param {Page} page
 * @param {'classify' | 'trace' | 'cam' | 'sweep'} method of Residua
 * @param {object} [options]
 */
export function ask(page, method, options = {}) {
  return page.evaluate(async ([method, options]) => {
    const scope = /** @type {any} */ (globalThis);
    scope.oracle ??= (async () => {
      const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
      return { net: await Residua.load(), photo: await (await fetch('/samples/dust-bowl-home.jpg')).blob() };
    })();
    const { net, photo } = await scope.oracle;
    // Arrays of numbers cross to the test as plain ones.
    return JSON.parse(JSON.stringify(await net[/** @type {string} */ (method)](photo, options), (_, value) => (ArrayBuffer.isView(value) ? [.../** @type {Float32Array} */ (value)] : value)));
  }, /** @type {const} */ ([method, options]));
}

/**
 * The pixels of a PNG file.
 * @param {Page} page any: its browser decodes
 * @param {Buffer} png
 * @returns {Promise<Picture>}
 */
export async function decode(page, png) {
  const { width, height, bytes } = await page.evaluate(async base64 => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], { type: 'image/png' }));
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
    for (const [dx, wx] of [[0, 1 - across.part], [1, across.part]]) sum += wy * wx * data[(down.first + dy) * width + across.first + dx];
  }
  return sum;
}
