// @ts-check
/**
 * What this browser lets the page do. An API that may be missing is asked for here and nowhere else, by a function that
 * gives it or what takes its place; `lacking` lists what is missing, with what follows for a person.
 *
 * An API is missing where the browser is old or was built without it, where a person forbids it, and outside of secure
 * contexts: to a page that was opened by plain http from another computer, browsers give a dozen APIs less.
 *
 * Importing this does nothing, so that it can be imported where there is no page.
 */

// ---- what is lacking -----------------------------------------------------------

/**
 * What a person misses without an API: 'room', to know how much may be kept and to ask for more; 'models', that they
 * are kept; 'offline', visits without a network; 'camera'; 'project', that what was taught is kept; 'choices', that the
 * page remembers the language and the theme.
 * @typedef {'room' | 'models' | 'offline' | 'camera' | 'project' | 'choices'} Effect
 */
/** @typedef {{ api: string, effect: Effect | '', secureOnly: boolean }} Lack  effect '': a person misses nothing */
/** @typedef {Lack & { isThere: () => unknown }} API */

/** @type {readonly API[]} */
const apis = [
  { api: 'navigator.storage', effect: 'room', secureOnly: true, isThere: () => navigator.storage?.estimate },
  { api: 'caches', effect: 'models', secureOnly: true, isThere: cacheStorage },
  { api: 'navigator.serviceWorker', effect: 'offline', secureOnly: true, isThere: serviceWorkers },
  { api: 'navigator.mediaDevices', effect: 'camera', secureOnly: true, isThere: hasCamera },
  { api: 'indexedDB', effect: 'project', secureOnly: false, isThere: databases },
  { api: 'localStorage', effect: 'choices', secureOnly: false, isThere: canRemember },
  // For these there is an equal: messages between tabs, a library, random numbers, the older way to copy, the link, an
  // element.
  { api: 'navigator.locks', effect: '', secureOnly: true, isThere: webLocks },
  { api: 'crypto.subtle', effect: '', secureOnly: true, isThere: () => globalThis.crypto?.subtle },
  { api: 'crypto.randomUUID', effect: '', secureOnly: true, isThere: () => globalThis.crypto?.randomUUID },
  { api: 'navigator.clipboard', effect: '', secureOnly: true, isThere: () => navigator.clipboard },
  { api: 'navigator.share', effect: '', secureOnly: true, isThere: canShare },
  { api: 'OffscreenCanvas', effect: '', secureOnly: false, isThere: hasOffscreenCanvas },
  { api: 'popovers', effect: '', secureOnly: false, isThere: hasPopovers },
];

/** What is there but turned out not to work. @type {Set<string>} */
const failed = new Set();
/** @type {(() => void)[]} */
const listeners = [];

/** Whether the page was opened in a way that browsers give it less: by plain http, and not from this computer. */
export const isInsecure = () => globalThis.isSecureContext === false;

/** What this browser lacks. @returns {Lack[]} */
export function lacking() {
  return apis.filter(({ isThere }) => !isThere()).map(({ api, effect, secureOnly }) => ({ api, effect, secureOnly }));
}

/** Says that an API is there but does not work. @param {'indexedDB' | 'navigator.serviceWorker'} api */
export function fails(api) {
  if (failed.has(api)) return;
  failed.add(api);
  for (const listener of listeners) listener();
}

/** The listener runs when something turns out not to work. @param {() => void} listener */
export function onFailing(listener) {
  listeners.push(listener);
}

/**
 * What a getter gives. Some browsers throw where storage is forbidden.
 * @template T
 * @param {() => T} get
 * @returns {T | undefined}
 */
function attempt(get) {
  try {
    return get();
  } catch {
    return undefined;
  }
}

// ---- keeping -------------------------------------------------------------------

/**
 * How much this site keeps and may keep, in bytes; undefined: the browser does not tell.
 * @returns {Promise<{ usage?: number, quota?: number }>}
 */
export async function storageEstimate() {
  return await navigator.storage?.estimate?.().catch(() => ({})) ?? {};
}

/**
 * Whether the browser has promised to keep what this site keeps.
 * @returns {Promise<boolean | undefined>} undefined: it cannot be asked to
 */
export async function isPersisted() {
  return navigator.storage?.persisted?.().catch(() => undefined);
}

