// The view in Chromium, in a page of its own with a sample trace: what it shows.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { dist } from './lib.mjs';
import { differences, open, openLab, same, sharedView } from './view/open.mjs';
import { heard, loseContext, next } from './view/page.mjs';
import { framesOf, inside, settled } from './view/settled.mjs';
import { golden } from './view/site.mjs';

/** @param {import('playwright-core').Page} page */
const lastEvent = page => page.evaluate(() => /** @type {any} */ (globalThis).lab.events.at(-1));

for (const plain of [false, true]) {
  const name = plain ? 'without WebGL 2, on a 2D canvas,' : 'with WebGL 2';
  const shared = sharedView({ plain });

  test(`${name} the network is painted to the pixel`, async t => {
    const page = await shared(t);
    assert.deepEqual(await differences(page, await golden('network-desktop')), same);
  });

  test(`${name} the picture follows the page's size`, async t => {
    const page = await shared(t);
    await page.setViewportSize({ width: 390, height: 844 });
    await settled(page);
    assert.deepEqual(await differences(page, await golden('network-phone')), same);
  });

  test(`${name} the page enlarges the picture by steps, and is told when there are no more`, async t => {
    const page = await shared(t);
    const zoom = (/** @type {number} */ steps) =>
      page.evaluate(steps => /** @type {any} */ (globalThis).lab.view.zoom(steps), steps);
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
    assert.deepEqual(await lastEvent(page), { kind: 'zoomed', smaller: false, larger: true });
  });

  test(`${name} a block's channels come on demand, and follow the pointer`, async t => {
    const page = await shared(t, { scene: 'block', block: 4, channel: 185 });
    const [x, y] = [616, 389]; // in the second tensor's window, as in the golden picture
    await page.mouse.move(x, y);
    await heard(page, { kind: 'hover', part: 'channel', tensor: 'f', block: 4 });
    await settled(page);
    assert.deepEqual(await differences(page, await golden('block-desktop')), same);
  });

  test(`${name} the pixels of a fine screen are the device's`, async t => {
    const screen = { viewport: { width: 240, height: 240 }, deviceScaleFactor: 2 };
    const page = await open(t, { scene: 'filters' }, { plain, ...screen });
    assert.deepEqual(await differences(page, await golden('filters')), same);
  });
}

test('an idle view paints nothing', async t => {
  const page = await open(t, {}, { prepare: context => context.addInitScript(() => {
    // The frames of this document; view.js wraps this again.
    const real = requestAnimationFrame.bind(window);
    /** @type {any} */ (globalThis).painted = 0;
    window.requestAnimationFrame = callback => real(now => {
      /** @type {any} */ (globalThis).painted++;
      callback(now);
    });
  }) });
  const painted = () => inside(page).evaluate(() => /** @type {any} */ (globalThis).painted);
  await page.mouse.move(300, 300);
  await settled(page);
  const before = await painted();
  await framesOf(page, 60);
  assert.equal(await painted(), before);
  await page.mouse.move(700, 300);
  await settled(page);
  assert.ok(await painted() > before, 'the pointer does not wake it');
});

test('a map of values lies over the photo until the next trace, and comes back with the view', async t => {
  const page = await open(t, { scene: 'photo' });
  const bare = await settled(page);
  await page.evaluate(() => {
    const data = new Float32Array([0, 1, 0.5, 0]);
    /** @type {any} */ (globalThis).lab.view.setHeatmap({ width: 2, height: 2, data });
  });
  const laid = await settled(page);
  assert.ok(laid !== bare, 'it is not seen');
  const ready = next(page, 'ready');
  await inside(page).evaluate(() => location.reload());
  await ready;
  assert.ok(await settled(page) === laid, 'it does not come back');
  await page.evaluate(() => /** @type {any} */ (globalThis).lab.view.setHeatmap(null));
  assert.ok(await settled(page) === bare, 'it stays');
});

