// The API in a page that Vite serves while it is written, and builds: with the lines of README.md, and without them.

import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { bareServer } from './bareserver.mjs';
import { baseline, launchBrowser, root, small } from './lib.mjs';
import { blockWith } from './readme.mjs';

const require = createRequire(join(root, 'web', 'test', 'vite', 'package.json'));
/** Vite is only where it has been installed, which the type checker need not know. @type {any} */
const vite = await import(pathToFileURL(require.resolve('vite')).href);

/** @type {Awaited<ReturnType<typeof launchBrowser>>} */
let browser;
/** @type {string} */
let folder;
/** What Vite is told. @type {Record<string, unknown>} */
let options;

before(async () => {
  browser = await launchBrowser({ args: [baseline] });
  folder = await mkdtemp(join(tmpdir(), 'residua-vite-'));
  options = { root: folder, base: '/mine/', configFile: false, logLevel: 'error', cacheDir: join(folder, 'cache') };
  await mkdir(join(folder, 'public', 'residua'), { recursive: true });
  const ofThePage = ['page', 'view', 'view.html', 'i18n'];
  for (const to of ['src/residua/static', 'public/residua/static']) {
    await cp(join(small, 'static'), join(folder, to), {
      recursive: true, filter: source => !ofThePage.includes(basename(source)),
    });
  }
  for (const name of ['models', 'samples']) await symlink(join(small, name), join(folder, 'public', 'residua', name));
  await writeFile(join(folder, 'index.html'), '<!doctype html><script type="module" src="/src/main.js"></script>');
});
after(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** The page's script: a beginning that loads net, and then a question. @param {string} begin */
const writeScript = begin => writeFile(join(folder, 'src', 'main.js'), `${begin}
const image = await (await fetch(import.meta.env.BASE_URL + 'residua/samples/dust-bowl-home.jpg')).blob();
window.best = (await net.classify(image)).predictions[0].label;
`);

/** What the page says of the photo, or what it fails with. @param {string} address */
async function ask(address) {
  const page = await browser.newPage();
  try {
    /** @type {Promise<string>} */
    const failed = new Promise(done => page.on('pageerror', error => done(error.message)));
    await page.goto(address);
    const best = page.waitForFunction(() => /** @type {any} */ (globalThis).best).then(handle => handle.jsonValue());
    return await Promise.race([best, failed]);
  } finally {
    await page.close();
  }
}

/** Builds the page, and asks it on a plain host. @param {import('node:test').TestContext} t */
async function askBuilt(t) {
  await vite.build({ ...options, build: { emptyOutDir: true } });
  const server = await bareServer(() => join(folder, 'dist'), { base: '/mine/' });
  t.after(() => server.close());
  return ask(`${server.origin}/mine/`);
}

test('a page that Vite has built answers', async t => {
  await writeScript(blockWith('Residua.base = ').code);
  assert.equal(await askBuilt(t), 'barn');
});

test('a page that Vite serves while it is written answers', async t => {
  await writeScript(blockWith('Residua.base = ').code);
  const server = await vite.createServer({ ...options, server: { host: '127.0.0.1', port: 0 } });
  t.after(() => server.close());
  await server.listen();
  assert.equal(await ask(server.resolvedUrls.local[0]), 'barn');
});

test('a page that does not say where the files are is told to', async t => {
  await writeScript(`import { Residua } from './residua/static/residua.js';\nconst net = await Residua.load();`);
  assert.match(String(await askBuilt(t)), /could not be loaded from .*engine\/worker\.js\. .*set Residua\.base/);
});
