// The messages of the room: files that could not be added, and what went wrong.

import { icon, make } from '../dom.js';
import { localized } from '../elements.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';

/** More messages than this at once are noise. The oldest goes. */
const maxMessages = 3;
/** How many files are named. Further ones are counted. */
const maxNamed = 20;

/** @typedef {ReturnType<typeof createMessages>} Messages */
/** The files that could not be added, in one message. @typedef {ReturnType<typeof createFaultList>} FaultList */

function createFaultList() {
  const title = make('p', 'notice-name');
  const list = make('ul', 'teach-faults');
  const more = make('p');
  let count = 0;
  return {
    elements: [title, list, more],
    /** @param {string} name @param {unknown} error */
    add(name, error) {
      count++;
      say(title, 'teach.faults', { count });
      if (count > maxNamed) return say(more, 'teach.faults.more', { count: count - maxNamed });
      const reason = make('span');
      sayError(reason, error);
      list.append(make('li', '', make('b', '', name), ' ', reason));
    },
  };
}

export function createMessages() {
  const element = make('div', 'notices');
  element.role = 'alert';
  /** @type {{ message: HTMLElement, list: FaultList } | undefined} */
  let faults;

  /**
   * @param {'alert' | 'info'} kind
   * @param {...HTMLElement} children
   */
  function add(kind, ...children) {
    const close = make('button', 'quiet square', icon('close'));
    close.type = 'button';
    say(close, 'notice.dismiss', {}, 'aria-label');
    const message = make('div', `notice ${kind}`, icon(kind), make('div', 'notice-body', ...children), close);
    close.addEventListener('click', () => message.remove());
    element.append(message);
    while (element.children.length > maxMessages) element.firstElementChild?.remove();
    return message;
  }

  return {
    element,

    /** @param {unknown} error  @param {string} [name]  of the file that it is about */
    error(error, name = '') {
      // Many pictures may fail in the same way: that is said once.
      const code = String(/** @type {any} */ (error)?.code ?? '');
      if (code) element.querySelector(`[data-code="${CSS.escape(code)}"]`)?.remove();
      const sentence = make('p', 'notice-text');
      sayError(sentence, error);
      add('alert', ...(name ? [make('p', 'notice-name', name)] : []), sentence).dataset.code = code;
    },

    /**
     * @param {string} key
     * @param {Parameters<typeof localized>[3]} [values]
     * @param {string} [name]  of the file that it is about
     */
    tell(key, values, name = '') {
      const sentence = localized('p', key, 'notice-text', values);
      if (name) add('alert', make('p', 'notice-name', name), sentence);
      else add('info', sentence);
    },

    /** Shows what a part of the room has to say, or to ask. @param {...HTMLElement} children */
    show(...children) {
      return add('info', ...children);
    },

    /**
     * Names a file that could not be added.
     * @param {string} name
     * @param {unknown} error
     */
    fault(name, error) {
      if (!faults?.message.isConnected) {
        const list = createFaultList();
        faults = { list, message: add('alert', ...list.elements) };
      }
      faults.list.add(name, error);
    },

    clear() {
      element.replaceChildren();
      faults = undefined;
    },
  };
}
