// Tells other tabs that a run is under way in this one: what is kept of it was not cut off, and is not theirs to go on
// with. Where there are no web locks, nobody is told.

import { webLocks } from '../../common/platform.js';

const prefix = 'residua-lab-run:';

/** @param {string} tab */
export function createRunLock(tab) {
  /** @type {(() => void) | undefined} */
  let release;

  return {
    /** @param {boolean} isUnderWay */
    set(isUnderWay) {
      if (isUnderWay === !!release) return;
      release?.();
      release = undefined;
      if (!isUnderWay) return;
      const ended = new Promise(resolve => { release = () => resolve(undefined); });
      webLocks()?.request(prefix + tab, () => ended).catch(console.info);
    },

    /** The tabs in which a run is under way. @returns {Promise<Set<string>>} */
    async busy() {
      const locks = await webLocks()?.query().catch(() => undefined);
      const names = locks?.held?.map(({ name = '' }) => name) ?? [];
      return new Set(names.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length)));
    },
  };
}
