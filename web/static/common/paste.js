// @ts-check
import { readClipboard } from './platform.js';

/** Inputs that take no text. */
const textless = /^(button|checkbox|color|file|image|radio|range|reset|submit)$/;

/** @param {Event} event */
const targetOf = event => event.composedPath().find(node => node instanceof Element);

/** Whether something happens in a field of a form, or in text that can be edited. @param {Event} event */
export function isInField(event) {
  const target = targetOf(event);
  return !!target?.closest('input, textarea, select') || target instanceof HTMLElement && target.isContentEditable;
}

/** Whether a field there takes text. @param {Event} event */
function isInTextField(event) {
  const target = targetOf(event);
  const field = target?.closest('input, textarea');
  if (field instanceof HTMLInputElement) return !field.readOnly && !textless.test(field.type);
  if (field instanceof HTMLTextAreaElement) return !field.readOnly;
  return target instanceof HTMLElement && target.isContentEditable;
}

/**
 * Whether a field takes what is pasted as text, by itself. It must be asked in the event.
 * @param {ClipboardEvent} event
 */
export function isTextForField(event) {
  const text = event.clipboardData?.getData('text/plain').trim();
  if (!text || !isInTextField(event)) return false;
  // Office programs copy text as a picture, too. File managers copy a file's name as text, too.
  return ![...event.clipboardData?.files ?? []].some(({ name }) => text.includes(name));
}

/**
 * Whether a field takes what is dragged over it or dropped on it as text, by itself.
 * @param {DragEvent} event
 */
export function isTextDraggedToField(event) {
  const types = event.dataTransfer?.types ?? [];
  const others = types.some(type => type === 'Files' || type === 'text/uri-list');
  return types.includes('text/plain') && !others && isInTextField(event);
}

/**
 * The files of a paste event. In WebKitGTK the event of a pasted picture has no data, so the clipboard is read instead.
 * @param {ClipboardEvent} event
 * @returns {Promise<File[]>}
 */
export async function pastedFiles({ clipboardData }) {
  const files = [...clipboardData?.files ?? []]; // before any await: the browser empties it after the event
  if (files.length > 0 || (clipboardData?.types.length ?? 0) > 0) return files;
  const blobs = await readClipboard();
  // The name that browsers give to pasted pictures.
  return blobs.map(blob => new File([blob], `image.${blob.type.split('/')[1].split('+')[0]}`, { type: blob.type }));
}
