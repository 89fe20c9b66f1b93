// The page's side of the service worker. It registers the worker, has it download all files for offline use, reloads
// the page where that makes it cross-origin isolated, and offers new versions, which start only when a person wants
// them.

import { find } from './dom.js';
import { say } from './i18n.js';
import { reportBroken, getSessionItem, setSessionItem, serviceWorkers } from '../common/platform.js';
import { scriptOf } from '../common/trusted.js';
import { Watchdog } from '../common/watchdog.js';

/** How often a page that stays open looks for a new version. It does so when it becomes visible. */
const updateCheckMs = 60 * 60_000;

/** A new version takes over at once. If it does not, the page reloads after this time. */
const takeOverMs = 5_000;

/** The service worker reports each file. After this many seconds of silence it is taken for dead. */
const fillSilenceS = 60;

/** Remembers that this tab was reloaded, so that a page which still is not isolated does not reload for ever. */
const reloadedKey = 'residua.reloaded';

/**
 * @param {{ isIdle: () => boolean, onFilled: () => void }} handlers
 *   isIdle: whether nothing would be lost by a reload; onFilled: all files for offline use are here
 */
export function createOffline({ isIdle, onFilled }) {
  const serviceWorker = serviceWorkers();
  const bar = find('#update', HTMLElement);
  const words = find('p', HTMLElement, bar);
  const [use, later] = bar.querySelectorAll('button');
  const state = find('#offline', HTMLElement);
  /** @type {ServiceWorkerRegistration | undefined} */
  let registration;
  /** What the bar's first button does. */
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

  /** @param {ServiceWorker} waiting  a new version that is completely installed */
  const offerUpdate = waiting => offer('update', () => {
    serviceWorker?.addEventListener('controllerchange', () => location.reload(), { once: true });
    setTimeout(() => location.reload(), takeOverMs);
    waiting.postMessage({ op: 'take-over' });
  });

  /** On hosts without the headers for isolation, the worker adds them: to pages that come through it. */
  const isolate = () => {
    if (crossOriginIsolated || getSessionItem(reloadedKey)) return;
    // Where the reload cannot be remembered it is left to the person.
    if (setSessionItem(reloadedKey, 'yes') && isIdle()) location.reload();
    else offer('threads', () => location.reload());
  };

  /** @param {ServiceWorkerContainer} serviceWorker */
  async function start(serviceWorker) {
    const before = serviceWorker.controller;
    serviceWorker.addEventListener('controllerchange', () => {
      if (!before) isolate();
      // Another tab has started a new version. The files that this tab has not loaded yet are gone.
      else if (document.visibilityState === 'hidden') offer('changed', () => location.reload());
    });
    registration = await serviceWorker.register(scriptOf('offline'), { updateViaCache: 'none' });
    const { waiting, installing } = registration;
    if (waiting && registration.active) offerUpdate(waiting);
    // It is an update only if another version is active. That is checked now, because the very first worker may
    // already be active when its state becomes 'installed'.
    const watch = (/** @type {ServiceWorker | null} */ update) => {
      if (!registration?.active) return;
      update?.addEventListener('statechange', () => { if (update.state === 'installed') offerUpdate(update); });
    };
    watch(installing);
    registration.addEventListener('updatefound', () => watch(registration?.installing ?? null));
    let lastCheck = Date.now();
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible' || Date.now() - lastCheck < updateCheckMs) return;
      lastCheck = Date.now();
      registration?.update().catch(() => {}); // there is no network
    });
  }

  // Outside secure contexts there are no service workers. Where a person forbids them, or has accepted an unknown
  // certificate, none starts. The page then works online only.
  const started = serviceWorker ? start(serviceWorker).catch(error => {
    console.warn(error);
    reportBroken('navigator.serviceWorker');
  }) : Promise.resolve();

  return {
    /**
     * Downloads what is still missing for offline use. To be called when nothing more urgent needs the network.
     * @param {boolean} hasModel  whether the browser has stored the model
     */
    async fill(hasModel) {
      await started;
      if (!serviceWorker || !registration) return;
      const { active } = await serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      /** @param {'ready' | 'failed' | 'nothing-kept'} outcome */
      const end = outcome => {
        watchdog.stop();
        port1.close();
        say(state, `offline.${outcome === 'ready' && !hasModel ? 'no-model' : outcome}`);
        if (outcome === 'ready') onFilled();
      };
      const watchdog = new Watchdog(() => end('failed'));
      watchdog.expect(fillSilenceS);
      port1.addEventListener('messageerror', () => end('failed'));
      port1.onmessage = ({ data: { outcome, done, total } }) => {
        if (outcome) return end(outcome);
        watchdog.expect(fillSilenceS);
        if (done < total) say(state, 'offline.filling', { done, total });
      };
      active?.postMessage({ op: 'fill' }, [port2]);
    },
  };
}
