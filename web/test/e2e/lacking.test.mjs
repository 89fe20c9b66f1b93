// What the page does in browsers that lack something: each API is taken away by itself, and the page still answers and
// teaches, says once what a person misses, and shows nobody an exception.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { barn } from '../fixtures.mjs';
import { baseline, launchBrowser, root } from '../lib.mjs';
import { clickSample, readAnswer } from '../person.mjs';
import { proxy, visit } from './harness.mjs';
import { openTeach, part, pictures, picturesOf, ready, teach, twoClasses } from './teaching.mjs';

/** @typedef {import('playwright-core').BrowserContext} BrowserContext */
/** @typedef {import('playwright-core').Page} Page */

/** @type {Record<string, string>} */
const words = JSON.parse(await readFile(join(root, 'web', 'static', 'i18n', 'en.json'), 'utf8'));
/** A sentence about what is lacking; the one about plain http ends with an address. @param {string} key */
const sentence = key => words[key].replace('{address}', '');
/** All of them. */
const sentences = Object.keys(words).filter(key => key.startsWith('lacks.')).map(sentence);

// What follows runs in the page, and where the engine uses the API, first thing in its worker.

/** @param {string} of  @param {string} name */
const hide = (of, name) => `Object.defineProperty(${of}, '${name}', { get: () => undefined, configurable: true });`;
/** @param {string} name */
const forbid = name => `Object.defineProperty(globalThis, '${name}', {
  get() { throw new DOMException('denied', 'SecurityError'); },
});`;
/** createImageBitmap with other options than it is given. @param {string} options of the variable given */
const otherOptions = options => `{
  const real = globalThis.createImageBitmap;
  globalThis.createImageBitmap = async (...args) => {
    const given = typeof args.at(-1) === 'object' && args.length % 2 === 0 ? args.pop() : {};
    return real(...args, ${options});
  };
}`;

/**
 * @typedef {object} Lack
 * @property {string} api
 * @property {string} remove  a script that takes it away
 * @property {string[]} [says]  the keys of the sentences; without any a person misses nothing
 * @property {boolean} [worker]  the engine uses it too
 * @property {string} [keeps]  what stands in Teach about what is kept
 * @property {(page: Page) => Promise<void>} [stillWorks]  more of what must work
 */

const noQuota = 'This browser keeps your 8 pictures and what it learnt: ';
const nothingKept = 'This browser keeps nothing for this page';

/** @param {Page} page */
async function reloaded(page) {
  await page.reload();
  await ready(page);
  assert.equal(await picturesOf(page, 'barn').count(), 4, 'a reload has lost pictures');
}

/** Photos that lie as a camera may hold them are seen as they stand. @param {Page} page */
async function turned(page) {
  const bytes = [...await readFile(barn)];
  const differences = await page.evaluate(async ({ bytes, address }) => {
    /** @param {number} o */
    const file = o => {
      const exif = [...'Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0'].map(c => c.charCodeAt(0));
      const body = [...exif, o, 0, 0, 0, 0, 0, 0];
      return new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xe1, 0, body.length + 2, ...body, ...bytes.slice(2)])]);
    };
    const { Residua } = await import(address);
    const net = await Residua.load();
    const differences = [];
    for (let o = 1; o <= 8; o++) {
      // The page's own decoder is as it was.
      const stands = await createImageBitmap(file(o), { imageOrientation: 'from-image', colorSpaceConversion: 'none' });
      const [seen, wanted] = [await net.features(file(o)), await net.features(stands)];
      /** @type {(value: number, i: number) => number} */
      const difference = (value, i) => Math.abs(value - wanted[i]);
      differences.push(Math.max(...seen.map(difference)));
    }
    net.close();
    return differences;
  }, { bytes, address: `${proxy.origin}/static/residua.js` });
  for (const [i, difference] of differences.entries()) {
    assert.ok(difference < 1e-3, `orientation ${i + 1}: the features differ by ${difference}`);
  }
}

/** A chooser without popovers opens and closes all the same. @param {Page} page */
async function choosesModels(page) {
  const opener = page.getByRole('button', { name: 'ResNet-50' });
  const chooser = page.getByRole('dialog', { name: 'Models' });
  await opener.click();
  await chooser.getByText('In use').waitFor();
  await page.keyboard.press('Escape');
  await chooser.waitFor({ state: 'hidden' });
  await opener.click();
  await chooser.getByRole('button', { name: 'Close' }).click();
  await chooser.waitFor({ state: 'hidden' });
}

