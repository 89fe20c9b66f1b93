// Measures the table of many photos in Chromium on the real page:
//
//   node web/test/bulktimes.mjs [N] [REAL]
//
// A folder of N photos (10,000) is dropped on the site with the small network, and one of REAL (200) on the site with
// real weights. Printed are the time, the photos a second, the page's JavaScript heap after a garbage collection and
// the memory of its process when the table begins, half-way and at the end, and the page's longest task. Half-way the
// table is scrolled, sorted and filtered as well.
import './needs.mjs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dist, launchBrowser, small, startServer } from './lib.mjs';
import { dropFiles, modelIsHere } from './person.mjs';

/** @typedef {import('playwright-core').Page} Page */

const many = Number(process.argv[2] ?? 10_000);
const real = Number(process.argv[3] ?? 200);
/** How many different pictures there are; the files differ in a comment besides. */
const kinds = 50;
const folders = 20;

/** Pictures of 640 × 480 as JPEG, about 60 KB each. @param {Page} page @returns {Promise<Buffer[]>} */
async function pictures(page) {
  const files = await page.evaluate(async kinds => {
    const canvas = new OffscreenCanvas(640, 480);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const texts = [];
    for (let kind = 0; kind < kinds; kind++) {
      for (let i = 0; i < 400; i++) {
        context.fillStyle = `hsl(${(kind * 37 + i * 11) % 360} ${30 + i % 60}% ${20 + (i * 7) % 60}%)`;
        context.fillRect((i * 97 + kind * 13) % 640, (i * 61) % 480, 20 + i % 90, 20 + (i * 3) % 70);
      }
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
      let text = '';
      for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
      texts.push(btoa(text));
    }
    return texts;
  }, kinds);
  return files.map(text => Buffer.from(text, 'base64'));
}

/** @param {Buffer[]} kindsOf @param {string} dir @param {number} count */
async function fill(kindsOf, dir, count) {
  for (let i = 0; i < count; i++) {
    const folder = join(dir, `part-${i % folders}`);
    if (i < folders) await mkdir(folder, { recursive: true });
    const note = Buffer.from(`\xFF\xFE\0\x0A${String(i).padStart(8, '0')}`, 'latin1'); // a comment of JPEG
    const jpeg = kindsOf[i % kinds];
    await writeFile(join(folder, `${i}.jpg`), Buffer.concat([jpeg.subarray(0, 2), note, jpeg.subarray(2)]));
  }
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {Page} page
 */
async function memory(browser, page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = /** @type {{ usedSize: number }} */ (await session.send('Runtime.getHeapUsage'));
  await session.detach();
  const system = await browser.newBrowserCDPSession();
  const { processInfo } = await system.send('SystemInfo.getProcessInfo');
  await system.detach();
  let bytes = 0;
  for (const { type, id } of processInfo) {
    if (type !== 'renderer') continue;
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    bytes += 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  }
  return `heap ${(usedSize / 1e6).toFixed(1)} MB, process ${(bytes / 1e6).toFixed(0)} MB`;
}

/**
 * @param {string} name
 * @param {string} site
 * @param {number} count
 */
async function measure(name, site, count) {
  const server = await startServer({ dir: site });
  const browser = await launchBrowser();
  const dir = await mkdtemp(join(tmpdir(), 'residua-bulk-'));
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
    await page.goto(server.origin);
    await fill(await pictures(page), dir, count);
    await modelIsHere(page);
    await page.evaluate(() => {
      const scope = /** @type {any} */ (globalThis);
      scope.longest = 0;
      new PerformanceObserver(list => {
        for (const { duration } of list.getEntries()) scope.longest = Math.max(scope.longest, duration);
      }).observe({ type: 'longtask' });
    });
    console.log(`${name}, ${count} photos\n  before       ${await memory(browser, page)}`);
    const longest = () => page.evaluate(() => Math.round(/** @type {any} */ (globalThis).longest));
    /** @param {RegExp} words */
    const says = words => page.getByRole('region', { name: 'Many photos' }).locator(':visible').getByText(words).first()
      .waitFor({ timeout: 3_600_000 });
    /** Waits until so many are answered. @param {number} wanted */
    const answered = wanted => page.waitForFunction(wanted => {
      const bar = /** @type {HTMLProgressElement | null} */ (document.querySelector('#bulk progress'));
      return !!bar && bar.max > 1 && bar.value >= wanted;
    }, wanted, { timeout: 3_600_000, polling: 200 });

    const begin = performance.now();
    await dropFiles(page, [dir]);
    await answered(1);
    console.log(`  first answer after ${((performance.now() - begin) / 1000).toFixed(1)} s, longest task ${
      await longest()} ms\n  at the start ${await memory(browser, page)}`);
    await answered(count / 2);
    console.log(`  half-way     ${await memory(browser, page)}, longest task ${await longest()} ms`);
    const grid = page.getByRole('grid');
    await grid.focus();
    for (let i = 0; i < 20; i++) await page.keyboard.press('PageDown');
    await page.keyboard.press('End');
    await grid.getByRole('button', { name: 'Photo' }).click();
    await grid.getByRole('button', { name: 'Probability' }).click();
    await page.getByRole('searchbox').fill('part-7');
    await page.getByRole('searchbox').fill('');
    console.log(`  scrolled, sorted and filtered meanwhile: longest task ${await longest()} ms`);
    await says(/^Done: /);
    const seconds = (performance.now() - begin) / 1000;
    console.log(`  at the end   ${await memory(browser, page)}, longest task ${await longest()} ms`);
    console.log(`  ${seconds.toFixed(1)} s, ${(count / seconds).toFixed(1)} photos a second; rows in the document: ${
      await grid.locator('[role=row][id]').count()}`);
  } finally {
    await browser.close();
    await server.close();
    await rm(dir, { recursive: true, force: true });
  }
}

if (many > 0) await measure('the small network', small, many);
if (real > 0) await measure('ResNet-50', dist, real);
