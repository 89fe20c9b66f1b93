// What to call a photo.

import { text } from './i18n.js';

/**
 * A sample's title, a file's name, or the words for a photo that has none.
 * @param {import('./photos.js').Photo} photo
 */
export function nameOf({ name, sample }) {
  return (sample?.title ?? name) || (text('photo.pasted') ?? '');
}