/** @param {Page} page */
async function asksForNoCamera(page) {
  await page.getByRole('button', { name: 'Camera for barn' }).click();
  await page.getByText(words['camera.lacking']).waitFor();
}

const withoutWebGL = `{
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    return kind === 'webgl2' ? null : getContext.call(this, kind, ...rest);
  };
}`;

const withoutPopovers = `{
  for (const name of ['showPopover', 'hidePopover', 'togglePopover', 'popover']) delete HTMLElement.prototype[name];
  document.addEventListener('readystatechange', () => {
    for (const name of ['popover', 'popovertarget']) document.querySelector('[' + name + ']')?.removeAttribute(name);
  });
}`;

const optionsRefused = otherOptions(`(() => {
  if ('imageOrientation' in given || 'resizeWidth' in given) throw new TypeError('refused');
  return given;
})()`);

/**
 * What keeps pictures and models is taken away by itself. What has nothing to do with one another goes together.
 * @type {Lack[]}
 */
const lacks = [
  {
    api: 'navigator.storage and methods of 2023 and later', worker: true, says: ['lacks.room'], keeps: noQuota,
    remove: `if (globalThis.document) ${hide('Navigator.prototype', 'storage')}
      for (const name of ['toSorted', 'toReversed', 'toSpliced', 'with']) delete Array.prototype[name];
      for (const name of ['toWellFormed', 'isWellFormed']) delete String.prototype[name];
      for (const name of ['withResolvers', 'try']) delete Promise[name];
      for (const of of [Object, Map]) delete of.groupBy;
      delete Array.fromAsync;
      delete AbortSignal.any;
      delete ArrayBuffer.prototype.transfer;`,
  },
  {
    api: 'navigator.locks and crypto.subtle', worker: true, stillWorks: reloaded,
    remove: `if (globalThis.document) ${hide('Navigator.prototype', 'locks')}
      ${hide('Crypto.prototype', 'subtle')}`,
  },
  { api: 'caches', remove: hide('globalThis', 'caches'), worker: true, says: ['lacks.models'] },
  {
    api: 'service workers, cameras, the clipboard, sharing and randomUUID',
    remove: ['serviceWorker', 'mediaDevices', 'clipboard', 'share']
      .map(name => hide('Navigator.prototype', name)).join('') + 'delete Crypto.prototype.randomUUID;',
    says: ['lacks.offline', 'lacks.camera'],
    stillWorks: asksForNoCamera,
  },
  {
    api: 'options of createImageBitmap (refused), WebGL 2 and popovers', worker: true,
    remove: `if (globalThis.document) ${withoutWebGL}
      if (globalThis.document) ${withoutPopovers}
      ${optionsRefused}`,
    stillWorks: choosesModels,
  },
  {
    api: 'options of createImageBitmap (ignored), OffscreenCanvas and sessionStorage (forbidden)', worker: true,
    remove: otherOptions('{}') + 'delete globalThis.OffscreenCanvas;' + forbid('sessionStorage'),
  },
  { api: 'indexedDB', remove: hide('globalThis', 'indexedDB'), says: ['lacks.project'], keeps: nothingKept },
  {
    api: 'indexedDB: cannot be opened', says: ['lacks.project'], keeps: nothingKept,
    remove: `IDBFactory.prototype.open = () => {
      const request = { error: new DOMException('The database did not allow mutations.', 'InvalidStateError') };
      setTimeout(() => request.onerror?.({ target: request }));
      return request;
    };`,
  },
  {
    api: 'indexedDB: does not answer', remove: 'IDBFactory.prototype.open = () => ({});',
    says: ['lacks.project'], keeps: nothingKept,
  },
  { api: 'localStorage: forbidden', remove: forbid('localStorage'), says: ['lacks.choices'], stillWorks: reloaded },
];

/** @type {Promise<void> | undefined} */
let made;

/**
 * Takes something away from the page, and from the engine's worker.
 * @param {BrowserContext} context
 * @param {Lack} lack
 */
async function takeAway(context, { remove, worker = false }) {
  // The tests' own pictures are made first, while all is there.
  await (made ??= (async () => {
    const blank = await context.newPage();
    await pictures(blank);
    await blank.close();
  })());
  await context.addInitScript(remove);
  if (worker) await beforeEngine(context, remove);
}

