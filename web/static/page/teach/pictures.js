// The pictures of one class: a list to choose from, by mouse, finger or keys. Many are shown page by page.

import { make } from '../dom.js';
import { say, text } from '../i18n.js';
import { button } from './parts.js';

/** @typedef {import('./parts.js').PictureRecord} PictureRecord */

/** How many pictures are shown at first, and how many more at a time. */
const page = { first: 24, more: 240 };

/** What is dragged from one class to another, as the browser knows it. */
export const dragType = 'application/x-residua-pictures';

/**
 * @param {import('./parts.js').Desk} desk
 * @param {import('./selection.js').Selection} selection
 * @param {{ onDelete: (ids: string[]) => void }} handlers
 */
export function createPictures(desk, selection, { onDelete }) {
  const list = make('ul', 'teach-pics');
  list.role = 'listbox';
  list.ariaMultiSelectable = 'true';
  const more = button('teach.more', 'quiet', () => {
    limit += page.more;
    show(pictures);
  });
  const element = make('div', 'teach-pictures', list, more);
  /** @type {Map<string, HTMLLIElement>} */
  const items = new Map();
  /** @type {PictureRecord[]} */
  let pictures = [];
  let limit = page.first;
  /** Which picture the Tab key reaches. */
  let current = '';

  const order = () => [.../** @type {HTMLCollectionOf<HTMLLIElement>} */ (list.children)];

  /** @param {PictureRecord} picture */
  function item({ id, name, test }) {
    const thumb = make('span', 'thumb');
    const li = make('li', 'teach-pic', thumb);
    li.role = 'option';
    li.dataset.id = id;
    li.draggable = true;
    say(li, test ? 'teach.picture.test' : 'teach.picture', () => ({ name: name || (text('photo.pasted') ?? '') }), 'aria-label');
    if (name) li.title = name;
    if (test) {
      const badge = make('span', 'teach-badge');
      badge.ariaHidden = 'true';
      say(badge, 'teach.test');
      li.append(badge);
    }
    desk.thumbs.attach(thumb, id);
    return li;
  }

  /** @param {HTMLLIElement} li */
  function focus(li) {
    current = li.dataset.id ?? '';
    for (const one of items.values()) one.tabIndex = one === li ? 0 : -1;
    li.focus();
  }

  /** @param {Event} event */
  const itemOf = event => /** @type {HTMLLIElement | null} */ (event.target instanceof Element ? event.target.closest('li') : null);

  list.addEventListener('click', event => {
    const li = itemOf(event);
    if (!li) return;
    const id = li.dataset.id ?? '';
    const all = order();
    const [from, to] = [all.findIndex(one => one.dataset.id === current), all.indexOf(li)];
    if (event.shiftKey && from >= 0) {
      selection.set(all.slice(Math.min(from, to), Math.max(from, to) + 1).map(one => one.dataset.id ?? ''), true);
    } else selection.set([id], !selection.has(id));
    focus(li);
  });

  list.addEventListener('keydown', event => {
    const li = itemOf(event);
    if (!li) return;
    const all = order();
    const at = all.indexOf(li);
    const columns = Math.max(all.findIndex(one => one.offsetTop > all[0].offsetTop), 0) || all.length;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: all.length - 1 }[event.key];
    const id = li.dataset.id ?? '';
    if (to !== undefined) {
      if (all[to]) focus(all[to]);
    } else if (event.key === ' ' || event.key === 'Enter') selection.set([id], !selection.has(id));
    else if (event.key === 'Delete' || event.key === 'Backspace') {
      const next = all[at + 1] ?? all[at - 1];
      onDelete(selection.has(id) ? selection.all() : [id]);
      if (next) focus(next);
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) selection.set(pictures.map(one => one.id), true);
    else if (event.key === 'Escape') selection.clear();
    else return;
    event.preventDefault();
  });

  list.addEventListener('dragstart', event => {
    const li = itemOf(event);
    const id = li?.dataset.id;
    if (!id || !event.dataTransfer) return;
    event.dataTransfer.setData(dragType, JSON.stringify(selection.has(id) ? selection.all() : [id]));
    event.dataTransfer.effectAllowed = 'move';
  });

  /** @param {PictureRecord[]} next */
  function show(next) {
    pictures = next;
    const shown = pictures.slice(0, limit);
    const wanted = new Set(shown.map(({ id }) => id));
    for (const [id, li] of items) {
      if (wanted.has(id)) continue;
      desk.thumbs.detach(/** @type {Element} */ (li.firstElementChild));
      li.remove();
      items.delete(id);
    }
    let before = list.firstElementChild;
    for (const picture of shown) {
      let li = items.get(picture.id);
      if (!li) items.set(picture.id, li = item(picture));
      if (li === before) before = before.nextElementSibling;
      else list.insertBefore(li, before);
      li.ariaSelected = String(selection.has(picture.id));
    }
    if (!items.has(current)) current = shown[0]?.id ?? '';
    for (const [id, li] of items) li.tabIndex = id === current ? 0 : -1;
    list.hidden = shown.length === 0;
    more.hidden = pictures.length <= limit;
    if (!more.hidden) say(more, 'teach.more', { count: pictures.length - limit });
  }

  return {
    element,
    show,
    /** @param {string} name of the class */
    label(name) {
      say(list, 'teach.pictures', { name }, 'aria-label');
    },
    /** Gives back what the list has of pictures. */
    end() {
      for (const li of items.values()) desk.thumbs.detach(/** @type {Element} */ (li.firstElementChild));
    },
  };
}
