// Asks the network about one row after the other. It can be stopped at once, and goes on where it stopped.

import { isEngineFault } from '../../../residua.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {{ predictions: { index: number, probability: number }[], none?: boolean }} Answer */
/** @typedef {(blob: Blob, signal: AbortSignal) => Promise<Answer>} Ask */

/** How many pictures the engine has at once: while it computes one, the next comes to it. */
const depth = 2;
/** A picture at which the engine has stopped so many times is not tried again. */
const maxTries = 2;
/** Of so many last answers the speed is taken. */
const window = 40;

/**
 * @param {object} handlers
 * @param {(row: Row) => void} handlers.onRow  It has an answer, or a fault.
 * @param {() => void} handlers.onEnd  None waits any more.
 * @param {(error: unknown) => void} handlers.onEngineFault  The engine has stopped, and so has the run.
 */
export function createRunner({ onRow, onEnd, onEngineFault }) {
  /** @type {Row[]} */ let waiting = [];
  /** The rows that the engine has. @type {Set<Row>} */ const asked = new Set();
  /** @type {AbortController | undefined} */ let control;
  /** @type {Ask | undefined} */ let ask;
  /** When the last answers came. @type {number[]} */ let times = [];
  /** @type {WeakMap<Row, number>} */ const tries = new WeakMap();

  function fill() {
    while (control && asked.size < depth) {
      const next = waiting.pop();
      if (!next) break;
      void answer(next, control);
    }
    if (control && asked.size === 0 && waiting.length === 0) {
      control = undefined;
      onEnd();
    }
  }

  /** @param {Row} row @param {AbortController} mine */
  async function answer(row, mine) {
    asked.add(row);
    try {
      const blob = await row.open(mine.signal);
      if (mine.signal.aborted || !ask) return;
      const { predictions, none } = await ask(blob, mine.signal);
      if (mine.signal.aborted) return;
      row.guesses = predictions.map(({ index, probability }) => ({ index, probability }));
      if (none) row.none = true;
      finish(row);
    } catch (error) {
      if (!mine.signal.aborted) fail(row, error);
    } finally {
      if (mine === control) {
        asked.delete(row);
        fill();
      }
    }
  }

  /** @param {Row} row */
  function finish(row) {
    times.push(performance.now());
    if (times.length > window) times.shift();
    onRow(row);
  }

  /** @param {Row} row @param {any} error */
  function fail(row, error) {
    const hasStopped = isEngineFault(error);
    const tried = (tries.get(row) ?? 0) + (error?.code === 'closed' ? 0 : 1); // a network is closed for another one
    tries.set(row, tried);
    if (!hasStopped || tried >= maxTries) {
      const { name = '', code = '', message = '', details } = error ?? {};
      row.fault = { name, code, message, details };
      asked.delete(row);
      finish(row);
    }
    if (!hasStopped) return;
    stop();
    onEngineFault(error);
  }

  function stop() {
    control?.abort();
    control = undefined;
    // They wait again, in front.
    waiting.push(...[...asked].filter(({ guesses, fault }) => !guesses && !fault).reverse());
    asked.clear();
  }

  return {
    get isRunning() {
      return control !== undefined;
    },

    /** How many rows have no answer yet. */
    get left() {
      return waiting.length + asked.size;
    },

    /** How many rows are answered in a second; undefined while nobody knows. */
    get speed() {
      const span = times[times.length - 1] - times[0];
      return times.length > 2 && span > 0 ? 1000 * (times.length - 1) / span : undefined;
    },

    /** Sets the rows that wait, in their order. What runs is stopped. @param {Row[]} rows */
    set(rows) {
      stop();
      waiting = rows.filter(({ guesses, fault }) => !guesses && !fault).reverse();
    },

    /** @param {Ask} next */
    start(next) {
      if (control) return;
      ask = next;
      times = [];
      control = new AbortController();
      fill();
    },

    stop,
  };
}