/** Runs a script first thing in the engine's worker. @param {BrowserContext} context  @param {string} script */
async function beforeEngine(context, script) {
  await context.route('**/static/engine/worker.js', async route => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${script}\n${await response.text()}` });
  });
}

/** What stands on the page must be sentences. @param {Page} page @returns {Promise<string>} */
async function read(page) {
  const text = await page.locator('body').innerText();
  const exception = /\bundefined\b|\b[A-Z]\w*Error\b|Cannot read|is not a function|\bNaN\b|\[object |\b0 MB that/;
  const wrong = exception.exec(text);
  assert.equal(wrong, null, `the page shows "${wrong?.[0]}"`);
  return text;
}

/**
 * Uses the page as a person would, and holds it to what it shall say.
 * @param {Page} page
 * @param {string[]} says
 */
async function use(page, says) {
  await clickSample(page, 'Dust Bowl');
  const [{ label }] = await readAnswer(page, 'barn');
  assert.equal(label, 'barn');
  await openTeach(page);
  await twoClasses(page, 4);
  assert.equal(await teach(page), '2 of 2 right');
  const text = await read(page);
  for (const one of sentences) {
    assert.equal(text.split(one).length - 1, says.includes(one) ? 1 : 0, `how often "${one}" stands there`);
  }
  assert.equal(await part(page, 'Teach it').getByRole('alert').filter({ hasText: /./ }).count(), 0);
}

for (const lack of lacks) {
  test(`without ${lack.api} the page answers and teaches, and says what a person misses`, async t => {
    const page = await visit(t, { before: context => takeAway(context, lack) });
    await use(page, (lack.says ?? []).map(sentence));
    if (lack.keeps) await page.getByText(lack.keeps).waitFor();
    await lack.stillWorks?.(page);
    await read(page);
  });
}

test('on a host without an API, as any static one is, no link is offered, and a line says why', async t => {
  proxy.setFault(path => (path.startsWith('/api/') ? 404 : 'pass'));
  const page = await visit(t);
  await openTeach(page);
  await twoClasses(page, 3);
  await teach(page);
  const keep = part(page, 'Keep it');
  await keep.getByText('This host keeps nothing for others').waitFor();
  assert.equal(await keep.getByRole('button', { name: 'Make a link' }).count(), 0);
});

test('a photo is seen upright by a browser that does not turn it', async t => {
  // Chromium always turns: the worker's decoder does not get to see the EXIF segment, which is the first.
  await turned(await visit(t, {
    path: '/static/residua.js', // an address of the site without the page's own engine
    before: context => beforeEngine(context, `{
      const real = globalThis.createImageBitmap;
      globalThis.createImageBitmap = async (file, options) => {
        const bytes = new Uint8Array(await file.arrayBuffer());
        if (bytes[3] !== 0xe1) return real(file, options);
        return real(new Blob([bytes.subarray(0, 2), bytes.subarray(4 + 256 * bytes[4] + bytes[5])]), options);
      };
    }`),
  }));
});

test('by plain http from another computer the page answers, teaches and keeps that, and says the cure', async t => {
  const browser = await launchBrowser({ args: [baseline, '--host-resolver-rules=MAP school.test 127.0.0.1'] });
  t.after(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  const blank = await context.newPage();
  await pictures(blank);
  const page = await context.newPage();
  /** @type {unknown[]} */
  const thrown = [];
  page.on('pageerror', error => thrown.push(error));
  const { port } = new URL(proxy.origin);
  await page.goto(`http://school.test:${port}/`);
  assert.deepEqual(
    await page.evaluate(() => [isSecureContext, crypto.subtle, navigator.locks, navigator.storage].map(String)),
    ['false', 'undefined', 'undefined', 'undefined'],
  );
  const said = sentence('lacks.http');
  await use(page, [said]);
  await page.getByText(`${said}http://127.0.0.1:${port}/`).waitFor();
  await page.getByText(noQuota).waitFor();
  await page.getByRole('button', { name: 'Camera for barn' }).click();
  await page.getByText(words['camera.insecure']).waitFor();
  await reloaded(page);

  // Of two tabs one has the project, though there are no locks.
  const other = await context.newPage();
  await other.goto(`http://school.test:${port}/#room=teach`);
  await other.getByText(words['teach.read-only']).waitFor({ timeout: 60_000 });
  await page.close();
  await other.getByText(words['teach.read-only']).waitFor({ state: 'hidden' });
  await read(other);
  assert.deepEqual(thrown, []);
});
