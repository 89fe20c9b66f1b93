// README.md's code for the browser runs as it stands there, in a page on the plainest of hosts.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bareServer } from '../bareserver.mjs';
import { barn } from '../fixtures.mjs';
import { baseline, launchBrowser, root, small } from '../lib.mjs';
import { blocks, blockWith } from '../readme.mjs';

/** Blocks that are run elsewhere, by a text in each, and where. */
const elsewhere = { 'Residua.base = ': 'vite.test.mjs' };

/** The blocks that are run here, by a text in each. */
const here = ['<!doctype html>', 'onProgress: p =>', 'side: [configJSON]', 'teacher.share()', 'teacher.rank()',
  'Lab.open()'];

/** @type {Awaited<ReturnType<typeof launchBrowser>>} */
let browser;
/** @type {Awaited<ReturnType<typeof bareServer>>} */
let server;
before(async () => {
  [browser, server] = await Promise.all([launchBrowser({ args: [baseline] }), bareServer(() => small)]);
});
after(() => Promise.all([browser?.close(), server?.close()]));

test('every block of README.md is run, here or elsewhere', async () => {
  const known = [...here, ...Object.keys(elsewhere)];
  const found = known.map(blockWith);
  assert.deepEqual(blocks.filter(block => !found.includes(block)), [], 'blocks that no test runs');
  for (const [part, name] of Object.entries(elsewhere)) {
    const source = await readFile(join(root, 'web', 'test', name), 'utf8');
    assert.ok(source.includes(`blockWith('${part}')`), `${name} does not run the block with ${part}`);
  }
});

test('the page of README.md says what a photo shows', async t => {
  const page = await browser.newPage();
  t.after(() => page.close());
  const { code } = blockWith('<!doctype html>');
  await page.route('**/mine.html', route => route.fulfill({ contentType: 'text/html', body: code }));
  await page.goto(`${server.origin}/mine.html`);
  await page.waitForFunction(() => document.querySelector('input')?.onchange);
  await page.locator('input').setInputFiles(barn);
  await page.getByText(/^barn, \d+ %$/).waitFor();
});

test('the scripts of README.md run', async t => {
  const page = await browser.newPage();
  t.after(() => page.close());
  // A host as web/share.go, but for heads of any network: the small one's are narrow.
  /** @type {Map<string, Buffer>} */
  const heads = new Map();
  await page.route('**/api/share', route => {
    const body = /** @type {Buffer} */ (route.request().postDataBuffer());
    const id = createHash('sha256').update(body).digest('hex').slice(0, 32);
    heads.set(id, body);
    return route.fulfill({ status: 201, json: { id, bytes: body.length, expires: '2030-01-01T00:00:00Z' } });
  });
  await page.route('**/api/share/*', route =>
    route.fulfill({ body: heads.get(new URL(route.request().url()).pathname.split('/').at(-1) ?? '') }));
  await page.goto(`${server.origin}/samples/samples.json`);
  // What the README takes as given.
  await page.evaluate(async () => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const paint = async (/** @type {string} */ colour) => {
      const canvas = new OffscreenCanvas(50, 50);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.fillStyle = colour;
      context.fillRect(0, 0, 50, 50);
      return canvas.convertToBlob();
    };
    const ours = await Promise.all(['red', 'orange', 'yellow', 'gold', 'tomato', 'salmon', 'coral', 'pink'].map(paint));
    const theirs = await Promise.all(['blue', 'navy', 'black', 'teal', 'green', 'indigo', 'purple', 'gray'].map(paint));
    const drawings = await Promise.all(
      ['brown', 'plum', 'khaki', 'wheat', 'cyan', 'azure', 'lime', 'olive', 'violet', 'maroon'].map(paint));
    const net = await Residua.load();
    const teacher = net.teach();
    await teacher.addClass('ours');
    await teacher.addClass('theirs');
    for (const picture of ours) await teacher.add('ours', picture);
    for (const picture of theirs) await teacher.add('theirs', picture);
    await teacher.train();
    const file = new File([await teacher.export('safetensors')], 'mine.safetensors');
    net.close();
    const configJSON = new File([JSON.stringify({ id2label: { 0: 'ours', 1: 'theirs' } })], 'config.json');
    const image = await (await fetch('/samples/dust-bowl-home.jpg')).blob();
    const { signal } = new AbortController();
    Object.assign(globalThis, { image, file, configJSON, ours, theirs, drawings, signal });
  });
  for (const [i, part] of here.entries()) {
    const { language, code } = blockWith(part);
    if (language !== 'js') continue;
    await page.route(`**/block${i}.js`, route => route.fulfill({ contentType: 'text/javascript', body: code }));
    await page.evaluate(url => import(url).then(() => {}), `/block${i}.js`);
  }
  assert.equal(heads.size, 1);
});
