// Holds the figures of the table of many photos to what the network itself says, with real weights in Chromium:
//
//   node web/test/bulk.mjs DIR
//
// DIR is a labelled folder, whose subfolders are called as classes, or a folder of photos with a labels.tsv beside them
// (file, class_index), whose names begin with their wnids. Printed are top-1 and top-5 as the page counts them, and as
// they follow from net.classify and from the labels.
import './needs.mjs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser, startServer } from './lib.mjs';
import { dropFiles, modelIsHere } from './person.mjs';

const [, , given] = process.argv;
if (!given) throw new Error('usage: node web/test/bulk.mjs DIR');

const scratch = await mkdtemp(join(tmpdir(), 'residua-labelled-'));
/** The right class of each file, if there is a list. @type {Map<string, number>} */
const listed = new Map();
let dir = given;
const list = await readFile(join(given, 'labels.tsv'), 'utf8').catch(() => '');
if (list) {
  dir = join(scratch, 'labelled');
  for (const [file, index] of list.trim().split('\n').slice(1).map(line => line.split('\t'))) {
    listed.set(file, Number(index));
    const folder = join(dir, file.slice(0, 9));
    await mkdir(folder, { recursive: true });
    await copyFile(join(given, file), join(folder, file));
  }
}

const server = await startServer();
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ locale: 'en-US' });
  await page.goto(server.origin);
  await modelIsHere(page);
  await dropFiles(page, [dir]);
  await page.getByRole('region', { name: 'Many photos' }).locator(':visible').getByText(/^Done: /).first()
    .waitFor({ timeout: 3_600_000 });
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as JSON' }).click();
  const { top1, top5, pictures, confusions } = JSON.parse(await readFile(await (await download).path(), 'utf8'));
  const percent = (/** @type {number} */ share) => (100 * share).toFixed(1);
  const rate = (/** @type {{ k: number, n: number, low: number, high: number }} */ { k, n, low, high }) =>
    `${k} of ${n} (${percent(k / n)} %, 95 % interval ${percent(low)} to ${percent(high)})`;
  console.log(`the page:     top-1 ${rate(top1)}\n              top-5 ${rate(top5)}`);
  for (const { right, guess, count } of confusions.slice(0, 10)) {
    console.log(`  ${right.label} → ${guess.label}: ${count}`);
  }

  // The network again, asked about each file by the public API.
  await page.evaluate(async () => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    /** @type {any} */ (globalThis).oracle = await Residua.load();
  });
  let [first, five, n] = [0, 0, 0];
  for (const folder of await readdir(dir)) {
    for (const file of await readdir(join(dir, folder)).catch(() => [])) {
      const entry = pictures.find((/** @type {{ file: string }} */ one) => one.file.endsWith(`/${folder}/${file}`));
      const right = listed.get(file) ?? entry?.right?.index;
      if (right === undefined || !entry.guesses) continue;
      const bytes = (await readFile(join(dir, folder, file))).toString('base64');
      /** @type {number[]} */
      const guesses = await page.evaluate(async bytes => {
        const blob = new Blob([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))]);
        const { predictions } = await /** @type {any} */ (globalThis).oracle.classify(blob, { topK: 5 });
        return predictions.map((/** @type {{ index: number }} */ { index }) => index);
      }, bytes);
      n++;
      if (guesses[0] === right) first++;
      if (guesses.includes(right)) five++;
    }
  }
  console.log(`net.classify: top-1 ${first} of ${n}, top-5 ${five} of ${n}`);
  if (first !== top1.k || five !== top5.k || n !== top1.n) throw new Error('the page counts otherwise');
} finally {
  await browser.close();
  await server.close();
  await rm(scratch, { recursive: true, force: true });
}
