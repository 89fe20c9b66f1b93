// @ts-check
/**
 * The engine worker: starts the Go program with the best kernels that this browser runs, and passes it the page's
 * messages. Messages that arrive before the program is ready are queued. The program should never end; if it does, the
 * page is told.
 *
 * Where memory can be shared, the program runs on shared memory, and helper workers compute with it (helper.js,
 * pool.js).
 */
import './wasm_exec.js';
import { compileWasm } from '../common/wasm.js';
import { Pool } from './pool.js';
import { bestKernels, memoryFor, run, sharesMemory } from './program.js';

/** @type {any} */
const scope = globalThis;

/** @type {MessageEvent[]} */
const queued = [];
/** @type {(event: MessageEvent) => void} */
let receive = event => queued.push(event);
const pool = new Pool(message => scope.postMessage(message));
scope.onmessage = (/** @type {MessageEvent} */ event) => {
  const { op, generation, number } = event.data;
  if (op === 'helper') pool.connect(generation, number, event.ports[0]);
  else receive(event);
};
// A request that cannot be read would never be answered, so the page must know.
scope.addEventListener('messageerror', () => scope.postMessage({ kind: 'unreadable' }));

// The page's watchdog waits for a first message, which says that this script runs.
scope.postMessage({ kind: 'alive' });

/** Called by the program when it can receive messages. @param {(event: MessageEvent) => void} receiver */
scope.engineReady = receiver => {
  receive = receiver;
  queued.splice(0).forEach(receive);
};

/**
 * Tells the page that the engine cannot go on.
 * @param {string} code
 * @param {Record<string, string>} details
 * @param {string} message
 */
const fail = (code, details, message) =>
  scope.postMessage({ kind: 'fault', json: JSON.stringify({ code, message, details }) });

/** How long one part of the engine may take to download. The largest has 1.3 MB: a line of 10 kB/s is fast enough. */
const fetchMs = 150_000;
/** While parts download, the worker tells the page this often that it is alive. */
const heartbeatMs = 5_000;

/**
 * Fetches a part of the engine and decodes it. If that fails, the browser may have cached a damaged part, so it is
 * fetched once more, past the browser's cache.
 * @template T
 * @param {string} name
 * @param {(response: Response) => Promise<T>} decode
 * @returns {Promise<T>}
 */
async function fetchPart(name, decode) {
  const control = new AbortController();
  const limit = setTimeout(() => control.abort(), fetchMs);
  const attempt = async (/** @type {RequestCache} */ cache) => {
    const response = await fetch(new URL(name, import.meta.url), { cache, signal: control.signal });
    // Many hosts answer with a page where they have no such file.
    const isPage = response.headers.get('content-type')?.startsWith('text/html');
    if (response.ok && !isPage) return decode(response);
    const status = isPage ? '404' : String(response.status);
    fail('http', { status, file: name }, `The server answered ${status} for ${name}, a part of Residua. ` +
      'Try again later, or tell whoever runs this site.');
    throw new Error(`HTTP ${status}`);
  };
  return attempt('default').catch(() => attempt('reload')).finally(() => clearTimeout(limit)).catch(error => {
    if (error instanceof TypeError || control.signal.aborted) {
      fail('offline', { file: name, reason: error.message }, `${name} did not come through: the network or the ` +
        'server cannot be reached. Check the connection and try again.');
    }
    throw error;
  });
}

try {
  const suffix = sharesMemory() ? '_shared' : '';
  const heartbeat = setInterval(() => scope.postMessage({ kind: 'alive' }), heartbeatMs);
  const [best, program] = await Promise.all([
    bestKernels(variant => fetchPart(`kernels_${variant}${suffix}.wasm`, response => response.arrayBuffer())),
    fetchPart(`engine${suffix}.wasm`, compileWasm),
  ]);
  clearInterval(heartbeat);
  if (!best) {
    fail('unsupported-browser', { missing: 'WebAssembly SIMD' }, 'This browser lacks WebAssembly SIMD, ' +
      'which Residua computes with. A current Chrome, Edge, Firefox or Safari has it.');
  } else {
    const { kernels, variant } = best;
    const memory = memoryFor(program);
    scope.kernelVariant = variant;
    scope.engineMemory = memory;
    /**
     * Called by the program: starts helpers in place of all that run. Without shared memory there are none.
     * @param {{ control: number, scratch: number }[]} helpers  see HelperSetup in pool.js
     * @returns {Promise<number>} how many run
     */
    scope.startHelpers = helpers => pool.start(suffix ? helpers.map(helper => ({ memory, kernels, ...helper })) : []);
    const go = new scope.Go();
    go.exit = (/** @type {number} */ code) => { console.error(`engine: exit code ${code}`); };
    await run(program, kernels, memory, go);
    fail('engine-crashed', { reason: 'it stopped' },
      'The engine stopped, perhaps for lack of memory. Close other tabs and load the page again.');
  }
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  // If an earlier fault has been reported, the page no longer listens.
  fail('engine-crashed', { reason },
    'The engine could not start. Reload the page; if that does not help, try another browser.');
}
