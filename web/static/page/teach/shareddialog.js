// The dialog about a link that somebody shared. The names in it are a stranger's, shown as text that acts on nothing
// round it.

import { make } from '../dom.js';
import { button, localized, plainList, progressBar, statusLine } from '../elements.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';
import { row } from './elements.js';

/** @typedef {Parameters<typeof say>[2]} Values */
/**
 * A button of the dialog: the key of its text, its class, and what it does.
 * @typedef {[string, string, () => unknown]} Choice
 */

/** @param {{ onClose: () => void }} handlers */
export function createSharedDialog({ onClose }) {
  const title = localized('h2', 'shared.title');
  title.id = 'shared-title';
  const sentence = statusLine();
  const nameList = plainList('ul', 'share-names');
  nameList.tabIndex = 0; // it scrolls
  say(nameList, 'shared.names', {}, 'aria-label');
  const safe = localized('p', 'shared.safe', 'hint');
  const bar = progressBar('shared.title');
  const actions = row();
  const element = make('dialog', 'shared', title, sentence, nameList, safe, bar, actions);
  element.setAttribute('aria-labelledby', title.id);
  document.body.append(element);
  element.addEventListener('close', () => {
    if (!element.open) onClose(); // else another link was opened at once
  });

  const close = () => element.close();

  /** @param {Choice[]} choices  The first gets the focus. */
  function offer(choices) {
    bar.hidden = true;
    actions.replaceChildren(...choices.map(([key, className, act]) => button(key, className, act)));
    actions.querySelector('button')?.focus();
  }

  /**
   * Says something, and offers what can be done.
   * @param {string} key
   * @param {Choice[]} choices
   * @param {Values} [values]
   */
  function tell(key, choices, values) {
    say(sentence, key, values);
    offer(choices);
  }

  return {
    close,
    tell,

    get isOpen() {
      return element.open;
    },

    open() {
      nameList.hidden = safe.hidden = true;
      if (!element.open) element.showModal();
    },

    /** @param {string[]} names */
    showNames(names) {
      nameList.replaceChildren(...names.map(name => make('li', '', make('bdi', '', name))));
      nameList.hidden = safe.hidden = false;
    },

    /** @param {string} key  of what is being done */
    wait(key) {
      tell(key, [['shared.no', 'plain', close]]);
      bar.hidden = false;
    },

    /**
     * @param {unknown} error
     * @param {() => unknown} again
     */
    fail(error, again) {
      const { code } = /** @type {{ code?: string }} */ (error ?? {});
      if (code === 'cancelled') return;
      nameList.hidden = safe.hidden = true;
      const isFinal = code === 'no-share' || code === 'bad-weights';
      /** @type {Choice} */
      const retry = ['shared.again', 'main', again];
      /** @type {Choice[]} */
      const choices = [...(isFinal ? [] : [retry]), ['shared.close', 'plain', close]];
      sayError(sentence, error, `shared.fault.${code}`);
      offer(choices);
    },
  };
}
