// The table as a person sees it: its rows by the chosen filter and order, and the figures of all rows.

import { classNamesOf } from '../../classname.js';
import { language, onLanguage } from '../../i18n.js';
import { cellsOf } from './cells.js';
import { createFilters } from './filters.js';
import { createGrid } from './grid.js';
import { arrange, needsAnswers, rankNames } from './rows.js';
import { scoreOf } from './score.js';
import { createThumbs } from './thumbs.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./rows.js').Sort} Sort */
/** @typedef {import('./rows.js').SortBy} SortBy */
/** @typedef {import('../../../residua.js').Info} Info */

/** The shortest time between two updates, in milliseconds. */
const everyMs = 400;

/**
 * @param {object} options
 * @param {(row: Row) => void} options.onOpen
 * @param {(shown: Row[], isPart: boolean) => void} options.onShown
 * @param {(score: ReturnType<typeof scoreOf>) => void} options.onScore
 */
export function createTable({ onOpen, onShown, onScore }) {
  /** @type {Row[]} */ let rows = [];
  /** @type {Info | undefined} */ let info;
  let hasTruth = false;
  /** @type {Sort} */ let sort = { by: 'arrival', descending: false };
  /** The places of the rows in the order of their names, if somebody asked for it. @type {number[] | undefined} */
  let ranks;
  /** @type {Row[]} */ let shown = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  /** @type {{ language: string, labels: string[], ranks: number[] } | undefined} */ let classRanks;

  const thumbs = createThumbs(row => grid.update(row));
  const filters = createFilters({ onChange: () => show() });
  const grid = createGrid({
    cells: row => cellsOf(row, /** @type {Info} */ (info ?? noInfo), thumbs.get(row)),
    onOpen,
    onSort: by => void changeSort(by),
    onView: thumbs.want,
  });
  grid.setSort(sort);
  onLanguage(() => grid.updateAll());

  /** @param {number} index  of a class */
  function classRank(index) {
    if (!info) return index;
    if (classRanks?.labels !== info.labels || classRanks.language !== language()) {
      const names = classNamesOf(info);
      const { compare } = new Intl.Collator(language(), { numeric: true });
      const order = names.map((_, i) => i).sort((a, b) => compare(names[a], names[b]) || a - b);
      /** @type {number[]} */
      const places = [];
      order.forEach((of, place) => { places[of] = place; });
      classRanks = { language: language(), labels: info.labels, ranks: places };
    }
    return classRanks.ranks[index] ?? index;
  }

  /** A column's first order is the most useful one; the next the other way; then as the pictures came. */
  async function changeSort(/** @type {SortBy} */ by) {
    const firstDescending = by === 'probability';
    if (sort.by !== by) sort = { by, descending: firstDescending };
    else if (sort.descending === firstDescending) sort = { by, descending: !firstDescending };
    else sort = { by: 'arrival', descending: false };
    grid.setSort(sort);
    if (sort.by === 'name') {
      const of = rows;
      const sorted = ranks ?? await rankNames(rows);
      if (of !== rows) return; // they have changed meanwhile
      ranks = sorted;
    }
    show();
  }

  function arrangeRows() {
    if (sort.by === 'name' && !ranks) sort = { by: 'arrival', descending: false };
    shown = arrange(rows, filters.filter, sort, { nameRank: ({ id }) => ranks?.[id] ?? id, classRank });
    grid.setSort(sort);
    grid.show(shown);
  }

  function show() {
    clearTimeout(timer);
    timer = undefined;
    arrangeRows();
    report();
  }

  function report() {
    filters.show(rows, shown.length, info, hasTruth);
    onShown(shown, shown.length < rows.length);
    if (hasTruth) onScore(scoreOf(rows));
  }

  return {
    grid,
    filters,

    get shown() {
      return shown;
    },

    /** @param {Row[]} next  all of them */
    set(next) {
      rows = next;
      ranks = undefined;
      show();
    },

    /**
     * @param {Info | undefined} next  whose classes the rows name
     * @param {boolean} truth  whether right answers are known
     */
    describe(next, truth) {
      info = next;
      hasTruth = truth;
      grid.updateAll();
      show();
    },

    /** A row has an answer, or a fault. @param {Row} row */
    update(row) {
      grid.update(row);
      timer ??= setTimeout(() => {
        timer = undefined;
        if (needsAnswers(filters.filter, sort)) arrangeRows();
        report();
      }, everyMs);
    },

    show,

    clear() {
      thumbs.clear();
      filters.reset();
      rows = [];
      sort = { by: 'arrival', descending: false };
      show();
    },
  };
}

/** While there is no network, no row has an answer to name. */
const noInfo = { outputs: 0, labels: [], own: false };
