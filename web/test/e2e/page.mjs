// The page itself: quick, calm under load, usable by everybody, in two languages and two themes.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { badInputs, barn } from '../fixtures.mjs';
import { clickSample, dropFiles, messages, modelIsHere, readAnswer } from '../person.mjs';
import { isShard, proxy, scratch, visit } from './harness.mjs';

const axeSource = await readFile(join(createRequire(import.meta.url).resolve('axe-core'), '..', 'axe.min.js'), 'utf8');

/**
 * @param {import('playwright-core').Page} page
 * @param {string} state for the message
 */
async function assertAccessible(page, state) {
  await page.waitForTimeout(700); // colours are judged when nothing moves any more
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const result = await /** @type {any} */ (globalThis).axe.run(document);
    return result.violations.map((/** @type {any} */ { id, impact, nodes }) => `${impact} ${id}: ${nodes.map((/** @type {any} */ node) => node.html).join(' ')}`);
  });
  assert.deepEqual(violations, [], state);
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    test(`accessible when empty, loading, answered and in error: ${colorScheme}, ${viewport.width} pixels wide`, async t => {
      proxy.setFault(path => (isShard(path) && !path.includes('-00-') ? 'hold' : 'pass'));
      const page = await visit(t, { colorScheme, viewport });
      await page.getByText('Getting the model: 8 of 51 MB').waitFor({ timeout: 60_000 });
      await assertAccessible(page, 'loading');
      proxy.release();
      await modelIsHere(page);
      await assertAccessible(page, 'empty');
      await clickSample(page, 'Dust Bowl');
      await clickSample(page, 'Alpine');
      await readAnswer(page, 'alp');
      await clickSample(page, 'Dust Bowl');
      await readAnswer(page, 'barn');
      await assertAccessible(page, 'answered');
      const [empty] = await badInputs(scratch);
      await dropFiles(page, [empty.file]);
      await messages(page).filter({ hasText: empty.cause }).waitFor();
      await assertAccessible(page, 'error');
    });
  }
}

test('the page stays responsive while the model loads and computes', async t => {
  const observed = () => visit(t, {
    before: context => context.addInitScript(() => {
      const long = /** @type {any} */ (globalThis).longTasks = /** @type {number[]} */ ([]);
      new PerformanceObserver(list => list.getEntries().forEach(entry => long.push(entry.duration))).observe({ entryTypes: ['longtask'] });
    }),
  });
  /** Tasks of more than 50 ms on the main thread since the last call. @param {import('playwright-core').Page} page */
  const longTasks = async page => {
    await page.waitForTimeout(100);
    return page.evaluate(() => /** @type {any} */ (globalThis).longTasks.splice(0));
  };
  // Another program may take the processor away for a moment, so the best of three counts, here and below.
  let page = await observed();
  const loading = [];
  for (;;) {
    await modelIsHere(page);
    loading.push(Math.max(0, ...await longTasks(page)));
    // Parsing the page may take that long; unpacking a model here would be seconds.
    if (Math.min(...loading) < 200 || loading.length === 3) break;
    await page.close();
    page = await observed();
  }
  assert.ok(Math.min(...loading) < 200, `while loading: ${loading}`);
  const rounds = [];
  for (const title of ['Dust Bowl', 'Alpine', 'Dust Bowl']) {
    await clickSample(page, title);
    await readAnswer(page, title === 'Alpine' ? 'alp' : 'barn');
    rounds.push(await longTasks(page));
  }
  assert.ok(rounds.some(round => round.length === 0), `while computing: ${JSON.stringify(rounds)}`);
});

test('the drop zone is there before anything of the engine is', async t => {
  proxy.setFault(path => (/engine|\/models\/|samples/.test(path) ? 'hold' : 'pass'));
  const page = await visit(t);
  await page.getByRole('button', { name: 'Drop a photo here' }).waitFor();
  await dropFiles(page, [barn]);
  await page.getByRole('img', { name: 'Your photo dust-bowl-home.jpg' }).waitFor();
  proxy.release();
  await readAnswer(page, 'barn');
});

test('Chinese: by the browser\'s language, by the switch, and remembered', async t => {
  const page = await visit(t, { locale: 'zh-CN' });
  await page.getByRole('heading', { name: '这是什么？' }).waitFor();
  await page.getByRole('region', { name: '模型' }).getByText('模型已就绪').waitFor({ timeout: 120_000 });
  await dropFiles(page, [barn]);
  const best = page.getByRole('list', { name: '这是什么？' }).getByRole('listitem').first();
  await best.filter({ hasText: 'barn' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'English' }).click();
  assert.equal((await readAnswer(page))[0].label, 'barn');
  await page.getByText('nothing left this device').waitFor();
  assert.equal(await page.getByText(/[\u4e00-\u9fff]/).count(), 1, 'only the switch itself is in Chinese');
  await page.reload();
  await page.getByRole('heading', { name: 'What is it?' }).waitFor();
});

test('the theme: the device\'s, light, dark, and remembered', async t => {
  const page = await visit(t, { colorScheme: 'dark' });
  /** @param {'light' | 'dark'} theme */
  const shows = theme => page.waitForFunction(colour => getComputedStyle(document.body).backgroundColor === colour,
    theme === 'dark' ? 'rgb(19, 20, 18)' : 'rgb(247, 246, 243)', { timeout: 2000 });
  await shows('dark');
  await page.getByRole('button', { name: 'Theme: as the device has it' }).click();
  await shows('light');
  await page.reload();
  await shows('light');
  await page.getByRole('button', { name: 'Theme: light' }).click();
  await shows('dark');
  await page.getByRole('button', { name: 'Theme: dark' }).click();
  // As the device has it again, and at once when that changes.
  await page.emulateMedia({ colorScheme: 'light' });
  await shows('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shows('dark');
});

test('without storage for its settings the page works', async t => {
  const page = await visit(t, {
    before: context => context.addInitScript(() => {
      Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } });
    }),
  });
  await dropFiles(page, [barn]);
  assert.equal((await readAnswer(page))[0].label, 'barn');
  await page.getByRole('button', { name: /Theme/ }).click();
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('heading', { name: '这是什么？' }).waitFor();
});

test('the whole photo is shown, with the square that the model sees', async t => {
  const page = await visit(t);
  await modelIsHere(page);
  await dropFiles(page, [barn]);
  const photo = await page.getByRole('img', { name: 'Your photo dust-bowl-home.jpg' }).boundingBox();
  const square = await page.locator('.seen').boundingBox();
  assert.ok(photo && square);
  assert.ok(Math.abs(photo.width / photo.height - 1024 / 788) < 0.01, 'the photo is cut or bent');
  assert.ok(Math.abs(square.width - square.height) < 1.5, 'the square is none');
  assert.ok(Math.abs(square.height / photo.height - 224 / 256) < 0.01, 'the square is not 224 of 256');
  assert.ok(Math.abs(square.x + square.width / 2 - (photo.x + photo.width / 2)) < 1.5, 'the square is not in the middle');
  const toggle = page.getByRole('button', { name: 'What it sees' });
  await toggle.click();
  assert.equal(await toggle.getAttribute('aria-pressed'), 'true');
});
