// @ts-check
/** Long work on the page's own thread, in short steps. */
import { cancelled } from '../errors.js';

/** How long the page may be kept waiting, in milliseconds: less than a frame. */
const step = 12;

let last = 0;

/**
 * To be awaited every few milliseconds of work: lets the page do its own things when it has waited for a while, and ends the work that was
 * cancelled.
 * @param {AbortSignal} [signal]
 */
export async function breathe(signal) {
  if (performance.now() - last >= step) {
    // A timer would come 4 ms late, and a second late in a tab that is not looked at.
    const { port1, port2 } = new MessageChannel();
    await new Promise(done => {
      port1.onmessage = done;
      port2.postMessage(null);
    });
    port1.close();
    last = performance.now();
  }
  if (signal?.aborted) throw cancelled();
}
