// Messages beside the drop zone: what went wrong with a photo, and what to do about it.

import { clause } from '../common/clause.js';
import { find, icon, make } from './dom.js';
import { hasWords, say, setText, text, wordsSettled } from './i18n.js';

/** When there are more, the oldest goes. */
const maxNotices = 3;

/**
 * Puts the sentence for an error into an element, if the table has one. What else was thrown makes sense to programmers
 * only, and goes to the console.
 * @param {Element} element
 * @param {unknown} error a ResiduaError, or anything else that was thrown
 * @param {...string} instead  keys of sentences that come before the error's own, where the table has them
 */
export function sayError(element, error, ...instead) {
  const thrown = /** @type {Partial<import('../residua.js').ResiduaError>} */ (error ?? {});
  const { name, code, message, details = {} } = thrown;
  const isOurs = name === 'ResiduaError';
  const isReadable = isOurs && code !== 'engine-crashed'; // which only programmers can mend
  console[isReadable ? 'info' : 'error'](error);
  // A reason that the table knows is translated with its sentence; others are in English.
  const values = () => ('reason' in details
    ? { ...details, reason: text(`reason.${details.why}`, details) ?? clause(details.reason) } : details);
  const ours = isOurs ? [...(details.why ? [`error.${code}.${details.why}`] : []), `error.${code}`] : [];
  const key = [...instead, ...ours, 'error.unknown'].join(' ');
  say(element, key, values);
  if (!hasWords()) void wordsSettled.then(() => {
    // No words came, and so the page is in English.
    if (hasWords() || element.getAttribute('data-i18n') !== key) return;
    setText(element, isReadable ? message : 'Something went wrong. Reload the page, then try again.');
  });
}

/**
 * @param {{ onDismiss: () => void }} handlers onDismiss: the last message was closed, and the focus needs a new place
 */
export function createNotices({ onDismiss }) {
  const list = find('#notices', HTMLElement);

  /**
   * @param {'alert' | 'info'} kind
   * @param {string} name of the file, or empty
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
    while (list.children.length > maxNotices) list.firstElementChild?.remove();
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
     * Says why the page itself refused something.
     * @param {string} key of the reason
     * @param {import('./i18n.js').Values} [values]
     * @param {string} [name] of the file; without one the message is only a hint
     */
    refuse(key, values, name = '') {
      say(add(name ? 'alert' : 'info', name), key, values);
    },
    clear() {
      list.replaceChildren();
    },
  };
}
