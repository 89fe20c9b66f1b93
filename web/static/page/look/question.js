// A question to the engine about a photo. Equal questions have equal answers.

/** @typedef {import('../address.js').Look['ablate']} Ablate */
/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {{ net: Net, photo: import('../photos.js').Photo, ablate: Ablate }} Question */

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
  return a.net === b.net && a.photo === b.photo && sameAblation(a.ablate, b.ablate) &&
    also.every(name => a[name] === b[name]);
}
