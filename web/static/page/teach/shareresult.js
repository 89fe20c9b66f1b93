// The link that was made, and the ways to pass it on.

import { make } from '../dom.js';
import { day } from '../format.js';
import { say } from '../i18n.js';
import { canShare, copyFrom, shareLink } from '../../common/platform.js';
import { button, clearText, statusLine } from '../elements.js';
import { row } from './elements.js';

export function createShareResult() {
  const sentence = statusLine();
  const link = make('input', 'share-link');
  Object.assign(link, { type: 'text', readOnly: true, spellcheck: false });
  say(link, 'share.link', {}, 'aria-label');
  link.addEventListener('focus', () => link.select());
  const copied = statusLine('teach-state');
  const copyButton = button('share.copy', 'plain', async () =>
    say(copied, await copyFrom(link) ? 'share.copied' : 'share.select'));
  const passOn = button('share.pass', 'plain', () => void shareLink(link.value));
  passOn.hidden = !canShare();
  const element = make('div', 'share-result', sentence, row(link, copyButton, passOn), copied);
  element.hidden = true;

  return {
    element,

    /** @param {{ url: string, expires: Date, isNew: boolean }} shared  isNew: the host did not have it yet */
    show({ url, expires, isNew }) {
      link.value = url;
      say(sentence, isNew ? 'share.done' : 'share.was', () => ({ date: day(expires) }));
      clearText(copied);
      element.hidden = false;
      link.focus();
    },
  };
}
