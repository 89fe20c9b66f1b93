// Brings many pictures into the room Teach in Chromium and prints what it costs:
//
//   node web/test/many.mjs [10000] [ADDED]
//
// The pictures come as a project file that has their features, as one that was saved before; ADDED more (200) come as
// files, so that the network has to look at them. Then a classifier is taught on all of them, the map is drawn, and the
// page is loaded again. "longest task" is what the browser tells of tasks over 50 ms in the page's own thread;
// "renderer" has the page, its engine and all their workers in it.
import './needs.mjs';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createHash, randomBytes } from 'node:crypto';
import { rgbPNG } from './fixtures.mjs';
import { startServer } from './lib.mjs';
import { zipOf } from './teachstore/zip.mjs';

const { chromium } = await import('playwright-core');
const count = Number(process.argv[2] ?? 10_000);
const added = Number(process.argv[3] ?? 200);
const classes = 10;
const featureSize = 2048;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residua-many-'));
process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

/** A picture whose colours tell its class, and whose noise makes it one of its own. @param {number} i */
function picture(i) {
  const side = 48;
  const pixels = randomBytes(side * side * 3);
  const tint = [i % classes * 25, 255 - i % classes * 25, i % 3 * 100];
  for (let at = 0; at < pixels.length; at++) pixels[at] = (pixels[at] >> 2) + (tint[at % 3] * 3 >> 2);
  return rgbPNG(side, side, pixels);
}

/** A project file, written as the page writes one. */
function project() {
  const centres = Array.from({ length: classes }, () =>
    Float32Array.from({ length: featureSize }, () => Math.random()));
  const small = Buffer.alloc(32 * 32 * 3, 128);
  const files = [];
  const pictures = [];
  for (let i = 0; i < count; i++) {
    const id = `p${i + 100}`;
    const bytes = picture(i);
    const features = centres[i % classes].map(value => value + 2 * Math.random());
    const file = `pictures/class ${i % classes}/${id}.png`;
    files.push(
      { name: file, data: bytes },
      { name: `features/${id}.f32`, data: Buffer.from(features.buffer) },
      { name: `small/${id}.rgb`, data: small },
    );
    pictures.push({
      record: {
        id,
        classId: `c${i % classes + 1}`,
        name: `${id}.png`,
        hash: createHash('sha256').update(bytes).digest('hex'),
        dhash: randomBytes(8).toString('hex'),
        format: 'PNG',
        width: 48,
        height: 48,
        domain: '',
        test: false,
        side: 0,
        added: 1e12 + i,
      },
      file, bytes: bytes.length, type: 'image/png', features: true, input: false,
    });
  }
  const head = {
    version: 1,
    model: 'resnet50',
    name: '',
    seed: 1,
    classes: Array.from({ length: classes }, (_, i) => ({ id: `c${i + 1}`, name: `class ${i}` })),
    settings: {},
    history: [],
  };
  const project = { format: 'residua-project', version: 1, head, featureSize, inputSize: 0, pictures, weights: [] };
  files.push({ name: 'project.json', data: Buffer.from(JSON.stringify(project)) });
  const zip = path.join(folder, 'project.zip');
  fs.writeFileSync(zip, zipOf(files));
  return zip;
}

const zip = project();
const more = Array.from({ length: added }, (_, i) => {
  const file = path.join(folder, `more-${i}.png`);
  fs.writeFileSync(file, picture(i * classes));
  return file;
});
console.log(`${count} pictures in a project file of ${(fs.statSync(zip).size / 1e6).toFixed(0)} MB`);

const server = await startServer();
const profile = path.join(folder, 'profile');
// A profile on the disk, as a person's: without one Chromium keeps its databases in memory.
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
  viewport: { width: 1280, height: 800 },
  locale: 'en-US',
});
const [page] = context.pages();
page.on('pageerror', error => console.log(error));
page.on('crash', () => { throw new Error('the page has crashed'); });
await page.addInitScript(() => {
  const tasks = /** @type {number[]} */ ([]);
  Object.assign(globalThis, { tasks });
  new PerformanceObserver(list => tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ entryTypes: ['longtask'] });
});
const browser = /** @type {import('playwright-core').Browser} */ (context.browser());
const session = await page.context().newCDPSession(page);
const system = await browser.newBrowserCDPSession();

