// Messages over the page: what went wrong with a photo, and what to do about it.

import { clause } from '../common/clause.js';
import { find, icon, make } from './dom.js';
import { hasWords, language, say, setText, text, wordsSettled } from './i18n.js';

/** When there are more, the oldest goes. */
const maxNotices = 3;

/**
 * The sentence for an error, if the table has one.
 * @param {unknown} error a ResiduaError, or anything else that was thrown
 * @param {...string} instead  keys of sentences that come before the error's own, where the table has them
 * @returns {{ key: string, values: () => import('./i18n.js').Values }} key: as say takes it
 */
export function faultWords(error, ...instead) {
  const thrown = /** @type {Partial<import('../residua.js').ResiduaError>} */ (error ?? {});
  const { name, code, details = {} } = thrown;
  // A reason that the table knows is translated with its sentence. Of others, which are in English, a page in another
  // language says where they stand.
  const reasonOf = (/** @type {string} */ reason) =>
    text(`reason.${details.why}`, details) ?? (language() === 'en' ? reason : text('notice.reason') ?? reason);
  const values = () => ('reason' in details ? { ...details, reason: reasonOf(clause(details.reason)) } : details);
  const ours = name !== 'ResiduaError' ? []
    : [...(details.why ? [`error.${code}.${details.why}`] : []), `error.${code}`];
  return { key: [...instead, ...ours, 'error.unknown'].join(' '), values };
}

/**
 * Puts the sentence for an error into an element, if the table has one. What else was thrown makes sense to programmers
 * only, and goes to the console.
 * @param {Element} element
 * @param {unknown} error a ResiduaError, or anything else that was thrown
 * @param {...string} instead  keys of sentences that come before the error's own, where the table has them
 */
export function sayError(element, error, ...instead) {
  const thrown = /** @type {Partial<import('../residua.js').ResiduaError>} */ (error ?? {});
  const { name, code, message } = thrown;
  const isReadable = name === 'ResiduaError' && code !== 'engine-crashed'; // which only programmers can mend
  console[isReadable ? 'info' : 'error'](error);
  const { key, values } = faultWords(error, ...instead);
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
