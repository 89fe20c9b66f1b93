// Whether the folders of the pictures are called as classes, and what that makes of each picture's right answer.

import { createClassIndex, synsetsOf } from './classindex.js';
import { breathe } from './rows.js';
import { bringNames } from './synsets.js';
import { readTruth } from './truth.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('../../../residua.js').Info} Info */
/** @typedef {ReturnType<typeof createLabelled>} Labelled */

/** Chinese names are fetched only for folders that have some. */
const chinese = /\p{Script=Han}/u;

export function createLabelled() {
  /** @type {import('./truth.js').Truth | undefined} */ let truth;
  let isUsed = true;

  /** @param {Info} info @param {boolean} withChinese */
  async function indexOf(info, withChinese) {
    const names = await bringNames(withChinese);
    await breathe();
    const synsets = synsetsOf(info, names.synsets);
    return createClassIndex(info, synsets, synsets.length > 0 ? names.chinese ?? [] : []);
  }

  return {
    get truth() {
      return truth;
    },

    /** Whether a person lets the folders' names be right answers. */
    get isUsed() {
      return isUsed;
    },

    /** @param {boolean} use */
    use(use) {
      isUsed = use;
    },

    /** @param {Row[]} rows @param {Info | undefined} info */
    async match(rows, info) {
      truth = undefined;
      if (!info) return;
      const paths = rows.map(({ path }) => path);
      const index = await indexOf(info, paths.some(path => chinese.test(path)));
      await breathe();
      truth = readTruth(paths, index);
      await breathe();
    },

    /** The wnid of each class, '' where it has none. @param {Info} info */
    async wnids(info) {
      const { wnid } = await indexOf(info, false);
      return wnid;
    },

    clear() {
      truth = undefined;
      isUsed = true;
    },
  };
}
