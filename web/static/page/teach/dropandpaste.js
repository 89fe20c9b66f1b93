// While the room is open, everything that is dropped or pasted is for the room, wherever on the page it falls.

import { pastedFiles } from '../../common/paste.js';
import { savedFile } from './files.js';
import { classesOf, readDrop } from './folders.js';
import { mainRun } from './runs.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {Pick<import('./parts.js').Parts, 'additions' | 'classes' | 'files' | 'tryIt'>} Parts */

/**
 * @param {HTMLElement} root
 * @param {TeachContext} context
 * @param {Parts} parts
 * @param {() => boolean} isActive  whether the room is open
 */
export function takeDropsAndPastes(root, context, parts, isActive) {
  /** @param {DragEvent} event */
  const take = event => {
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer) void takeDrop(context, parts, event.dataTransfer);
  };
  root.addEventListener('dragover', event => {
    event.preventDefault();
    event.stopPropagation();
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
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.clipboardData?.files.length) event.preventDefault();
    const files = await pastedFiles(event);
    if (files.length > 0) takePaste(context, parts, files);
    else if (!isTyping) context.messages.tell('hint.no-paste');
  }, { capture: true });
}

/**
 * Takes what was dropped beside the classes. Each folder is a class.
 * @param {TeachContext} context
 * @param {Parts} parts
 * @param {DataTransfer} data
 */
async function takeDrop(context, { additions, classes, files: savedFiles }, data) {
  if (context.readOnly) return context.messages.tell('error.read-only');
  try {
    const { files, folders } = await readDrop(data);
    const saved = files.find(({ name }) => savedFile.test(name));
    if (saved) return savedFiles.open(saved);
    if (folders.length > 0) await additions.addClasses(folders.flatMap(classesOf));
    if (files.length === 0) return;
    if ((context.teacher?.classes.length ?? 0) > 0) return context.messages.tell('teach.drop.where');
    await classes.addClass();
    const [only] = context.teacher?.classes ?? [];
    if (only) await additions.add(only.id, files);
  } catch (error) {
    context.messages.error(error);
  }
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
