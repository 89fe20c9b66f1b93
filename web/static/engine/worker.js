// @ts-check
/**
 * The engine worker: starts the Go program with the best kernels that this browser runs, and hands it the page's messages.
 * Messages that come before the program is up wait here. The program's end, which never should come, is told to the page.
 */
import './wasm_exec.js';
import { bestKernels, run } from './program.js';

/** @type {any} */
const scope = globalThis;

/** @type {MessageEvent[]} */
const early = [];
scope.onmessage = (/** @type {MessageEvent} */ event) => early.push(event);

/** Called by the program when it can receive. @param {(event: MessageEvent) => void} receive */
scope.engineReady = receive => {
  scope.onmessage = receive;
  early.splice(0).forEach(receive);
};

/** @param {string} code  @param {Record<string, string>} details  @param {string} message */
const fail = (code, details, message) => scope.postMessage({ kind: 'fault', json: JSON.stringify({ code, message, details }) });

/** @param {string} name */
async function fetched(name) {
  const response = await fetch(new URL(name, import.meta.url)).catch(error => {
    fail('offline', { file: name }, `${name} did not come through: the network or the server cannot be reached (${error.message}). Check the connection and try again.`);
    throw error;
  });
  if (!response.ok) {
    fail('http', { status: String(response.status), file: name }, `The server answered ${response.status} for ${name}, a part of Residua. Try again later, or tell whoever runs this site.`);
    throw new Error(`HTTP ${response.status}`);
  }
  return response;
}

try {
  const [found, program] = await Promise.all([
    bestKernels(async variant => (await fetched(`kernels_${variant}.wasm`)).arrayBuffer()),
    fetched('engine.wasm').then(response => WebAssembly.compileStreaming(response)),
  ]);
  if (!found) {
    fail('unsupported-browser', { missing: 'WebAssembly SIMD' }, 'This browser lacks WebAssembly SIMD, which Residua computes with. A current Chrome, Edge, Firefox or Safari has it.');
  } else {
    scope.kernelVariant = found.variant;
    const go = new scope.Go();
    go.exit = (/** @type {number} */ code) => { console.error(`engine: exit code ${code}`); };
    await run(program, found.kernels, go);
    fail('engine-crashed', { reason: 'it stopped' }, 'The engine stopped, perhaps for lack of memory. Close other tabs and load the page again.');
  }
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  // After a fault that was told already the page listens no more.
  fail('engine-crashed', { reason }, `The engine could not start (${reason}). Reload the page; if that does not help, try another browser.`);
}
