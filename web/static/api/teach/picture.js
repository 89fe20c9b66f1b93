// @ts-check
/** Converts pictures to files that can be stored. */
import { canvasFile, createCanvas, isVideoFrame, sha256 } from '../../common/platform.js';
import { fetchImage, noPixels, sendable } from '../images.js';

/** @typedef {import('../types.js').ImageSource} ImageSource */

/** The side of the small pictures that a network from scratch learns from, in pixels. */
export const smallSide = 32;

/** The SHA-256 of a file, in hexadecimal. @param {Blob} blob */
export async function hashOf(blob) {
  return sha256(await blob.arrayBuffer());
}

/**
 * The image as a file. Files stay as they are, URLs are fetched, and everything else becomes a PNG.
 * @param {ImageSource} image
 * @returns {Promise<Blob>} It rejects as the methods that take an image do.
 */
export async function asBlob(image) {
  if (image instanceof Blob) return image;
  if (typeof image === 'string' || image instanceof URL) return fetchImage(image);
  await sendable(image); // rejects what is no image, or has no pixels
  return drawn(image).catch(noPixels);
}

/** @param {Exclude<ImageSource, Blob | string | URL>} image  @returns {{ width: number, height: number }} in pixels */
function sizeOf(image) {
  if (image instanceof HTMLImageElement) return { width: image.naturalWidth, height: image.naturalHeight };
  if (image instanceof HTMLVideoElement) return { width: image.videoWidth, height: image.videoHeight };
  if (isVideoFrame(image)) return { width: image.displayWidth, height: image.displayHeight };
  return image;
}

/** @param {Exclude<ImageSource, Blob | string | URL>} image */
async function drawn(image) {
  const { width, height } = sizeOf(image);
  const { canvas, context } = createCanvas(width, height);
  if (image instanceof ImageData) context.putImageData(image, 0, 0);
  else context.drawImage(image, 0, 0);
  return canvasFile(canvas);
}
