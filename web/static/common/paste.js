// @ts-check
import { readClipboard } from './platform.js';

/**
 * The files of a paste. WebKitGTK gives an event without any data when a picture is pasted; the picture is in the clipboard all the same.
 * @param {ClipboardEvent} event
 * @returns {Promise<File[]>}
 */
export async function pastedFiles({ clipboardData }) {
  const files = [...clipboardData?.files ?? []]; // now: when the event is over, the browser empties it
  if (files.length > 0 || (clipboardData?.types.length ?? 0) > 0) return files;
  const blobs = await readClipboard();
  // Browsers that put a picture into the event call it so.
  return blobs.map(blob => new File([blob], `image.${blob.type.split('/')[1].split('+')[0]}`, { type: blob.type }));
}
