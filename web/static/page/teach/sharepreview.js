// What a person reads before a head is sent: what goes where, and the classes' names. Names that the host would refuse
// can be changed for the link. What was taught keeps its own.

import { make } from '../dom.js';
import { kilobytes } from '../format.js';
import { say } from '../i18n.js';
import { button, localized, plainList, progressBar, row } from './elements.js';
import { sharing } from '../../residua.js';

/** @typedef {import('../../residua.js').Limits} Limits */
/** @typedef {import('../../residua.js').Described} Described */
/** @typedef {{ at: number, why: import('../../residua.js').NameFault | 'refused' }} NameProblem  at: the class */

const { inert, nameFault, refusalOf } = sharing;

/** A name as text that does not act on the text round it. @param {string} name @param {number} at */
const isolated = (name, at) => make('bdi', '', inert(name, at));

/**
 * A label with the field for another name.
 * @param {string} original
 * @param {string} proposal
 * @param {NameProblem} problem
 * @param {number} maxLabel
 */
function createNameField(original, proposal, { at, why }, maxLabel) {
  const input = make('input', 'share-name');
  Object.assign(input, { type: 'text', value: proposal, autocomplete: 'off', spellcheck: false });
  const reason = localized('span', `share.name.${why}`, 'hint', { most: maxLabel });
  return { input, label: make('label', '', make('span', '', isolated(original, at), ' ', reason), input) };
}

/** @param {{ onSend: () => void, onCancel: () => void }} handlers */
export function createSharePreview({ onSend, onCancel }) {
  const summary = make('p');
  const nameList = plainList('ul', 'share-names');
  nameList.tabIndex = 0; // it scrolls
  say(nameList, 'share.names', {}, 'aria-label');
  const older = localized('p', 'share.older');
  const tooLarge = make('p', 'share-wrong');
  const nameFields = make('div', 'share-mend');
  const bar = progressBar('share.sending');
  const sendButton = button('share.go', 'main', onSend);
  const cancelButton = button('share.cancel', 'plain', onCancel);
  const element = make('div', 'share-panel', summary, nameList, localized('p', 'share.not-sent'), older, tooLarge,
    nameFields, bar, row(sendButton, cancelButton));
  element.role = 'group';
  say(element, 'share.make', {}, 'aria-label');
  element.hidden = older.hidden = bar.hidden = true;
  /** What would be sent. @type {{ file: Blob, head: Described, names: string[], limits: Limits } | undefined} */
  let shown;
  let isSending = false;
  /** The host has asked to wait. @type {ReturnType<typeof setTimeout> | undefined} */
  let blocked;

  /** Shows the names as they would be sent, and whether they can be. */
  function check() {
    const maxLabel = shown?.limits.maxLabel;
    nameList.replaceChildren(...(shown?.names ?? []).map((name, at) => make('li', '', isolated(name, at))));
    const isWrong = shown?.names.some(name => nameFault(name, maxLabel)) ?? true;
    for (const input of nameFields.querySelectorAll('input')) {
      input.ariaInvalid = String(!!nameFault(input.value.trim(), maxLabel));
    }
    sendButton.disabled = isWrong || !tooLarge.hidden || isSending || blocked !== undefined;
  }

  /** Asks for other names. @param {NameProblem[]} problems */
  function askForNames(problems) {
    if (!shown) return;
    const { names, head, limits } = shown;
    nameFields.replaceChildren(...problems.map(problem => {
      const { at, why } = problem;
      const proposal = inert(names[at] ?? '', at).replace(/[<>]/g, '');
      const { input, label } = createNameField(head.classes[at] ?? '', proposal, problem, limits.maxLabel);
      input.addEventListener('input', () => {
        names[at] = input.value.trim();
        check();
      });
      if (why !== 'refused') names[at] = input.value;
      return label;
    }));
    check();
  }

  return {
    element,
    askForNames,

    /** The file to send. Undefined: none is shown. */
    get file() {
      return shown?.file;
    },

    /** The names for the link, if they are not those of the file. */
    get names() {
      return shown?.names.some((name, at) => name !== shown?.head.classes[at]) ? shown.names : undefined;
    },

    /**
     * @param {Blob} file
     * @param {Described} head
     * @param {Limits} limits
     * @param {boolean} isOlder  than what was taught last
     */
    open(file, head, limits, isOlder) {
      shown = { file, head, names: [...head.classes], limits };
      const { days, maxBytes } = limits;
      const size = () => kilobytes(head.bytes);
      say(summary, 'share.sent', () => ({ count: head.classes.length, size: size(), host: location.host, days }));
      older.hidden = !isOlder;
      const refusal = refusalOf(head, limits);
      tooLarge.hidden = refusal.why === '';
      if (refusal.why) say(tooLarge, `share.${refusal.why}`, () => ({ size: size(), most: kilobytes(maxBytes) }));
      askForNames(refusal.names);
      element.hidden = false;
    },

    close() {
      shown = undefined;
      element.hidden = true;
    },

    /** Puts the keyboard where a person goes on. */
    focus() {
      (nameFields.querySelector('input') ?? (sendButton.disabled ? cancelButton : sendButton)).focus();
    },

    /** @param {boolean} on */
    setSending(on) {
      isSending = on;
      bar.hidden = !on;
      check();
      if (on) cancelButton.focus();
      else if (!element.hidden) (sendButton.disabled ? cancelButton : sendButton).focus();
    },

    /** Nothing can be sent for a while. @param {number} seconds */
    blockFor(seconds) {
      clearTimeout(blocked);
      blocked = setTimeout(() => {
        blocked = undefined;
        check();
      }, 1000 * seconds);
    },
  };
}
