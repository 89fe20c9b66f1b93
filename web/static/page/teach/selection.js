// The pictures that a person has chosen, and what can be done with them.

import { make } from '../dom.js';
import { say } from '../i18n.js';
import { button, words } from './parts.js';

/** @typedef {import('./parts.js').Desk} Desk */
/** @typedef {ReturnType<typeof createSelection>} Selection */

/**
 * @param {Desk} desk
 * @param {{ onDelete: (ids: string[]) => void, onChange: () => void, home: () => HTMLElement }} handlers home: where the keyboard goes when the bar goes away
 */
export function createSelection(desk, { onDelete, onChange, home }) {
  /** @type {Set<string>} */
  const chosen = new Set();
  /** The classes among which the chosen ones were last found. @type {readonly unknown[] | undefined} */
  let looked;
  const count = make('p');
  count.role = 'status';
  const target = make('select');
  const label = make('label', 'teach-move', words('span', 'teach.move'), target);
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
    const to = desk.teacher?.classes.find(({ id }) => id === target.value);
    if (!to) return;
    try {
      await desk.teacher?.move(ids, to.name);
      desk.messages.tell('teach.moved', { count: ids.length, name: to.name });
      clear();
    } catch (error) {
      desk.messages.error(error);
    }
  }

  function clear() {
    const inside = element.contains(document.activeElement);
    chosen.clear();
    show();
    onChange();
    if (inside) home().focus();
  }

  function show() {
    const classes = desk.teacher?.classes ?? [];
    if (chosen.size > 0 && looked !== classes) {
      looked = classes;
      const there = new Set(classes.flatMap(({ pictures }) => pictures.map(({ id }) => id)));
      for (const id of chosen) if (!there.has(id)) chosen.delete(id);
    }
    element.hidden = chosen.size === 0;
    if (element.hidden) return;
    say(count, 'teach.selected.count', { count: chosen.size });
    const first = make('option');
    first.value = '';
    say(first, 'teach.move.choose');
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
      onChange();
    },
  };
}
