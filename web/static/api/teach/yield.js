// @ts-check
/** Splits long work on the page's main thread into short tasks. */
import { cancelled } from '../errors.js';

/** How long the page may be blocked, in milliseconds: less than one frame. */
const maxTaskMs = 12;

let lastYield = 0;

/**
 * Lets the page handle events if it has been blocked for a while. Long work awaits this every few milliseconds.
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>} It rejects with the error `cancelled` if the signal is aborted.
 */
export async function yieldToPage(signal) {
  if (performance.now() - lastYield >= maxTaskMs) {
    // A timer would fire 4 ms late, and a second late in a background tab.
    const { port1, port2 } = new MessageChannel();
    await new Promise(done => {
      port1.onmessage = done;
      port2.postMessage(null);
    });
    port1.close();
    lastYield = performance.now();
  }
  if (signal?.aborted) throw cancelled();
}
