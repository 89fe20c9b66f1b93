// Has a network answer the rows: which one does, when it goes on, and how far it is.

import { isSameModel, isSameOffer } from '../../session.js';
import { createRunner } from './runner.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('../../classifiers.js').Classifier} Classifier */
/** @typedef {ReturnType<typeof createAnswering>} Answering */

/** An engine that stops so many times in a row, without an answer in between, is not started again by itself. */
const maxStops = 3;

/** Whether two of them give the same answers. @param {Classifier} a @param {Classifier} b */
const isSame = (a, b) => a === b || isSameOffer(a.offer, b.offer) && isSameModel(a.info, b.info);

/** @param {Row[]} rows */
function forgetAnswers(rows) {
  for (const row of rows) {
    row.guesses = row.none = undefined;
    // A picture that could not even be opened stays so.
    if (!row.fault?.code.startsWith('bulk-')) row.fault = undefined;
  }
}

/**
 * @param {object} options
 * @param {() => Classifier | undefined} options.current  the network that is there
 * @param {(row: Row) => void} options.onRow  It has an answer, or a fault.
 * @param {() => void} options.onNetwork  Another network answers from now on.
 * @param {() => void} options.onEnd  None waits any more.
 * @param {() => void} options.onWanted  Rows wait for a network.
 * @param {(error: unknown) => void} options.onFail  The engine has stopped.
 * @param {() => void} options.onChange  It runs, or waits, or neither.
 */
export function createAnswering({ current, onRow, onNetwork, onEnd, onWanted, onFail, onChange }) {
  /** @type {Row[]} */ let rows = [];
  /** What answers, or has answered. @type {Classifier | undefined} */ let by;
  /** Whether a person wants it to go on. */
  let isWanted = false;
  /** How often the engine has stopped since the last answer. */
  let stops = 0;
  let [done, failed] = [0, 0];

  const runner = createRunner({
    onRow(row) {
      done++;
      if (row.fault) failed++;
      else stops = 0;
      onRow(row);
    },
    onEnd() {
      isWanted = false;
      onEnd();
    },
    onEngineFault(error) {
      onFail(error);
      if (++stops < maxStops) onWanted();
      else isWanted = false;
      onChange();
    },
  });

  /** Whether a network is another than the one that answered. @param {Classifier | undefined} now */
  const isOther = now => !!now && !!by && done > failed && !isSame(by, now);

  /** Lets the network go on that is there, or waits for one. */
  function follow() {
    if (rows.length === 0) return;
    const now = current();
    const isGone = !now || !by || now.net !== by.net || !isSame(by, now);
    if (runner.isRunning && isGone) runner.stop();
    if (now && !isOther(now)) {
      const isNew = !by || !isSame(by, now);
      by = now;
      if (isNew) onNetwork();
      if (isWanted && !runner.isRunning && runner.left > 0) {
        runner.start((blob, signal) => now.classify(blob, { signal }));
      }
    }
    onChange();
  }

  /** @param {Row[]} next  all of them */
  function set(next) {
    rows = next;
    failed = rows.filter(({ fault }) => fault).length;
    done = failed + rows.filter(({ guesses }) => guesses).length;
    runner.set(rows);
  }

  return {
    get rows() {
      return rows;
    },

    get by() {
      return by;
    },

    /** How many rows have an answer or a fault, how many of them a fault, and how many are answered in a second. */
    get counts() {
      return { done, failed, speed: runner.speed };
    },

    get isRunning() {
      return runner.isRunning;
    },

    /** @returns {Exclude<import('./panel.js').Phase, 'reading'>} */
    get phase() {
      if (isOther(current())) return 'other';
      if (runner.left === 0) return 'done';
      if (runner.isRunning) return 'running';
      return isWanted ? 'waiting' : 'stopped';
    },

    set,
    follow,

    go() {
      isWanted = true;
      stops = 0;
      onWanted();
      follow();
    },

    /** Stops until somebody lets it go on. */
    stop() {
      isWanted = false;
      runner.stop();
    },

    /** Stops until the next change. */
    pause: () => runner.stop(),

    /** Makes all rows wait anew, for whichever network is there. */
    forget() {
      forgetAnswers(rows);
      by = undefined;
      set(rows);
    },

    clear() {
      by = undefined;
      set([]);
    },
  };
}
