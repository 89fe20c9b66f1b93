// Saves a screenshot of every state of the page, in two sizes and two themes:
//
//   node web/test/shots.mjs OUT [STATE …]
//
// A new state is a line in the table below: how a person gets there.

import './needs.mjs';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alp, badInputs, barn, png } from './fixtures.mjs';
import { hostileLabels, oddLabels, soundHead } from './head.mjs';
import { launchBrowser, root, startServer } from './lib.mjs';
import { clickSample, dropFiles, messages, modelIsHere, readAnswer } from './person.mjs';
import { startProxy } from './proxy.mjs';

const [out, ...only] = process.argv.slice(2);
if (!out) {
  console.error('usage: node web/test/shots.mjs OUT [STATE …]');
  process.exit(2);
}

const sizes = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};
const themes = /** @type {const} */ (['light', 'dark']);

const scratch = await mkdtemp(join(tmpdir(), 'residua-shots-'));
const bad = await badInputs(scratch);
const letter = bad[1];
const grey = join(scratch, 'grey.png');
await writeFile(grey, png(640, 480, { grey: 96 }));
const broken = join(scratch, 'broken.safetensors');
await writeFile(broken, 'no tensors in here');
/** A small network as PyTorch writes it. @param {string} name */
const own = name => join(root, 'resnet', 'modelfile', 'testdata', name);

/**
 * Opens Look inside with the barn, once the canvas shows it.
 * @param {import('playwright-core').Page} page
 * @param {string} [hash] more of the address
 */
async function lookInside(page, hash = '') {
  await page.goto(`${new URL('/', page.url())}#room=look${hash}`);
  await page.reload();
  await page.getByRole('button', { disabled: true }).first().waitFor({ state: 'detached' });
  await page.locator('.samples').getByRole('button').first().click(); // by its place: the words are of any language
  await page.locator('#numbers td').first().waitFor({ state: 'attached', timeout: 60_000 });
  await page.locator('#look-preparing').waitFor({ state: 'hidden', timeout: 60_000 });
  await page.waitForTimeout(1000); // channels come on demand
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} selector of what shall be at the top
 */
const scrollTo = (page, selector) => page.locator(selector).evaluate(element => element.scrollIntoView());

/** @param {import('playwright-core').Page} page */
async function openTeach(page) {
  await page.getByRole('tab', { name: 'Teach' }).click();
  await page.getByRole('button', { name: 'Open a file' }).waitFor({ timeout: 120_000 });
}

/**
 * Opens a link, whatever its host would say of the file behind it.
 * @param {import('playwright-core').Page} page
 * @param {string[]} classes
 */
async function openShared(page, classes) {
  const file = soundHead({ classes });
  const id = createHash('sha256').update(file).digest('hex').slice(0, 32);
  await page.route(`**/api/share/${id}`, route => route.fulfill({ body: file }));
  await page.evaluate(id => { location.hash = `share=${id}`; }, id);
  await page.getByRole('dialog').getByRole('listitem').first().waitFor();
}

/** The model's download stops at 25 of 51 MB. @param {string} path */
const halfWay = path => (/resnet50-0[3-9]-/.test(path) ? 'hold' : 'pass');

/**
 * @typedef {object} State
 * @property {(page: import('playwright-core').Page) => Promise<unknown>} arrange from the open page
 * @property {(path: string) => import('./proxy.mjs').Fault} [fault] what the network does
 * @property {string} [locale]
 */

