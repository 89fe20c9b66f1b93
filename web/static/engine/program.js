// @ts-check
/**
 * Starts a Go program together with the SIMD kernels, both on one memory.
 *
 * The program's memory is an import (see wasm/sharemem), so it is made here first; the kernels' module imports
 * the same memory, and the program imports the kernels' functions directly: a call from Go costs what a call costs.
 * Where the memory is shared, helper workers can run the kernels on it too.
 */

/** @typedef {'relaxed' | 'simd'} Variant  which set of kernels, best first */

/** @type {Variant[]} */
export const variants = ['relaxed', 'simd'];

/**
 * The best kernels that this browser can run.
 * @param {(variant: Variant) => Promise<ArrayBuffer>} fetchKernels
 * @returns {Promise<{ variant: Variant, kernels: WebAssembly.Module } | null>} null: it has no WebAssembly SIMD at all
 */
export async function bestKernels(fetchKernels) {
  for (const variant of variants) {
    const bytes = await fetchKernels(variant);
    if (WebAssembly.validate(bytes)) return { variant, kernels: await WebAssembly.compile(bytes) };
  }
  return null;
}

/**
 * Whether workers of this page can share a memory. A page that is cross-origin isolated need not have it: WebKitGTK then lacks SharedArrayBuffer all
 * the same. So what is used is tried: the memory itself, and posting it.
 */
export function sharesMemory() {
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const { port1 } = new MessageChannel();
    port1.postMessage(memory); // throws where the page is not isolated
    port1.close();
    return memory.buffer instanceof SharedArrayBuffer && typeof Atomics === 'object';
  } catch {
    return false;
  }
}

/**
 * Makes the memory that a program wants.
 * @param {WebAssembly.Module} program  a Go program after sharemem
 * @returns {WebAssembly.Memory}
 */
export function memoryFor(program) {
  const [note] = WebAssembly.Module.customSections(program, 'memory');
  const needs = JSON.parse(new TextDecoder().decode(note));
  if (needs.shared) teachSharedMemory();
  return new WebAssembly.Memory(needs);
}

/**
 * Runs a program to its end.
 * @param {WebAssembly.Module} program
 * @param {WebAssembly.Module} kernels
 * @param {WebAssembly.Memory} mem  of memoryFor
 * @param {{ importObject: any, run(instance: WebAssembly.Instance): Promise<void> }} go  a `Go` of wasm_exec.js
 * @returns {Promise<void>}
 */
export async function run(program, kernels, mem, go) {
  go.importObject.env = { mem };
  go.importObject.kernels = (await WebAssembly.instantiate(kernels, { env: { mem } })).exports;
  await go.run(await WebAssembly.instantiate(program, go.importObject));
}

/** wasm_exec.js hands views of Go's memory to two functions of the browser that refuse shared memory: they get copies. */
function teachSharedMemory() {
  const isShared = (/** @type {any} */ view) => view?.buffer instanceof SharedArrayBuffer;
  const copy = (/** @type {ArrayBufferView} */ view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  const { decode } = TextDecoder.prototype;
  TextDecoder.prototype.decode = function (/** @type {any} */ view, options) {
    return decode.call(this, isShared(view) ? copy(view) : view, options);
  };
  const random = crypto.getRandomValues.bind(crypto);
  crypto.getRandomValues = (/** @type {any} */ view) => {
    if (!isShared(view)) return random(view);
    view.set(random(new Uint8Array(view.length)));
    return view;
  };
}