test('what is shown can be saved as a picture, words included', async t => {
  const page = await open(t, {}, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
  const [width, height, wordy] = await page.evaluate(async () => {
    const blob = await /** @type {any} */ (globalThis).lab.view.picture();
    const bitmap = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(bitmap, 0, 0);
    const label = document.querySelector('iframe')?.contentDocument?.querySelector('.label[data-tone="strong"] > span');
    const box = /** @type {Element} */ (label).getBoundingClientRect();
    const { data } = context.getImageData(box.x * 2, box.y * 2, box.width * 2, box.height * 2);
    let dark = 0;
    for (let i = 0; i < data.length; i += 4) dark += Number(data[i] < 90);
    return [bitmap.width, bitmap.height, dark / (data.length / 4)];
  });
  assert.deepEqual([width, height], [1280, 800]);
  assert.ok(wordy > 0.05 && wordy < 0.5, `of the place of a word ${wordy} is dark`);
});

for (const plain of [false, true]) {
  test(`the Skip lab's numbers are drawn ${plain ? 'without WebGL' : 'with WebGL'} as by Go`, async t => {
    const viewport = { width: 960, height: 640 };
    const page = await openLab(t, { networks: 4, steps: 200, scene: 'heat' }, { plain, viewport });
    await page.mouse.move(400, 200); // as in the golden picture
    await page.waitForFunction(() => /** @type {any} */ (globalThis).labCanvas.points.length > 0);
    await settled(page);
    assert.deepEqual(await differences(page, await golden('lab-heat')), same);
    const point = await page.evaluate(() => /** @type {any} */ (globalThis).labCanvas.points.at(-1));
    assert.deepEqual([point.kind, point.part, point.network, point.known], ['hover', 'cell', 0, true]);
    const tip = await inside(page).evaluate(() => document.getElementById('tips')?.innerText);
    assert.match(tip ?? '', /^ResNet-56, layer[123]\.\d\.conv[12], step \d+: \d\.\d+/);
    await page.mouse.click(400, 200); // selects the cell
    await page.mouse.move(0, 0);
    if (plain) return;

    // A lost context brings all numbers back, and the selection; the canvas turns to another scene.
    const before = await settled(page);
    await loseContext(page);
    await page.waitForFunction(() => /** @type {any} */ (globalThis).labCanvas.readies === 2);
    assert.ok(await settled(page) === before, 'after a loss it looks different');
  });
}

test('the Skip lab in Chinese: a relief turns by a drag, and a step that comes later is drawn', async t => {
  const wanted = { networks: 2, steps: 0, scene: 'landscape', options: { surface: 'relief' }, language: 'zh' };
  const page = await openLab(t, wanted, { viewport: { width: 640, height: 360 } });
  assert.deepEqual(await differences(page, await golden('lab-relief')), same);
  const words = await inside(page).evaluate(() => document.getElementById('labels')?.innerText ?? '');
  assert.match(words, /对数刻度/);
  assert.match(words, /≥ 20/);
  const before = await settled(page);
  await page.mouse.move(150, 150);
  await page.mouse.down();
  await page.mouse.move(220, 150, { steps: 3 });
  await page.mouse.up();
  assert.ok(await settled(page) !== before, 'it does not turn');
  await page.evaluate(() => {
    const { canvas } = /** @type {any} */ (globalThis).labCanvas;
    canvas.networks([{ name: '甲', layers: ['conv1', 'fc'] }]);
    canvas.show('heat', { steps: 10 });
  });
  await settled(page);
  const columns = () => inside(page).evaluate(() => document.getElementById('labels')?.innerText ?? '');
  assert.match(await columns(), /每训练一步增加一列/);
  await page.evaluate(() => {
    const lists = { activations: [1, NaN], outputGradients: [1, Infinity], weightGradients: [1, 2] };
    /** @type {any} */ (globalThis).labCanvas.canvas.step({ step: 0, networks: [lists] });
  });
  await settled(page);
  assert.doesNotMatch(await columns(), /每训练一步增加一列/);
});

test('the program of the view stays small', async () => {
  const program = await readFile(join(dist, 'static', 'view', 'view.wasm'));
  const packed = await promisify(gzip)(program, { level: 9 });
  // 11.6 and 2.9 MB, most of it the Go runtime and Ebitengine; more than a tenth above that wants a reason.
  const [whole, less] = [program, packed].map(({ length }) => length);
  assert.ok(whole < 12.3e6 && less < 3.05e6, `it has ${whole} bytes, packed ${less}`);
});
