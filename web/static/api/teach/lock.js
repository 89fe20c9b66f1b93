// @ts-check
/**
 * A lock that one of this site's tabs holds until it releases it. It is a Web Lock or, where the browser offers the
 * page none, a protocol of messages between the tabs.
 */
import { uniqueName, webLocks } from '../../common/platform.js';

/**
 * How long to wait for a lock before going on without it, in milliseconds. A page that is reloaded requests its lock
 * shortly before the browser has released that of its predecessor.
 */
const waitMs = 400;

/**
 * @typedef {object} Options
 * @property {boolean} takeOver  takes the lock from a tab that holds it
 * @property {() => void} onLost  called when another tab has taken the lock
 * @property {() => void} onGained  called when the lock comes after holdLock has resolved without it, because the other
 *   tab has released it
 */
/** @typedef {{ held: boolean, release: () => void }} Lock  held: whether this tab got it in time */

/**
 * Requests a lock.
 * @param {string} name
 * @param {Options} options
 * @returns {Promise<Lock>}
 */
export function holdLock(name, options) {
  const locks = webLocks();
  return locks ? holdWebLock(locks, name, options) : holdMessageLock(name, options);
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
    let endHold = () => {};
    const hold = new Promise(done => { endHold = () => done(undefined); });
    const release = () => {
      waiting.abort();
      endHold();
    };
    const timer = takeOver ? undefined : setTimeout(() => {
      late = true;
      resolve({ held, release });
    }, waitMs);
    locks.request(name, takeOver ? { steal: true } : { signal: waiting.signal }, () => {
      clearTimeout(timer);
      held = true;
      if (late) onGained();
      else resolve({ held, release });
      return hold;
    }).catch(error => {
      clearTimeout(timer);
      if (held) onLost();
      else if (!waiting.signal.aborted) reject(error);
    });
  });
}

/**
 * A lock by messages between the tabs. A tab that wants the lock asks for it, and has it if no other tab answers within
 * waitMs that it is taken. Of two tabs that ask at the same time, the one with the greater id comes first.
 *
 * A tab that is too busy to answer, or was suspended, may lose its lock, and for a moment two tabs may believe that
 * they hold it. That is safe, because every transaction checks the mark in the database (databasestore.js).
 * @param {string} name
 * @param {Options} options
 * @returns {Promise<Lock>}
 */
function holdMessageLock(name, { takeOver, onLost, onGained }) {
  return new Promise(resolve => {
    const channel = new BroadcastChannel(`residua lock ${name}`);
    const id = uniqueName();
    // 'over': the lock was lost or released. As with a Web Lock, it does not come back.
    /** @type {'asking' | 'holding' | 'waiting' | 'over'} */
    let state = 'asking';
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let settled = false;
    /** @param {'wanted' | 'taken' | 'mine' | 'free'} what  @param {string} [to]  a tab's id; by default all tabs */
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
      timer = setTimeout(take, waitMs);
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
