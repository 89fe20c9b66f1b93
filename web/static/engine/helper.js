// @ts-check
/**
 * A helper worker of the thread pool: runs units of work of the kernels on the engine's memory until it is terminated.
 * Its first message brings a port to the engine, from which it gets the memory and the kernels (see pool.js). Once it
 * runs, it answers no more messages.
 */

/** @typedef {import('./pool.js').HelperSetup} HelperSetup */

/** @type {any} */
const scope = globalThis;

/** How long the helper waits for an answer before it asks again, in milliseconds. */
const retryMs = 500;

scope.onmessage = (/** @type {MessageEvent} */ { ports: [port] }) => {
  const say = (/** @type {import('./pool.js').HelperMessage} */ message) => port.postMessage(message);
  const retry = setInterval(say, retryMs, 'ask');
  const askAgain = () => say('ask');
  port.addEventListener('messageerror', askAgain);
  port.onmessage = async (/** @type {MessageEvent<HelperSetup>} */ { data: { memory, kernels, control, scratch } }) => {
    clearInterval(retry);
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
