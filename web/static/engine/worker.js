// @ts-check
/**
 * The engine worker: starts the Go program with the best kernels that this browser runs, and hands it the page's messages.
 * Messages that come before the program is up wait here. The program's end, which never should come, is told to the page.
 *
 * In an isolated page the program runs on shared memory, and helper workers compute with it (helper.js). The page starts them,
 * because it answers while the engine computes.
 */
import './wasm_exec.js';
import { bestKernels, memoryFor, run } from './program.js';

/** @type {any} */
const scope = globalThis;

/** @type {MessageEvent[]} */
const early = [];
/** @type {(event: MessageEvent) => void} */
let receive = event => early.push(event);
/** @type {(ready: number) => void} */
let helpersStarted = () => {};
/** What the helpers need that are being started. @type {import('./program.js').Help[]} */
let helps = [];
scope.onmessage = (/** @type {MessageEvent} */ event) => {
  if (event.data.op === 'helper') event.ports[0].postMessage(helps[event.data.number]);
  else if (event.data.op === 'helpers') helpersStarted(event.data.ready);
  else receive(event);
};

/** Called by the program when it can receive. @param {(event: MessageEvent) => void} receiver */
scope.engineReady = receiver => {
  receive = receiver;
  early.splice(0).forEach(receive);
};

/** @param {string} code  @param {Record<string, string>} details  @param {string} message */
const fail = (code, details, message) => scope.postMessage({ kind: 'fault', json: JSON.stringify({ code, message, details }) });

/**
 * Fetches a part of the engine and makes something of it. If that fails, the browser may have kept a part that came broken: it is asked for
 * once more, past the browser's cache.
 * @template T
 * @param {string} name
 * @param {(response: Response) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function fetched(name, use) {
  const attempt = async (/** @type {RequestCache} */ cache) => {
    const response = await fetch(new URL(name, import.meta.url), { cache });
    if (response.ok) return use(response);
    fail('http', { status: String(response.status), file: name }, `The server answered ${response.status} for ${name}, a part of Residua. Try again later, or tell whoever runs this site.`);
    throw new Error(`HTTP ${response.status}`);
  };
  return attempt('default').catch(() => attempt('reload')).catch(error => {
    if (error instanceof TypeError) {
      fail('offline', { file: name }, `${name} did not come through: the network or the server cannot be reached (${error.message}). Check the connection and try again.`);
    }
    throw error;
  });
}

try {
  const suffix = scope.crossOriginIsolated ? '_shared' : '';
  const [found, program] = await Promise.all([
    bestKernels(variant => fetched(`kernels_${variant}${suffix}.wasm`, response => response.arrayBuffer())),
    fetched(`engine${suffix}.wasm`, response => WebAssembly.compileStreaming(response)),
  ]);
  if (!found) {
    fail('unsupported-browser', { missing: 'WebAssembly SIMD' }, 'This browser lacks WebAssembly SIMD, which Residua computes with. A current Chrome, Edge, Firefox or Safari has it.');
  } else {
    const { kernels, variant } = found;
    const memory = memoryFor(program);
    scope.kernelVariant = variant;
    scope.engineMemory = memory;
    /**
     * Called by the program: has the page start helpers, in place of any that there are.
     * @param {{ control: number, scratch: number }[]} helpers  what each calls the kernels' help with
     * @returns {Promise<number>} how many run
     */
    scope.startHelpers = helpers => new Promise(resolve => {
      if (!suffix) return resolve(0);
      helpersStarted = resolve;
      helps = helpers.map(help => ({ memory, kernels, ...help }));
      scope.postMessage({ kind: 'helpers', count: helps.length });
    });
    const go = new scope.Go();
    go.exit = (/** @type {number} */ code) => { console.error(`engine: exit code ${code}`); };
    await run(program, kernels, memory, go);
    fail('engine-crashed', { reason: 'it stopped' }, 'The engine stopped, perhaps for lack of memory. Close other tabs and load the page again.');
  }
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  // After a fault that was told already the page listens no more.
  fail('engine-crashed', { reason }, `The engine could not start (${reason}). Reload the page; if that does not help, try another browser.`);
}
