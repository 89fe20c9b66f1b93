// @ts-check
/** A Web Lock that is held as long as its owner wants it: of all tabs of this site, one has it. */

/**
 * How long a lock is waited for, in milliseconds. A page that is loaded again asks for its lock a little before the browser has taken it from
 * the page before.
 */
const patience = 400;

/**
 * @param {string} name
 * @param {object} options
 * @param {boolean} options.takeOver  take it from whoever has it
 * @param {() => void} options.onLost  called when another tab has taken it
 * @returns {Promise<{ held: boolean, release: () => void }>} not held: another tab has it
 */
export function holdLock(name, { takeOver, onLost }) {
  return new Promise((resolve, reject) => {
    let held = false;
    /** @type {() => void} */
    let release = () => {};
    const kept = new Promise(done => { release = () => done(undefined); });
    navigator.locks.request(name, takeOver ? { steal: true } : { signal: AbortSignal.timeout(patience) }, () => {
      held = true;
      resolve({ held, release });
      return kept;
    }).catch(error => {
      if (held) onLost();
      else if (error?.name === 'TimeoutError') resolve({ held, release });
      else reject(error);
    });
  });
}
