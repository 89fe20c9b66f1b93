// What goes wrong on the model's way into the browser: it is cut off, spoiled, missing. Nothing wrong is ever kept, and
// what is right is.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { barn } from '../fixtures.mjs';
import { clickSample, dropFiles, modelIsHere, readAnswer } from '../person.mjs';
import { isShard, proxy, site, visit } from './harness.mjs';

const region = { name: 'The model' };

test('a photo that waits can be taken back', async t => {
  proxy.setFault(path => (isShard(path) ? 'hold' : 'pass'));
  const page = await visit(t);
  await dropFiles(page, [barn]);
  await page.getByText('dust-bowl-home.jpg is first in line.').waitFor();
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Drop a photo here' }).waitFor();
  proxy.release();
  await modelIsHere(page);
  // Answers come in the order of the questions: one to the first photo would come before this.
  await clickSample(page, 'Alpine');
  await readAnswer(page, 'alp');
  assert.equal(await page.getByRole('region', { name: 'This session' }).count(), 0, 'it was answered all the same');
});

/**
 * @param {string} name
 * @param {(path: string) => import('../proxy.mjs').Fault} fault
 * @param {RegExp} cause
 * @param {RegExp} cure
 */
function faultTest(name, fault, cause, cure) {
  test(`${name}: a message, nothing wrong kept, and Try again works`, async t => {
    proxy.setFault(fault);
    const page = await visit(t);
    await dropFiles(page, [barn]);
    const model = page.getByRole('region', region);
    const retry = model.getByRole('button', { name: 'Try again' });
    await retry.waitFor({ timeout: 60_000 });
    const words = await model.innerText();
    assert.match(words, cause);
    assert.match(words, cure);
    await assertOnlyGoodShardsKept(page);
    // The photo is still there, in line, and is answered as soon as the fault is gone.
    await page.getByText('dust-bowl-home.jpg is waiting.').waitFor();
    proxy.release();
    await retry.click();
    assert.equal((await readAnswer(page))[0].label, 'barn');
    await assertOnlyGoodShardsKept(page);
  });
}

/** @param {import('playwright-core').Page} page */
async function assertOnlyGoodShardsKept(page) {
  /** @type {{ shards: { name: string, sha256: string }[] }} */
  const manifest = JSON.parse(await readFile(join(site, 'models', 'resnet50', 'manifest.json'), 'utf8'));
  const kept = await page.evaluate(async () => {
    /** @type {[string, string][]} */
    const found = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const body = await (await cache.match(request))?.arrayBuffer();
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body ?? new ArrayBuffer(0)));
        found.push([request.url, [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('')]);
      }
    }
    return found;
  });
  for (const [url, digest] of kept.filter(([url]) => isShard(url))) {
    const shard = manifest.shards.find(({ name }) => url.endsWith(`/${name}`));
    assert.equal(digest, shard?.sha256, `${url} is kept with wrong bytes`);
  }
}

const isEngine = (/** @type {string} */ path) => /\/engine\w*\.wasm$/.test(path);
const third = (/** @type {string} */ path) => isShard(path) && path.includes('-03-');

faultTest('a missing shard', path => (third(path) ? 404 : 'pass'),
  /answered 404 for resnet50-03-\S+\.bin/, /Try again in a moment/);
faultTest('a flipped byte in a shard', path => (third(path) ? 'flip' : 'pass'),
  /resnet50-03-\S+\.bin arrived damaged/, /Try again: only good files are kept/);
faultTest('a connection that breaks', path => (third(path) ? 'cut' : 'pass'),
  /could not be fetched: the connection broke off/, /Check that this device is online/);
faultTest('no network on the first visit', path => (path.startsWith('/models/') ? 'cut' : 'pass'),
  /the connection broke off, or there is none/, /Check that this device is online/);
faultTest('a missing engine', path => (isEngine(path) ? 404 : 'pass'),
  /answered 404 for engine\w*\.wasm/, /Try again in a moment/);

test('an engine that cannot start says so, and a new photo starts another', async t => {
  proxy.setFault(path => (isEngine(path) ? 'half' : 'pass'));
  const page = await visit(t);
  await page.getByRole('region', region).getByRole('button', { name: 'Try again' }).waitFor({ timeout: 60_000 });
  proxy.release();
  await dropFiles(page, [barn]);
  assert.equal((await readAnswer(page))[0].label, 'barn');
});

test('nothing is said before the words are here, and then in the language of the page', async t => {
  const isWords = (/** @type {string} */ path) => path.endsWith('/i18n/zh.json');
  proxy.setFault(path => (isEngine(path) ? 404 : isWords(path) ? 'hold' : 'pass'));
  const page = await visit(t, {
    path: '/#share=0123456789abcdef0123456789ab', // four characters are cut off
    locale: 'zh-CN',
    before: context => context.addInitScript(() => {
      // All that is seen of the page, frame by frame.
      const seen = /** @type {any} */ (globalThis).seen = new Set();
      const look = () => {
        for (const line of document.body?.innerText.split('\n') ?? []) seen.add(line.trim());
        requestAnimationFrame(look);
      };
      look();
    }),
  });
  await page.locator('[data-i18n*="error.http"]').first().waitFor({ state: 'attached' }); // the engine has failed
  proxy.release();
  await page.getByRole('dialog').getByText(/^这个链接指向的内容不存在，或者已经过期/).waitFor();
  await page.getByText(/^服务器对 engine\w*\.wasm 返回了 404/).first().waitFor();
  const seen = await page.evaluate(() => [.../** @type {any} */ (globalThis).seen]);
  const english = seen.filter(line => /\b(wrong|reload|link|shared?|server|again)\b/i.test(line));
  assert.deepEqual(english, [], 'English in a Chinese page');
});

test('where the words do not come at all, what went wrong is said in English', async t => {
  proxy.setFault(path => (isEngine(path) ? 404 : path.includes('/i18n/') ? 'cut' : 'pass'));
  const page = await visit(t, { locale: 'zh-CN' });
  await page.getByText(/^The server answered 404 for engine\w*\.wasm, a part of Residua\./).first().waitFor();
});

test('when the connection comes back, so does the download', async t => {
  proxy.setFault(path => (path.startsWith('/models/') ? 'cut' : 'pass'));
  const page = await visit(t);
  await page.getByRole('region', region).getByRole('button', { name: 'Try again' }).waitFor({ timeout: 60_000 });
  await page.context().setOffline(true);
  proxy.release();
  await page.context().setOffline(false);
  await modelIsHere(page);
});

test('who saves data is asked first', async t => {
  const page = await visit(t, {
    before: context => context.addInitScript(() => {
      Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
    }),
  });
  const model = page.getByRole('region', region);
  await model.getByText('Data saver is on. Which model shall come? With your first photo it is the small one.')
    .waitFor();
  await page.waitForLoadState('networkidle');
  assert.deepEqual(proxy.asked.filter(path => /models\/|samples|engine/.test(path)), []);
  await dropFiles(page, [barn]);
  assert.equal((await readAnswer(page))[0].label, 'barn');
  assert.ok(proxy.asked.filter(isShard).every(path => path.includes('int8')));
});

test('the second visit fetches no shard', async t => {
  const page = await visit(t);
  await modelIsHere(page);
  proxy.forget();
  await page.reload();
  await modelIsHere(page);
  assert.deepEqual(proxy.asked.filter(isShard), []);
});
