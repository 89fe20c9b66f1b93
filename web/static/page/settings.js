// What the page remembers between visits. If storage is disabled or full, it forgets, and everything else works.

import { getLocalItem, setLocalItem } from '../common/platform.js';

/** @param {'theme' | 'language' | 'training' | 'taught' | 'model' | 'tour'} key */
export function recall(key) {
  return getLocalItem(`residua.${key}`);
}

/**
 * @param {'theme' | 'language' | 'training' | 'taught' | 'model' | 'tour'} key
 * @param {string} value
 */
export function remember(key, value) {
  setLocalItem(`residua.${key}`, value);
}
