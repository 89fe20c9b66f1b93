// Tells other tabs that a run is under way in this one: what is kept of it was not cut off, and is not theirs to go on
// with. Where there are no web locks, nobody is told.

import { webLocks } from '../../common/platform.js';

const name = 'residua-lab-run';

export function createRunLock() {
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
      // Shared: a second run does not wait for the first.
      webLocks()?.request(name, { mode: 'shared' }, () => ended).catch(console.info);
    },

    /** Whether a run is under way, here or in another tab. */
    async isHeld() {
      const locks = await webLocks()?.query().catch(() => undefined);
      return !!locks?.held?.some(lock => lock.name === name);
    },
  };
}
