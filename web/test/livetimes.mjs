// Times the live camera, in Chromium on the real page, with the browser's own camera, which shows a ball:
//
//   node web/test/livetimes.mjs [SECONDS]
//
// For Classify and for Look inside, on two threads: how many pictures are answered in a second; how old a picture is,
// from the camera to the answer on the screen (in Look inside, to the blocks), and just before the next one's answer
// takes its place; and the longest task of the page meanwhile, with that of opening the room. Look inside paints by
// software here: with a graphics card it takes less. Of the tasks it also says the processor time, which other programs
// on the machine do not change; on a busy one that says what the times by the clock do not: those of the engine's own
// thread a picture, and of the page's longest task.
import './needs.mjs';
import { launchBrowser, small, dist, startServer } from './lib.mjs';
import { modelIsHere } from './person.mjs';

const seconds = Number(process.argv[2] ?? 20);
const server = await startServer({ dir: process.env.RESIDUA_SMALL ? small : dist });
const browser = await launchBrowser({ args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
await page.addInitScript(() => Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 }));
await page.goto(server.origin);
await modelIsHere(page);
await page.evaluate(() => {
  /** @type {{ pictures: { shown: number, taken: number }[], tasks: number[] }} */
  const live = /** @type {any} */ (globalThis).live = { pictures: [], tasks: [] };
  new PerformanceObserver(list => {
    for (const { startTime, detail } of /** @type {PerformanceMark[]} */ (list.getEntries())) {
      if (detail) live.pictures.push({ shown: startTime, taken: detail.taken });
    }
  }).observe({ type: 'mark' });
  new PerformanceObserver(list => live.tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask' });
});

/** @returns {Promise<{ pictures: { shown: number, taken: number }[], tasks: number[] }>} what there was since */
const since = () => page.evaluate(() => {
  const { live } = /** @type {any} */ (globalThis);
  return { pictures: live.pictures.splice(0), tasks: live.tasks.splice(0) };
});

/** @param {number[]} values */
function spread(values) {
  values.sort((a, b) => a - b);
  const at = (/** @type {number} */ q) =>
    Math.round(values[Math.min(Math.floor(values.length * q), values.length - 1)]);
  return `least ${at(0)}, median ${at(0.5)}, nine of ten ${at(0.9)}, most ${at(1)} ms`;
}

/** @param {number[]} tasks */
const longest = tasks => `${tasks.length} over 50 ms, the longest ${Math.round(Math.max(0, ...tasks))} ms`;

/**
 * The processor time of the tasks of each thread, by the thread's name, in milliseconds.
 * @param {Buffer} recorded  by Chromium
 */
function tasksOf(recorded) {
  /** @type {{ ph: string, name: string, pid: number, tid: number, tdur?: number, args: { name?: string } }[]} */
  const events = JSON.parse(recorded.toString()).traceEvents;
  const names = new Map(events.filter(({ name }) => name === 'thread_name')
    .map(({ pid, tid, args }) => [`${pid} ${tid}`, args.name]));
  /** @type {Map<string, number[]>} */
  const threads = new Map();
  for (const { ph, name, pid, tid, tdur } of events) {
    if (ph !== 'X' || !name.endsWith('RunTask') || tdur === undefined) continue;
    const thread = `${names.get(`${pid} ${tid}`)} ${pid} ${tid}`;
    threads.set(thread, [...threads.get(thread) ?? [], tdur / 1000]);
  }
  /** The thread of this name that works most. @param {string} name */
  const busiest = name => [...threads].filter(([thread]) => thread.startsWith(name)).map(([, tasks]) => tasks)
    .sort((a, b) => sum(b) - sum(a))[0] ?? [];
  return { page: busiest('CrRendererMain'), engine: busiest('DedicatedWorker') };
}

/** @param {number[]} values */
const sum = values => values.reduce((all, value) => all + value, 0);

/** @param {string} room */
async function report(room) {
  await page.waitForFunction(() => /** @type {any} */ (globalThis).live.pictures.length > 3, null,
    { timeout: 120_000 });
  await page.waitForTimeout(2000);
  const opening = await since();
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await page.waitForTimeout(seconds * 1000);
  const { pictures, tasks } = await since();
  const threads = tasksOf(await browser.stopTracing());
  const span = (pictures.at(-1)?.shown ?? 0) - pictures[0].shown;
  console.log(`${room}: ${((pictures.length - 1) / span * 1000).toFixed(1)} pictures a second`);
  console.log(`  age when shown           ${spread(pictures.map(({ shown, taken }) => shown - taken))}`);
  const replaced = pictures.slice(1).map(({ shown }, i) => shown - pictures[i].taken);
  console.log(`  age when replaced        ${spread(replaced)}`);
  console.log(`  tasks                    ${longest(tasks)}; while it opened ${longest(opening.tasks)}`);
  console.log(`  processor time           engine ${(sum(threads.engine) / pictures.length).toFixed(0)} ms a picture; ` +
    `the page's longest task ${Math.max(0, ...threads.page).toFixed(0)} ms`);
}

await page.getByRole('button', { name: 'Live camera' }).click();
await report('Classify');
await page.getByRole('tab', { name: 'Look inside' }).click();
await report('Look inside, network');
await page.getByRole('combobox', { name: 'Show' }).selectOption('block');
await report('Look inside, one block');
await browser.close();
await server.close();
