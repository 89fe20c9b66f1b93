// @ts-check
import { readClipboard } from './platform.js';

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
