// Messages next to the drop zone: what went wrong with a photo, and what to do about it.

import { find, icon, make } from './dom.js';
import { say, spell, text } from './i18n.js';

/** More than a few at once is noise; the oldest goes. */
const most = 3;

/**
 * Puts the sentence for a failure into an element: the one of the table where there is one. Of anything else that was
 * thrown nobody can make sense but a programmer: that goes to the console.
 * @param {Element} element
 * @param {unknown} error a ResiduaError, or anything else that was thrown
 */
export function sayError(element, error) {
  const thrown = /** @type {Partial<import('../residua.js').ResiduaError>} */ (error ?? {});
  const { name, code, message, details = {} } = thrown;
  const isOurs = name === 'ResiduaError';
  const isClear = isOurs && code !== 'engine-crashed'; // the message of that one has the exception in it
  console[isClear ? 'info' : 'error'](error);
  // Until the table is here, the words are English.
  spell(element, isClear ? message : 'Something went wrong. Reload the page, then try again.');
  if (isOurs && text(`error.${code}`)) say(element, `error.${code}`, details);
  else say(element, 'error.unknown');
}

/**
 * @param {{ onDismiss: () => void }} handlers onDismiss runs when a person closed the last message, and the focus needs a place
 */
export function createNotices({ onDismiss }) {
  const list = find('#notices', HTMLElement);

  /**
   * @param {'alert' | 'info'} kind
   * @param {string} name of the file that it is about, or nothing
   */
  const add = (kind, name) => {
    const words = make('p', 'notice-text');
    const close = make('button', 'quiet square', icon('close'));
    close.type = 'button';
    say(close, 'notice.dismiss', {}, 'aria-label');
    const body = make('div', 'notice-body', ...(name ? [make('p', 'notice-name', name)] : []), words);
    const notice = make('div', `notice ${kind}`, icon(kind), body, close);
    close.addEventListener('click', () => {
      notice.remove();
      const next = list.querySelector('button');
      if (next) next.focus();
      else onDismiss();
    });
    list.append(notice);
    notice.scrollIntoView({ block: 'nearest' });
    while (list.children.length > most) list.firstElementChild?.remove();
    return words;
  };

  return {
    /**
     * @param {unknown} error
     * @param {string} [name]
     */
    error(error, name = '') {
      sayError(add('alert', name), error);
    },
    /**
     * A file that the page itself refused.
     * @param {string} key of the sentence that says why
     * @param {import('./i18n.js').Values} [values]
     * @param {string} [name] of the file; without one it is only a hint
     */
    refuse(key, values, name = '') {
      say(add(name ? 'alert' : 'info', name), key, values);
    },
    clear() {
      list.replaceChildren();
    },
  };
}
