// Thumbnails of the rows on the screen, made on demand. Few are kept: ten thousand pictures are never all decoded.

import { thumbnail } from '../../thumbnail.js';

/** @typedef {import('./row.js').Row} Row */

/** How many are kept: some screens full. */
const maxKept = 120;
/** How many are made at the same time. */
const maxRunning = 2;

/** @param {(row: Row) => void} onReady */
export function createThumbs(onReady) {
  /** null: the browser cannot show the picture. Those that were used last are last. @type {Map<Row, Node | null>} */
  const kept = new Map();
  /** @type {Row[]} */
  let wanted = [];
  /** @type {Set<Row>} */
  const running = new Set();

  function work() {
    while (running.size < maxRunning) {
      const next = wanted.find(row => !kept.has(row) && !running.has(row));
      if (!next) return;
      running.add(next);
      void create(next);
    }
  }

  /** @param {Row} row */
  async function create(row) {
    /** @type {Node | null} */
    let picture = null;
    try {
      picture = await thumbnail(await row.open());
    } catch {
      // The row says what is wrong with it.
    }
    running.delete(row);
    kept.set(row, picture);
    for (const old of kept.keys()) {
      if (kept.size <= maxKept) break;
      if (!wanted.includes(old)) kept.delete(old);
    }
    onReady(row);
    work();
  }

  return {
    /** Says which rows are on the screen. @param {Row[]} rows */
    want(rows) {
      wanted = rows;
      work();
    },

    /** A row's picture; undefined while there is none. @param {Row} row */
    get(row) {
      const picture = kept.get(row);
      if (picture !== undefined) {
        kept.delete(row);
        kept.set(row, picture);
      }
      return picture;
    },

    clear() {
      kept.clear();
      wanted = [];
    },
  };
}
