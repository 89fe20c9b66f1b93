// The canvas of Look inside, in the page and with a real network's trace: what it shows, plays, enlarges and saves. What its own program
// does with a sample is in view.test.mjs.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { coloursOf } from '../../static/page/heat.js';
import { proxy, useRealWeights, visit } from './harness.mjs';
import { ask, decode, inside, levelOf, lookInside, pixel, settled, slow } from './room.mjs';

useRealWeights();

/** @typedef {import('playwright-core').Page} Page */

/** A screenshot of the canvas. @param {Page} page */
const shot = async page => (await page.locator('#look-canvas iframe').screenshot()).toString('base64');

/** @param {Page} page @param {string} name */
const button = (page, name) => page.getByRole('button', { name, exact: true });

/**
 * The values of one channel in a block's trace, and of the whole block the least and the greatest: the scale of its colours.
 * @param {Page} page
 * @param {number} block
 * @param {number} channel
 * @param {'x' | 'f' | 'sum' | 'y'} tensor
 */
async function channelOf(page, block, channel, tensor) {
  return page.evaluate(async ([block, channel, tensor]) => {
    const { net, photo } = await /** @type {any} */ (globalThis).oracle;
    const { maps } = await net.trace(photo, { block });
    const values = tensor === 'sum' ? maps.x.map((/** @type {number} */ x, /** @type {number} */ i) => x + maps.f[i]) : maps[tensor];
    const { width, channels } = net.info.blocks[block];
    let [min, max] = [Infinity, -Infinity];
    for (const v of values) [min, max] = [Math.min(min, v), Math.max(max, v)];
    return { width, min, max, data: Array.from({ length: width * width }, (_, i) => values[i * channels + channel]) };
  }, /** @type {const} */ ([block, channel, tensor]));
}

test('canvas: under every channel of a block are the values of its trace, as colours, and in words where the pointer is', async t => {
  const page = await visit(t);
  const [block, channel] = [8, 77];
  await lookInside(page, `&scene=block&block=${block}&channel=${channel}`);
  await settled(page);
  await ask(page, 'classify');
  const view = inside(page);
  const picture = await decode(page, Buffer.from(await shot(page), 'base64')); // which scrolls it into view
  const frame = await page.locator('#look-canvas iframe').boundingBox();
  assert.ok(frame);
  const label = (/** @type {string} */ text) => view.getByText(text, { exact: true });
  assert.ok(await label(`Channel ${channel}`).isVisible());
  for (const [tensor, head] of /** @type {const} */ ([['x', 'x, what the block gets'], ['f', 'F(x), what it adds'], ['sum', 'x + F(x), the sum'], ['y', 'y = ReLU(x + F(x))']])) {
    const { width, min, max, data } = await channelOf(page, block, channel, tensor);
    const colours = coloursOf({ min, max }, 'viridis', false);
    // The enlarged channel stands right under its name: from there to where the paper begins again.
    const name = await label(head).boundingBox();
    assert.ok(name);
    const [left, top] = [name.x - frame.x + 6, name.y - frame.y + name.height + 20];
    const paper = (/** @type {number} */ x) => pixel(picture, x, top).join() === '247,246,243';
    let [from, to] = [Math.round(left), Math.round(left)];
    while (!paper(from - 1)) from--;
    while (!paper(to)) to++;
    const side = to - from;
    let upper = Math.round(top);
    while (pixel(picture, from + side / 2, upper - 1).join() !== '247,246,243') upper--;
    assert.ok(side > 120 && side < 300, `${tensor} is ${side} wide`);
    const step = (max - min) / 255;
    let seen = 0;
    data.forEach((value, i) => {
      const [column, row] = [i % width, Math.floor(i / width)];
      const got = levelOf(colours, pixel(picture, from + (column + 0.5) * side / width, upper + (row + 0.5) * side / width));
      assert.ok(got.far <= 1, `${tensor} at ${column}, ${row} has a colour that is not on the scale`);
      // A byte is half a step wrong at most; about zero the diverging colours are two steps a byte.
      assert.ok(Math.abs(min + got.level * step - value) <= 2.5 * step, `${tensor} at ${column}, ${row} looks like ${min + got.level * step}, is ${value}`);
      seen++;
    });
    assert.equal(seen, width * width);

    // And the same in words.
    for (const [column, row] of [[0, 0], [5, 9], [width - 1, width - 1]]) {
      await page.mouse.move(frame.x + from + (column + 0.5) * side / width, frame.y + upper + (row + 0.5) * side / width);
      await label(`Channel ${channel} · row ${row}, column ${column}`).waitFor(slow);
      const words = await view.locator('#tips .label:not([hidden])').allInnerTexts();
      const value = data[row * width + column];
      const said = Number(words.map(word => word.trim()).filter(word => /^[-\d.,E]+$/.test(word))[['x', 'f', 'sum', 'y'].indexOf(tensor)].replaceAll(',', ''));
      assert.ok(Math.abs(said - value) <= step / 2 + 0.006 * Math.abs(value), `${tensor} at ${column}, ${row} says ${said}, is ${value}`);
    }
    await page.mouse.move(frame.x + 3, frame.y + 3);
  }
});

