// @ts-check
/** Converts images to what can be posted to the engine's worker. */
import { decodeImage, isCanvas, isVideoFrame, pixelsOf } from '../common/platform.js';
import { address } from './arguments.js';
import { badArgument, cancelled, crossOrigin, ResiduaError } from './errors.js';

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
  if (image instanceof HTMLVideoElement && image.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
    throw badArgument('the video shows no picture yet; wait for its event loadeddata');
  }
  const isElement = image instanceof HTMLImageElement || image instanceof HTMLVideoElement || isCanvas(image);
  if (isElement || image instanceof ImageBitmap || isVideoFrame(image)) return decodeImage(image).catch(noPixels);
  throw notAnImage();
}

const notAnImage = () =>
  badArgument('an image must be a Blob, ImageBitmap, ImageData, canvas, <img>, <video>, VideoFrame or URL');

/**
 * Whether a host that can be reached, as far as this can be known, does not let this page read an address: it is on
 * another origin, and a request whose answer nobody may read comes through where one without that limit did not. An
 * isolated page cannot tell, for it may not even ask so; there it is assumed.
 * @param {URL} url
 */
export async function isBlockedByHost(url) {
  if (url.origin === location.origin || !/^https?:$/.test(url.protocol) || !navigator.onLine) return false;
  if (globalThis.crossOriginIsolated) return true;
  return fetch(url, { mode: 'no-cors', cache: 'no-store' }).then(() => true, () => false);
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
export function noPixels(error) {
  console.warn(error);
  throw badArgument('the picture has no pixels that can be read');
}

/**
 * @param {string | URL} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
export async function fetchImage(url, signal) {
  if (!address.is(url)) throw notAnImage();
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
    if (await isBlockedByHost(new URL(url, document.baseURI))) throw crossOrigin(file);
    throw new ResiduaError('offline', `${file} did not come through: the network, the server or this page's rules ` +
      'do not allow it. Save the picture and choose the file instead.', { file });
  }
}
