// @ts-check
/**
 * A helper worker: runs the kernels on the engine's memory, unit by unit, as long as it lives. Its first message brings a port to the engine, which
 * it asks what to run; see pool.js. Once it runs it answers no message any more; to end it, terminate it.
 */

/** @typedef {import('./pool.js').Help} Help */

/** @type {any} */
const scope = globalThis;

/** An answer that has not come by then, in milliseconds, is asked for again. */
const askAgainMs = 500;

scope.onmessage = (/** @type {MessageEvent} */ { ports: [port] }) => {
  const say = (/** @type {import('./pool.js').Word} */ word) => port.postMessage(word);
  const asking = setInterval(say, askAgainMs, 'ask');
  const askAgain = () => say('ask');
  port.addEventListener('messageerror', askAgain);
  port.onmessage = async (/** @type {MessageEvent<Help>} */ { data: { memory, kernels, control, scratch } }) => {
    clearInterval(asking);
    port.onmessage = null;
    port.removeEventListener('messageerror', askAgain);
    try {
      const { exports } = await WebAssembly.instantiate(kernels, { env: { mem: memory } });
      say('ready');
      /** @type {any} */ (exports).help(control, scratch);
    } catch (error) {
      console.error(error);
      say('failed');
    }
  };
  say('ask');
};
