// Without a network: after one visit everything works, on our own server and on one that knows no headers; a new
// version comes beside the old one and waits for a person.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { bareServer } from './bareserver.mjs';
import { alp, barn } from './fixtures.mjs';
import { baseline, launchBrowser, root, small, startServer } from './lib.mjs';
import { dropFiles, modelIsHere, readAnswer } from './person.mjs';

/** @type {Awaited<ReturnType<typeof launchBrowser>>} */
let browser;
before(async () => { browser = await launchBrowser({ args: [baseline] }); });
after(() => browser.close());

/** @param {import('node:test').TestContext} t */
async function profile(t) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  t.after(() => context.close());
  return context;
}

/** @param {import('playwright-core').Page} page */
const readyForOffline = page => page.getByText('Works without a network from now on.').waitFor({ timeout: 120_000 });

/** @param {import('playwright-core').Page} page */
const isolated = page => page.evaluate(() => crossOriginIsolated);

/**
 * Opens the site for the first time, and waits until it works without a network.
 * @param {import('playwright-core').Page} page
 * @param {string} address
 */
async function firstVisit(page, address) {
  await page.goto(address);
  await page.waitForFunction(() => crossOriginIsolated);
  await modelIsHere(page);
  await dropFiles(page, [barn]);
  await readAnswer(page, 'barn');
  await readyForOffline(page);
  const offer = page.getByText('A new version of Residua is here');
  assert.equal(await offer.count(), 0, 'the first version is offered as a new one');
}

/**
 * Opens the site whose server cannot be reached, in another tab: everything works.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} address
 */
async function visitWithoutNetwork(context, address) {
  const page = await context.newPage();
  await page.goto(address);
  assert.equal(await isolated(page), true);
  await modelIsHere(page);
  await dropFiles(page, [alp]);
  await readAnswer(page, 'alp');
  await page.getByText(/^[2-9] threads /).first().waitFor({ state: 'attached' });
  await page.getByRole('tab', { name: 'Look inside' }).click();
  await page.frameLocator('iframe').locator('canvas').first().waitFor();
  await page.getByRole('tab', { name: 'Teach' }).click();
  await page.getByRole('heading', { name: 'Teach it your own classes' }).waitFor();
  const fetched = await page.evaluate(() => Promise.all(
    ['starters/starters.json', 'samples/samples.json', 'digits/digits.json', 'digits/digits.idx'].map(
      async path => (await fetch(path)).status)));
  assert.deepEqual(fetched, [200, 200, 200, 200]);
  return page;
}

test('on our own server', async t => {
  const server = await startServer({ dir: small });
  let open = true;
  t.after(() => open && server.close());
  const context = await profile(t);
  const page = await context.newPage();
  await firstVisit(page, server.origin);

  await t.test('it can be installed', async () => {
    const session = await context.newCDPSession(page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A browser without a window installs nothing; that is its only objection.
    assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter(id => id !== 'in-incognito'), []);
    const { errors, data } = await session.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    const manifest = JSON.parse(data ?? '{}');
    for (const { src, sizes, type } of manifest.icons) {
      const size = await page.evaluate(async address => {
        const image = await createImageBitmap(await (await fetch(address)).blob()).catch(() => null);
        return image && `${image.width}x${image.height}`;
      }, new URL(src, `${server.origin}/static/`).href);
      if (type === 'image/png') assert.equal(size, sizes, src);
    }
  });

  await t.test('the models can be deleted, and come again', async () => {
    await page.getByText(/Kept on this device: \d+/).click();
    const { size } = JSON.parse(await readFile(join(small, 'models', 'resnet50', 'manifest.json'), 'utf8'));
    await page.getByText(`Of this, ${Math.round(size / 1e6)} MB are downloaded models`).waitFor();
    await page.getByRole('button', { name: 'Delete downloaded models' }).click();
    await page.getByText('The downloaded models are deleted.').first().waitFor();
    assert.equal(await page.evaluate(() => caches.has('residua-models-1')), false);
    await dropFiles(page, [alp]);
    await readAnswer(page, 'alp');
    await page.reload();
    await modelIsHere(page);
    await readyForOffline(page);
    assert.equal(await page.evaluate(() => caches.has('residua-models-1')), true);
  });

  await t.test('everything works without it, with threads', async () => {
    await page.close();
    await server.close();
    open = false;
    await visitWithoutNetwork(context, server.origin);
  });
});

