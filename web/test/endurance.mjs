// Classifies many photos in a row through the page's API in Chromium and prints how much memory it takes on the way:
//
//   node web/test/endurance.mjs [1000]
//
// "engine" is the WebAssembly memory of the engine, "process" the resident memory of the page's renderer process. The
// last line compares the means of the third and the fourth quarter.
import './needs.mjs';
import fs from 'node:fs';
import { loadNet, openAPIPage } from './apipage.mjs';
import { dist } from './lib.mjs';

const count = Number(process.argv[2] ?? 1000);
const samples = JSON.parse(fs.readFileSync(`${dist}/samples/samples.json`, 'utf8'));
const { page, browser, close } = await openAPIPage();
await loadNet(page);
await page.evaluate(
  async files => {
    const blobs = await Promise.all(files.map(async (/** @type {string} */ file) =>
      (await fetch(`/samples/${file}`)).blob()));
    Object.assign(globalThis, { blobs });
  },
  samples.map((/** @type {{ file: string }} */ s) => s.file),
);

/** Resident bytes of the largest renderer process of this browser. */
async function resident() {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const of = (/** @type {number} */ id) => {
    const line = /VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${id}/status`, 'utf8'));
    return line ? 1024 * Number(line[1]) : 0;
  };
  return Math.max(...processInfo.filter(p => p.type === 'renderer').map(p => of(p.id)));
}

const step = Math.max(1, Math.round(count / 40));
const engine = [];
const renderer = [];
for (let done = 0; done < count; ) {
  const n = Math.min(step, count - done);
  const memory = await page.evaluate(
    async ({ n, done }) => {
      const { net, blobs } = /** @type {any} */ (globalThis);
      for (let i = 0; i < n; i++) await net.classify(blobs[(done + i) % blobs.length]);
      return (await net.profile({ runs: 1 })).memory;
    },
    { n, done },
  );
  done += n;
  engine.push(memory);
  renderer.push(await resident());
  console.log(`${String(done).padStart(5)}  engine ${(memory / 1e6).toFixed(1)} MB  `
    + `process ${(renderer[renderer.length - 1] / 1e6).toFixed(1)} MB`);
}
const mean = (/** @type {number[]} */ x) => x.reduce((a, b) => a + b, 0) / x.length;
const growth = (/** @type {number[]} */ x) => {
  const quarter = x.length >> 2;
  return `${(100 * (mean(x.slice(-quarter)) / mean(x.slice(-2 * quarter, -quarter)) - 1)).toFixed(2)} %`;
};
console.log(`last quarter against the one before: engine ${growth(engine)}, process ${growth(renderer)}; `
  + `peak of the engine ${(Math.max(...engine) / 1e6).toFixed(0)} MB`);
await close();
