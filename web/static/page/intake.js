// Every way for files to come in: dropped anywhere on the page, pasted, chosen, or taken with the camera.

import { find } from './dom.js';
import { isInField, isTextDraggedToField, isTextForField, pastedFiles } from '../common/paste.js';
import { filesIn, openDrop, withPaths } from './folders.js';
import { files as api } from '../residua.js';
import { hasPictures, isFromTeach, isPicture, isUseless, recognizeAll } from './arrivals.js';
import { capacity as limit, photoOf } from './photos.js';
import { sortFiles } from './sortfiles.js';

/** @typedef {import('./photos.js').Photo} Photo */

/** Kinds of files that a model may be loaded from, whatever their names. */
const modelKinds = new Set(['safetensors', 'onnx', 'zip-model']);

/**
 * A folder, or several, to be read at all depths. name: of the first
 * @typedef {object} FolderRead
 * @property {string} name
 * @property {(options: import('./folders.js').Options) => Promise<import('./folders.js').FileInFolder[]>} read
 */

/**
 * @typedef {object} Handlers
 * @property {(photos: Photo[]) => void} onPhotos at least one
 * @property {(files: File[]) => void} onMany more photos than the list of the session holds
 * @property {(folder: FolderRead) => void} onFolder
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
function takePhotos(files, { onPhotos, onMany }) {
  if (files.length > limit) onMany(files);
  else if (files.length > 0) onPhotos(files.map(photoOf));
}

/**
 * Takes files of which some are no pictures.
 * @param {File[]} all
 * @param {Handlers} handlers
 */
async function sortOut(all, handlers) {
  // Of very many files, only those are read that do not say that they are pictures.
  const named = all.length > limit ? all.filter(isPicture) : [];
  const arrivals = await recognizeAll(all.length > limit ? all.filter(file => !isPicture(file)) : all);
  const others = arrivals.filter(one => !hasPictures(one) && !isFromTeach(one) && !isUseless(one));
  const { photos: byName } = sortFiles(others.map(({ file }) => file));
  /** @param {import('./arrivals.js').Arrival} arrival */
  const isPhoto = ({ file, kind }) =>
    kind === 'picture' || byName.includes(file) && !api.isForeign(kind) && !modelKinds.has(kind);
  const photos = [...named, ...others.filter(isPhoto).map(({ file }) => file)];
  if (photos.length < named.length + others.length) handlers.onModel(others.map(({ file }) => file));
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
 * Makes a button open the chooser of folders, where the browser has one.
 * @param {Handlers} handlers
 */
function startFolderChooser({ onFolder }) {
  const input = find('#folder-files', HTMLInputElement);
  const button = find('#folder', HTMLButtonElement);
  button.hidden = !('webkitdirectory' in input);
  button.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const files = withPaths([...(input.files ?? [])]);
    input.value = ''; // so that the same folder can be chosen again
    if (files.length > 0) onFolder({ name: files[0].path.split('/')[0], read: async () => files });
  });
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
  const { files, folders: all } = openDrop(data);
  // Core ML's models are folders that a Mac shows as files.
  const models = all.filter(({ name }) => /\.(mlpackage|mlmodelc)$/i.test(name));
  const folders = all.filter(folder => !models.includes(folder));
  const address = data.getData('text/uri-list').split(/\r?\n/).find(line => line && !line.startsWith('#'));

  if (folders.length === 0) takeFiles(files, handlers);
  else {
    // Pictures beside a folder go with it.
    const read = async (/** @type {import('./folders.js').Options} */ options) =>
      [...await filesIn(folders, options), ...withPaths(files.filter(isPicture))];
    handlers.onFolder({ name: folders[0].name, read });
    takeFiles(files.filter(file => !isPicture(file)), handlers);
  }
  for (const { name } of models) handlers.onRefusal('files.coreml', {}, name);
  if (files.length > 0 || all.length > 0) return;
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
  startFolderChooser(handlers);
  startDrops(handlers);
  startPaste(handlers);
}
