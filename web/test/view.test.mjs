// The view in Chromium, in a page of its own with a sample trace: what it shows, what it answers to, and that it always comes back.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { launchBrowser } from './lib.mjs';
import { firstState, golden, size, startSite } from './view/site.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../static/zproto.js').ViewState} ViewState */

/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;
/** With WebGL 2, by software. @type {Awaited<ReturnType<typeof launchBrowser>>} */
let browser;
/** Without any WebGL. @type {Awaited<ReturnType<typeof launchBrowser>>} */
let plainBrowser;

before(async () => {
  [site, browser, plainBrowser] = await Promise.all([
    startSite(),
    launchBrowser(),
    launchBrowser({ args: ['--disable-gpu', '--disable-3d-apis'] }),
  ]);
});

after(async () => {
  await browser?.close();
  await plainBrowser?.close();
  await site?.close();
});

/**
 * Opens the page and waits until the view shows the trace. A script that throws, or a broken rule of the page, fails the test.
 * @param {import('node:test').TestContext} t
 * @param {Partial<ViewState>} [state]
 * @param {{ plain?: boolean, mayThrow?: RegExp } & import('playwright-core').BrowserContextOptions} [options] mayThrow: what is no fault here
 */
async function open(t, state = {}, { plain = false, mayThrow, ...options } = {}) {
  const context = await (plain ? plainBrowser : browser).newContext({ viewport: size, ...options });
  /** @type {string[]} */
  const faults = [];
  context.on('weberror', error => faults.push(`thrown: ${error.error()}`));
  context.on('console', message => {
    if (message.type() === 'error' || /Content Security Policy|TrustedScript/.test(message.text())) faults.push(message.text());
  });
  const page = await context.newPage();
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults.filter(fault => !mayThrow?.test(fault)), []);
  });
  await page.goto(`${site.origin}/`);
  const ready = await page.evaluate(async first => {
    const { lab } = /** @type {any} */ (globalThis);
    const ready = lab.next('ready');
    lab.view.setState(first);
    await lab.send('overview');
    return ready;
  }, { ...firstState, ...state });
  assert.deepEqual(ready, { kind: 'ready', renderer: plain ? '2d' : 'webgl', reloads: 0 });
  await settled(page);
  return page;
}

/** The document of the view. @param {Page} page */
function inside(page) {
  const frame = page.frames().find(frame => frame.url().endsWith('/static/view.html'));
  assert.ok(frame, 'the page has no view');
  return frame;
}

/** @param {Page} page */
const frames = page => inside(page).evaluate(() => /** @type {any} */ (globalThis).residuaView.frames);

/** Waits until the view has painted what it was told, and nothing more comes. @param {Page} page */
async function settled(page) {
  const state = () => inside(page).evaluate(() => {
    const { frames, waits } = /** @type {any} */ (globalThis).residuaView;
    return { frames, waits };
  });
  for (let last = -1; ;) {
    await page.waitForTimeout(200);
    const { frames, waits } = await state();
    if (frames === last && !waits) return;
    last = frames;
  }
}

/** Waits for an event of the view. @param {Page} page @param {Record<string, unknown>} want some of its properties */
const heard = (page, want) => page.waitForFunction(
  want => /** @type {any} */ (globalThis).lab.events.some((/** @type {any} */ e) => Object.entries(want).every(([k, v]) => e[k] === v)), want, { timeout: 10_000 });

/**
 * How the canvas on the screen differs from a picture: the number of pixels, and the first of them. Words are left out.
 * @param {Page} page
 * @param {string} picture a URL
 */
async function differences(page, picture) {
  const hide = (/** @type {boolean} */ hidden) => inside(page).evaluate(value => {
    for (const id of ['labels', 'tips']) /** @type {HTMLElement} */ (document.getElementById(id)).hidden = value;
  }, hidden);
  await hide(true);
  const shot = `data:image/png;base64,${(await page.screenshot()).toString('base64')}`;
  await hide(false);
  return page.evaluate(async ([a, b]) => {
    const [got, want] = await Promise.all([a, b].map(async url => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.drawImage(image, 0, 0);
      return { width: image.width, height: image.height, data: context.getImageData(0, 0, image.width, image.height).data };
    }));
    if (got.width !== want.width || got.height !== want.height) return { wrong: -1, first: `${got.width}×${got.height} instead of ${want.width}×${want.height}` };
    let wrong = 0;
    let first = '';
    for (let i = 0; i < want.data.length; i += 4) {
      if (got.data[i] === want.data[i] && got.data[i + 1] === want.data[i + 1] && got.data[i + 2] === want.data[i + 2]) continue;
      if (wrong++ === 0) first = `${i / 4 % want.width}, ${Math.floor(i / 4 / want.width)}`;
    }
    return { wrong, first };
  }, [shot, picture]);
}

