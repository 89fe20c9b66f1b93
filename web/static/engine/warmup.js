// @ts-check
/**
 * A worker that runs the program of the view until it asks for a document, and no further.
 *
 * A browser compiles a function of WebAssembly when it is first called, and all threads with the same module share what
 * was compiled. Most of what the program calls as it starts is Ebitengine's compiler for shaders, which needs no
 * document. After this the page's thread, on which the view runs, need not compile it.
 */
import './wasm_exec.js';

/** @type {any} */
const scope = globalThis;

// The program ends with a panic where the document is missing, which is nothing that a person should read.
scope.fs.writeSync = (/** @type {number} */ _file, /** @type {Uint8Array} */ bytes) => bytes.length;

scope.onmessage = async (/** @type {MessageEvent<WebAssembly.Module>} */ { data: module }) => {
  const go = new scope.Go();
  go.exit = () => {};
  const instance = await WebAssembly.instantiate(module, go.importObject);
  await go.run(instance);
  scope.postMessage('done');
};
