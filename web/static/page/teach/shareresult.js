// The link that was made, and the ways to pass it on.

import { make } from '../dom.js';
import { day, kilobytes } from '../format.js';
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
  const sent = make('p', 'hint');
  const element = make('div', 'share-result', sentence, row(link, copyButton, passOn), copied, sent);
  element.hidden = true;

  return {
    element,

    /**
     * @param {{ url: string, expires: Date, isNew: boolean }} shared  isNew: the host did not have it yet
     * @param {import('../../residua.js').Described} head  what was sent
     */
    show({ url, expires, isNew }, { bytes, classes }) {
      link.value = url;
      say(sentence, isNew ? 'share.done' : 'share.was', () => ({ date: day(expires) }));
      say(sent, 'share.went', () => ({ count: classes.length, size: kilobytes(bytes) }));
      clearText(copied);
      element.hidden = false;
      link.focus();
    },
  };
}
