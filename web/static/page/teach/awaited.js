// A value that comes, goes, and comes again, and that others wait for.

/** @template T */
export function createAwaited() {
  /** @type {T | undefined} */ let value;
  /** @type {((value: T) => void)[]} */ const waiters = [];

  return {
    get value() {
      return value;
    },

    /** The value, as soon as there is one. @returns {Promise<T>} */
    ready: () => (value === undefined ? new Promise(done => { waiters.push(done); }) : Promise.resolve(value)),

    /** @param {T | undefined} next  undefined: there is none any more */
    set(next) {
      value = next;
      if (next !== undefined) for (const waiter of waiters.splice(0)) waiter(next);
    },

    /** Forgets who waits. @returns {boolean} whether anybody did */
    giveUp: () => waiters.splice(0).length > 0,
  };
}
