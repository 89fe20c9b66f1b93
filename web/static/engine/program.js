// @ts-check
/**
 * Starts a Go program together with the SIMD kernels, both on one memory.
 *
 * The program imports its memory (see wasm/sharemem), so the memory is made first. The kernels' module imports the same
 * memory, and the program imports the kernels' functions directly: a call from Go goes through no JavaScript. Where the
 * memory is shared, helper workers can run the kernels on it too.
 */

/** @typedef {'relaxed' | 'simd'} Variant  a set of kernels */

/** Best first. @type {Variant[]} */
const variants = ['relaxed', 'simd'];

/**
 * The best kernels that this browser can run.
 * @param {(variant: Variant) => Promise<ArrayBuffer>} fetchKernels
 * @returns {Promise<{ variant: Variant, kernels: WebAssembly.Module } | null>} null: the browser has no WebAssembly
 *   SIMD
 */
export async function bestKernels(fetchKernels) {
  for (const variant of variants) {
    const bytes = await fetchKernels(variant);
    if (WebAssembly.validate(bytes)) return { variant, kernels: await WebAssembly.compile(bytes) };
  }
  return null;
}

/**
 * Whether workers of this page can share a memory. A cross-origin isolated page need not be able to: WebKitGTK lacks
 * SharedArrayBuffer even then. So this tries what is used: a shared memory, and posting it.
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
 * Makes the memory that a program imports.
 * @param {WebAssembly.Module} program  a Go program, processed by sharemem
 * @returns {WebAssembly.Memory}
 */
export function memoryFor(program) {
  const [section] = WebAssembly.Module.customSections(program, 'memory');
  const descriptor = JSON.parse(new TextDecoder().decode(section));
  if (descriptor.shared) acceptSharedViews();
  return new WebAssembly.Memory(descriptor);
}

/**
 * Runs a program to its end.
 * @param {WebAssembly.Module} program
 * @param {WebAssembly.Module} kernels
 * @param {WebAssembly.Memory} mem  from memoryFor
 * @param {{ importObject: any, run(instance: WebAssembly.Instance): Promise<void> }} go  a `Go` of wasm_exec.js
 * @returns {Promise<void>}
 */
export async function run(program, kernels, mem, go) {
  go.importObject.env = { mem };
  go.importObject.kernels = (await WebAssembly.instantiate(kernels, { env: { mem } })).exports;
  await go.run(await WebAssembly.instantiate(program, go.importObject));
}

/**
 * wasm_exec.js passes views of Go's memory to TextDecoder.decode and crypto.getRandomValues, which refuse shared
 * memory. This replaces both with versions that copy.
 */
function acceptSharedViews() {
  const isShared = (/** @type {any} */ view) => view?.buffer instanceof SharedArrayBuffer;
  const copy = (/** @type {ArrayBufferView} */ view) =>
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
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
