// @ts-check
/**
 * The APIs that a browser may lack. The page uses each of them through a function of this file, which returns the API
 * or a substitute. `missingFeatures` lists what this browser lacks, and what the user misses by that.
 *
 * An API may be missing because the browser is old or was built without it, because the user forbids it, or because the
 * context is not secure: a page that was opened by plain http from another computer lacks a dozen APIs.
 *
 * Importing this file has no side effects, so it can be imported where there is no page.
 */

// ---- missing features ----------------------------------------------------------

/**
 * What the user misses without an API:
 * - 'room': seeing how much storage there is, and asking for more
 * - 'models': models that stay on the device
 * - 'offline': visits without a network
 * - 'camera'
 * - 'project': a project that is stored
 * - 'choices': a language and a theme that the page remembers
 * @typedef {'room' | 'models' | 'offline' | 'camera' | 'project' | 'choices'} Effect
 */
/**
 * @typedef {object} MissingFeature
 * @property {string} api
 * @property {Effect | ''} effect  '': there is a full substitute
 * @property {boolean} secureOnly  whether browsers offer the API in secure contexts only
 */
/** @typedef {MissingFeature & { isThere: () => unknown }} Feature */

/** @type {readonly Feature[]} */
const features = [
  { api: 'navigator.storage', effect: 'room', secureOnly: true, isThere: () => navigator.storage?.estimate },
  { api: 'caches', effect: 'models', secureOnly: true, isThere: cacheStorage },
  { api: 'navigator.serviceWorker', effect: 'offline', secureOnly: true, isThere: serviceWorkers },
  { api: 'navigator.mediaDevices', effect: 'camera', secureOnly: true, isThere: hasCamera },
  { api: 'indexedDB', effect: 'project', secureOnly: false, isThere: databases },
  { api: 'localStorage', effect: 'choices', secureOnly: false, isThere: hasLocalStorage },
  // These have a full substitute: messages between tabs, a library, random numbers, document.execCommand, the link
  // itself, a canvas element, a plain element.
  { api: 'navigator.locks', effect: '', secureOnly: true, isThere: webLocks },
  { api: 'crypto.subtle', effect: '', secureOnly: true, isThere: () => globalThis.crypto?.subtle },
  { api: 'crypto.randomUUID', effect: '', secureOnly: true, isThere: () => globalThis.crypto?.randomUUID },
  { api: 'navigator.clipboard', effect: '', secureOnly: true, isThere: () => navigator.clipboard },
  { api: 'navigator.share', effect: '', secureOnly: true, isThere: canShare },
  { api: 'OffscreenCanvas', effect: '', secureOnly: false, isThere: hasOffscreenCanvas },
  { api: 'popovers', effect: '', secureOnly: false, isThere: hasPopovers },
];

/** APIs that exist but turned out not to work. @type {Set<string>} */
const broken = new Set();
/** @type {(() => void)[]} */
const listeners = [];

/** Whether the page was opened by plain http from another computer, so that browsers offer it fewer APIs. */
export const isInsecure = () => globalThis.isSecureContext === false;

/** The APIs that this browser lacks. @returns {MissingFeature[]} */
export function missingFeatures() {
  return features.filter(({ isThere }) => !isThere())
    .map(({ api, effect, secureOnly }) => ({ api, effect, secureOnly }));
}

/** Reports that an API exists but does not work. @param {'indexedDB' | 'navigator.serviceWorker'} api */
export function reportBroken(api) {
  if (broken.has(api)) return;
  broken.add(api);
  for (const listener of listeners) listener();
}

/** Adds a listener that runs when an API turns out not to work. @param {() => void} listener */
export function onBroken(listener) {
  listeners.push(listener);
}

/**
 * The result of a getter, or undefined if it throws. Some browsers throw where storage is forbidden.
 * @template T
 * @param {() => T} get
 * @returns {T | undefined}
 */
function tryGet(get) {
  try {
    return get();
  } catch {
    return undefined;
  }
}

// ---- storage -------------------------------------------------------------------

/**
 * How much this site stores and may store, in bytes; undefined: the browser does not say.
 * @returns {Promise<{ usage?: number, quota?: number }>}
 */
export async function storageEstimate() {
  return await navigator.storage?.estimate?.().catch(() => ({})) ?? {};
}

/**
 * Whether the site's storage is persistent, so that the browser does not evict it.
 * @returns {Promise<boolean | undefined>} undefined: the browser has no persistent storage
 */
export async function isPersisted() {
  return navigator.storage?.persisted?.().catch(() => undefined);
}

/** Asks the browser to make the site's storage persistent. Some browsers ask the user first. */
export async function persist() {
  return await navigator.storage?.persist?.().catch(() => false) ?? false;
}

export function cacheStorage() {
  return tryGet(() => globalThis.caches) || undefined;
}

