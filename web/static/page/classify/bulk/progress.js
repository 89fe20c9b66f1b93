// Shows how far the table is, and who answers.

import { isSameModel } from '../../session.js';
import { titleOf } from './report.js';

/** @typedef {import('../../classifiers.js').Classifier} Classifier */

/** The longest time until what has changed is shown, in milliseconds. */
const withinMs = 250;

/** A browser asks with words of its own. @param {BeforeUnloadEvent} event */
const warn = event => event.preventDefault();

/**
 * @param {object} parts
 * @param {ReturnType<typeof import('./panel.js').createPanel>} parts.panel
 * @param {import('./reading.js').Reading} parts.reading
 * @param {import('./answering.js').Answering} parts.answering
 * @param {() => Classifier | undefined} parts.current  the network that is there
 */
export function createProgress({ panel, reading, answering, current }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;

  /** @param {import('./panel.js').Phase} phase */
  function describe(phase) {
    const [by, other] = [answering.by, current()];
    if (phase === 'other' && by && other) {
      const key = by.kind === other.kind && isSameModel(by.info, other.info) ? 'bulk.by.before' : 'bulk.by.other';
      panel.describe(key, () => ({ title: titleOf(by), next: titleOf(other) }));
    } else if (by) panel.describe('bulk.by', () => ({ title: titleOf(by) }));
    else panel.describe('');
  }

  function show() {
    clearTimeout(timer);
    timer = undefined;
    (answering.isRunning ? addEventListener : removeEventListener)('beforeunload', warn);
    const { rows, counts } = answering;
    if (rows.length === 0 && !reading.isRunning) return;
    const phase = reading.isRunning ? 'reading' : answering.phase;
    const [done, total] = phase === 'reading' ? [0, reading.found] : [counts.done, rows.length];
    panel.show({ ...counts, phase, done, total });
    describe(phase);
  }

  return {
    show,

    showSoon() {
      timer ??= setTimeout(show, withinMs);
    },
  };
}
