// Thumbnails. Only a small canvas stays in memory, not the photo's pixels.

import { decodeImage, middleSquare } from '../common/platform.js';

/** In pixels: enough for 72 CSS pixels on a screen with a device pixel ratio of 2. */
const side = 144;

/**
 * The middle square of a photo, decoded and scaled off the main thread.
 * @param {Blob} blob
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function thumbnail(blob) {
  const whole = await decodeImage(blob);
  const bitmap = await middleSquare(whole, side);
  whole.close();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, side, side);
  bitmap.close();
  return canvas;
}