/** IndexedDB, unless it was found not to work. */
export function databases() {
  return broken.has('indexedDB') ? undefined : tryGet(() => globalThis.indexedDB) || undefined;
}

/** @returns {LockManager | undefined} */
export function webLocks() {
  return navigator.locks;
}

function hasLocalStorage() {
  return tryGet(() => globalThis.localStorage);
}

/** An item of localStorage; null: there is none. @param {string} name */
export function getLocalItem(name) {
  return tryGet(() => globalThis.localStorage?.getItem(name)) ?? null;
}

/**
 * Stores an item in localStorage, if that exists and has room.
 * @param {string} name
 * @param {string} value
 */
export function setLocalItem(name, value) {
  tryGet(() => globalThis.localStorage?.setItem(name, value));
}

/** An item of sessionStorage, which lasts until the tab is closed; null: there is none. @param {string} name */
export function getSessionItem(name) {
  return tryGet(() => globalThis.sessionStorage?.getItem(name)) ?? null;
}

/**
 * Stores an item in sessionStorage.
 * @param {string} name
 * @param {string} value
 * @returns {boolean} whether it was stored
 */
export function setSessionItem(name, value) {
  tryGet(() => globalThis.sessionStorage?.setItem(name, value));
  return getSessionItem(name) === value;
}

/** @returns {ServiceWorkerContainer | undefined} */
export function serviceWorkers() {
  return tryGet(() => navigator.serviceWorker);
}

/** Whether the page can work without a network once everything is downloaded, as far as is known. */
export const worksOffline = () => !missingFeatures().some(({ effect }) => effect === 'offline' || effect === 'models');

// ---- hashes and text -----------------------------------------------------------

/** SHA-256 in hexadecimal. @param {ArrayBuffer | Uint8Array<ArrayBuffer>} bytes */
export async function sha256(bytes) {
  const { subtle } = globalThis.crypto ?? {};
  const library = async () => (await import('../vendor/noble-hashes/sha2.js')).sha256(new Uint8Array(bytes));
  const digest = subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : await library();
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}

/** A random name, unique in practice. */
export function uniqueName() {
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join('-');
}

/** The text with U+FFFD in place of lone surrogates. @param {string} text */
export function wellFormed(text) {
  return text.toWellFormed?.() ?? text.replace(/\p{Surrogate}/gu, '\ufffd');
}

// ---- pictures ------------------------------------------------------------------

function hasOffscreenCanvas() {
  return typeof globalThis.OffscreenCanvas === 'function';
}

/** @param {unknown} image  @returns {image is HTMLCanvasElement | OffscreenCanvas} */
export function isCanvas(image) {
  return image instanceof HTMLCanvasElement || (hasOffscreenCanvas() && image instanceof OffscreenCanvas);
}

/** @param {unknown} image  @returns {image is VideoFrame} */
export function isVideoFrame(image) {
  return typeof globalThis.VideoFrame === 'function' && image instanceof VideoFrame;
}

/** @typedef {OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D} Context2D */

/**
 * Makes a canvas that is not part of the page.
 * @param {number} width
 * @param {number} height
 * @param {CanvasRenderingContext2DSettings} [settings]
 * @returns {{ canvas: OffscreenCanvas | HTMLCanvasElement, context: Context2D }}
 */
export function createCanvas(width, height, settings) {
  const element = () => Object.assign(document.createElement('canvas'), { width, height });
  const canvas = hasOffscreenCanvas() ? new OffscreenCanvas(width, height) : element();
  const context = /** @type {Context2D} */ (canvas.getContext('2d', settings));
  return { canvas, context };
}

/**
 * A canvas's content as an image file, by default PNG.
 * @param {OffscreenCanvas | HTMLCanvasElement} canvas
 * @param {{ type?: string, quality?: number }} [options]
 * @returns {Promise<Blob>}
 */
export function canvasFile(canvas, { type, quality } = {}) {
  if (!(canvas instanceof HTMLCanvasElement)) return canvas.convertToBlob({ type, quality });
  return new Promise((resolve, reject) => {
    canvas.toBlob(blob => {
      if (blob) resolve(blob);
      else reject(new RangeError('the canvas is too large to be made a file'));
    }, type, quality);
  });
}

/**
 * Decodes a picture, upright.
 * @param {ImageBitmapSource} source
 * @param {ImageBitmapOptions} [options]  ignored by browsers that do not know one of them
 */
export function decodeImage(source, options = {}) {
  return createImageBitmap(source, options).catch(error => {
    if (!(error instanceof TypeError)) throw error;
    return createImageBitmap(source);
  });
}

/**
 * A picture's pixels for a worker that has no canvas to read them from.
 * @param {Blob | ImageBitmap} source
 */
