// @ts-check
/**
 * A lock that is held as long as its owner wants it: of all tabs of this site, one has it. It is a Web Lock, or, where
 * a browser has none for the page, an agreement of the tabs by messages.
 */
import { uniqueName, webLocks } from '../../common/platform.js';

/**
 * How long a lock is waited for before its owner goes on without it, in milliseconds. A page that is loaded again asks for its lock a little
 * before the browser has taken it from the page before.
 */
const patience = 400;

/**
 * @typedef {object} Options
 * @property {boolean} takeOver  take it from whoever has it
 * @property {() => void} onLost  called when another tab has taken it
 * @property {() => void} onGained  called when it comes later than its owner waited for: the other tab has let go of it
 */
/** @typedef {{ held: boolean, release: () => void }} Lock  not held: another tab has it */

/**
 * @param {string} name
 * @param {Options} options
 * @returns {Promise<Lock>}
 */
export function holdLock(name, options) {
  const locks = webLocks();
  return locks ? holdWebLock(locks, name, options) : agree(name, options);
}

/**
 * @param {LockManager} locks
 * @param {string} name
 * @param {Options} options
 * @returns {Promise<Lock>}
 */
function holdWebLock(locks, name, { takeOver, onLost, onGained }) {
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
    locks.request(name, takeOver ? { steal: true } : { signal: waiting.signal }, () => {
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

/**
 * The tabs agree who has the lock. One that wants it asks; if nobody says within the time of patience that it is taken,
 * it is the asker's. Of two that ask at once the one with the greater id goes first.
 *
 * A tab that is too busy to answer, or was put to sleep, may lose its lock so, and two may even think that they have it
 * for a moment. That is safe: the mark in the database decides, with every transaction, who writes (databasestore.js).
 * @param {string} name
 * @param {Options} options
 * @returns {Promise<Lock>}
 */
function agree(name, { takeOver, onLost, onGained }) {
  return new Promise(resolve => {
    const channel = new BroadcastChannel(`residua lock ${name}`);
    const id = uniqueName();
    // 'over': it was lost or released, and as with a Web Lock does not come back.
    /** @type {'asking' | 'holding' | 'waiting' | 'over'} */
    let state = 'asking';
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let settled = false;
    /** @param {'wanted' | 'taken' | 'mine' | 'free'} what  @param {string} [to]  whom it is for: else everybody */
    const tell = (what, to) => channel.postMessage({ what, id, to });
    const release = () => {
      clearTimeout(timer);
      if (state === 'holding') tell('free');
      state = 'over';
      removeEventListener('pagehide', release);
      channel.close();
    };
    const settle = () => {
      if (settled && state === 'holding') onGained();
      settled = true;
      resolve({ held: state === 'holding', release });
    };
    const take = () => {
      state = 'holding';
      tell('mine');
      settle();
    };
    const ask = () => {
      state = 'asking';
      tell('wanted');
      timer = setTimeout(take, patience);
    };
    const stepBack = () => {
      clearTimeout(timer);
      state = 'waiting';
      settle();
    };
    channel.onmessage = ({ data: { what, id: other, to } }) => {
      const goesFirst = state === 'holding' || (state === 'asking' && id > other);
      if (what === 'wanted' && goesFirst) tell('taken', other);
      else if (state === 'asking' && (what === 'wanted' || what === 'mine' || to === id)) stepBack();
      else if (state === 'holding' && what === 'mine') {
        state = 'over';
        onLost();
      } else if (state === 'waiting' && what === 'free') ask();
    };
    addEventListener('pagehide', release);
    if (takeOver) take();
    else ask();
  });
}
