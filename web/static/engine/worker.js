// @ts-check
/**
 * The engine worker: starts the Go program with the best kernels that this browser runs, and hands it the page's messages.
 * Messages that come before the program is up wait here. The program's end, which never should come, is told to the page.
 *
 * Where memory can be shared the program runs on shared memory, and helper workers compute with it (helper.js, pool.js).
 */
import './wasm_exec.js';
import { compileWasm } from '../common/wasm.js';
import { Pool } from './pool.js';
import { bestKernels, memoryFor, run, sharesMemory } from './program.js';

/** @type {any} */
const scope = globalThis;

/** @type {MessageEvent[]} */
const early = [];
/** @type {(event: MessageEvent) => void} */
let receive = event => early.push(event);
const pool = new Pool(wish => scope.postMessage(wish));
scope.onmessage = (/** @type {MessageEvent} */ event) => {
  const { op, team, number } = event.data;
  if (op === 'helper') pool.connect(team, number, event.ports[0]);
  else receive(event);
};
// A question that cannot be read would never be answered: the page has to know.
scope.addEventListener('messageerror', () => scope.postMessage({ kind: 'unreadable' }));

// The page's first word of this worker: its script is here, and runs.
scope.postMessage({ kind: 'alive' });

/** Called by the program when it can receive. @param {(event: MessageEvent) => void} receiver */
scope.engineReady = receiver => {
  receive = receiver;
  early.splice(0).forEach(receive);
};

/** @param {string} code  @param {Record<string, string>} details  @param {string} message */
const fail = (code, details, message) => scope.postMessage({ kind: 'fault', json: JSON.stringify({ code, message, details }) });

/** How long a part of the engine may take to come, in milliseconds. The largest has 1.3 MB; a line of 10 kB a second brings it in time. */
const fetchMs = 150_000;
/** While parts are on their way the page hears so often, in milliseconds, that this worker is alive. */
const aliveMs = 5_000;

/**
 * Fetches a part of the engine and makes something of it. If that fails, the browser may have kept a part that came broken: it is asked for
 * once more, past the browser's cache.
 * @template T
 * @param {string} name
 * @param {(response: Response) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function fetched(name, use) {
  const control = new AbortController();
  const limit = setTimeout(() => control.abort(), fetchMs);
  const attempt = async (/** @type {RequestCache} */ cache) => {
    const response = await fetch(new URL(name, import.meta.url), { cache, signal: control.signal });
    if (response.ok) return use(response);
    fail('http', { status: String(response.status), file: name }, `The server answered ${response.status} for ${name}, a part of Residua. Try again later, or tell whoever runs this site.`);
    throw new Error(`HTTP ${response.status}`);
  };
  return attempt('default').catch(() => attempt('reload')).finally(() => clearTimeout(limit)).catch(error => {
    if (error instanceof TypeError || control.signal.aborted) {
      fail('offline', { file: name }, `${name} did not come through: the network or the server cannot be reached (${error.message}). Check the connection and try again.`);
    }
    throw error;
  });
}

try {
  const suffix = sharesMemory() ? '_shared' : '';
  const telling = setInterval(() => scope.postMessage({ kind: 'alive' }), aliveMs);
  const [found, program] = await Promise.all([
    bestKernels(variant => fetched(`kernels_${variant}${suffix}.wasm`, response => response.arrayBuffer())),
    fetched(`engine${suffix}.wasm`, compileWasm),
  ]);
  clearInterval(telling);
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
    scope.startHelpers = helpers => pool.start(suffix ? helpers.map(help => ({ memory, kernels, ...help })) : []);
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
