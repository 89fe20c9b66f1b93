// @ts-check
/**
 * A helper worker: runs the kernels on the engine's memory, unit by unit, as long as it lives. Its first message brings a port, by which the
 * engine says what to run. After that it never answers a message again; to end it, terminate it.
 */

/** @type {any} */
const scope = globalThis;

scope.onmessage = (/** @type {MessageEvent} */ { ports: [port] }) => {
  port.onmessage = async (/** @type {MessageEvent<import('./program.js').Help>} */ { data: { memory, kernels, control, scratch } }) => {
    const { exports } = await WebAssembly.instantiate(kernels, { env: { mem: memory } });
    scope.postMessage('ready');
    /** @type {any} */ (exports).help(control, scratch);
  };
};
