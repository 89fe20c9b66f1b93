// Finds the class that a folder's name means: by the model's label, ImageNet's number in WordNet (wnid), another name
// of the same thing, its Chinese name, or the class's number.

/** @typedef {{ labels: string[], outputs: number }} Classes  what a network's Info says of them */
/** A name that no class has, or that several have. @typedef {'unknown' | 'ambiguous'} Unmatched */
/** @typedef {ReturnType<typeof createClassIndex>} ClassIndex */

/** Of so many of ImageNet's 1,000 labels a network must use a name of the synset in the same place. */
const mostOfImageNet = 950;

/** @param {string} name */
const plain = name => name.normalize('NFKC').toLowerCase().replace(/[’`]/g, '\'').replace(/[\s_\-.]+/g, ' ').trim();

/**
 * The synsets of ImageNet's classes, if a network's classes are these.
 * @param {Classes} info
 * @param {string[] | undefined} rows  one for each class: its wnid, and its names
 * @returns {{ wnid: string, names: string[] }[]} none if they are not
 */
export function synsetsOf({ labels, outputs }, rows) {
  if (!rows || outputs !== rows.length || labels.length !== rows.length) return [];
  const synsets = rows.map(row => ({ wnid: row.slice(0, 9), names: row.slice(10).split(', ') }));
  const fits = synsets.filter(({ names }, i) => {
    const label = plain(labels[i]);
    return names.some(name => plain(name) === label) || label === plain(names.join(', '))
      || label.startsWith(`${plain(names[0])},`);
  });
  return fits.length >= mostOfImageNet ? synsets : [];
}

/**
 * @param {Classes} info
 * @param {{ wnid: string, names: string[] }[]} synsets  empty if the classes are not ImageNet's
 * @param {string[]} translated  the names in another language, in the order of the classes; empty if there are none
 */
export function createClassIndex({ labels }, synsets, translated) {
  /** Names, the most certain kind first. A later kind does not change what an earlier one says. */
  const kinds = [
    labels.map(label => [label]),
    synsets.map(({ names }) => [...names, names.join(', ')]),
    translated.map(name => [name]),
  ];
  /** @type {Map<string, number | 'ambiguous'>} */
  const byName = new Map();
  for (const kind of kinds) {
    /** @type {typeof byName} */
    const added = new Map();
    kind.forEach((names, index) => {
      for (const name of names.map(plain)) {
        const known = added.get(name);
        added.set(name, known === undefined || known === index ? index : 'ambiguous');
      }
    });
    for (const [name, index] of added) if (!byName.has(name)) byName.set(name, index);
  }
  const byWnid = new Map(synsets.map(({ wnid }, i) => [wnid, i]));

  return {
    /** The wnid of a class; '' if it has none. @param {number} index */
    wnid: index => synsets[index]?.wnid ?? '',

    /** @param {string} folder  its name @returns {number | Unmatched} */
    find(folder) {
      const wnid = /^n\d{8}(?!\d)/.exec(folder)?.[0]; // n02085620-Chihuahua too
      return byWnid.get(wnid ?? '') ?? byName.get(plain(folder)) ?? 'unknown';
    },

    /** The class of a number. @param {string} folder @returns {number | undefined} */
    findNumber: folder => (/^\d{1,5}$/.test(folder) && Number(folder) < labels.length ? Number(folder) : undefined),
  };
}
