// The pictures of one class. When there are many, a button shows more of them.

import { icon, make } from '../dom.js';
import { button } from '../elements.js';
import { say, text } from '../i18n.js';
import { makeChoosable } from './picturechoice.js';

/** @typedef {import('./context.js').PictureRecord} PictureRecord */

/** How many pictures are shown at first, and how many more at a time. */
const page = { first: 24, more: 240 };

/** @param {PictureRecord} picture */
function createItem({ id, name }) {
  const item = make('li', 'teach-pic', make('span', 'thumb'));
  item.role = 'option';
  item.dataset.id = id;
  item.draggable = true;
  if (name) item.title = name;
  return item;
}

/**
 * Names a picture, and says whether it is kept hidden from the training, as a test.
 * @param {HTMLLIElement} item
 * @param {PictureRecord} picture
 * @param {boolean} isHidden
 */
function showHidden(item, { name }, isHidden) {
  const values = () => ({ name: name || (text('photo.pasted') ?? '') });
  say(item, isHidden ? 'teach.picture.test' : 'teach.picture', values, 'aria-label');
  const badge = item.querySelector('.teach-badge');
  if (!isHidden) badge?.remove();
  else if (!badge) item.append(hiddenBadge());
}

/** The sign of a picture that is kept hidden as a test. */
export function hiddenBadge() {
  const badge = make('span', 'teach-badge', icon('hidden'));
  badge.ariaHidden = 'true';
  say(badge, 'teach.hidden', {}, 'title');
  return badge;
}

/** @param {HTMLLIElement} item */
const thumbnailOf = item => /** @type {Element} */ (item.firstElementChild);

/**
 * @param {import('./context.js').TeachContext} context
 * @param {import('./selection.js').Selection} selection
 * @param {{ onDelete: (ids: string[]) => void }} handlers
 */
export function createPictures({ thumbnails }, selection, { onDelete }) {
  const list = make('ul', 'teach-pics');
  list.role = 'listbox';
  list.ariaMultiSelectable = 'true';
  const more = button('teach.more', 'quiet', () => {
    limit += page.more;
    show(pictures, tested);
  });
  const element = make('div', 'teach-pictures', list, more);
  const choice = makeChoosable(list, { selection, ids: () => pictures.map(({ id }) => id), onDelete });
  /** @type {Map<string, HTMLLIElement>} */
  const items = new Map();
  /** @type {PictureRecord[]} */
  let pictures = [];
  /** The ids of those that the last training was tested on. @type {ReadonlySet<string>} */
  let tested = new Set();
  let limit = page.first;

  /** @param {PictureRecord} picture */
  function addItem(picture) {
    const item = createItem(picture);
    items.set(picture.id, item);
    thumbnails.attach(thumbnailOf(item), picture.id);
    return item;
  }

  /** @param {Set<string>} wanted  the pictures that stay */
  function removeOthers(wanted) {
    for (const [id, item] of items) {
      if (wanted.has(id)) continue;
      thumbnails.detach(thumbnailOf(item));
      item.remove();
      items.delete(id);
    }
  }

  /** @param {PictureRecord[]} next @param {ReadonlySet<string>} nextTested  the ids of those that tested it */
  function show(next, nextTested) {
    [pictures, tested] = [next, nextTested];
    const shown = pictures.slice(0, limit);
    removeOthers(new Set(shown.map(({ id }) => id)));
    let before = list.firstElementChild;
    for (const picture of shown) {
      const item = items.get(picture.id) ?? addItem(picture);
      if (item === before) before = before.nextElementSibling;
      else list.insertBefore(item, before);
      showHidden(item, picture, picture.test || tested.has(picture.id));
      item.ariaSelected = String(selection.has(picture.id));
    }
    choice.updateTabStop();
    list.hidden = shown.length === 0;
    more.hidden = pictures.length <= limit;
    if (!more.hidden) say(more, 'teach.more', { count: pictures.length - limit });
  }

  return {
    element,
    show,
    /** @param {string} name  of the class */
    label(name) {
      say(list, 'teach.pictures', { name }, 'aria-label');
    },
    /** Gives the thumbnails back. */
    detach() {
      for (const item of items.values()) thumbnails.detach(thumbnailOf(item));
    },
  };
}
