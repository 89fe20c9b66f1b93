// What the page remembers between visits. Storage may be switched off or full; then it forgets, and nothing else breaks.

/** @param {'theme' | 'language' | 'training' | 'taught' | 'model'} key */
export function recall(key) {
  try {
    return localStorage.getItem(`residua.${key}`);
  } catch {
    return null;
  }
}

/**
 * @param {'theme' | 'language' | 'training' | 'taught' | 'model'} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(`residua.${key}`, value);
  } catch {
    // It holds for this visit only.
  }
}
