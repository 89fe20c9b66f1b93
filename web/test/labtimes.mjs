// Times what a person waits for in Skip lab, in Chromium on the small site:
//
//   node web/test/labtimes.mjs [ROUNDS]
//
// First four networks of 56 layers: from a change of a setting to the signal that is drawn; the longest tasks of the
// page while they train; from Pause, and from Start over, to the state of rest. Then the memory of a run of 2,000 steps
// of small networks, after 100, 1,000 and 2,000 of them: of the engines, of the page's JavaScript, and of the whole
// renderer process. WebGL runs in software here: with a graphics card the canvas takes less of the page's thread.
import './needs.mjs';
import fs from 'node:fs';
import { launchBrowser, small, startServer } from './lib.mjs';
import { codeOf } from '../static/page/lab/code.js';
import { networkDefaults, shared } from '../static/page/lab/settings.js';

/** @typedef {import('../static/page/lab/types.js').Settings} Settings */

const rounds = Number(process.argv[2] ?? 9);
const server = await startServer({ dir: small });
const browser = await launchBrowser({ args: ['--enable-precise-memory-info'] });

/** The address of the room with these settings. @param {Settings} settings */
const addressOf = settings => `${server.origin}/#room=lab&${codeOf(settings)}`;

/** @param {Settings} settings */
async function open(settings) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  page.on('pageerror', error => console.log(error));
  await page.goto(addressOf(settings));
  await page.getByRole('region', { name: 'The picture' }).getByText(/The (gradient|signal) /).first().waitFor();
  await page.waitForFunction(() =>
    /** @type {any} */ (document.querySelector('.skiplab-canvas iframe'))?.contentWindow.residuaView?.frames > 0);
  await page.waitForTimeout(2000); // the page is still busy with its model
  return page;
}

/** @param {string} name @param {number[]} times @param {number} goal */
function report(name, times, goal) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (/** @type {number} */ q) => sorted[Math.min(Math.floor(sorted.length * q), sorted.length - 1)].toFixed(0);
  console.log(`${name.padEnd(48)} median ${at(0.5)} ms, most ${at(1)} ms (${times.length} times; goal ${goal} ms)`);
}

const deep = /** @type {Settings} */ ({
  ...shared, networks: ['add', 'none', 'product', 'gate'].map(join => ({ ...networkDefaults, depth: 56, join })),
});
const page = await open(deep);
const training = page.getByRole('group', { name: 'Training' });
const button = (/** @type {string} */ name) => training.getByRole('button', { name, exact: true });

// From the event to the first frame after the new numbers have come to the canvas and to the sentences. Each change
// leads to settings that were not seen before, so that nothing can have been kept.
const drawn = [];
for (let round = 0; round < rounds; round++) {
  drawn.push(await page.evaluate(async () => {
    const view = /** @type {any} */ (document.querySelector('.skiplab-canvas iframe')).contentWindow;
    const seed = /** @type {HTMLInputElement} */ (document.querySelector('.skiplab-settings input[type=number]'));
    const said = /** @type {Element} */ (document.querySelector('.skiplab-stage .skiplab-said'));
    const words = said.textContent;
    seed.value = String(Number(seed.value) + 1);
    const start = performance.now();
    seed.dispatchEvent(new Event('change', { bubbles: true }));
    while (said.textContent === words || said.textContent === '') await new Promise(done => setTimeout(done, 1));
    const { frames } = view.residuaView;
    while (view.residuaView.frames === frames) await new Promise(done => setTimeout(done, 1));
    return performance.now() - start;
  }));
}
report('a change of settings to the drawn signal', drawn, 300);

await page.evaluate(() => {
  /** @type {[number, string][]} */
  const tasks = /** @type {any} */ (globalThis).longTasks = [];
  new PerformanceObserver(list => tasks.push(...list.getEntries().map(({ duration, name }) =>
    /** @type {[number, string]} */ ([duration, name]))))
    .observe({ type: 'longtask' });
});
/** @param {import('playwright-core').Page} page @param {number} step */
const stepIsDone = (page, step) => page.waitForFunction(step => {
  const where = document.querySelector('.skiplab-where')?.textContent ?? '';
  return Number(/^Step ([\d,]+)/.exec(where)?.[1].replace(',', '')) >= step;
}, step, { polling: 20, timeout: 600_000 });
const stepIs = (/** @type {number} */ step) => stepIsDone(page, step);

/** From a click to what is said then, in milliseconds. @param {string} name @param {string} rest  the button then */
async function timeTo(name, rest) {
  return page.evaluate(async ({ name, rest }) => {
    const all = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll('.skiplab-run button')]);
    const start = performance.now();
    all.find(one => one.textContent === name)?.click();
    while (!all.some(one => one.textContent === rest && !one.disabled)) await new Promise(done => setTimeout(done, 1));
    return performance.now() - start;
  }, { name, rest });
}

await button('Train').click();
await stepIs(3);
const pauses = [], stops = [];
for (let round = 0, step = 3; round < rounds; round++) {
  step += 2;
  await stepIs(step);
  pauses.push(await timeTo('Pause', 'Go on'));
  await button('Go on').click();
}
await stepIs(41); // scored twice
const longTasks = await page.evaluate(() => /** @type {any} */ (globalThis).longTasks);
// The canvas is a document of its own, but computes on the page's thread.
for (const [whose, name] of [['page', 'self'], ['canvas', 'same-origin-descendant']]) {
  const of = longTasks.flatMap((/** @type {any} */ [ms, by]) => (by === name ? [ms] : []));
  const longest = of.length > 0 ? `${Math.max(...of)} ms, ${of.length} over 50 ms` : 'none over 50 ms';
  console.log(`${`the longest task of the ${whose} while they train`.padEnd(48)} ${longest} (goal 50 ms)`);
}
for (let round = 0; round < Math.min(rounds, 3); round++) {
  stops.push(await timeTo('Start over', 'Train'));
  await button('Train').click();
  await stepIs(2);
}
report('Pause to rest', pauses, 500);
report('Start over to rest', stops, 500);
await page.close();

const little = /** @type {Settings} */ ({
  ...shared, steps: 2000, batch: 16,
  networks: ['add', 'none'].map(join => ({ ...networkDefaults, depth: 8, width: 4, join })),
});
const long = await open(little);

/** Resident bytes of the largest renderer process of this browser. */
async function resident() {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const of = (/** @type {number} */ id) => {
    const line = /VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${id}/status`, 'utf8'));
    return line ? 1024 * Number(line[1]) : 0;
  };
  return Math.max(...processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => of(id)));
}

/** Bytes of WebAssembly memory of the page's engines: the lab's, and that of the small network beside it. */
async function engines() {
  // Helper threads wait for work in a way that lets nobody ask them; the memory is that of their engine.
  const sizes = await Promise.all(long.workers().map(worker => Promise.race([
    worker.evaluate(() => /** @type {any} */ (globalThis).engineMemory?.buffer.byteLength ?? 0),
    long.waitForTimeout(3000).then(() => 0),
  ])));
  return sizes.reduce((sum, size) => sum + size, 0);
}

await long.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('.skiplab-go')).click());
for (const step of [100, 1000, 2000]) {
  await stepIsDone(long, step);
  const session = await long.context().newCDPSession(long);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  console.log(`step ${String(step).padStart(4)}: engines ${(await engines() / 1e6).toFixed(1)} MB, `
    + `JavaScript ${(usedSize / 1e6).toFixed(1)} MB, process ${(await resident() / 1e6).toFixed(0)} MB`);
}
await browser.close();
await server.close();
