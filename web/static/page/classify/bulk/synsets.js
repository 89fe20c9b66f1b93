// The names of ImageNet's classes in WordNet and in Chinese, in files that come when a table needs them.

import { fetchTable } from '../../i18n.js';

/** @type {Map<string, Promise<any>>} */
const coming = new Map();

/**
 * A file's table; undefined: there is no connection, and the next call tries again.
 * @param {string} name
 */
function bring(name) {
  const known = coming.get(name);
  if (known) return known;
  const fetched = fetchTable(name).catch(() => {
    coming.delete(name);
    return undefined;
  });
  coming.set(name, fetched);
  return fetched;
}

/**
 * @param {boolean} chinese  whether the Chinese names are wanted too
 * @returns {Promise<{ synsets?: string[], chinese?: string[] }>} synsets: for each class its wnid, and its names
 */
export async function bringNames(chinese) {
  const [synsets, pairs] = await Promise.all([bring('imagenet-synsets'), chinese ? bring('imagenet-zh') : undefined]);
  return { synsets, chinese: pairs?.map((/** @type {[string, string]} */ [, name]) => name) };
}
