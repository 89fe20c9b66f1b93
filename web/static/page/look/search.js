// The names of all classes, and how one is found among them.

/**
 * A name for each class that no other class has: where two labels are the same, the class's number is added.
 * @param {string[]} labels
 */
export function namesOf(labels) {
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const label of labels) times.set(label, (times.get(label) ?? 0) + 1);
  return labels.map((label, i) => (times.get(label) === 1 ? label : `${label} (${i})`));
}

/**
 * The classes that fit what was typed, best first: those whose name begins so, then those with a word that does, then those that have it
 * anywhere. Of several words all must fit. A number fits the class that has it. Within a kind they are in the order of the alphabet.
 * @param {string[]} names
 * @param {string} typed
 * @returns {number[]} indices
 */
export function search(names, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const whole = words.join(' ');
  const found = names.flatMap((name, i) => {
    const low = name.toLowerCase();
    const starts = low.split(/[^a-z0-9]+/);
    if (words.length === 1 && words[0] === String(i)) return [{ i, rank: 0 }];
    if (!words.every(word => low.includes(word))) return [];
    if (low.startsWith(whole)) return [{ i, rank: 1 }];
    return [{ i, rank: words.every(word => starts.some(start => start.startsWith(word))) ? 2 : 3 }];
  });
  return found.sort((a, b) => a.rank - b.rank || names[a.i].localeCompare(names[b.i], 'en')).map(({ i }) => i);
}
