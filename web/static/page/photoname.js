// The name that the page shows for a photo.

import { text } from './i18n.js';

/**
 * A sample's title, the file's name, or a text for a photo without a name.
 * @param {import('./photos.js').Photo} photo
 */
export function nameOf({ name, sample }) {
  return (sample?.title ?? name) || (text('photo.pasted') ?? '');
}