const same = { wrong: 0, first: '' };

for (const plain of [false, true]) {
  const name = plain ? 'without WebGL 2, on a 2D canvas,' : 'with WebGL 2';

  test(`${name} the network is painted to the pixel`, async t => {
    const page = await open(t, {}, { plain });
    assert.deepEqual(await differences(page, await golden('network-desktop')), same);
  });

  test(`${name} the picture follows the page's size`, async t => {
    const page = await open(t, {}, { plain });
    await page.setViewportSize({ width: 390, height: 844 });
    await settled(page);
    assert.deepEqual(await differences(page, await golden('network-phone')), same);
  });

  test(`${name} a block's channels come on demand, and follow the pointer`, async t => {
    const page = await open(t, { scene: 'block', block: 4, channel: 185 }, { plain });
    const [x, y] = [616, 389]; // in the second tensor's window, as in the golden picture
    await page.mouse.move(x, y);
    await heard(page, { kind: 'hover', part: 'channel', tensor: 'f', block: 4 });
    await settled(page);
    assert.deepEqual(await differences(page, await golden('block-desktop')), same);
  });

  test(`${name} the page enlarges the picture by steps, and is told when there are no more`, async t => {
    const page = await open(t, {}, { plain });
    const zoom = (/** @type {number} */ steps) => page.evaluate(steps => /** @type {any} */ (globalThis).lab.view.zoom(steps), steps);
    await heard(page, { kind: 'zoomed', smaller: false, larger: true });
    await zoom(1);
    await heard(page, { kind: 'zoomed', smaller: true, larger: true });
    await settled(page);
    assert.notDeepEqual(await differences(page, await golden('network-desktop')), same);
    await zoom(10);
    await heard(page, { kind: 'zoomed', smaller: true, larger: false });
    await zoom(0);
    await settled(page);
    assert.deepEqual(await differences(page, await golden('network-desktop')), same);
    assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).lab.events.at(-1)), { kind: 'zoomed', smaller: false, larger: true });
  });

  test(`${name} the pixels of a fine screen are the device's`, async t => {
    const page = await open(t, { scene: 'filters' }, { plain, viewport: { width: 240, height: 240 }, deviceScaleFactor: 2 });
    assert.deepEqual(await differences(page, await golden('filters')), same);
  });
}

test('an idle view paints nothing', async t => {
  const page = await open(t);
  await page.mouse.move(300, 300);
  await settled(page);
  const before = await frames(page);
  await page.waitForTimeout(2000);
  assert.equal(await frames(page), before);
  await page.mouse.move(700, 300);
  await settled(page);
  assert.ok(await frames(page) > before, 'the pointer wakes it');
});

