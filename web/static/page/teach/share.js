// Sharing: what was taught becomes a link. Before anything is sent, a person reads what exactly goes where, and mends what the host would refuse.

import { make } from '../dom.js';
import { day, kilobytes } from '../format.js';
import { say, text } from '../i18n.js';
import { sayError } from '../notices.js';
import { canShare, copyFrom, shareLink } from '../../common/platform.js';
import { button, mainRun, words } from './parts.js';
import { sharing } from '../../residua.js';

/** @typedef {import('../../residua.js').Limits} Limits */

const { describe, sanitizeName, limitsOfHost, nameFault, refusalOf, share } = sharing;

/** A name as text that acts on nothing round it. @param {string} name @param {number} at */
const isolated = (name, at) => make('bdi', '', sanitizeName(name, at));

/** @param {import('./parts.js').Desk} desk */
export function createShare(desk) {
  const offer = button('share.make', 'plain', () => void begin());
  const why = make('p', 'prose');
  const fault = make('p', 'task-fault');
  fault.role = 'alert';

  // What is asked before something is sent.
  const sent = make('p');
  const names = make('ul', 'share-names');
  names.setAttribute('role', 'list');
  names.tabIndex = 0; // it scrolls
  say(names, 'share.names', {}, 'aria-label');
  const older = words('p', 'share.older');
  const large = make('p', 'share-wrong');
  const wrong = make('div', 'share-mend');
  const go = button('share.go', 'main', () => void send());
  const cancel = button('share.cancel', 'plain', () => close());
  const bar = make('progress');
  say(bar, 'share.sending', {}, 'aria-label');
  const panel = make('div', 'share-panel', sent, names, words('p', 'share.not-sent'), older, large, wrong, bar, make('div', 'teach-row', go, cancel));
  panel.role = 'group';
  say(panel, 'share.make', {}, 'aria-label');

  // What came of it.
  const done = make('p');
  done.role = 'status';
  const link = make('input', 'share-link');
  Object.assign(link, { type: 'text', readOnly: true, spellcheck: false });
  say(link, 'share.link', {}, 'aria-label');
  link.addEventListener('focus', () => link.select());
  const copied = make('p', 'teach-state');
  copied.role = 'status';
  const pass = button('share.pass', 'plain', () => void shareLink(link.value));
  pass.hidden = !canShare();
  const result = make('div', 'share-result', done, make('div', 'teach-row', link, button('share.copy', 'plain', copy), pass), copied);

  const element = make('div', 'teach-share', offer, why, fault, panel, result);
  why.hidden = panel.hidden = result.hidden = older.hidden = bar.hidden = true;

  /** What the host takes; null: it has no API; undefined: it was not asked yet. @type {Limits | null | undefined} */
  let limits;
  let asking = false;
  /** The head that is asked about, and what its classes shall be called. @type {{ file: Blob, head: import('../../residua.js').Described, names: string[] } | undefined} */
  let chosen;
  /** What the link is of. */
  let shared = headRun();
  /** @type {AbortController | undefined} */ let running;
  /** The host wants no more for a moment. @type {ReturnType<typeof setTimeout> | undefined} */ let pause;

  function headRun() {
    return desk.teacher?.evaluate({ method: 'head' }) ?? null;
  }

  /** @param {unknown} error */
  function tell(error) {
    const { code, details = {} } = /** @type {{ code?: string, details?: Record<string, string> }} */ (error ?? {});
    if (code === 'cancelled') return;
    if (code === 'offline') return say(fault, 'share.offline', { host: location.host });
    const key = `share.fault.${details.why}`;
    if (code !== 'cannot-share' || !text(key)) return sayError(fault, error);
    say(fault, key, { reason: details.reason, seconds: details.seconds ?? '60' });
    if (details.class) showWrong([{ at: Number(details.class), why: 'refused' }]);
    if (details.seconds) {
      clearTimeout(pause);
      pause = setTimeout(() => {
        pause = undefined;
        check();
      }, 1000 * Number(details.seconds));
    }
  }

  /** Asks the host what it takes. It is asked once; where there was no answer, again when a person wants a link. */
  async function askHost() {
    if (asking || limits !== undefined) return;
    asking = true;
    try {
      limits = await limitsOfHost();
    } finally {
      asking = false;
    }
    show();
  }

  async function begin() {
    fault.textContent = '';
    try {
      await askHost();
      const { teacher } = desk;
      if (!limits || !teacher || !headRun()) return;
      const file = await teacher.export('head');
      const head = await describe(file);
      chosen = { file, head, names: [...head.classes] };
      const { days } = limits;
      say(sent, 'share.sent', () => ({ count: head.classes.length, size: kilobytes(head.bytes), host: location.host, days }));
      older.hidden = mainRun(teacher)?.method === 'head';
      const refusal = refusalOf(head, limits);
      large.hidden = refusal.why === '';
      const { maxBytes } = limits;
      if (refusal.why) say(large, `share.${refusal.why}`, () => ({ size: kilobytes(head.bytes), most: kilobytes(maxBytes) }));
      showWrong(refusal.names);
      panel.hidden = false;
      result.hidden = true;
      show();
      (wrong.querySelector('input') ?? (go.disabled ? cancel : go)).focus();
    } catch (error) {
      tell(error);
    }
  }

  /**
   * Names that the host refuses, each with a field for another one. They are the link's only: what was taught keeps its own.
   * @param {{ at: number, why: import('../../residua.js').NameFault | 'refused' }[]} faults
   */
  function showWrong(faults) {
    wrong.replaceChildren(...faults.map(({ at, why }) => {
      const input = make('input', 'share-name');
      Object.assign(input, { type: 'text', value: sanitizeName(chosen?.names[at] ?? '', at).replace(/[<>]/g, ''), autocomplete: 'off', spellcheck: false });
      const reason = make('span', 'hint');
      say(reason, `share.name.${why}`, { most: limits?.maxLabel ?? 0 });
      input.addEventListener('input', () => {
        if (chosen) chosen.names[at] = input.value.trim();
        check();
      });
      if (chosen && why !== 'refused') chosen.names[at] = input.value;
      return make('label', '', make('span', '', isolated(chosen?.head.classes[at] ?? '', at), ' ', reason), input);
    }));
    check();
  }

  /** Shows the names as they will be sent, and whether they can be. */
  function check() {
    const most = limits?.maxLabel;
    names.replaceChildren(...(chosen?.names ?? []).map((name, at) => make('li', '', isolated(name, at))));
    const bad = chosen?.names.some(name => nameFault(name, most)) ?? true;
    for (const input of wrong.querySelectorAll('input')) input.ariaInvalid = String(!!nameFault(input.value.trim(), most));
    go.disabled = bad || !large.hidden || !!running || pause !== undefined;
  }

  async function send() {
    if (!chosen || running) return;
    const { file, names: called, head } = chosen;
    const { signal } = (running = new AbortController());
    const run = headRun();
    fault.textContent = '';
    bar.hidden = false;
    check();
    cancel.focus();
    try {
      const { url, expires, isNew } = await share(file, { signal, ...(called.some((name, at) => name !== head.classes[at]) ? { names: called } : {}) });
      shared = run;
      link.value = url;
      say(done, isNew ? 'share.done' : 'share.was', () => ({ date: day(expires) }));
      copied.textContent = '';
      copied.removeAttribute('data-i18n');
      panel.hidden = true;
      result.hidden = false;
      link.focus();
    } catch (error) {
      tell(error);
    }
    running = undefined;
    bar.hidden = true;
    check();
    if (!panel.hidden) (go.disabled ? cancel : go).focus();
    show();
  }

  function close() {
    if (running) return running.abort();
    chosen = undefined;
    panel.hidden = true;
    fault.textContent = '';
    show();
    offer.focus();
  }

  async function copy() {
    say(copied, await copyFrom(link) ? 'share.copied' : 'share.select');
  }

  function show() {
    const run = mainRun(desk.teacher);
    element.hidden = !run;
    if (!run) return;
    void askHost().catch(() => {}); // told when a person wants a link
    const head = headRun();
    if (result.hidden === false && head !== shared) result.hidden = true; // it is of what was taught before
    if (!panel.hidden && !head) panel.hidden = true;
    const reason = limits === null ? 'share.none' : head ? '' : 'share.no-head';
    why.hidden = reason === '';
    if (reason) say(why, reason);
    offer.hidden = reason !== '' || !panel.hidden;
    offer.disabled = desk.training;
  }

  return { element, show };
}
