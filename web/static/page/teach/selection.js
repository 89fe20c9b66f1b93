// The pictures that a person has chosen, and what can be done with them.

import { make } from '../dom.js';
import { button, localized, statusLine } from '../elements.js';
import { say } from '../i18n.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {ReturnType<typeof createSelection>} Selection */

/**
 * @param {TeachContext} context
 * @param {{ onDelete: (ids: string[]) => void, home: () => HTMLElement }} options
 *   home: where the focus goes when the bar disappears
 */
export function createSelection(context, { onDelete, home }) {
  /** @type {Set<string>} */
  const chosen = new Set();
  /** The classes in which the chosen pictures were last looked up. @type {readonly unknown[] | undefined} */
  let checked;
  const count = statusLine();
  const target = make('select');
  const label = make('label', 'teach-move', localized('span', 'teach.move'), target);
  const remove = button('teach.delete', 'plain', () => {
    const ids = [...chosen];
    clear();
    onDelete(ids);
  });
  const element = make('div', 'teach-bar', count, label, remove, button('teach.unselect', 'quiet', clear));
  element.role = 'group';
  say(element, 'teach.selected', {}, 'aria-label');
  element.hidden = true;
  target.addEventListener('change', () => void move());

  async function move() {
    const ids = [...chosen];
    const to = context.teacher?.classes.find(({ id }) => id === target.value);
    if (!to) return;
    try {
      await context.teacher?.move(ids, to.name);
      context.messages.tell('teach.moved', { count: ids.length, name: to.name });
      clear();
    } catch (error) {
      context.messages.error(error);
    }
  }

  function clear() {
    const hadFocus = element.contains(document.activeElement);
    chosen.clear();
    show();
    context.showSoon();
    if (hadFocus) home().focus();
  }

  function show() {
    const classes = context.teacher?.classes ?? [];
    if (chosen.size > 0 && checked !== classes) {
      checked = classes;
      const present = new Set(classes.flatMap(({ pictures }) => pictures.map(({ id }) => id)));
      for (const id of chosen) if (!present.has(id)) chosen.delete(id);
    }
    element.hidden = chosen.size === 0;
    if (element.hidden) return;
    say(count, 'teach.selected.count', { count: chosen.size });
    const first = localized('option', 'teach.move.choose');
    first.value = '';
    target.replaceChildren(first, ...classes.map(({ id, name }) => {
      const option = make('option', '', name);
      option.value = id;
      return option;
    }));
  }

  return {
    element,
    show,
    clear,
    has: (/** @type {string} */ id) => chosen.has(id),
    all: () => [...chosen],

    /** @param {string[]} ids  @param {boolean} on */
    set(ids, on) {
      for (const id of ids) {
        if (on) chosen.add(id);
        else chosen.delete(id);
      }
      show();
      context.showSoon();
    },
  };
}
