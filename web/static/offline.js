// The page's end of the service worker: it registers it, lets it bring what is needed without a network, isolates the page on hosts that
// cannot, and offers a new version, which comes only when a person wants it.

import { find } from './dom.js';
import { say } from './i18n.js';
import { scriptOf } from './trusted.js';

/** A page that stays open for days asks this often for a new version, when somebody comes back to it. */
const askAgainMs = 60 * 60_000;

/** So that a browser which does not isolate the page after all is not reloaded for ever. */
const reloadedKey = 'residua.reloaded';

/**
 * @param {{ isIdle: () => boolean, onFilled: () => void }} handlers
 *   isIdle: whether nothing would be lost if the page began anew; onFilled: all that works without a network is here
 */
export function createOffline({ isIdle, onFilled }) {
  const { serviceWorker } = navigator;
  const bar = find('#update', HTMLElement);
  const words = find('p', HTMLElement, bar);
  const [use, later] = bar.querySelectorAll('button');
  const state = find('#offline', HTMLElement);
  /** @type {ServiceWorkerRegistration | undefined} */
  let registration;
  /** What the button of the bar does. */
  let act = () => {};

  use.addEventListener('click', () => act());
  later.addEventListener('click', () => { bar.hidden = true; });

  /**
   * @param {'update' | 'changed' | 'threads'} what
   * @param {() => void} action
   */
  const offer = (what, action) => {
    say(words, `offline.${what}`);
    say(use, `offline.${what}.use`);
    act = action;
    bar.hidden = false;
  };

  /** @param {ServiceWorker} waiting a new version, all of whose files are here */
  const offerUpdate = waiting => offer('update', () => {
    serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    waiting.postMessage({ op: 'take-over' });
  });

  /** Only a page that came through the worker has the headers that isolate it. */
  const isolate = () => {
    if (crossOriginIsolated || sessionStorage.getItem(reloadedKey)) return;
    sessionStorage.setItem(reloadedKey, 'yes');
    if (isIdle()) location.reload();
    else offer('threads', () => location.reload());
  };

  async function start() {
    const before = serviceWorker.controller;
    serviceWorker.addEventListener('controllerchange', () => {
      if (!before) isolate();
      // Another tab has begun to use a new version: what this one has not loaded yet is gone.
      else if (document.visibilityState === 'hidden') offer('changed', () => location.reload());
    });
    registration = await serviceWorker.register(scriptOf('offline'), { updateViaCache: 'none' });
    const { waiting, installing } = registration;
    if (waiting && serviceWorker.controller) offerUpdate(waiting);
    const watch = (/** @type {ServiceWorker | null} */ coming) => coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed' && serviceWorker.controller) offerUpdate(coming);
    });
    watch(installing);
    registration.addEventListener('updatefound', () => watch(registration?.installing ?? null));
    let asked = Date.now();
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible' || Date.now() - asked < askAgainMs) return;
      asked = Date.now();
      registration?.update().catch(() => {}); // there is no network now
    });
  }

  // Outside of secure contexts there is no service worker, and where a person forbids it none starts: the page works online.
  const started = serviceWorker ? start().catch(() => {}) : Promise.resolve();

  return {
    /** Brings what is still missing for a visit without a network; call it when nothing more urgent needs the line. */
    async fill() {
      await started;
      if (!registration) return;
      const { active } = await serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data: { filled, failed, done, total } }) => {
        if (filled) {
          say(state, 'offline.ready');
          onFilled();
        } else if (failed) say(state, 'offline.failed');
        else if (done < total) say(state, 'offline.filling', { done, total });
      };
      active?.postMessage({ op: 'fill' }, [port2]);
    },
  };
}
