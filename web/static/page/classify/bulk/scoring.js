// Holds the answers to what the folders' names say, where these are classes of the network that answers.

import { createLabelled } from './labelled.js';
import { createScoreView } from './scoreview.js';
import { isCompared } from './truth.js';

/**
 * @param {object} parts
 * @param {import('./answering.js').Answering} parts.answering
 * @param {ReturnType<typeof import('./table.js').createTable>} parts.table
 * @param {(rate?: import('./score.js').Rate) => void} parts.onRate  how often the first guess is right; without a rate
 *   nobody knows
 */
export function createScoring({ answering, table, onRate }) {
  const labelled = createLabelled();
  const view = createScoreView({
    onPick({ truth, guess }) {
      table.filters.choose({ truth, guess });
      table.grid.focus();
    },
    onUse(use) {
      labelled.use(use);
      showTruth();
    },
  });

  function showTruth() {
    const { truth, isUsed } = labelled;
    answering.rows.forEach((row, i) => { row.truth = isUsed ? truth?.classes[i] ?? -1 : -1; });
    view.explain(truth, isUsed);
    const hasScore = isCompared(truth, isUsed);
    if (!hasScore) onRate();
    table.describe(answering.by?.info, hasScore);
  }

  return {
    element: view.element,
    confusions: view.confusions,
    labelled,

    /** Finds out whether the folders' names are classes of the network that answers. */
    async match() {
      const { rows, by } = answering;
      await labelled.match(rows, by?.info);
      if (rows === answering.rows && by?.info === answering.by?.info) showTruth();
    },

    /** @param {ReturnType<typeof import('./score.js').scoreOf>} score */
    show(score) {
      if (!answering.by) return;
      view.show(score, answering.by.info);
      onRate(score.top1);
    },

    clear() {
      labelled.clear();
      view.explain(undefined, true);
    },
  };
}
