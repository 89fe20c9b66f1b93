// Sharing: what was taught becomes a link. Before anything is sent, a person reads what goes where.

import { make } from '../dom.js';
import { say, text } from '../i18n.js';
import { sayError } from '../notices.js';
import { mainRun } from './runs.js';
import { createSharePreview } from './sharepreview.js';
import { createShareResult } from './shareresult.js';
import { sharing } from '../../residua.js';
import { alertLine, button } from '../elements.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {import('../../residua.js').Limits} Limits */

const { describe, limitsOfHost, share } = sharing;

/** What the host takes. */
function createHostLimits() {
  /** null: the host has no API; undefined: there was no answer yet. @type {Limits | null | undefined} */
  let limits;
  let isAsking = false;
  return {
    get value() {
      return limits;
    },
    /** Asks the host unless it has answered. @param {() => void} onAnswer */
    async ask(onAnswer) {
      if (isAsking || limits !== undefined) return;
      isAsking = true;
      try {
        limits = await limitsOfHost();
      } finally {
        isAsking = false;
      }
      onAnswer();
    },
  };
}

/** @param {TeachContext} context */
export function createShare(context) {
  const offer = button('share.make', 'plain', () => void begin());
  const why = make('p', 'prose');
  const fault = alertLine();
  const preview = createSharePreview({ onSend: () => void send(), onCancel: cancel });
  const result = createShareResult();
  const element = make('div', 'teach-share', offer, why, fault, preview.element, result.element);
  why.hidden = true;
  const host = createHostLimits();
  /** The run that the link is of. */
  let shared = headRun();
  /** @type {AbortController | undefined} */ let running;

  /** Only a trained head can be shared. */
  function headRun() {
    return context.teacher?.evaluate({ method: 'head' }) ?? null;
  }

  /** @param {unknown} error */
  function showError(error) {
    const { code, details = {} } =
      /** @type {{ code?: string, details?: Record<string, string> }} */ (error ?? {});
    if (code === 'cancelled') return;
    if (code === 'offline') return say(fault, 'share.offline', { host: location.host });
    const key = `share.fault.${details.why}`;
    if (code !== 'cannot-share' || !text(key)) return sayError(fault, error);
    say(fault, key, { reason: details.reason, seconds: details.seconds ?? '60' });
    if (details.class) preview.askForNames([{ at: Number(details.class), why: 'refused' }]);
    if (details.seconds) preview.blockFor(Number(details.seconds));
  }

  async function begin() {
    fault.textContent = '';
    try {
      await host.ask(show);
      const { teacher } = context;
      if (!host.value || !teacher || !headRun()) return;
      const file = await teacher.export('head');
      const isOlder = mainRun(teacher)?.method !== 'head';
      preview.open(file, await describe(file), host.value, isOlder);
      result.element.hidden = true;
      show();
      preview.focus();
    } catch (error) {
      showError(error);
    }
  }

  async function send() {
    const { file, head, names } = preview;
    if (!file || !head || running) return;
    const { signal } = (running = new AbortController());
    const run = headRun();
    fault.textContent = '';
    preview.setSending(true);
    try {
      const link = await share(file, { signal, ...(names ? { names } : {}) });
      shared = run;
      preview.element.hidden = true;
      result.show(link, head);
    } catch (error) {
      showError(error);
    }
    running = undefined;
    preview.setSending(false);
    show();
  }

  /** Stops what is being sent, else closes the preview. */
  function cancel() {
    if (running) return running.abort();
    preview.close();
    fault.textContent = '';
    show();
    offer.focus();
  }

  function show() {
    element.hidden = !mainRun(context.teacher);
    if (element.hidden) return;
    void host.ask(show).catch(() => {}); // an error is shown when a person wants a link
    const head = headRun();
    if (head !== shared) result.element.hidden = true; // its link is of what was taught before
    if (!head) preview.element.hidden = true;
    const reason = host.value === null ? 'share.none' : head ? '' : 'share.no-head';
    why.hidden = reason === '';
    if (reason) say(why, reason);
    offer.hidden = reason !== '' || !preview.element.hidden;
    offer.disabled = context.training;
  }

  return { element, show };
}
