// The store that keeps the project in this browser. One tab writes to it; another tab can take over.

import { openStore } from '../../residua.js';

/**
 * @param {{ onLost: () => void, onGained: () => void, onError: (error: unknown) => void }} handlers
 *   onLost: another tab writes now; onGained: this tab does
 */
export function createProjectStore({ onLost, onGained, onError }) {
  /** @type {import('../../residua.js').DatabaseStore | undefined} */ let store;
  /** @type {Promise<void> | undefined} */ let opening;

  /** @param {boolean} takeOver */
  async function openAgain(takeOver) {
    try {
      const next = await openStore({ takeOver });
      void store?.close();
      store = next;
      next.onLost = () => { if (store === next) onLost(); };
      next.onGained = () => { if (store === next) onGained(); };
    } catch (error) {
      // Without a store the room works for as long as the page is open. lacks.js and files.js say so.
      if (/** @type {any} */ (error)?.code !== 'unsupported-browser') onError(error);
    }
  }

  return {
    /** Undefined: this browser has no database, or it is not open yet. */
    get store() {
      return store;
    },
    /** Whether somebody has asked for it. */
    get wanted() {
      return !!opening;
    },
    /** Opens it, once. */
    open: () => (opening ??= openAgain(false)),
    /** Takes the right to write from the tab that has it. */
    takeOver: () => (opening = openAgain(true)),
  };
}
