// Without a network: after one visit everything works, on our own server and on one that knows no headers; a new version comes
// beside the old one and waits for a person.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { alp, barn } from './fixtures.mjs';
import { dist, launchBrowser, root, startServer } from './lib.mjs';
import { dropFiles, modelIsHere, readAnswer } from './person.mjs';

/** @type {Awaited<ReturnType<typeof launchBrowser>>} */
let browser;
before(async () => { browser = await launchBrowser(); });
after(() => browser.close());

const types = /** @type {Record<string, string>} */ ({
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
});

/**
 * The plainest of static hosts: files and their types, no header more.
 * @param {() => string} folder  looked up at each request
 * @param {{ base?: string, lose?: (path: string) => boolean, before?: Record<string, string> }} [options]
 *   base: the folder of the host that the site lies in; before: lines that a script begins with, by its path
 */
async function bareServer(folder, { base = '/', lose = () => false, before = {} } = {}) {
  /** @type {string[]} */
  const asked = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    asked.push(pathname);
    const path = pathname.startsWith(base) ? pathname.slice(base.length) || 'index.html' : '';
    const file = join(folder(), path);
    if (lose(path)) return void response.destroy();
    if (path === '' || !existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end('nothing here');
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    response.write(before[path] ?? '');
    createReadStream(file).pipe(response);
  });
  await new Promise(done => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise(done => server.close(done));
    },
  };
}

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

for (const host of ['our own server', 'a folder of a bare static server']) {
  test(`after one visit to ${host} everything works without it, with threads`, async t => {
    const base = host.startsWith('a folder') ? '/somewhere/residua/' : '/';
    const server = host === 'our own server' ? await startServer() : await bareServer(() => dist, { base });
    let open = true;
    t.after(() => open && server.close());
    const context = await profile(t);
    const page = await context.newPage();
    await page.goto(server.origin + base);
    await page.waitForFunction(() => crossOriginIsolated);
    await modelIsHere(page);
    await dropFiles(page, [barn]);
    await readAnswer(page, 'barn');
    await readyForOffline(page);
    assert.equal(await page.getByText('A new version of Residua is here').count(), 0, 'the first version is offered as a new one');
    await page.close();

    await server.close();
    open = false;
    const again = await context.newPage();
    await again.goto(server.origin + base);
    assert.equal(await isolated(again), true);
    await modelIsHere(again);
    await dropFiles(again, [alp]);
    await readAnswer(again, 'alp');
    await again.getByText(/ [2-9] threads/).first().waitFor();
    await again.getByRole('tab', { name: 'Look inside' }).click();
    await again.frameLocator('iframe').locator('canvas').first().waitFor();
    await again.getByRole('tab', { name: 'Teach' }).click();
    await again.getByRole('heading', { level: 2 }).first().waitFor();
    assert.ok(await again.evaluate(async () => (await fetch('starters/starters.json')).ok && (await fetch('samples/samples.json')).ok));
  });
}

test('a browser that takes files and keeps none is not said to work without a network', async t => {
  const server = await bareServer(() => dist, { before: { 'sw.js': 'Cache.prototype.put = async () => {};\n' } });
  t.after(() => server.close());
  const page = await (await profile(t)).newPage();
  await page.goto(server.origin);
  await page.waitForFunction(() => crossOriginIsolated);
  await page.getByText('This browser window keeps no files for a visit without a network').waitFor({ timeout: 120_000 });
  assert.equal(await page.getByText('Works without a network from now on.').count(), 0);
  // What comes instead is words, and no exception.
  await server.close();
  await page.reload();
  await page.getByText('Residua cannot be reached, and this device has not kept it yet.').waitFor();
});

test('what the network is asked for in every case: the API', async t => {
  const server = await bareServer(() => dist);
  t.after(() => server.close());
  const page = await (await profile(t)).newPage();
  await page.goto(server.origin);
  await page.waitForFunction(() => crossOriginIsolated);
  for (const _ of [1, 2]) await page.evaluate(() => fetch('api/health').catch(() => {}));
  assert.equal(server.asked.filter(path => path === '/api/health').length, 2);
  const kept = await page.evaluate(async () => Promise.all((await caches.keys()).map(async name => (await (await caches.open(name)).keys()).map(({ url }) => url))));
  assert.deepEqual(kept.flat().filter(url => url.includes('/api/')), []);
});

test('a new version waits for a person, and one that is not whole never comes', async t => {
  const next = await mkdtemp(join(tmpdir(), 'residua-next-'));
  t.after(() => rm(next, { recursive: true, force: true }));
  await cp(join(dist, 'static'), join(next, 'static'), { recursive: true });
  const text = await readFile(join(dist, 'index.html'), 'utf8');
  await writeFile(join(next, 'index.html'), text.replace('<body>', '<body data-version="next">'));
  await promisify(execFile)('go', ['run', './web/offline', next, join(dist, 'samples'), join(dist, 'starters')], { cwd: root });

  for (const name of ['models', 'samples', 'starters']) await symlink(join(dist, name), join(next, name));

  let folder = dist;
  let losing = false;
  const server = await bareServer(() => folder, { lose: path => losing && path === 'index.html' });
  t.after(() => server.close());
  const context = await profile(t);
  const page = await context.newPage();
  await page.goto(server.origin);
  await page.waitForFunction(() => crossOriginIsolated);
  await readyForOffline(page);
  await dropFiles(page, [barn]);
  await readAnswer(page, 'barn');
  const update = () => page.evaluate(async () => (await navigator.serviceWorker.ready).update().then(() => true, () => false));
  const version = () => page.evaluate(() => document.body.dataset.version);

  folder = next;
  losing = true; // the new page cannot be had
  await update();
  await page.waitForFunction(async () => !(await navigator.serviceWorker.ready).installing);
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting), null);
  const offer = page.getByRole('button', { name: 'Use it now' });
  assert.equal(await offer.isVisible(), false);

  losing = false;
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

test('it can be installed', async t => {
  const server = await startServer();
  t.after(() => server.close());
  const page = await (await profile(t)).newPage();
  await page.goto(server.origin);
  await modelIsHere(page);
  const session = await page.context().newCDPSession(page);
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

test('the models can be deleted, and come again', async t => {
  const server = await startServer();
  t.after(() => server.close());
  const context = await profile(t);
  const page = await context.newPage();
  await page.goto(server.origin);
  await modelIsHere(page);
  await readyForOffline(page);
  await page.getByText(/Kept on this device: \d+/).click();
  await page.getByText(/Of this, 5\d MB are downloaded models/).waitFor();
  await page.getByRole('button', { name: 'Delete downloaded models' }).click();
  await page.getByText('The downloaded models are deleted.').first().waitFor();
  assert.equal(await page.evaluate(async () => caches.has('residua-models-1')), false);
  await dropFiles(page, [barn]);
  await readAnswer(page, 'barn');
  await page.reload();
  await modelIsHere(page);
  assert.equal(await page.evaluate(async () => caches.has('residua-models-1')), true);
});