/** Asks the browser to keep what this site keeps. Some ask the person first. */
export async function persist() {
  return await navigator.storage?.persist?.().catch(() => false) ?? false;
}

export function cacheStorage() {
  return attempt(() => globalThis.caches) || undefined;
}

/** IndexedDB, unless it was found not to work. */
export function databases() {
  return failed.has('indexedDB') ? undefined : attempt(() => globalThis.indexedDB) || undefined;
}

/** The Web Locks of this site's tabs. @returns {LockManager | undefined} */
export function webLocks() {
  return navigator.locks;
}

function canRemember() {
  return attempt(() => globalThis.localStorage);
}

/** What localStorage has of a name. @param {string} name */
export function recallItem(name) {
  return attempt(() => globalThis.localStorage?.getItem(name)) ?? null;
}

/**
 * Keeps something in localStorage, if there is one that has room.
 * @param {string} name
 * @param {string} value
 */
export function rememberItem(name, value) {
  attempt(() => globalThis.localStorage?.setItem(name, value));
}

/** What sessionStorage has of a name, for as long as the tab is open. @param {string} name */
export function recallInTab(name) {
  return attempt(() => globalThis.sessionStorage?.getItem(name)) ?? null;
}

/**
 * Keeps something in sessionStorage.
 * @param {string} name
 * @param {string} value
 * @returns {boolean} whether it is there now
 */
export function rememberInTab(name, value) {
  attempt(() => globalThis.sessionStorage?.setItem(name, value));
  return recallInTab(name) === value;
}

/** What keeps the site for visits without a network. @returns {ServiceWorkerContainer | undefined} */
export function serviceWorkers() {
  return attempt(() => navigator.serviceWorker);
}

/** Whether the page works without a network once everything is here, as far as is known. */
export const worksOffline = () => !lacking().some(({ effect }) => effect === 'offline' || effect === 'models');

// ---- numbers -------------------------------------------------------------------

/** SHA-256 in hexadecimal. @param {ArrayBuffer | Uint8Array<ArrayBuffer>} bytes */
export async function sha256(bytes) {
  const { subtle } = globalThis.crypto ?? {};
  const library = async () => (await import('../vendor/noble-hashes/sha2.js')).sha256(new Uint8Array(bytes));
  const digest = subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : await library();
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}

/** A name that nothing else has. */
export function uniqueName() {
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join('-');
}

/** Text without halves of surrogate pairs. @param {string} text */
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

/** @typedef {OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D} Context2D */

/**
 * A canvas that need not be on the page.
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
 * What is on a canvas, as a file.
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
 * A picture's pixels, upright.
 * @param {ImageBitmapSource} source
 * @param {ImageBitmapOptions} [options]  a browser that does not know one of them may refuse all: then the picture
 *   comes without
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
 * The middle square of a picture, scaled off the main thread where the browser can: elsewhere it has the size that it
 * had.
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

/**
 * Whether there is WebGL 2; without it a 2D canvas is painted on. The context that tells is given back at once: a
 * browser has only a few.
 */
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

// ---- showing -------------------------------------------------------------------

function hasPopovers() {
  return 'popover' in (globalThis.HTMLElement?.prototype ?? {});
}

/**
 * A popover and the button that opens it. Where the browser has none, it is an element that shows and hides, and fires
 * the same event.
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

// ---- handing on ----------------------------------------------------------------

/**
 * Copies what stands in a field.
 * @param {HTMLInputElement} field
 * @returns {Promise<boolean>} whether it is copied; else it is selected, for a person to copy
 */
export async function copyFrom(field) {
  const copied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
  if (copied) return true;
  field.focus();
  field.select();
  return document.execCommand('copy'); // the older way, which works by plain http too
}

export function canShare() {
  return !!navigator.share;
}

/** Hands a link to another program that the person chooses. @param {string} url */
export async function shareLink(url) {
  await navigator.share({ url }).catch(() => {}); // a person thought better of it
}

/** The pictures in the clipboard. Some browsers ask the person first. @returns {Promise<Blob[]>} */
export async function readClipboard() {
  try {
    const items = await navigator.clipboard?.read?.() ?? [];
    const types = items.map(item => item.types.find(type => type.startsWith('image/')));
    return await Promise.all(items.flatMap((item, i) => (types[i] ? [item.getType(types[i])] : [])));
  } catch {
    return []; // it was not allowed, or nothing is there
  }
}
