// @ts-check
/** A Web Lock that is held as long as its owner wants it: of all tabs of this site, one has it. */

/**
 * How long a lock is waited for before its owner goes on without it, in milliseconds. A page that is loaded again asks for its lock a little
 * before the browser has taken it from the page before.
 */
const patience = 400;

/**
 * @param {string} name
 * @param {object} options
 * @param {boolean} options.takeOver  take it from whoever has it
 * @param {() => void} options.onLost  called when another tab has taken it
 * @param {() => void} options.onGained  called when it comes later than its owner waited for: the other tab has let go of it
 * @returns {Promise<{ held: boolean, release: () => void }>} not held: another tab has it
 */
export function holdLock(name, { takeOver, onLost, onGained }) {
  return new Promise((resolve, reject) => {
    let held = false;
    let late = false;
    const waiting = new AbortController();
    /** @type {() => void} */
    let letGo = () => {};
    const kept = new Promise(done => { letGo = () => done(undefined); });
    const release = () => {
      waiting.abort();
      letGo();
    };
    const timer = takeOver ? undefined : setTimeout(() => {
      late = true;
      resolve({ held, release });
    }, patience);
    navigator.locks.request(name, takeOver ? { steal: true } : { signal: waiting.signal }, () => {
      clearTimeout(timer);
      held = true;
      if (late) onGained();
      else resolve({ held, release });
      return kept;
    }).catch(error => {
      clearTimeout(timer);
      if (held) onLost();
      else if (!waiting.signal.aborted) reject(error);
    });
  });
}
