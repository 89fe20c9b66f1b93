// What the page remembers between visits. If storage is disabled or full, it forgets, and everything else works.

import { getLocalItem, getSessionItem, setLocalItem, setSessionItem } from '../common/platform.js';

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

/** The ID of the shared classifier that a person has loaded in this tab, if it is not kept anywhere. */
export const recallShared = () => getSessionItem('residua.shared');

/** @param {string} id */
export const rememberShared = id => void setSessionItem('residua.shared', id);