export async function pixelsOf(source) {
  const bitmap = await decodeImage(source, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  const { width, height } = bitmap;
  const { context } = createCanvas(width, height, { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/**
 * The centre square of a picture. Where the browser can, it is scaled off the main thread; elsewhere it keeps its size.
 * @param {ImageBitmap} bitmap
 * @param {number} side
 */
export async function middleSquare(bitmap, side) {
  const { width, height } = bitmap;
  const short = Math.min(width, height);
  const [left, top] = [(width - short) / 2, (height - short) / 2];
  /** @type {ImageBitmapOptions} */
  const scaled = { resizeWidth: side, resizeHeight: side, resizeQuality: 'medium' };
  const square = /** @type {const} */ ([bitmap, left, top, short, short]);
  return createImageBitmap(...square, scaled).catch(() => createImageBitmap(...square));
}

/** Whether there is WebGL 2. The context that this makes is released at once, because browsers allow only a few. */
export function hasWebGL2() {
  const context = document.createElement('canvas').getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}

export function hasCamera() {
  return !!navigator.mediaDevices?.getUserMedia;
}

/** The camera's stream. Ask hasCamera first. @param {MediaStreamConstraints} constraints */
export function openCamera(constraints) {
  return navigator.mediaDevices.getUserMedia(constraints);
}

/** The cameras of this device; until a page may use one, browsers hide how many there are. */
export async function cameras() {
  const devices = await navigator.mediaDevices?.enumerateDevices?.().catch(() => []) ?? [];
  return devices.filter(({ kind }) => kind === 'videoinput');
}

/** Adds a listener that runs when a camera is plugged in or out. @param {() => void} listener */
export function onCameras(listener) {
  navigator.mediaDevices?.addEventListener?.('devicechange', listener);
}

/**
 * Calls back once, as soon as a video of a camera shows another picture.
 * @param {HTMLVideoElement} video
 * @param {(taken: number) => void} onPicture  gets when the camera took it, in the time of performance.now(); where the
 *   browser does not say, when it was shown
 */
export function onNextPicture(video, onPicture) {
  if (video.requestVideoFrameCallback) {
    video.requestVideoFrameCallback((now, { captureTime }) => onPicture(captureTime ?? now));
    return;
  }
  const { currentTime, srcObject } = video;
  const look = () => {
    if (video.srcObject !== srcObject) return;
    if (video.currentTime !== currentTime) onPicture(performance.now());
    else requestAnimationFrame(look);
  };
  look();
}

// ---- popovers ------------------------------------------------------------------

function hasPopovers() {
  return 'popover' in (globalThis.HTMLElement?.prototype ?? {});
}

/**
 * A popover and the button that opens it. Where the browser lacks popovers, the panel is an ordinary element that is
 * shown and hidden, and fires the same "toggle" event.
 * @param {HTMLElement} panel
 * @param {HTMLButtonElement} opener
 */
export function popover(panel, opener) {
  if (hasPopovers()) {
    return {
      isOpen: () => panel.matches(':popover-open'),
      show: () => panel.showPopover(),
      hide: () => panel.hidePopover(),
    };
  }
  panel.hidden = true;
  const set = (/** @type {boolean} */ open) => {
    if (panel.hidden !== open) return;
    panel.hidden = !open;
    (open ? panel : opener).focus();
    panel.dispatchEvent(Object.assign(new Event('toggle'), { newState: open ? 'open' : 'closed' }));
  };
  opener.addEventListener('click', () => set(!!panel.hidden));
  document.addEventListener('keydown', ({ key }) => { if (key === 'Escape') set(false); });
  document.addEventListener('pointerdown', ({ target }) => {
    if (target instanceof Node && !panel.contains(target) && !opener.contains(target)) set(false);
  });
  return { isOpen: () => !panel.hidden, show: () => set(true), hide: () => set(false) };
}

// ---- clipboard and sharing -----------------------------------------------------

/**
 * Copies the text of a field.
 * @param {HTMLInputElement} field
 * @returns {Promise<boolean>} whether it was copied; if not, it is selected for the user to copy
 */
export async function copyFrom(field) {
  const copied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
  if (copied) return true;
  field.focus();
  field.select();
  return document.execCommand('copy'); // deprecated, but works by plain http too
}

export function canShare() {
  return !!navigator.share;
}

/** Opens the system's dialog for sharing a link. @param {string} url */
export async function shareLink(url) {
  await navigator.share({ url }).catch(() => {}); // the user closed the dialog
}

/** The pictures in the clipboard. Some browsers ask the user first. @returns {Promise<Blob[]>} */
export async function readClipboard() {
  try {
    const items = await navigator.clipboard?.read?.() ?? [];
    const types = items.map(item => item.types.find(type => type.startsWith('image/')));
    return await Promise.all(items.flatMap((item, i) => (types[i] ? [item.getType(types[i])] : [])));
  } catch {
    return []; // not allowed, or the clipboard is empty
  }
}
