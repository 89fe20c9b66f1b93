// @ts-check
/**
 * A helper worker: runs the kernels on the engine's memory, unit by unit, as long as it lives. It never answers a message again
 * after the first; to end it, terminate it.
 */

/** @type {any} */
const scope = globalThis;

scope.onmessage = async (/** @type {MessageEvent<{ memory: WebAssembly.Memory, kernels: WebAssembly.Module, control: number, scratch: number }>} */ { data }) => {
  const { memory, kernels, control, scratch } = data;
  const { exports } = await WebAssembly.instantiate(kernels, { env: { mem: memory } });
  scope.postMessage('ready');
  /** @type {any} */ (exports).help(control, scratch);
};
