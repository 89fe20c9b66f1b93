// The table. Only the rows on the screen are in the document, so that ten thousand scroll as quickly as ten.

import { make } from '../../dom.js';
import { localized } from '../../elements.js';
import { say } from '../../i18n.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./rows.js').SortBy} SortBy */

/** In CSS pixels, as bulk.css has it. */
const rowHeight = 72;
/** How many rows are in the document beyond each edge. */
const margin = 6;

/** @type {SortBy[]} */
const columns = ['name', 'class', 'probability'];

/**
 * @param {object} options
 * @param {(row: Row) => Node[]} options.cells  the content of a row: of its picture, and of the three columns
 * @param {(row: Row) => void} options.onOpen
 * @param {(by: SortBy) => void} options.onSort
 * @param {(rows: Row[]) => void} options.onView  Other rows are on the screen.
 */
export function createGrid({ cells, onOpen, onSort, onView }) {
  const heads = columns.map(by => {
    const button = localized('button', `bulk.column.${by}`, 'quiet');
    button.type = 'button';
    if (by === 'probability') say(button, 'bulk.column.probability.text', {}, 'title');
    button.addEventListener('click', () => onSort(by));
    const head = make('div', `bulk-${by}`, button);
    head.role = 'columnheader';
    return head;
  });
  const headRow = make('div', 'bulk-head', ...heads);
  headRow.role = 'row';
  const sheet = make('div', 'bulk-sheet');
  sheet.role = 'rowgroup';
  const headGroup = make('div', 'bulk-heads', headRow);
  headGroup.role = 'rowgroup';
  const element = make('div', 'bulk-grid', headGroup, sheet);
  element.role = 'grid';
  element.tabIndex = 0;
  say(element, 'bulk.table', {}, 'aria-label');

  /** @type {Row[]} */ let rows = [];
  /** @type {Map<Row, HTMLElement>} */ let drawn = new Map();
  /** The place of the row that the keyboard is on. */
  let active = 0;
  let isDue = false;
  /** Where it was scrolled to, which a browser may forget while the table is not shown. */
  let lastTop = 0;

  /** @param {number} place */
  function createItem(place) {
    const row = rows[place];
    const item = make('div', 'bulk-row');
    item.role = 'row';
    item.id = `bulk-row-${row.id}`;
    item.addEventListener('click', () => {
      activate(rows.indexOf(row));
      onOpen(row);
    });
    return item;
  }

  /** @param {HTMLElement} item @param {Row} row */
  function fill(item, row) {
    const [picture, ...others] = cells(row);
    item.replaceChildren(...others.map((content, i) => {
      const one = make('div', `bulk-cell bulk-${columns[i]}`, ...(i === 0 ? [picture] : []), content);
      one.role = 'gridcell';
      return one;
    }));
    item.toggleAttribute('data-failed', !!row.fault);
  }

  function draw() {
    isDue = false;
    const top = Math.max(0, element.scrollTop - headGroup.offsetHeight);
    const first = Math.max(0, Math.floor(top / rowHeight) - margin);
    const last = Math.min(rows.length, Math.ceil((top + element.clientHeight) / rowHeight) + margin);
    /** @type {Map<Row, HTMLElement>} */
    const next = new Map();
    for (let place = first; place < last; place++) {
      const row = rows[place];
      let item = drawn.get(row);
      if (!item) {
        item = createItem(place);
        fill(item, row);
        sheet.append(item);
      }
      item.style.transform = `translateY(${place * rowHeight}px)`;
      item.setAttribute('aria-rowindex', String(place + 2));
      item.toggleAttribute('data-active', place === active);
      next.set(row, item);
    }
    for (const [row, item] of drawn) if (!next.has(row)) item.remove();
    drawn = next;
    const current = rows[active];
    if (current && drawn.has(current)) element.setAttribute('aria-activedescendant', `bulk-row-${current.id}`);
    else element.removeAttribute('aria-activedescendant');
    onView(rows.slice(first, last));
  }

  function drawSoon() {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(draw);
  }

  /** @param {number} place */
  function activate(place) {
    active = Math.max(0, Math.min(rows.length - 1, place));
    const top = active * rowHeight;
    const room = element.clientHeight - headGroup.offsetHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + room) element.scrollTop = top + rowHeight - room;
    draw();
  }

  element.addEventListener('scroll', () => {
    lastTop = element.scrollTop;
    drawSoon();
  }, { passive: true });
  new ResizeObserver(drawSoon).observe(element);
  element.addEventListener('keydown', event => {
    if (event.target !== element || event.ctrlKey || event.metaKey || event.altKey || rows.length === 0) return;
    const page = Math.max(1, Math.floor((element.clientHeight - headGroup.offsetHeight) / rowHeight) - 1);
    const place = {
      ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page,
      Home: 0, End: rows.length - 1,
    }[event.key];
    if (place !== undefined) activate(place);
    else if (event.key === 'Enter' || event.key === ' ') onOpen(rows[active]);
    else return;
    event.preventDefault();
  });

  return {
    element,

    /** Shows rows in this order. The keyboard stays on its row where that is still shown. @param {Row[]} next */
    show(next) {
      const current = rows[active];
      rows = next;
      active = Math.max(0, current ? rows.indexOf(current) : 0);
      element.setAttribute('aria-rowcount', String(rows.length + 1));
      sheet.style.height = `${rows.length * rowHeight}px`;
      element.style.setProperty('--rows', String(Math.max(rows.length, 1)));
      for (const item of drawn.values()) item.remove();
      drawn = new Map();
      draw();
    },

    /** Shows a row anew, if it is on the screen. @param {Row} row */
    update(row) {
      const item = drawn.get(row);
      if (item) fill(item, row);
    },

    /** Shows all rows on the screen anew. */
    updateAll() {
      for (const [row, item] of drawn) fill(item, row);
    },

    /** @param {import('./rows.js').Sort} sort */
    setSort({ by, descending }) {
      heads.forEach((head, i) => {
        head.ariaSort = columns[i] !== by ? 'none' : descending ? 'descending' : 'ascending';
      });
    },

    /** The table is shown again. */
    resume() {
      element.scrollTop = lastTop;
      draw();
    },

    focus: () => element.focus(),
  };
}
