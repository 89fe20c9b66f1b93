// Pictures of a list are chosen by mouse, finger or keys, and dragged. One picture at a time is reached by the Tab key.

/** The type of dragged pictures in a DataTransfer. */
export const dragType = 'application/x-residua-pictures';

/**
 * @param {HTMLElement} list  Its items carry the pictures' ids in data-id.
 * @param {object} options
 * @param {import('./selection.js').Selection} options.selection
 * @param {() => string[]} options.ids  of all pictures, those that are not shown included
 * @param {(ids: string[]) => void} options.onDelete
 */
export function makeChoosable(list, { selection, ids, onDelete }) {
  /** The picture that the Tab key reaches. */
  let current = '';

  const itemsOf = () => [.../** @type {HTMLCollectionOf<HTMLLIElement>} */ (list.children)];
  /** @param {Event} event */
  const itemAt = ({ target }) => (target instanceof Element ? target.closest('li') : null);
  /** @param {HTMLElement} item */
  const idOf = item => item.dataset.id ?? '';
  /** All chosen pictures, if this is one of them; else this one. @param {string} id */
  const meant = id => (selection.has(id) ? selection.all() : [id]);

  /** @param {HTMLLIElement} item */
  function focus(item) {
    current = idOf(item);
    for (const one of itemsOf()) one.tabIndex = one === item ? 0 : -1;
    item.focus();
  }

  /** @param {HTMLLIElement} item @param {KeyboardEvent} event @returns {boolean} whether the key means something */
  function takeKey(item, { key, ctrlKey, metaKey }) {
    const items = itemsOf();
    const at = items.indexOf(item);
    const id = idOf(item);
    const columns = Math.max(items.findIndex(one => one.offsetTop > items[0].offsetTop), 0) || items.length;
    const to = {
      ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns,
      Home: 0, End: items.length - 1,
    }[key];
    if (to !== undefined) {
      if (items[to]) focus(items[to]);
    } else if (key === ' ' || key === 'Enter') selection.set([id], !selection.has(id));
    else if (key === 'Delete' || key === 'Backspace') {
      const next = items[at + 1] ?? items[at - 1];
      onDelete(meant(id));
      if (next) focus(next);
    } else if (key === 'a' && (ctrlKey || metaKey)) selection.set(ids(), true);
    else if (key === 'Escape') selection.clear();
    else return false;
    return true;
  }

  list.addEventListener('click', event => {
    const item = itemAt(event);
    if (!item) return;
    const items = itemsOf();
    const [from, to] = [items.findIndex(one => idOf(one) === current), items.indexOf(item)];
    if (event.shiftKey && from >= 0) {
      selection.set(items.slice(Math.min(from, to), Math.max(from, to) + 1).map(idOf), true);
    } else selection.set([idOf(item)], !selection.has(idOf(item)));
    focus(item);
  });

  list.addEventListener('keydown', event => {
    const item = itemAt(event);
    if (item && takeKey(item, event)) event.preventDefault();
  });

  list.addEventListener('dragstart', event => {
    const item = itemAt(event);
    if (!item || !idOf(item) || !event.dataTransfer) return;
    event.dataTransfer.setData(dragType, JSON.stringify(meant(idOf(item))));
    event.dataTransfer.effectAllowed = 'move';
  });

  return {
    /** After the list has changed: the first picture is reached by the Tab key if the one before is gone. */
    updateTabStop() {
      const items = itemsOf();
      if (!items.some(item => idOf(item) === current)) current = items[0] ? idOf(items[0]) : '';
      for (const item of items) item.tabIndex = idOf(item) === current ? 0 : -1;
    },
  };
}
