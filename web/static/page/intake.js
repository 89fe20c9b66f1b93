// Every way for files to come in: dropped anywhere on the page, pasted, chosen, or taken with the camera.

import { find } from './dom.js';
import { isInField, isTextDraggedToField, isTextForField, pastedFiles } from '../common/paste.js';
import { files as api } from '../residua.js';
import { hasPictures, isFromTeach, isPicture, isUseless, recognizeAll } from './arrivals.js';
import { capacity as limit, photoOf } from './photos.js';
import { sortFiles } from './sortfiles.js';

/** @typedef {import('./photos.js').Photo} Photo */

/** Kinds of files that a model may be loaded from, whatever their names. */
const modelKinds = new Set(['safetensors', 'onnx', 'zip-model']);

/**
 * @typedef {object} Handlers
 * @property {(photos: Photo[]) => void} onPhotos at least one
 * @property {(files: File[]) => void} onModel a network's files, and all others that came with them
 * @property {(arrivals: import('./arrivals.js').Arrival[]) => void} onArchives archives of pictures, or what Teach
 *   saved; at least one
 * @property {(key: string, values?: import('./i18n.js').Values, name?: string) => void} onRefusal the key of the reason
 */

/**
 * @param {File[]} all
 * @param {Handlers} handlers
 */
export function takeFiles(all, handlers) {
  if (all.every(isPicture)) takePhotos(all, handlers);
  else void sortOut(all, handlers);
}

/**
 * @param {File[]} files
 * @param {Handlers} handlers
 */
function takePhotos(files, { onPhotos, onRefusal }) {
  if (files.length === 0) return;
  onPhotos(files.slice(0, limit).map(photoOf));
  if (files.length > limit) onRefusal('hint.too-many', { count: files.length, limit });
}

/**
 * Takes files of which some are no pictures.
 * @param {File[]} all
 * @param {Handlers} handlers
 */
async function sortOut(all, handlers) {
  const arrivals = await recognizeAll(all);
  const others = arrivals.filter(one => !hasPictures(one) && !isFromTeach(one) && !isUseless(one));
  const { photos: byName } = sortFiles(others.map(({ file }) => file));
  /** @param {import('./arrivals.js').Arrival} arrival */
  const isPhoto = ({ file, kind }) =>
    kind === 'picture' || byName.includes(file) && !api.isForeign(kind) && !modelKinds.has(kind);
  const photos = others.filter(isPhoto).map(({ file }) => file);
  if (photos.length < others.length) handlers.onModel(others.map(({ file }) => file));
  takePhotos(photos, handlers);
  for (const { file, kind } of arrivals.filter(isUseless)) handlers.onRefusal(`files.${kind}`, {}, file.name);
  const asked = arrivals.filter(one => hasPictures(one) || isFromTeach(one));
  if (asked.length > 0) handlers.onArchives(asked);
}

/**
 * Makes buttons open the file choosers, and takes what is chosen.
 * @param {Handlers} handlers
 */
function startChoosers(handlers) {
  for (const [chooser, buttons] of [['#files', ['#drop', '#another', '#choose']], ['#camera', ['#take']]]) {
    const input = find(String(chooser), HTMLInputElement);
    for (const button of buttons) find(button, HTMLButtonElement).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      input.value = ''; // so that the same file can be chosen again
      takeFiles(files, handlers);
    });
  }
}

/**
 * Takes what is dropped anywhere on the page.
 * @param {Handlers} handlers
 */
function startDrops(handlers) {
  const page = document.documentElement;

  document.addEventListener('dragover', event => {
    if (isTextDraggedToField(event)) return;
    event.preventDefault();
    if (!event.dataTransfer) return;
    event.dataTransfer.dropEffect = 'copy';
    const wanted = event.dataTransfer.types.some(type => type === 'Files' || type === 'text/uri-list');
    page.toggleAttribute('data-dragging', wanted);
  });
  document.addEventListener('dragleave', event => {
    if (!event.relatedTarget) page.removeAttribute('data-dragging'); // the pointer has left the window
  });
  document.addEventListener('drop', event => {
    if (isTextDraggedToField(event)) return;
    event.preventDefault();
    page.removeAttribute('data-dragging');
    if (event.dataTransfer) takeDrop(event.dataTransfer, handlers);
  });
}

/**
 * @param {DataTransfer} data the browser empties it when the event is over, so it is read before anything async
 * @param {Handlers} handlers
 */
function takeDrop(data, handlers) {
  /** @type {File[]} */
  const files = [];
  /** @type {string[]} */
  const folders = [];
  for (const item of data.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (entry?.isDirectory) folders.push(entry.name);
    else if (file) files.push(file);
  }
  const address = data.getData('text/uri-list').split(/\r?\n/).find(line => line && !line.startsWith('#'));

  takeFiles(files, handlers);
  for (const name of folders) {
    // Core ML's models are folders that a Mac shows as files.
    handlers.onRefusal(/\.(mlpackage|mlmodelc)$/i.test(name) ? 'files.coreml' : 'error.folder', {}, name);
  }
  if (files.length > 0 || folders.length > 0) return;
  if (address) void takeAddress(address, handlers);
  else handlers.onRefusal('hint.no-file');
}

/**
 * Takes a picture that was dragged from a page of this site. Nothing is fetched from other sites.
 * @param {string} address
 * @param {Handlers} handlers
 */
async function takeAddress(address, { onPhotos, onRefusal }) {
  try {
    const url = new URL(address);
    if (url.origin !== location.origin) return onRefusal('hint.foreign');
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(answer.statusText);
    const blob = await answer.blob();
    onPhotos([{ key: url.href, name: decodeURIComponent(url.pathname.split('/').at(-1) ?? ''), blob }]);
  } catch {
    onRefusal('hint.unreachable');
  }
}

/**
 * Takes pictures from the clipboard. Text that is pasted into a field stays there.
 * @param {Handlers} handlers
 */
function startPaste(handlers) {
  document.addEventListener('paste', async event => {
    if (isTextForField(event)) return;
    const wantsText = isInField(event);
    if (event.clipboardData?.files.length) event.preventDefault(); // a field would get the file's name
    const files = await pastedFiles(event);
    // Browsers name every copied picture image.png, so that is not a name worth showing.
    const nameless = files.length === 1 && files[0].name === 'image.png';
    if (nameless) handlers.onPhotos([{ ...photoOf(files[0]), name: '' }]);
    else if (files.length > 0) takeFiles(files, handlers);
    else if (!wantsText) handlers.onRefusal('hint.no-paste');
  });
}

/** @param {Handlers} handlers */
export function startIntake(handlers) {
  startChoosers(handlers);
  startDrops(handlers);
  startPaste(handlers);
}
