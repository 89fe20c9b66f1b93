// @ts-check
/** Turns pictures into the small squares that the lab's networks learn. */
import { createCanvas, decodeImage } from '../../common/platform.js';
import { cancelled } from '../errors.js';
import { noPixels, sendable } from '../images.js';

/** @typedef {import('../types.js').ImageSource} ImageSource */
/** @typedef {import('../../zproto.js').Steps} Steps */
/** @typedef {{ image: ImageSource, label: number, domain?: number }} LabPicture */

/**
 * Their middle squares, their labels and domains, and how many domains there are.
 * @param {LabPicture[]} pictures
 * @param {{ size: number, onProgress?: (steps: Steps) => void, signal?: AbortSignal }} options
 */
export async function picturesOf(pictures, { size, onProgress, signal }) {
  const buffers = {
    pictures: new Uint8Array(pictures.length * size * size * 3),
    labels: Uint16Array.from(pictures, ({ label }) => label),
    domains: Uint8Array.from(pictures, ({ domain = 0 }) => domain),
  };
  const { context } = createCanvas(size, size, { willReadFrequently: true });
  context.imageSmoothingQuality = 'high';
  for (const [i, { image }] of pictures.entries()) {
    if (signal?.aborted) throw cancelled();
    const bitmap = await bitmapOf(image, signal);
    const short = Math.min(bitmap.width, bitmap.height);
    context.fillStyle = '#fff'; // what is transparent in a picture is paper
    context.fillRect(0, 0, size, size);
    context.drawImage(bitmap, (bitmap.width - short) / 2, (bitmap.height - short) / 2, short, short, 0, 0, size, size);
    bitmap.close();
    const { data } = context.getImageData(0, 0, size, size);
    const rgb = buffers.pictures.subarray(i * size * size * 3);
    for (let at = 0; at < size * size; at++) rgb.set(data.subarray(4 * at, 4 * at + 3), 3 * at);
    onProgress?.({ done: i + 1, total: pictures.length });
  }
  const hasDomains = pictures.some(({ domain }) => domain !== undefined);
  return { ...buffers, domainCount: hasDomains ? 1 + Math.max(...buffers.domains) : 0 };
}

/** @param {ImageSource} image  @param {AbortSignal} [signal] */
async function bitmapOf(image, signal) {
  const sent = await sendable(image, signal);
  if (sent instanceof ImageBitmap && sent !== image) return sent;
  return decodeImage(sent).catch(noPixels);
}
