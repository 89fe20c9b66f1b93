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
 * The classes that match what was typed. First comes the class with that index, then names that start with it, then
 * names in which every typed word starts a word, then names that contain every typed word. Equal ranks are sorted by
 * name.
 * @param {string[]} names
 * @param {string} typed
 * @returns {number[]} indices
 */
export function search(names, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const whole = words.join(' ');
  const found = names.flatMap((name, i) => {
    const lower = name.toLowerCase();
    const nameWords = lower.split(/[^a-z0-9]+/);
    if (words.length === 1 && words[0] === String(i)) return [{ i, rank: 0 }];
    if (!words.every(word => lower.includes(word))) return [];
    if (lower.startsWith(whole)) return [{ i, rank: 1 }];
    const startWords = words.every(word => nameWords.some(nameWord => nameWord.startsWith(word)));
    return [{ i, rank: startWords ? 2 : 3 }];
  });
  return found.sort((a, b) => a.rank - b.rank || names[a.i].localeCompare(names[b.i], 'en')).map(({ i }) => i);
}
