// @ts-check
/**
 * Starts a Go program together with the SIMD kernels, both on one memory.
 *
 * The program's memory is an import (see wasm/sharemem), so it is made here first; the kernels' module imports
 * the same memory, and the program imports the kernels' functions directly: a call from Go costs what a call costs.
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
 * @param {WebAssembly.Module} program  a Go program after sharemem
 * @param {WebAssembly.Module} kernels
 * @param {{ importObject: any, run(instance: WebAssembly.Instance): Promise<void> }} go  a `Go` of wasm_exec.js
 * @returns {Promise<void>} settles when the program ends
 */
export async function run(program, kernels, go) {
  const [note] = WebAssembly.Module.customSections(program, 'memory');
  const mem = new WebAssembly.Memory(JSON.parse(new TextDecoder().decode(note)));
  go.importObject.env = { mem };
  go.importObject.kernels = (await WebAssembly.instantiate(kernels, { env: { mem } })).exports;
  await go.run(await WebAssembly.instantiate(program, go.importObject));
}