test('in a folder of a bare static server', async t => {
  const base = '/somewhere/residua/';
  const next = await nextVersion(t);
  let folder = small;
  /** What cannot be had, by its path in the folder. @type {(path: string) => boolean} */
  let lose = () => false;
  const server = await bareServer(() => folder, { base, lose: path => lose(path) });
  t.after(() => server.close());
  const context = await profile(t);
  let page = await context.newPage();
  await firstVisit(page, server.origin + base);

  await t.test('what the network is asked for in every case: the API', async () => {
    const asked = () => server.asked.filter(path => path === `${base}api/health`).length;
    const before = asked();
    for (const _ of [1, 2]) await page.evaluate(() => fetch('api/health').catch(() => {}));
    assert.equal(asked(), before + 2);
    const kept = await page.evaluate(async () => {
      const all = await Promise.all((await caches.keys()).map(async name => (await caches.open(name)).keys()));
      return all.flat().map(({ url }) => new URL(url).pathname);
    });
    assert.ok(kept.includes(`${base}static/residua.js`), String(kept));
    assert.deepEqual(kept.filter(path => path.startsWith(`${base}api/`)), []);
  });

  await t.test('everything works without it, with threads', async () => {
    lose = () => true;
    await page.close();
    page = await visitWithoutNetwork(context, server.origin + base);
    lose = () => false;
  });

  await t.test('a new version waits for a person, and one that is not whole never comes', async () => {
    await page.getByRole('tab', { name: 'Classify' }).click();
    await dropFiles(page, [barn]);
    await readAnswer(page, 'barn');
    const update = () => page.evaluate(async () =>
      (await navigator.serviceWorker.ready).update().then(() => true, () => false));
    const version = () => page.evaluate(() => document.body.dataset.version);

    folder = next;
    lose = path => path === 'index.html';
    await update();
    await page.waitForFunction(async () => !(await navigator.serviceWorker.ready).installing);
    assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting), null);
    const offer = page.getByRole('button', { name: 'Use it now' });
    assert.equal(await offer.isVisible(), false);

    lose = () => false;
    await update();
    await offer.waitFor();
    assert.equal((await readAnswer(page))[0].label, 'barn', 'the work goes on');
    await page.reload();
    assert.equal(await version(), undefined, 'the old version serves on');
    await offer.click();
    await page.waitForFunction(() => document.body.dataset.version === 'next');
    await modelIsHere(page);
    await readyForOffline(page);
    const names = await page.evaluate(() => caches.keys());
    assert.equal(names.filter(name => name.startsWith('residua-site-')).length, 1, 'the old version is gone');
  });
});

/**
 * A folder with the small site in another version: its page says so.
 * @param {import('node:test').TestContext} t
 */
async function nextVersion(t) {
  const next = await mkdtemp(join(tmpdir(), 'residua-next-'));
  t.after(() => rm(next, { recursive: true, force: true }));
  await cp(join(small, 'static'), join(next, 'static'), { recursive: true });
  const text = await readFile(join(small, 'index.html'), 'utf8');
  await writeFile(join(next, 'index.html'), text.replace('<body>', '<body data-version="next">'));
  const pictures = ['samples', 'starters', 'digits'];
  const program = ['run', './web/offline', next, ...pictures.map(name => join(small, name))];
  await promisify(execFile)('go', program, { cwd: root });
  for (const name of ['models', ...pictures]) await symlink(join(small, name), join(next, name));
  return next;
}