test('canvas: the saved picture is what is shown: a channel over the photo, value by value', async t => {
  const page = await visit(t, { deviceScaleFactor: 2 });
  const [block, channel] = [14, 300];
  await lookInside(page, `&scene=photo&block=${block}&channel=${channel}&tensor=y&opacity=100&map=magma`);
  await settled(page);
  await ask(page, 'classify');
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Save picture (PNG)').click()]);
  assert.equal(download.suggestedFilename(), 'residua.png');
  const file = await readFile(await download.path());
  assert.equal(file.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  const picture = await decode(page, file);
  const frame = await page.locator('#look-canvas iframe').boundingBox();
  assert.ok(frame);
  assert.deepEqual([picture.width, picture.height], [Math.ceil(frame.width * 2), Math.ceil(frame.height * 2)]);

  // The photo is the square in the middle; it ends where the paper begins.
  const paper = (/** @type {number} */ x, /** @type {number} */ y) => pixel(picture, x, y).join() === '247,246,243';
  const middle = picture.width >> 1;
  let [from, to, top] = [middle, middle, picture.height >> 2];
  while (!paper(from - 1, picture.height >> 2)) from--;
  while (!paper(to, picture.height >> 2)) to++;
  while (top > 0 && !paper(middle, top - 1)) top--;
  const side = to - from;
  assert.ok(Math.abs((from + to) / 2 - middle) < 2 && side > 700, `the photo is from ${from} to ${to}`);
  const { width, min, max, data } = await channelOf(page, block, channel, 'y');
  const colours = coloursOf({ min: 0, max }, 'magma', false);
  assert.equal(min, 0, 'y is never negative');
  data.forEach((value, i) => {
    const [x, y] = [from + (i % width + 0.5) * side / width, top + (Math.floor(i / width) + 0.5) * side / width];
    const { level, far } = levelOf(colours, pixel(picture, x, y));
    // In the middle of a cell, where it is not mixed with its neighbours; a pixel's width away from it it is a little.
    assert.ok(far <= 2 && Math.abs(level - value / max * 255) <= 3, `at ${i % width}, ${Math.floor(i / width)}: level ${level}, want ${value / max * 255}`);
  });
  assert.ok(Math.max(...data) > 0, 'a channel of zeros shows nothing');

  // The legend's words are in the picture too: ink under the photo, beside the scale's colours.
  let ink = 0;
  for (let y = top + side; y < picture.height; y++) {
    for (let x = from; x < to; x++) ink += Number(pixel(picture, x, y).every(value => value < 140));
  }
  assert.ok(ink > 50, 'there are no words');
});

test('canvas: the way of the photo is played, stops at its end, and is the same picture again', async t => {
  const page = await visit(t);
  await lookInside(page);
  await settled(page);
  const before = await shot(page);
  const seen = new Set([before]);
  // It takes nine seconds. A machine that is slow to look sees less of it, and looks again.
  for (let i = 0; i < 20 && seen.size < 4; i++) {
    if (await button(page, 'Play').isVisible()) await button(page, 'Play').click();
    await page.waitForTimeout(500);
    seen.add(await shot(page));
  }
  assert.equal(seen.size, 4, 'it moves');
  if (await button(page, 'Pause').isVisible()) await button(page, 'Pause').click();
  await button(page, 'Play').click();
  await button(page, 'Pause').click();
  await settled(page);
  const paused = await shot(page);
  await page.waitForTimeout(500);
  assert.equal(await shot(page), paused, 'it pauses');
  await button(page, 'Play').click();
  await button(page, 'Pause').waitFor();
  await button(page, 'Play').waitFor(slow); // at the end
  await settled(page);
  assert.equal(await shot(page), before);
});

test('canvas: where motion is unwelcome the photo goes by steps', async t => {
  const page = await visit(t, { reducedMotion: 'reduce' });
  await lookInside(page);
  await settled(page);
  const frames = () => inside(page).evaluate(() => /** @type {any} */ (globalThis).residuaView.frames);
  const before = await frames();
  await button(page, 'Play').click();
  await button(page, 'Pause').waitFor();
  await button(page, 'Play').waitFor(slow);
  await settled(page);
  const painted = await frames() - before;
  // 19 places and the end; each may take a second frame for its words. Moving smoothly it paints some 200.
  assert.ok(painted >= 15 && painted <= 45, `${painted} frames`);
});

test('canvas: buttons enlarge and show all, and say when there is nothing left to do', async t => {
  const page = await visit(t);
  await lookInside(page);
  await settled(page);
  const before = await shot(page);
  const [larger, smaller, all] = ['Zoom in', 'Zoom out', 'Show all'].map(name => button(page, name));
  const idle = async () => Promise.all([larger, smaller, all].map(control => control.getAttribute('aria-disabled')));
  assert.deepEqual(await idle(), ['false', 'true', 'true']);
  await larger.focus();
  await page.keyboard.press('Enter');
  await settled(page);
  const once = await shot(page);
  assert.notEqual(once, before);
  assert.deepEqual(await idle(), ['false', 'false', 'false']);
  await page.keyboard.press('Enter');
  await settled(page);
  assert.notEqual(await shot(page), once);
  await smaller.click();
  await settled(page);
  assert.equal(await shot(page), once);
  await all.press('Enter');
  await settled(page);
  assert.equal(await shot(page), before);
  assert.deepEqual(await idle(), ['false', 'true', 'true']);
  await all.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'zoom-all', 'a button with nothing to do keeps the keyboard');
});

