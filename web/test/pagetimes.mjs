// Times what a person waits for before any weights are there, and how long each room keeps the page from answering
// while it opens. In Chromium, on the real page:
//
//   node web/test/pagetimes.mjs [ROUNDS [FOLDER]]
//
// FOLDER is a built site, by default dist/. Each round is a first visit: no cache, no service worker. One line a
// figure, in milliseconds: the first contentful paint; when the page takes a drop, which is when its scripts have run;
// and the longest task (W3C Long Tasks, 50 ms and more) while a room opens, the model being ready by then.

import './needs.mjs';
import { dist, launchBrowser, startServer } from './lib.mjs';
import { clickSample, modelIsHere, readAnswer } from './person.mjs';

const rounds = Number(process.argv[2] ?? 10);
const server = await startServer({ dir: process.argv[3] ?? dist });
const browser = await launchBrowser();
const rooms = ['Look inside', 'Teach'];
/** @type {Record<string, number[]>} */
const times = { 'first contentful paint': [], interactive: [] };

for (let round = 0; round < rounds; round++) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  const page = await context.newPage();
  await page.addInitScript(() => {
    if (window !== top) return; // tasks of the canvas's frame are the page's tasks, too
    const seen = /** @type {any} */ (globalThis).pageTimes = { interactive: 0, tasks: /** @type {number[]} */ ([]) };
    new PerformanceObserver(list => seen.tasks.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask', buffered: true });
    const asking = setInterval(() => {
      // A page that takes drops says so to whatever is dragged over it.
      if (document.dispatchEvent(new Event('dragover', { cancelable: true }))) return;
      seen.interactive = performance.now();
      clearInterval(asking);
    }, 5);
  });
  await page.goto(server.origin);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).pageTimes.interactive > 0);
  const { paint, interactive } = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
    interactive: /** @type {any} */ (globalThis).pageTimes.interactive,
  }));
  times['first contentful paint'].push(paint);
  times.interactive.push(interactive);
  await modelIsHere(page);
  await clickSample(page, 'Dust Bowl');
  await readAnswer(page, 'barn');
  for (const room of rooms) {
    await page.evaluate(() => { /** @type {any} */ (globalThis).pageTimes.tasks = []; });
    await page.getByRole('tab', { name: room }).click();
    if (room === 'Teach') await page.getByRole('button', { name: 'Make the first class' }).waitFor();
    else await page.frameLocator('iframe').locator('canvas').waitFor();
    await page.waitForTimeout(2000); // what follows of itself belongs to opening the room
    const tasks = await page.evaluate(() => /** @type {any} */ (globalThis).pageTimes.tasks);
    (times[`longest task, ${room}`] ??= []).push(Math.max(0, ...tasks));
  }
  await context.close();
}
for (const [name, all] of Object.entries(times)) {
  all.sort((a, b) => a - b);
  const at = (/** @type {number} */ q) => all[Math.min(Math.floor(all.length * q), all.length - 1)].toFixed(0);
  console.log(`${name.padEnd(28)} median ${at(0.5)} ms, most ${at(1)} ms (${all.length} times)`);
}
await browser.close();
await server.close();