/**
 * A site of somebody else's that has Residua's files beside its own pages: it has an inline script, and a worker.
 * @param {import('node:test').TestContext} t
 * @param {string} path  of its page
 * @param {readonly string[]} ours  what of Residua's is there
 */
async function somebodysSite(t, path, ours) {
  const folder = await mkdtemp(join(tmpdir(), 'residua-foreign-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const name of ours) await symlink(join(small, name), join(folder, name));
  const mine = `<!doctype html><title>mine</title><script>
    navigator.serviceWorker.register('sw.js').then(() => { window.registered = true; });
    window.inline = eval('1 + 1');
    new Worker('mine.js').onmessage = ({ data }) => { window.said = data; };
  </script>`;
  await writeFile(join(folder, path || 'index.html'), mine);
  await writeFile(join(folder, 'mine.js'), 'postMessage(eval("2 + 2"))');
  const server = await bareServer(() => folder);
  t.after(() => server.close());
  return { folder, origin: server.origin };
}

for (const [name, path, ours] of /** @type {const} */ ([
  ['in the place of ours', '', ['static', 'models', 'samples', 'sw.js']],
  ['of another name, without our page', 'mine.html', ['static', 'models', 'samples', 'sw.js']],
  ['beside ours', 'mine.html', ['static', 'models', 'samples', 'starters', 'digits', 'sw.js', 'index.html']],
])) test(`a page of somebody else's, ${name}, is isolated and keeps its own rules`, async t => {
  const { folder, origin } = await somebodysSite(t, path, ours);
  const page = await (await profile(t)).newPage();
  /** @type {Map<string, Record<string, string>>} */
  const headers = new Map();
  page.on('response', async response => headers.set(new URL(response.url()).pathname, await response.allHeaders()));
  const address = `${origin}/${path}`;
  await page.goto(address);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.goto(address);
  const seen = await page.evaluate(async () => {
    const scope = /** @type {any} */ (globalThis);
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const net = await Residua.load({ threads: 2 });
    const { predictions: [best] } = await net.classify('/samples/dust-bowl-home.jpg');
    const { inline, said } = scope;
    const cached = await Promise.all((await caches.keys()).filter(name => name.startsWith('residua-site-'))
      .map(async name => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)));
    return { isolated: crossOriginIsolated, threads: net.info.threads, best: best.label, inline, said, cached };
  });
  const cached = seen.cached.flat();
  assert.deepEqual({ ...seen, cached: cached.length > 0 },
    { isolated: true, threads: 2, best: 'barn', inline: 2, said: 4, cached: name === 'beside ours' });
  assert.ok(cached.every(path => !path.includes('mine')), String(cached));
  for (const path of [new URL(address).pathname, '/mine.js', '/static/engine/worker.js']) {
    const found = headers.get(path);
    assert.equal(found?.['cross-origin-embedder-policy'], 'require-corp', path);
    assert.equal(found?.['content-security-policy'], undefined, path);
    assert.equal(found?.['permissions-policy'], undefined, path);
  }
  if (name === 'beside ours') return; // a test below has a new version of the whole site
  const text = await readFile(join(small, 'sw.js'), 'utf8');
  await rm(join(folder, 'sw.js'));
  await writeFile(join(folder, 'sw.js'), text.replace(/"version": "\w+"/, '"version": "next"'));
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).waiting);
});

test('a browser that takes files and keeps none is not said to work without a network', async t => {
  const server = await bareServer(() => small, { before: { 'sw.js': 'Cache.prototype.put = async () => {};\n' } });
  t.after(() => server.close());
  const page = await (await profile(t)).newPage();
  await page.goto(server.origin);
  await page.waitForFunction(() => crossOriginIsolated);
  await page.getByText('This browser window keeps no files for a visit without a network')
    .waitFor({ timeout: 120_000 });
  assert.equal(await page.getByText('Works without a network from now on.').count(), 0);
  // What comes instead is words, and no exception.
  await server.close();
  await page.reload();
  await page.getByText('Residua cannot be reached, and this device has not kept it yet.').waitFor();
});