test('canvas: the answers in it are written as on the page, and the blocks are called as beside it', async t => {
  const page = await visit(t);
  await lookInside(page);
  await settled(page);
  const words = await inside(page).locator('#labels .label:not([hidden])').allInnerTexts();
  const shares = await page.getByRole('list', { name: 'What is it?' }).locator('.share').allInnerTexts();
  assert.equal(shares.length, 5);
  assert.ok(shares.includes('< 0.1%'), `${shares} has no small one`);
  for (const share of shares) assert.ok(words.includes(share), `${share} is not among ${words.join(' | ')}`);
  assert.ok(words.includes('3.6'));
});

test('canvas: without its program the page says so in its place, and the numbers are there', async t => {
  const page = await visit(t, { before: () => Promise.resolve(proxy.setFault(path => (path.endsWith('/view.wasm') ? 503 : 'pass'))) });
  await lookInside(page);
  const fault = page.getByRole('alert').filter({ hasText: 'The picture cannot be shown' });
  await fault.waitFor(slow);
  assert.doesNotMatch(await fault.innerText(), /503/, 'an exception is shown');
  const [words, canvas] = await Promise.all([fault.boundingBox(), page.locator('#look-canvas').boundingBox()]);
  assert.ok(words && canvas && words.y >= canvas.y + canvas.height && words.y < canvas.y + canvas.height + 40, 'it stands right under the canvas');
  await button(page, 'Save picture (PNG)').click();
  const failed = page.getByRole('alert').filter({ hasText: 'The picture could not be saved' });
  await failed.waitFor();
  const [said, save] = await Promise.all([failed.boundingBox(), button(page, 'Save picture (PNG)').boundingBox()]);
  assert.ok(said && save && Math.abs(said.y - save.y) < 80, 'it is said beside the button');

  proxy.release();
  await page.locator('#canvas-task').getByRole('button', { name: 'Try again' }).click();
  await settled(page);
  await fault.waitFor({ state: 'hidden' });
  assert.ok(((await page.locator('#look-canvas').boundingBox())?.height ?? 0) > 500);
  await inside(page).getByText('98.4%').waitFor();
});
