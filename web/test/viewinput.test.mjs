// The view in Chromium, in a page of its own with a sample trace: what it answers to, and that it always comes back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences, open, same } from './view/open.mjs';
import { heard, loseContext, next, wordsOf } from './view/page.mjs';
import { inside, settled } from './view/settled.mjs';
import { golden } from './view/site.mjs';

test('a lost WebGL context brings the view back with the same content, again and again', async t => {
  const page = await open(t, { map: 'magma' });
  await page.evaluate(() => /** @type {any} */ (globalThis).lab.send('sweep'));
  const before = await settled(page);
  const words = await wordsOf(page);
  assert.match(words, /Stage 4 of 2,048/);
  for (let i = 1; i <= 5; i++) {
    const ready = next(page, 'ready');
    await loseContext(page);
    assert.deepEqual(await ready, { kind: 'ready', renderer: 'webgl', reloads: i });
    assert.ok(await settled(page) === before, `after ${i} losses the page looks different`);
    assert.equal(await wordsOf(page), words);
  }
});

test('a context that is lost again and again before there is a picture gives way to the 2D canvas', async t => {
  // Ebitengine does not live through the loss of a context that it is still preparing.
  const page = await open(t, {}, { mayThrow: /Go program has already exited|panic|goroutine|exit code/ });
  await page.evaluate(() => {
    // Every next document of the view loses its context as soon as Ebitengine has it.
    const frame = /** @type {HTMLIFrameElement} */ (document.querySelector('iframe'));
    addEventListener('message', ({ data }) => {
      const inner = /** @type {any} */ (frame.contentWindow);
      if (data?.kind !== 'view-ready') return;
      const real = inner.HTMLCanvasElement.prototype.getContext;
      /** @this {HTMLCanvasElement} @param {any[]} args */
      inner.HTMLCanvasElement.prototype.getContext = function (...args) {
        const context = real.apply(this, args);
        if (args[0] === 'webgl2' && this.isConnected) context.getExtension('WEBGL_lose_context').loseContext();
        return context;
      };
    });
  });
  const ready = next(page, 'ready');
  await loseContext(page);
  const { renderer } = await ready;
  assert.equal(renderer, '2d');
  await settled(page);
  assert.deepEqual(await differences(page, await golden('network-desktop')), same);
});

test('bytes that are no message are refused, and the view stays', async t => {
  const page = await open(t);
  const failed = next(page, 'failed');
  await page.evaluate(() => /** @type {any} */ (globalThis).lab.post(new Uint8Array([1, 1, 0, 0]).buffer));
  assert.match((await failed).reason, /too short/);
  await settled(page);
  assert.deepEqual(await differences(page, await golden('network-desktop')), same);
});

test('the keyboard alone comes in, moves, selects, zooms and leaves', async t => {
  const page = await open(t);
  const focus = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName);
  await page.focus('#before');
  await page.keyboard.press('Tab');
  assert.equal(await focus(), 'IFRAME');
  assert.equal(await inside(page).evaluate(() => document.activeElement?.id), 'stage');
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
  await heard(page, { kind: 'hover', part: 'block', block: 0 });
  await settled(page);
  assert.match(await inside(page).getByRole('status').innerText(), /1\.1 adds \d\.\d\d/);
  await page.keyboard.press('Enter');
  await heard(page, { kind: 'click', part: 'block', block: 0 });
  await page.keyboard.press('+');
  await settled(page);
  assert.notDeepEqual(await differences(page, await golden('network-desktop')), same);
  await page.keyboard.press('Escape');
  await heard(page, { kind: 'back' });
  await page.keyboard.press('Tab');
  assert.equal(await focus(), 'after');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focus(), 'IFRAME');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focus(), 'before');
});

test('the wheel scrolls the page until a click, and two fingers zoom', async t => {
  const page = await open(t, {}, { hasTouch: true });
  const scrolled = () => page.evaluate(() => scrollY);
  await page.mouse.move(300, 300);
  await page.mouse.wheel(0, 100);
  await page.waitForFunction(() => scrollY > 0);
  await page.mouse.wheel(0, -200);
  await page.waitForFunction(() => scrollY === 0);
  await page.mouse.click(300, 300);
  await page.mouse.wheel(0, -300);
  await settled(page);
  assert.equal(await scrolled(), 0);
  assert.notDeepEqual(await differences(page, await golden('network-desktop')), same);
  await page.keyboard.press('0');

  const session = await page.context().newCDPSession(page);
  /** @param {'touchStart' | 'touchMove' | 'touchEnd'} type @param {number[][]} points */
  const touch = (type, points) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  const touchAreas = () => inside(page).evaluate(() => document.querySelectorAll('.touch-area').length);
  await settled(page);
  assert.equal(await touchAreas(), 0);
  await touch('touchStart', [[400, 400], [500, 400]]);
  for (let d = 10; d <= 100; d += 10) await touch('touchMove', [[400 - d, 400], [500 + d, 400]]);
  await touch('touchEnd', []);
  await settled(page);
  assert.equal(await touchAreas(), 1, 'enlarged, the network is moved by a finger');
  assert.equal(await page.evaluate(() => visualViewport?.scale), 1, 'the page is not enlarged');
});

test('files that are dropped on the view go to the page', async t => {
  const page = await open(t);
  await inside(page).evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'barn.jpg', { type: 'image/jpeg' }));
    const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
    document.getElementById('stage')?.dispatchEvent(drop);
  });
  await heard(page, { kind: 'files' });
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).lab.events.at(-1).files[0].name), 'barn.jpg');
});
