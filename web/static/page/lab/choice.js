// The settings that are chosen, and the ones before each change, so that a change can be undone.

import { isSame } from './settings.js';

/** @typedef {import('./types.js').Settings} Settings */

/** More changes than this are not remembered. */
const maxUndo = 50;

/**
 * Changes that come sooner than this after one another, as under a slider that is drawn, are undone together, in
 * milliseconds.
 */
const togetherMs = 600;

/** @param {Settings} first @param {() => number} now */
export function createChoice(first, now = () => performance.now()) {
  let settings = first;
  /** @type {Settings[]} */
  const before = [];
  let changedAt = -Infinity;

  return {
    get settings() { return settings; },
    get canUndo() { return before.length > 0; },

    /**
     * @param {Settings} next
     * @returns {boolean} whether it is another choice
     */
    set(next) {
      if (isSame(next, settings)) return false;
      const at = now();
      if (at - changedAt > togetherMs || before.length === 0) before.push(settings);
      if (before.length > maxUndo) before.shift();
      changedAt = at;
      settings = next;
      return true;
    },

    /** @returns {boolean} whether there was something to undo */
    undo() {
      const last = before.pop();
      changedAt = -Infinity;
      if (!last) return false;
      settings = last;
      return true;
    },
  };
}
