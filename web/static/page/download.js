// Saving files on a person's device.

import { make } from './dom.js';

/**
 * Downloads a blob as a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = make('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser may read the blob only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