/** Resident bytes of the browser's processes of a kind, the largest. @param {string} type */
async function resident(type) {
  const { processInfo } = await system.send('SystemInfo.getProcessInfo');
  const of = (/** @type {number} */ id) => {
    const line = /VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${id}/status`, 'utf8'));
    return line ? 1024 * Number(line[1]) : 0;
  };
  return Math.max(0, ...processInfo.filter(process => process.type === type).map(process => of(process.id)));
}

/** Bytes of all files in a folder. @param {string} at @returns {number} */
function sizeOf(at) {
  if (!fs.existsSync(at)) return 0;
  return fs.readdirSync(at, { recursive: true, withFileTypes: true }).reduce((sum, entry) => {
    if (!entry.isFile()) return sum;
    return sum + (fs.statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}

/**
 * Does something and prints what it took.
 * @param {string} what
 * @param {() => Promise<string | void>} work
 */
async function measured(what, work) {
  await page.evaluate(() => { /** @type {any} */ (globalThis).tasks.length = 0; }).catch(() => {});
  const start = performance.now();
  const says = await work();
  const seconds = (performance.now() - start) / 1000;
  await page.waitForTimeout(1500); // what comes after it is its, too
  const tasks = /** @type {number[]} */ (await page.evaluate(() => /** @type {any} */ (globalThis).tasks));
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log([
    what.padEnd(24),
    `${seconds.toFixed(1)} s`.padStart(8),
    `longest task ${Math.max(0, ...tasks).toFixed(0)} ms (${tasks.length} over 50)`.padEnd(38),
    `page ${mb(usedSize)}`,
    `renderer ${mb(await resident('renderer'))}`,
    `browser ${mb(await resident('browser'))}`,
    `database ${mb(sizeOf(path.join(profile, 'Default', 'IndexedDB')))}`,
    says ?? '',
  ].join('  '));
}

const forever = { timeout: 3_600_000 };
const there = () => page.getByRole('button', { name: 'Open a file' }).waitFor(forever);
const modelIsHere = () => page.getByText('The model is on its way.').waitFor({ state: 'hidden', ...forever });

await page.goto(`${server.origin}/#room=teach`);
await measured('empty room', async () => { await there(); await modelIsHere(); });
await measured('opening the project', async () => {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Open a file' }).click(),
  ]);
  await chooser.setFiles([zip]);
  await page.getByText(`The project is here, with ${count} pictures.`).waitFor(forever);
});
await measured('looking for duplicates', () => page.waitForTimeout(8000));
await measured(`adding ${added}`, async () => {
  const start = performance.now();
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Add pictures to class 0' }).click(),
  ]);
  await chooser.setFiles(more);
  await page.getByText(/\d+ of \d+ looked at/).waitFor(forever);
  await page.getByText(/\d+ of \d+ looked at/).waitFor({ state: 'hidden', ...forever });
  return `${(added / (performance.now() - start) * 1000).toFixed(1)} pictures a second`;
});
await measured('teaching the last layer', async () => {
  await page.getByRole('button', { name: /^Teach it/ }).click();
  await page.getByText(/^Done in .+\.$/).waitFor(forever);
  return (await page.getByText(/^(I hid|It was tested with) /).innerText()).trim();
});
await measured('showing more', async () => {
  for (let i = 0; i < 3; i++) await page.getByRole('button', { name: /^Show \d+ more$/ }).first().click();
});
await measured('choosing a class', async () => {
  await page.getByRole('listbox', { name: 'Pictures of class 0' }).getByRole('option').first().click();
  await page.keyboard.press('Control+A');
  await page.getByText(/^\d+ chosen$/).waitFor(forever);
  await page.keyboard.press('Escape');
});
await measured('the map', async () => {
  await page.getByRole('button', { name: 'Draw the map' }).click();
  await page.locator('.teach-plot .point').first().waitFor(forever);
});
await measured('loading the page again', async () => {
  await page.reload();
  await page.getByRole('listbox', { name: 'Pictures of class 9' }).getByRole('option').first().waitFor(forever);
});
await measured('until it can teach', modelIsHere);
await measured('saving the project', async () => {
  const [download] = await Promise.all([
    page.waitForEvent('download', forever),
    page.getByRole('button', { name: /^Save the project/ }).click(),
  ]);
  const file = path.join(folder, 'saved.zip');
  await download.saveAs(file);
  return `${(fs.statSync(file).size / 1e6).toFixed(0)} MB`;
});
await context.close();
await server.close();
