// A question to the engine about a photo. Equal questions have equal answers.

/** @typedef {import('../address.js').Look['ablate']} Ablate */
/** @typedef {import('../classifiers.js').Classifier} Classifier */
/** @typedef {{ by: Classifier, photo: import('../photos.js').Photo, ablate: Ablate }} Question  by: who is asked */

/**
 * @param {Ablate} a
 * @param {Ablate} b
 */
function sameAblation(a, b) {
  const blocks = Object.keys(a);
  return blocks.length === Object.keys(b).length && blocks.every(block => a[block] === b[block]);
}

/**
 * @template {Question} T
 * @param {T | undefined} a
 * @param {T | undefined} b
 * @param {(keyof T)[]} [also]  properties that must be equal, too
 */
export function sameQuestion(a, b, also = []) {
  if (!a || !b) return false;
  return a.by === b.by && a.photo === b.photo && sameAblation(a.ablate, b.ablate) &&
    also.every(name => a[name] === b[name]);
}
