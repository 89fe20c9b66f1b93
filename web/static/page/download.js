import { make } from './dom.js';

/**
 * Hands a person a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = make('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
