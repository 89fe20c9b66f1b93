// What the room has to say: files that could not be added, and what went wrong.

import { icon, make } from '../dom.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';

/** More than a few at once is noise; the oldest goes. */
const most = 3;
/** So many files are named; more are counted. */
const mostNamed = 20;

/** @typedef {ReturnType<typeof createMessages>} Messages */

export function createMessages() {
  const element = make('div', 'notices');
  element.role = 'alert';
  /** Files that could not be added, in one message. @type {{ box: HTMLElement, list: HTMLElement, more: HTMLElement, count: number } | undefined} */
  let faults;

  /**
   * @param {'alert' | 'info'} kind
   * @param {...HTMLElement} children
   */
  const add = (kind, ...children) => {
    const close = make('button', 'quiet square', icon('close'));
    close.type = 'button';
    say(close, 'notice.dismiss', {}, 'aria-label');
    const notice = make('div', `notice ${kind}`, icon(kind), make('div', 'notice-body', ...children), close);
    close.addEventListener('click', () => {
      notice.remove();
      if (faults?.box === notice) faults = undefined;
    });
    element.append(notice);
    while (element.children.length > most) element.firstElementChild?.remove();
    return notice;
  };

  return {
    element,

    /** @param {unknown} error  @param {string} [name] of what it is about */
    error(error, name = '') {
      // The same of many pictures is told once.
      const code = String(/** @type {any} */ (error)?.code ?? '');
      if (code) element.querySelector(`[data-code="${CSS.escape(code)}"]`)?.remove();
      const words = make('p', 'notice-text');
      sayError(words, error);
      add('alert', ...(name ? [make('p', 'notice-name', name)] : []), words).dataset.code = code;
    },

    /**
     * @param {string} key
     * @param {import('../i18n.js').Values} [values]
     */
    tell(key, values) {
      const words = make('p', 'notice-text');
      say(words, key, values);
      add('info', words);
    },

    /**
     * A file that could not be added. The others are.
     * @param {string} name
     * @param {unknown} error
     */
    fault(name, error) {
      if (!faults?.box.isConnected) {
        const list = make('ul', 'teach-faults');
        const more = make('p');
        faults = { box: make('div'), list, more, count: 0 };
        faults.box = add('alert', make('p', 'notice-name'), list, more);
      }
      faults.count++;
      const title = faults.box.querySelector('.notice-name');
      if (title) say(title, 'teach.faults', { count: faults.count });
      if (faults.count > mostNamed) return say(faults.more, 'teach.faults.more', { count: faults.count - mostNamed });
      const reason = make('span');
      sayError(reason, error);
      faults.list.append(make('li', '', make('b', '', name), ' ', reason));
    },

    clear() {
      element.replaceChildren();
      faults = undefined;
    },
  };
}
