// What a person reads before a head is sent: what goes where, and under which names. What was taught keeps its own.

import { make } from '../dom.js';
import { kilobytes } from '../format.js';
import { say } from '../i18n.js';
import { fold, row } from './elements.js';
import { createShareNames } from './sharenames.js';
import { sharing } from '../../residua.js';
import { button, localized, progressBar } from '../elements.js';

/** @param {{ onSend: () => void, onCancel: () => void }} handlers */
export function createSharePreview({ onSend, onCancel }) {
  const summary = make('p');
  const names = createShareNames({ onChange: updateButton });
  const older = localized('p', 'share.older');
  const tooLarge = make('p', 'share-wrong');
  const bar = progressBar('share.sending');
  const sendButton = button('share.go', 'main', onSend);
  const cancelButton = button('share.cancel', 'plain', onCancel);
  const element = make('div', 'share-panel', summary, names.list, localized('p', 'share.not-sent'),
    fold('share.exact.title', localized('p', 'share.exact')), older, tooLarge, names.fields, bar,
    row(sendButton, cancelButton));
  element.role = 'group';
  say(element, 'share.make', {}, 'aria-label');
  element.hidden = older.hidden = bar.hidden = true;
  /** What would be sent. @type {Blob | undefined} */
  let file;
  /** What it says of itself. @type {import('../../residua.js').Described | undefined} */
  let described;
  let isSending = false;
  /** The host has asked to wait. @type {ReturnType<typeof setTimeout> | undefined} */
  let blocked;

  function updateButton() {
    sendButton.disabled = !file || !names.areValid || !tooLarge.hidden || isSending || blocked !== undefined;
  }

  const focusButton = () => (sendButton.disabled ? cancelButton : sendButton).focus();

  return {
    element,
    askForNames: names.ask,

    /** The file to send. Undefined: none is shown. */
    get file() {
      return file;
    },

    /** What the file says of itself. */
    get head() {
      return described;
    },

    /** The names for the link, if they are not those of the file. */
    get names() {
      return names.changed;
    },

    /**
     * @param {Blob} next
     * @param {import('../../residua.js').Described} head  what the file says of itself
     * @param {import('../../residua.js').Limits} limits
     * @param {boolean} isOlder  than what was taught last
     */
    open(next, head, limits, isOlder) {
      file = next;
      described = head;
      const { days, maxBytes } = limits;
      const size = () => kilobytes(head.bytes);
      say(summary, 'share.sent', () => ({ count: head.classes.length, size: size(), host: location.host, days }));
      older.hidden = !isOlder;
      const refusal = sharing.refusalOf(head, limits);
      tooLarge.hidden = refusal.why === '';
      if (refusal.why) say(tooLarge, `share.${refusal.why}`, () => ({ size: size(), most: kilobytes(maxBytes) }));
      names.show(head.classes, limits.maxLabel, refusal.names);
      element.hidden = false;
    },

    close() {
      file = undefined;
      element.hidden = true;
    },

    /** Puts the keyboard where a person goes on. */
    focus() {
      const field = names.fields.querySelector('input');
      if (field) field.focus();
      else focusButton();
    },

    /** @param {boolean} on */
    setSending(on) {
      isSending = on;
      bar.hidden = !on;
      updateButton();
      if (on) cancelButton.focus();
      else if (!element.hidden) focusButton();
    },

    /** Nothing can be sent for a while. @param {number} seconds */
    blockFor(seconds) {
      clearTimeout(blocked);
      blocked = setTimeout(() => {
        blocked = undefined;
        updateButton();
      }, 1000 * seconds);
    },
  };
}