/** @type {Record<string, State>} */
const states = {
  loading: { fault: halfWay, arrange: page => page.getByText('25 of 51 MB').waitFor() },
  queued: {
    fault: halfWay,
    async arrange(page) {
      await dropFiles(page, [barn]);
      await page.getByText('25 of 51 MB').waitFor();
    },
  },
  stopped: {
    fault: halfWay,
    async arrange(page) {
      await page.getByText('25 of 51 MB').waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: /Resume/ }).waitFor();
    },
  },
  'load-error': {
    fault: path => (path.startsWith('/models/') ? 'cut' : 'pass'),
    arrange: page => page.getByRole('button', { name: 'Try again' }).waitFor(),
  },
  empty: { arrange: modelIsHere },
  dragging: {
    async arrange(page) {
      await modelIsHere(page);
      const session = await page.context().newCDPSession(page);
      const data = { items: [], files: [barn], dragOperationsMask: 1 };
      for (const type of /** @type {const} */ (['dragEnter', 'dragOver'])) {
        await session.send('Input.dispatchDragEvent', { type, x: 100, y: 300, data });
      }
    },
  },
  result: {
    async arrange(page) {
      await clickSample(page, 'Dust Bowl');
      await readAnswer(page, 'barn');
    },
  },
  'result-square': {
    async arrange(page) {
      await dropFiles(page, [join(barn, '..', 'acanthus-mollis.jpg')]);
      await readAnswer(page);
      await page.getByRole('button', { name: 'What it sees' }).click();
      await page.getByText('nothing left this device').click();
    },
  },
  look: { arrange: page => lookInside(page, '&where=cam') },
  'look-empty': { arrange: page => page.getByRole('tab', { name: 'Look inside' }).click() },
  'look-network': {
    async arrange(page) {
      await lookInside(page, '&without=5.residual&without=8.shortcut');
      await page.getByRole('button', { name: 'Try without each block' }).click();
      await page.getByText('nothing left', { exact: true }).waitFor({ timeout: 60_000 });
      await scrollTo(page, '#look-title');
    },
  },
  'look-block': {
    async arrange(page) {
      await lookInside(page, '&scene=block&block=8&order=class&channel=77');
      await scrollTo(page, '#look-title');
    },
  },
  'look-photo': {
    async arrange(page) {
      await lookInside(page, '&scene=photo&block=12&channel=77&map=magma');
      await scrollTo(page, '#look-title');
    },
  },
  'look-filters': {
    async arrange(page) {
      await lookInside(page, '&scene=filters');
      await scrollTo(page, '#look-title');
    },
  },
  'look-classes': {
    async arrange(page) {
      await lookInside(page);
      await page.getByRole('combobox', { name: 'Class', exact: true }).fill('crane');
    },
  },
  'look-busy': {
    async arrange(page) {
      await lookInside(page, '&where=cam');
      await page.getByRole('combobox', { name: 'Map' }).selectOption('occlusion');
      await page.getByText(/^\d+ of 64$/).waitFor({ timeout: 60_000 });
      await page.getByRole('combobox', { name: 'Map' })
        .evaluate(element => element.scrollIntoView({ block: 'center' }));
    },
  },
  'look-sweep': {
    async arrange(page) {
      await lookInside(page);
      await page.getByRole('button', { name: 'Try without each block' }).click();
      await page.getByText('nothing left', { exact: true }).waitFor({ timeout: 60_000 });
      await page.getByRole('button', { name: 'Take F out: Stage 2, block 3' }).focus();
      await scrollTo(page, '#lab-title');
    },
  },
  'look-error': {
    fault: path => (path.endsWith('/view.wasm') ? 503 : 'pass'),
    async arrange(page) {
      await page.goto(`${new URL('/', page.url())}#room=look`);
      await page.reload();
      await page.getByRole('button', { disabled: true }).first().waitFor({ state: 'detached' });
      await clickSample(page, 'Dust Bowl');
      await page.getByText('The picture cannot be shown').waitFor({ timeout: 60_000 });
      await page.getByRole('button', { name: 'Save picture' }).click();
      await scrollTo(page, '#look-canvas');
    },
  },
  'look-chinese': { locale: 'zh-CN', arrange: page => lookInside(page, '&where=cam') },
  'teach-empty': {
    async arrange(page) {
      await openTeach(page);
    },
  },
  teach: {
    async arrange(page) {
      await openTeach(page);
      await page.getByRole('button', { name: 'Teach it with emoji' }).click();
      await page.getByRole('heading', { name: 'Is it any good?' }).waitFor({ timeout: 240_000 });
      await page.getByRole('button', { name: 'Draw the map' }).click();
    },
  },
  models: {
    async arrange(page) {
      await modelIsHere(page);
      await clickSample(page, 'Dust Bowl');
      await readAnswer(page, 'barn');
      await page.getByRole('button', { name: 'ResNet-50', exact: true }).click();
    },
  },
  'models-loading': {
    fault: path => (path.includes('int8-03-') ? 'hold' : 'pass'),
    async arrange(page) {
      await modelIsHere(page);
      await page.getByRole('button', { name: 'ResNet-50', exact: true }).click();
      await page.getByRole('button', { name: 'Use ResNet-50, 8-bit' }).click();
      await page.getByText(/of 26 MB/).waitFor({ timeout: 60_000 });
    },
  },
  'models-own': {
    async arrange(page) {
      await modelIsHere(page);
      await clickSample(page, 'Dust Bowl');
      await dropFiles(page, [own('torchvision-basic.safetensors')]);
      await page.getByRole('button', { name: 'torchvision-basic', exact: true }).click({ timeout: 60_000 });
      await page.getByRole('button', { name: 'Delete torchvision-basic' }).click();
    },
  },
  'models-notes': {
    async arrange(page) {
      await modelIsHere(page);
      await clickSample(page, 'Dust Bowl');
      await dropFiles(page, [own('timm-v2.safetensors')]);
      await page.getByRole('button', { name: 'timm-v2', exact: true }).waitFor({ timeout: 60_000 });
      await page.keyboard.press('Escape');
      await page.getByText(/class \d/).first().waitFor();
    },
  },
  'models-error': {
    async arrange(page) {
      await modelIsHere(page);
      await dropFiles(page, [broken]);
      await page.getByText('This file cannot be used').waitFor();
    },
  },
  'models-ask': {
    async arrange(page) {
      await page.addInitScript(() =>
        Object.defineProperty(navigator, 'connection', { value: { effectiveType: '3g' } }));
      await page.reload();
      await page.getByText('The connection is slow').waitFor();
    },
  },
  'models-chinese': {
    locale: 'zh-CN',
    async arrange(page) {
      await page.getByText('模型已就绪').first().waitFor({ timeout: 60_000 });
      await page.locator('#model-name').click();
    },
  },
  unsure: {
    async arrange(page) {
      await dropFiles(page, [grey]);
      await readAnswer(page);
    },
  },
  session: {
    async arrange(page) {
      const names = ['dust-bowl-home', 'nagasaki-boats', 'march-pastoral', 'airplane-from-above', 'allium-oreophilum',
        'black-canyon'];
      await dropFiles(page, names.map(name => join(barn, '..', `${name}.jpg`)));
      await page.getByRole('region', { name: 'This session' }).getByRole('button').nth(5).waitFor({ timeout: 60_000 });
    },
  },
  error: {
    async arrange(page) {
      await dropFiles(page, [alp]);
      await readAnswer(page, 'alp');
      await dropFiles(page, [letter.file]);
      await messages(page).filter({ hasText: letter.cause }).waitFor();
    },
  },
  'error-first': {
    async arrange(page) {
      await dropFiles(page, bad.slice(4).map(({ file }) => file));
      await messages(page).filter({ hasText: 'cannot read HEIC' }).waitFor({ timeout: 60_000 });
    },
  },
  shared: { arrange: page => openShared(page, ['barn owl', 'tawny owl', 'little owl']) },
  'shared-hostile': { arrange: page => openShared(page, [...hostileLabels, ...oddLabels]) },
  'shared-chinese': { locale: 'zh-CN', arrange: page => openShared(page, ['仓鸮', '灰林鸮', '纵纹腹小鸮']) },
  'teach-share': {
    async arrange(page) {
      await openShared(page, ['barn owl', 'tawny <owl>', 'little owl']);
      await page.getByRole('button', { name: 'Load it' }).click();
      await page.getByRole('group', { name: 'Which classes answer' }).waitFor({ timeout: 120_000 });
      await page.getByRole('tab', { name: 'Teach' }).click();
      await page.getByRole('button', { name: 'Make a link' }).click();
      await page.getByRole('textbox', { name: 'holds < or >' }).waitFor();
      await scrollTo(page, '.teach-share');
    },
  },
  'teach-link': {
    async arrange(page) {
      await openShared(page, ['barn owl', 'tawny owl', 'little owl']);
      await page.getByRole('button', { name: 'Load it' }).click();
      await page.getByRole('group', { name: 'Which classes answer' }).waitFor({ timeout: 120_000 });
      await page.getByRole('tab', { name: 'Teach' }).click();
      await page.getByRole('button', { name: 'Make a link' }).click();
      await page.getByRole('button', { name: 'Send this' }).click();
      await page.getByText('Here is the link').or(page.getByText('existed already')).waitFor();
      await scrollTo(page, '.teach-share');
    },
  },
  chinese: {
    locale: 'zh-CN',
    async arrange(page) {
      await dropFiles(page, [barn]);
      await page.getByText('没有任何数据离开这台设备').waitFor({ timeout: 60_000 });
    },
  },
};

const wanted = Object.entries(states).filter(([name]) => only.length === 0 || only.includes(name));
if (wanted.length === 0) {
  console.error(`there is no such state; there are: ${Object.keys(states).join(', ')}`);
  process.exit(2);
}

await mkdir(out, { recursive: true });
const server = await startServer();
const proxy = await startProxy(server.origin);
// The view wants WebGL, which a machine without a graphics card has in software.
const browser = await launchBrowser();
for (const [name, { arrange, fault, locale = 'en-US' }] of wanted) {
  for (const [size, device] of Object.entries(sizes)) {
    proxy.release();
    if (fault) proxy.setFault(fault);
    const context = await browser.newContext({ ...device, locale, colorScheme: 'light' });
    const page = await context.newPage();
    await page.goto(`${proxy.origin}/`);
    await page.getByRole('button', { disabled: true }).first().waitFor({ state: 'detached' }); // the samples are here
    await arrange(page);
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(900); // until nothing moves
      const file = join(out, `${name}-${size}-${colorScheme}.png`);
      await page.screenshot({ path: file });
      console.log(file);
    }
    await context.close();
  }
}
proxy.release();
await browser.close();
await proxy.close();
await server.close();
await rm(scratch, { recursive: true, force: true });
