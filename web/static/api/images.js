// @ts-check
/** Converts images to what can be posted to the engine's worker. */
import { decodeImage, isCanvas, pixelsOf } from '../common/platform.js';
import { badArgument, cancelled, ResiduaError } from './errors.js';

/** @typedef {import('./types.js').ImageSource} ImageSource */

/**
 * Files and ImageData go as they are. Everything else becomes a new ImageBitmap, so that the caller keeps its own.
 * @param {ImageSource} image
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob | ImageBitmap | ImageData>}
 */
export async function sendable(image, signal) {
  if (signal?.aborted) throw cancelled();
  if (image instanceof Blob || image instanceof ImageData) return image;
  if (typeof image === 'string' || image instanceof URL) return fetchImage(image, signal);
  if (image instanceof HTMLImageElement || image instanceof ImageBitmap || isCanvas(image)) {
    return decodeImage(image).catch(noPixels);
  }
  throw badArgument('an image must be a Blob, ImageBitmap, ImageData, canvas, <img> or URL');
}

/**
 * The image's pixels, for a worker that has no canvas.
 * @param {ImageSource} image  the argument of sendable
 * @param {Blob | ImageBitmap} sent  its result; a bitmap has been transferred to the worker by now
 * @returns {Promise<ImageData>}
 */
export async function sendablePixels(image, sent) {
  return pixelsOf(sent instanceof Blob ? sent : await decodeImage(/** @type {any} */ (image))).catch(noPixels);
}

/** @param {unknown} error  @returns {never} */
function noPixels(error) {
  console.warn(error);
  throw badArgument('the picture has no pixels that can be read');
}

/**
 * @param {string | URL} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
async function fetchImage(url, signal) {
  const file = String(url).startsWith('data:') ? 'data:…' : String(url);
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) {
      const status = String(response.status);
      throw new ResiduaError('http', `The server answered ${status} for ${file}. Check the address.`, { status, file });
    }
    return await response.blob();
  } catch (error) {
    if (error instanceof ResiduaError) throw error;
    if (signal?.aborted) throw cancelled();
    throw new ResiduaError('offline', `${file} did not come through: the network, the server or this page's rules ` +
      'do not allow it. Save the picture and choose the file instead.', { file });
  }
}
