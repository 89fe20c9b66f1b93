// While the room is open, everything that is dropped or pasted is for the room, wherever on the page it falls.

import { isInField, isTextDraggedToField, isTextForField, pastedFiles } from '../../common/paste.js';
import { readDrop } from '../folders.js';
import { mainRun } from './runs.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {Pick<import('./parts.js').Parts, 'additions' | 'archives' | 'classes' | 'dataset' | 'tryIt'>} Parts */

/**
 * @param {HTMLElement} root
 * @param {TeachContext} context
 * @param {Parts} parts
 * @param {() => boolean} isActive  whether the room is open
 */
export function takeDropsAndPastes(root, context, parts, isActive) {
  /** @param {DragEvent} event */
  const take = event => {
    event.stopPropagation();
    if (isTextDraggedToField(event)) return;
    event.preventDefault();
    if (event.dataTransfer) void takeDrop(context, parts, event.dataTransfer);
  };
  root.addEventListener('dragover', event => {
    event.stopPropagation();
    if (!isTextDraggedToField(event)) event.preventDefault();
  });
  root.addEventListener('drop', take);
  document.addEventListener('drop', event => {
    if (!isActive()) return;
    document.documentElement.removeAttribute('data-dragging');
    if (!(event.target instanceof Node && root.contains(event.target))) take(event);
  }, { capture: true });
  document.addEventListener('paste', async event => {
    if (!isActive()) return;
    event.stopPropagation();
    if (isTextForField(event)) return;
    const wantsText = isInField(event);
    if (event.clipboardData?.files.length) event.preventDefault();
    const files = await pastedFiles(event);
    const id = parts.classes.pasteInto();
    const pictures = await parts.archives.take(files, id);
    if (pictures.length > 0) takePaste(context, parts, pictures);
    else if (files.length === 0 && !wantsText) context.messages.tell('hint.no-paste');
  }, { capture: true });
}

/**
 * Takes what was dropped beside the classes. Folders are classes, or a data set.
 * @param {TeachContext} context
 * @param {Parts} parts
 * @param {DataTransfer} data
 */
async function takeDrop(context, parts, data) {
  if (context.readOnly) return context.messages.tell('error.read-only');
  try {
    const { files, hasFolders, inFolders } = await readDrop(data);
    if (!hasFolders) return await takeFiles(context, parts, files);
    const beside = await parts.archives.take(files);
    await parts.dataset.add([...inFolders, ...beside.map(file => ({ path: file.name, file }))]);
  } catch (error) {
    context.messages.error(error);
  }
}

/**
 * Takes files that are for no class in particular.
 * @param {TeachContext} context
 * @param {Parts} parts
 * @param {File[]} all
 */
export async function takeFiles(context, { additions, archives, classes }, all) {
  const files = await archives.take(all);
  if (files.length === 0) return;
  if ((context.teacher?.classes.length ?? 0) > 0) return context.messages.tell('teach.drop.where');
  await classes.addClass();
  const [only] = context.teacher?.classes ?? [];
  if (!only) return;
  const { id, name } = only;
  /** When none of the files is a picture, nobody wanted the class, unless it was given a name meanwhile. */
  const removeIfEmpty = () => {
    const now = context.teacher?.classes.find(one => one.id === id);
    if (additions.pending > 0 || now?.name !== name || now.pictures.length > 0) return;
    context.teacher?.removeClass(name).catch(error => context.messages.error(error));
  };
  await additions.add(id, files, { onFault: removeIfEmpty });
  removeIfEmpty();
}

/**
 * Pasted pictures go where the keyboard is, else into the only class, else the taught network is asked about the first.
 * @param {TeachContext} context
 * @param {Parts} parts
 * @param {File[]} files
 */
function takePaste({ readOnly, teacher, messages }, { additions, classes, tryIt }, files) {
  // Browsers call a picture that was copied as such image.png. It has no name of its own.
  const named = files.map(blob =>
    ({ blob, name: files.length === 1 && blob.name === 'image.png' ? '' : blob.name }));
  const id = classes.pasteInto();
  const isInTry = tryIt.element.contains(document.activeElement) && !tryIt.element.hidden;
  if (readOnly && id) messages.tell('error.read-only');
  else if (isInTry) void tryIt.ask(files[0], named[0].name);
  else if (id) void additions.add(id, named);
  else if (mainRun(teacher)) void tryIt.ask(files[0], named[0].name);
  else messages.tell('teach.paste.where');
}
