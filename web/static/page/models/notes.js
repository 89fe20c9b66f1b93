// The assumptions that were made about a person's own model, because its files do not say.

import { find, make } from '../dom.js';
import { say } from '../i18n.js';

/** Notes that have a sentence for each value. */
const keyedByValue = ['labels', 'pad-shortcut', 'resize', 'sigmoid'];

/** How sizes are written in words. @type {Record<string, (value: string) => string>} */
const sizes = {
  'stride-in': value => value.replace('x', '×'),
  'graph-size': value => value.replace('x', ' × '),
  'input-shape': value => value.replace('x', ' × '),
};

/** @param {import('../../residua.js').Info['notes']} notes */
export function showNotes(notes) {
  const section = find('#model-notes', HTMLElement);
  section.hidden = notes.length === 0;
  find('ul', HTMLElement, section).replaceChildren(...notes.map(({ code, value }) => {
    const item = make('li');
    const key = keyedByValue.includes(code) ? `${code}-${value}` : code;
    say(item, `models.note.${key}`, { value: sizes[code]?.(value) ?? value });
    return item;
  }));
}
