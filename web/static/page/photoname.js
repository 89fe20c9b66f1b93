// The words that the page has for a photo.

import { language, text } from './i18n.js';

/** A sample's title and description, in the page's language. @param {import('./photos.js').Sample} sample */
export const wordsOf = sample => (language() === 'zh' ? sample.zh : sample);

/**
 * A sample's title, the file's name, or a text for a photo without a name.
 * @param {import('./photos.js').Photo} photo
 */
export function nameOf({ name, sample }) {
  return (sample ? wordsOf(sample).title : name) || (text('photo.pasted') ?? '');
}
