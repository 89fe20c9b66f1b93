// The page itself: quick, calm under load, usable by everybody, in two languages and two themes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badInputs, barn } from '../fixtures.mjs';
import { latinOn } from '../latin.mjs';
import { clickSample, dropFiles, messages, modelIsHere, readAnswer } from '../person.mjs';
import { assertAccessible } from './accessible.mjs';
import { isShard, proxy, scratch, sharedPage, visit } from './harness.mjs';

test('accessible when loading, empty, answered and in error, in both themes, on a desktop and on a phone', async t => {
  proxy.setFault(path => (isShard(path) && !path.includes('-00-') ? 'hold' : 'pass'));
  const page = await visit(t);
  await page.getByRole('region', { name: 'The model' }).getByText(/^Getting the model: /).waitFor();
  await assertAccessible(page, 'loading');
  proxy.release();
  await modelIsHere(page);
  await assertAccessible(page, 'empty');
  await clickSample(page, 'Dust Bowl');
  await readAnswer(page, 'barn');
  await clickSample(page, 'Alpine');
  await readAnswer(page, 'alp');
  await assertAccessible(page, 'answered');
  const [empty] = await badInputs(scratch);
  await dropFiles(page, [empty.file]);
  await messages(page).filter({ hasText: empty.cause }).waitFor();
  await assertAccessible(page, 'error');
});

const shared = sharedPage({
  before: context => context.addInitScript(() => {
    // What the page's own thread does of what is a worker's. The canvas of Look inside has a document of its own.
    const done = /** @type {any} */ (globalThis).doneHere = /** @type {string[]} */ ([]);
    for (const name of /** @type {const} */ (['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming'])) {
      const real = /** @type {any} */ (WebAssembly)[name];
      /** @type {any} */ (WebAssembly)[name] = (/** @type {any[]} */ ...args) => {
        done.push(`WebAssembly.${name}`);
        return real.apply(WebAssembly, args);
      };
    }
    const { fetch } = globalThis;
    globalThis.fetch = (...args) => {
      const address = args[0] instanceof Request ? args[0].url : String(args[0]);
      if (address.endsWith('.bin')) done.push(`fetch of ${address}`);
      return fetch(...args);
    };
  }),
});

test('the page\'s own thread neither brings the model nor computes', async t => {
  const page = await shared(t);
  await clickSample(page, 'Dust Bowl');
  await readAnswer(page, 'barn');
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).doneHere), []);
});

test('the drop zone is there before anything of the engine is', async t => {
  proxy.setFault(path => (/engine|\/models\/|samples/.test(path) ? 'hold' : 'pass'));
  const page = await visit(t);
  await page.getByRole('button', { name: 'Drop a photo here' }).waitFor();
  await page.getByText('What is in your photo? Ask an AI, look inside it, teach it.').waitFor();
  await dropFiles(page, [barn]);
  await page.getByRole('img', { name: 'Your photo dust-bowl-home.jpg' }).waitFor();
  proxy.release();
  await readAnswer(page, 'barn');
});

test('Chinese: by the browser\'s language, by the switch, and remembered', async t => {
  proxy.setFault(path => (path.endsWith('/imagenet-zh.json') ? 'hold' : 'pass'));
  const page = await visit(t, { locale: 'zh-CN' });
  await page.getByRole('heading', { name: '这是什么？' }).waitFor();
  await page.getByRole('button', { name: '示例：阿尔卑斯山风景' }).waitFor();
  await dropFiles(page, [barn]);
  const best = page.getByRole('list', { name: '这是什么？' }).getByRole('listitem').first();
  await best.filter({ hasText: /^barn / }).waitFor({ timeout: 120_000 });
  proxy.release();
  await best.filter({ hasText: /^谷仓 barn / }).waitFor(); // the names came late
  await page.getByText(/得出答案 · 没有任何数据离开这台设备$/).click();
  // No room is left with English in it.
  assert.deepEqual(await latinOn(page), []);
  const purpose = page.getByText('照片里是什么？ 问问 AI，看看它的内部，再教它认新东西。');
  await purpose.waitFor();
  for (const [tab, heading] of [['看看里面', '穿过网络的路'], ['教它', '教它认识你的类别'], ['残差实验室', '残差实验室']]) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('heading', { name: heading, exact: true }).waitFor();
    if (tab === '看看里面') await page.getByRole('rowheader', { name: '第 4 阶段，第 3 块' }).waitFor();
    assert.deepEqual(await latinOn(page), [], tab);
    assert.equal(await purpose.isVisible(), false, `${tab} says what it is for itself`);
  }
  await page.getByRole('tab', { name: '识别' }).click();
  await page.getByRole('button', { name: 'English' }).click();
  assert.equal((await readAnswer(page))[0].label, 'barn');
  const sample = page.getByRole('button', { name: 'Sample: Alpine Landscape' });
  assert.equal(await sample.getAttribute('title'), 'Alpine Landscape');
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
      Object.defineProperty(globalThis, 'localStorage', {
        get() { throw new DOMException('denied', 'SecurityError'); },
      });
    }),
  });
  await dropFiles(page, [barn]);
  assert.equal((await readAnswer(page))[0].label, 'barn');
  await page.getByRole('button', { name: /Theme/ }).click();
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('heading', { name: '这是什么？' }).waitFor();
});

test('the whole photo is shown, with the square that the model sees', async t => {
  const page = await shared(t);
  await dropFiles(page, [barn]);
  const photo = await page.getByRole('img', { name: 'Your photo dust-bowl-home.jpg' }).boundingBox();
  const square = await page.locator('#photo .seen').boundingBox();
  assert.ok(photo && square);
  assert.ok(Math.abs(photo.width / photo.height - 1024 / 788) < 0.01, 'the photo is cut or bent');
  assert.ok(Math.abs(square.width - square.height) < 1.5, 'the square is none');
  assert.ok(Math.abs(square.height / photo.height - 224 / 256) < 0.01, 'the square is not 224 of 256');
  assert.ok(Math.abs(square.x + square.width / 2 - (photo.x + photo.width / 2)) < 1.5,
    'the square is not in the middle');
  const toggle = page.getByRole('button', { name: 'What it sees' });
  await toggle.click();
  assert.equal(await toggle.getAttribute('aria-pressed'), 'true');
});
