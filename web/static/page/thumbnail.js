// Small square pictures of photos. A canvas of a few kilobytes is kept, never the photo's pixels.

import { decodeImage, middleSquare } from '../common/platform.js';

/** Wide enough for a thumb on a screen of two pixels to the point. */
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
