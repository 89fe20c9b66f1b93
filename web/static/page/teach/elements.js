// The elements that give Teach its layout.

import { make } from '../dom.js';
import { localized } from '../elements.js';

/**
 * A section of the room with its heading.
 * @param {string} name  The heading is teach.NAME.title.
 * @param {...Node} children
 */
export function section(name, ...children) {
  const title = localized('h3', `teach.${name}.title`);
  title.id = `teach-${name}-title`;
  const element = make('section', `teach-part teach-${name}`, title, ...children);
  element.setAttribute('aria-labelledby', title.id);
  return element;
}

/** A line of buttons or fields. @param {...Node} children */
export const row = (...children) => make('div', 'teach-row', ...children);

/**
 * What is folded away until somebody wants it.
 * @param {string} key  of its summary
 * @param {...Node} children
 */
export const fold = (key, ...children) => make('details', 'teach-fold', localized('summary', key), ...children);

/**
 * A hint in two forms, of which the style sheet shows one.
 * @param {string} click  its key where there is a mouse
 * @param {string} tap  its key where there is none
 */
export const pointingHint = (click, tap) => make('p', 'hint',
  localized('span', click, 'with-mouse'), localized('span', tap, 'with-finger'));

/** A wide table, which scrolls by the keyboard too. @param {HTMLTableElement} table */
export function scroller(table) {
  const element = make('div', 'scroll', table);
  element.tabIndex = 0;
  return element;
}