test('a lost WebGL context brings the view back within 3 s with the same content, 50 times of 50', async t => {
  const page = await open(t, { map: 'magma' });
  await page.evaluate(() => /** @type {any} */ (globalThis).lab.send('sweep'));
  await settled(page);
  const before = `data:image/png;base64,${(await page.screenshot()).toString('base64')}`;
  const words = await inside(page).evaluate(() => document.getElementById('labels')?.innerText);
  assert.match(words ?? '', /Stage 4 of 2,048/);
  const times = [];
  for (let i = 1; i <= 50; i++) {
    const ready = page.evaluate(() => /** @type {any} */ (globalThis).lab.next('ready'));
    const began = performance.now();
    await inside(page).evaluate(() => document.querySelector('canvas')?.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext());
    const event = await ready;
    times.push(performance.now() - began);
    assert.deepEqual(event, { kind: 'ready', renderer: 'webgl', reloads: i });
    await settled(page);
    assert.equal(await inside(page).evaluate(() => document.getElementById('labels')?.innerText), words);
    const now = `data:image/png;base64,${(await page.screenshot()).toString('base64')}`;
    if (now !== before) assert.fail(`after ${i} losses the page looks different`);
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`back after ${times[25].toFixed(0)} ms in the median, ${times[49].toFixed(0)} ms at most`);
  assert.ok(times[49] <= 3000, `it took ${times.map(time => time.toFixed(0))} ms`);
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
      inner.HTMLCanvasElement.prototype.getContext = /** @this {HTMLCanvasElement} @param {any[]} args */ function (...args) {
        const context = real.apply(this, args);
        if (args[0] === 'webgl2' && this.isConnected) context.getExtension('WEBGL_lose_context').loseContext();
        return context;
      };
    });
  });
  const ready = page.evaluate(() => /** @type {any} */ (globalThis).lab.next('ready'));
  await inside(page).evaluate(() => document.querySelector('canvas')?.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext());
  const { renderer } = await ready;
  assert.equal(renderer, '2d');
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
  assert.match(await inside(page).evaluate(() => document.getElementById('spoken')?.textContent ?? ''), /1\.1 adds \d\.\d\d/);
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
  const touch = (/** @type {string} */ type, /** @type {number[][]} */ points) =>
    session.send('Input.dispatchTouchEvent', { type: /** @type {any} */ (type), touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
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

test('a map of values lies over the photo until the next trace, and comes back with the view', async t => {
  const page = await open(t, { scene: 'photo' });
  const shot = async () => (await page.screenshot()).toString('base64');
  const bare = await shot();
  await page.evaluate(() => /** @type {any} */ (globalThis).lab.view.setHeatmap({ width: 2, height: 2, data: new Float32Array([0, 1, 0.5, 0]) }));
  await settled(page);
  const laid = await shot();
  assert.notEqual(laid, bare);
  const ready = page.evaluate(() => /** @type {any} */ (globalThis).lab.next('ready'));
  await inside(page).evaluate(() => location.reload());
  await ready;
  await settled(page);
  assert.equal(await shot(), laid);
  await page.evaluate(() => /** @type {any} */ (globalThis).lab.view.setHeatmap(null));
  await settled(page);
  assert.equal(await shot(), bare);
});

test('what is shown can be saved as a picture, words included', async t => {
  const page = await open(t, {}, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
  const [width, height, wordy] = await page.evaluate(async () => {
    const blob = await /** @type {any} */ (globalThis).lab.view.picture();
    const bitmap = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(bitmap, 0, 0);
    const label = /** @type {HTMLElement} */ (document.querySelector('iframe')?.contentDocument?.querySelector('.label[data-tone="strong"] > span'));
    const box = label.getBoundingClientRect();
    const { data } = context.getImageData(box.x * 2, box.y * 2, box.width * 2, box.height * 2);
    let dark = 0;
    for (let i = 0; i < data.length; i += 4) dark += Number(data[i] < 90);
    return [bitmap.width, bitmap.height, dark / (data.length / 4)];
  });
  assert.deepEqual([width, height], [1280, 800]);
  assert.ok(wordy > 0.05 && wordy < 0.5, `of the place of a word ${wordy} is dark`);
});

test('files that are dropped on the view go to the page', async t => {
  const page = await open(t);
  await inside(page).evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'barn.jpg', { type: 'image/jpeg' }));
    document.getElementById('stage')?.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  });
  await heard(page, { kind: 'files' });
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).lab.events.at(-1).files[0].name), 'barn.jpg');
});

test('bytes that are no message are refused, and the view stays', async t => {
  const page = await open(t);
  const failed = page.evaluate(() => /** @type {any} */ (globalThis).lab.next('failed'));
  await page.evaluate(() => /** @type {any} */ (globalThis).lab.post(new Uint8Array([1, 1, 0, 0]).buffer));
  assert.match((await failed).reason, /too short/);
  await settled(page);
  assert.deepEqual(await differences(page, await golden('network-desktop')), same);
});

test('the program of the view stays small', async () => {
  const program = await readFile(join(site.folder, 'static', 'view', 'view.wasm'));
  const packed = await promisify(gzip)(program, { level: 9 });
  // 11.1 and 2.7 MB, most of it the Go runtime and Ebitengine; more than a tenth above that wants a reason.
  assert.ok(program.length < 12.3e6 && packed.length < 3.05e6, `it has ${program.length} bytes, packed ${packed.length}`);
});
