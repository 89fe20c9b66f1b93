// The names of a network's classes, and a search among them.

/**
 * A unique name for each class. Where several labels are the same, the class's index is added.
 * @param {string[]} labels
 */
export function namesOf(labels) {
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const label of labels) times.set(label, (times.get(label) ?? 0) + 1);
  return labels.map((label, i) => (times.get(label) === 1 ? label : `${label} (${i})`));
}

/**
 * How well a name matches: 1 if it starts with what was typed, 2 if every typed word starts a word of it, 3 if it
 * contains every typed word; or else Infinity.
 * @param {string} name
 * @param {string[]} words  in lower case
 */
function rankOf(name, words) {
  const lower = name.toLowerCase();
  if (!words.every(word => lower.includes(word))) return Infinity;
  if (lower.startsWith(words.join(' '))) return 1;
  const nameWords = lower.split(/[^\p{L}\p{M}\p{N}]+/u);
  return words.every(word => nameWords.some(nameWord => nameWord.startsWith(word))) ? 2 : 3;
}

/**
 * The classes that match what was typed. First comes the class with that index, then those whose name matches best, in
 * whichever language. Equal ranks are sorted by name.
 * @param {string[]} names
 * @param {string} typed
 * @param {{ others?: string[], locale?: string }} [options] others: the names in another language, if there are any;
 *   locale: of the names, for their order
 * @returns {number[]} indices
 */
export function search(names, typed, { others = [], locale = 'en' } = {}) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = names.flatMap((name, i) => {
    const isIndex = words.length === 1 && words[0] === String(i);
    const rank = isIndex ? 0 : Math.min(rankOf(name, words), rankOf(others[i] ?? name, words));
    return rank < Infinity ? [{ i, rank }] : [];
  });
  const { compare } = new Intl.Collator(locale);
  return found.sort((a, b) => a.rank - b.rank || compare(names[a.i], names[b.i])).map(({ i }) => i);
}
