// The page's end of the service worker: it registers it, lets it bring what is needed without a network, isolates the page on hosts that
// cannot, and offers a new version, which comes only when a person wants it.

import { find } from './dom.js';
import { say } from './i18n.js';
import { reportBroken, getSessionItem, setSessionItem, serviceWorkers } from '../common/platform.js';
import { scriptOf } from '../common/trusted.js';
import { Watchdog } from '../common/watchdog.js';

/** A page that stays open for days asks this often for a new version, when somebody comes back to it. */
const askAgainMs = 60 * 60_000;

/** A new version that was told to take over does so at once; after this many milliseconds the page is loaded anyway. */
const takeOverMs = 5_000;

/** The service worker tells of each file that it has brought; when it is silent for so many seconds, it is not expected to go on. */
const fillSilence = 60;

/** So that a browser which does not isolate the page after all is not reloaded for ever. */
const reloadedKey = 'residua.reloaded';

/**
 * @param {{ isIdle: () => boolean, onFilled: () => void }} handlers
 *   isIdle: whether nothing would be lost if the page began anew; onFilled: all that works without a network is here
 */
export function createOffline({ isIdle, onFilled }) {
  const serviceWorker = serviceWorkers();
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
    serviceWorker?.addEventListener('controllerchange', () => location.reload(), { once: true });
    setTimeout(() => location.reload(), takeOverMs);
    waiting.postMessage({ op: 'take-over' });
  });

  /** Only a page that came through the worker has the headers that isolate it. */
  const isolate = () => {
    if (crossOriginIsolated || getSessionItem(reloadedKey)) return;
    // A page that cannot remember that it was loaded anew leaves it to the person.
    if (setSessionItem(reloadedKey, 'yes') && isIdle()) location.reload();
    else offer('threads', () => location.reload());
  };

  /** @param {ServiceWorkerContainer} serviceWorker */
  async function start(serviceWorker) {
    const before = serviceWorker.controller;
    serviceWorker.addEventListener('controllerchange', () => {
      if (!before) isolate();
      // Another tab has begun to use a new version: what this one has not loaded yet is gone.
      else if (document.visibilityState === 'hidden') offer('changed', () => location.reload());
    });
    registration = await serviceWorker.register(scriptOf('offline'), { updateViaCache: 'none' });
    const { waiting, installing } = registration;
    if (waiting && registration.active) offerUpdate(waiting);
    // Only what comes beside a version that is at work is a new one. Whether there is one is looked at now: when the very first worker says that it is
    // installed, it may already control the page.
    const watch = (/** @type {ServiceWorker | null} */ coming) => {
      if (!registration?.active) return;
      coming?.addEventListener('statechange', () => { if (coming.state === 'installed') offerUpdate(coming); });
    };
    watch(installing);
    registration.addEventListener('updatefound', () => watch(registration?.installing ?? null));
    let asked = Date.now();
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible' || Date.now() - asked < askAgainMs) return;
      asked = Date.now();
      registration?.update().catch(() => {}); // there is no network now
    });
  }

  // Outside of secure contexts there is no service worker, and where a person forbids it, or has let a certificate pass that the browser does not know,
  // none starts: the page works online.
  const started = serviceWorker ? start(serviceWorker).catch(error => {
    console.warn(error);
    reportBroken('navigator.serviceWorker');
  }) : Promise.resolve();

  return {
    /**
     * Brings what is still missing for a visit without a network; call it when nothing more urgent needs the line.
     * @param {boolean} withModel  whether the browser has kept the model
     */
    async fill(withModel) {
      await started;
      if (!serviceWorker || !registration) return;
      const { active } = await serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      /** @param {'ready' | 'failed' | 'nothing-kept'} outcome */
      const end = outcome => {
        watchdog.stop();
        port1.close();
        say(state, `offline.${outcome === 'ready' && !withModel ? 'no-model' : outcome}`);
        if (outcome === 'ready') onFilled();
      };
      const watchdog = new Watchdog(() => end('failed'));
      watchdog.expect(fillSilence);
      port1.addEventListener('messageerror', () => end('failed'));
      port1.onmessage = ({ data: { outcome, done, total } }) => {
        if (outcome) return end(outcome);
        watchdog.expect(fillSilence);
        if (done < total) say(state, 'offline.filling', { done, total });
      };
      active?.postMessage({ op: 'fill' }, [port2]);
    },
  };
}
