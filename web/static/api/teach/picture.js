// @ts-check
// Pictures as files that can be kept.
import { canvasFile, createCanvas, sha256 } from '../../common/platform.js';
import { badArgument } from '../errors.js';

/** @typedef {import('../types.js').ImageSource} ImageSource */

/** The side of the shrunk pictures that a network from scratch learns from. */
export const smallSide = 32;

/**
 * What a file's bytes are known by: SHA-256, in hexadecimal.
 * @param {Blob} blob
 */
export async function hashOf(blob) {
  return sha256(await blob.arrayBuffer());
}

/**
 * An image as a file that can be kept.
 * @param {ImageSource} image
 * @returns {Promise<Blob>}
 */
export async function asBlob(image) {
  if (image instanceof Blob) return image;
  if (typeof image === 'string' || image instanceof URL) {
    const response = await fetch(image);
    if (!response.ok) throw badArgument(`${image} cannot be fetched (${response.status})`);
    return response.blob();
  }
  const size = image instanceof HTMLImageElement ? [image.naturalWidth, image.naturalHeight] : [image.width, image.height];
  const { canvas, context } = createCanvas(size[0], size[1]);
  if (image instanceof ImageData) context.putImageData(image, 0, 0);
  else context.drawImage(image, 0, 0);
  return canvasFile(canvas);
}
