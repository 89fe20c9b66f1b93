// The sheet of keys: every key of every room. The key ? opens it, and a button at the foot of the page.

import { find, icon, make } from './dom.js';
import { localized } from './elements.js';
import { say, setText, text } from './i18n.js';
import { keyTable } from './keytable.js';

/** How keys are written that a keyboard shows by a sign. @type {Record<string, string>} */
const signs = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', '-': '−' };

/** A key as it is written on a keyboard, in the page's language. @param {string} key */
const nameOf = key => signs[key] ?? text(`keys.key.${key === ' ' ? 'Space' : key}`) ?? key;

/** @param {import('./keytable.js').Row} row */
function line({ keys, does }) {
  const term = make('dt', '', ...keys.flatMap((key, i) => {
    const cap = make('kbd');
    setText(cap, () => nameOf(key));
    return i > 0 ? [' ', cap] : [cap];
  }));
  return make('div', '', term, localized('dd', `keys.${does}`));
}

function createSheet() {
  const title = localized('h2', 'keys.title');
  title.id = 'keys-title';
  const close = make('button', 'quiet square', icon('close'));
  close.type = 'button';
  say(close, 'models.close', {}, 'aria-label');
  close.addEventListener('click', () => element.close());
  const groups = keyTable.map(({ where, rows }) =>
    make('section', '', localized('h3', `keys.${where}`), make('dl', '', ...rows.map(line))));
  const element = make('dialog', 'question keys', make('div', 'models-head', title, close),
    make('div', 'keys-groups', ...groups));
  element.setAttribute('aria-labelledby', title.id);
  document.body.append(element);
  return element;
}

const fields = 'input:not([type="range"], [type="checkbox"], [type="radio"]), textarea, select, [contenteditable]';

/** Whether somebody types there. @param {EventTarget | null} target */
const isField = target => target instanceof Element && !!target.closest(fields);

export function startKeys() {
  /** @type {HTMLDialogElement | undefined} */
  let sheet;

  function open() {
    if (document.querySelector('dialog[open]')) return;
    sheet ??= createSheet();
    sheet.showModal(); // the browser gives the focus back to where it was
  }

  find('#keys', HTMLButtonElement).addEventListener('click', open);
  document.addEventListener('keydown', event => {
    if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    event.preventDefault();
    open();
  });
}
