// Offers the run of an earlier visit, which goes on where it was kept.

import { createOffer } from './layout.js';

/**
 * @param {object} options
 * @param {ReturnType<typeof import('./runstore.js').createRunStore>} options.store
 * @param {ReturnType<typeof import('./runner.js').createRunner>} options.runner
 * @param {(settings: import('./types.js').Settings) => void} options.onSettings  They are to be the chosen ones.
 */
export function createEarlier({ store, runner, onSettings }) {
  /** @type {import('./runstore.js').Kept | undefined} */ let kept;
  const offer = createOffer({ onAccept: () => void restore(), onRefuse: () => void forget() });

  async function restore() {
    offer.hide();
    const was = kept;
    if (!was) return;
    const { settings, done } = was.record;
    onSettings(structuredClone(settings));
    kept = undefined;
    if (!await runner.restore(was, settings)) return;
    if (!done && runner.state === 'paused') void runner.goOn();
  }

  async function forget() {
    offer.hide();
    kept = undefined;
    await store.clear();
  }

  return {
    element: offer.element,
    hide: offer.hide,

    /** Offers the run that is kept, if there is one and no other has begun. */
    async offer() {
      kept = await store.load();
      if (!kept || runner.record || runner.state !== 'none') return;
      const { step, steps, done } = kept.record;
      offer.show({ step, steps, isDone: done });
    },
  };
}
