// The canvas of Look inside, in the page and with the engine's trace: what it shows and saves. What its own program
// does with a sample is in view.test.mjs.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { coloursOf } from '../../static/page/heat.js';
import { modelIsHere } from '../person.mjs';
import { inside, settled } from '../view/settled.mjs';
import { proxy, sharedPage, visit } from './harness.mjs';
import { decode, levelOf, pixel } from './pictures.mjs';
import { ask, button, lookInside, room, showsBarn, slow, task } from './room.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./pictures.mjs').Picture} Picture */

const shared = sharedPage();

const canvas = (/** @type {Page} */ page) => room(page).locator('iframe');

/** @param {Page} page */
async function boxOfCanvas(page) {
  const box = await canvas(page).boundingBox();
  assert.ok(box, 'the canvas is not seen');
  return box;
}

/** Whether a place of the canvas is bare. @param {Picture} picture @param {number} x @param {number} y */
const isPaper = (picture, x, y) => pixel(picture, x, y).join() === '247,246,243';

/**
 * The values of the strongest channel in a block's trace, and of the whole block the least and the greatest: the scale
 * of its colours.
 * @param {Page} page
 * @param {number} block
 * @param {'x' | 'f' | 'sum' | 'y'} tensor
 * @param {number} [which] another channel
 * @returns {Promise<{ channel: number, width: number, min: number, max: number, data: number[] }>}
 */
async function channelOf(page, block, tensor, which) {
  await ask(page, 'classify'); // so that the other engine is there
  return page.evaluate(async ([block, tensor, which]) => {
    const { net, photo } = await /** @type {any} */ (globalThis).oracle;
    const { maps: { x, f, y } } = await net.trace(photo, { block });
    /** @type {number[]} */
    const sum = x.map((/** @type {number} */ v, /** @type {number} */ i) => v + f[i]);
    const values = [...{ x, f, y, sum }[tensor]];
    const { width, channels } = net.info.blocks[block];
    const of = (/** @type {number} */ channel) => values.filter((_, i) => i % channels === channel);
    const energies = Array.from({ length: channels }, (_, c) => of(c).reduce((sum, v) => sum + v * v, 0));
    const channel = which ?? energies.indexOf(Math.max(...energies));
    const [min, max] = [Math.min, Math.max].map(pick => values.reduce((a, b) => pick(a, b)));
    return { channel, width, data: of(channel), min, max };
  }, /** @type {const} */ ([block, tensor, which]));
}

test('each channel of a block has the values of its trace, as colours, and in words at the pointer', async t => {
  const page = await shared(t);
  const block = 8;
  await lookInside(page);
  await showsBarn(page);
  const { channel } = await channelOf(page, block, 'y');
  await lookInside(page, `&scene=block&block=${block}&channel=${channel}`);
  const view = inside(page);
  const label = (/** @type {string} */ text) => view.getByText(text, { exact: true });
  await label(`Channel ${channel}`).waitFor(slow);
  const picture = await decode(page, Buffer.from(await settled(page, 4), 'base64')); // which scrolls it into view
  const frame = await boxOfCanvas(page);
  const tensors = /** @type {const} */ ([
    ['x', 'x, what the block gets'], ['f', 'F(x), what it adds'],
    ['sum', 'x + F(x), the sum'], ['y', 'y = ReLU(x + F(x))'],
  ]);
  for (const [index, [tensor, head]] of tensors.entries()) {
    const { width, min, max, data } = await channelOf(page, block, tensor, channel);
    const colours = coloursOf({ min, max }, 'viridis', false);
    // The enlarged channel stands right under its name: from there to where the paper begins again.
    const name = await label(head).boundingBox();
    assert.ok(name);
    const [left, top] = [Math.round(name.x - frame.x + 6), Math.round(name.y - frame.y + name.height + 20)];
    let [from, to, upper] = [left, left, top];
    while (!isPaper(picture, from - 1, top)) from--;
    while (!isPaper(picture, to, top)) to++;
    const side = to - from;
    while (!isPaper(picture, from + side / 2, upper - 1)) upper--;
    assert.ok(side > 120 && side < 300, `${tensor} is ${side} wide`);
    const step = (max - min) / 255;
    const place = (/** @type {number} */ column, /** @type {number} */ row) =>
      [from + (column + 0.5) * side / width, upper + (row + 0.5) * side / width];
    assert.equal(data.length, width * width);
    data.forEach((value, i) => {
      const [column, row] = [i % width, Math.floor(i / width)];
      const [x, y] = place(column, row);
      const { level, far } = levelOf(colours, pixel(picture, x, y));
      const looks = min + level * step;
      assert.ok(far <= 1, `${tensor} at ${column}, ${row} has a colour that is not on the scale`);
      // A byte is half a step wrong at most; about zero the diverging colours are two steps a byte.
      const isNear = Math.abs(looks - value) <= 2.5 * step;
      assert.ok(isNear, `${tensor} at ${column}, ${row} looks like ${looks}, is ${value}`);
    });

    // And the same in words: of each of the four tensors, in their order.
    for (const [column, row] of [[0, 0], [5, 9], [width - 1, width - 1]]) {
      const [x, y] = place(column, row);
      await page.mouse.move(frame.x + x, frame.y + y);
      await label(`Channel ${channel} · row ${row}, column ${column}`).waitFor(slow);
      const words = (await view.locator('#tips .label:not([hidden])').allInnerTexts()).map(word => word.trim());
      const numbers = words.filter(word => /^[-\d.,E]+$/.test(word)).map(word => Number(word.replaceAll(',', '')));
      const value = data[row * width + column];
      // A byte is half a step wrong, and three digits are shown.
      const isNear = Math.abs(numbers[index] - value) <= step / 2 + 0.006 * Math.abs(value);
      assert.ok(isNear, `${tensor} at ${column}, ${row} says ${numbers[index]}, is ${value}`);
    }
    await page.mouse.move(frame.x + 3, frame.y + 3);
  }
});

test('the answers in it are written as on the page, and the blocks are called as beside it', async t => {
  const page = await shared(t);
  await lookInside(page);
  await showsBarn(page);
  const words = await inside(page).locator('#labels .label:not([hidden])').allInnerTexts();
  const shares = await page.getByRole('list', { name: 'What is it?' }).locator('.share').allInnerTexts();
  assert.equal(shares.length, 5);
  for (const share of shares) assert.ok(words.includes(share), `${share} is not among ${words.join(' | ')}`);
  for (const block of ['1.3', '2.4', '3.6', '4.3']) {
    assert.ok(words.includes(block), `${block} is not among ${words.join(' | ')}`);
  }
});

test('without its program the page says so in its place, and the numbers are there', async t => {
  proxy.setFault(path => (path.endsWith('/view.wasm') ? 503 : 'pass'));
  const page = await visit(t);
  await modelIsHere(page);
  const [best] = await lookInside(page);
  const fault = page.getByRole('alert').filter({ hasText: 'The picture cannot be shown' });
  await fault.waitFor(slow);
  assert.doesNotMatch(await fault.innerText(), /503/, 'an exception is shown');
  const [words, place] = [await fault.boundingBox(), await boxOfCanvas(page)];
  const below = (words?.y ?? NaN) - (place.y + place.height);
  assert.ok(below >= 0 && below < 40, `it stands ${below} pixels under the canvas`);
  await button(page, 'Save picture (PNG)').click();
  const failed = page.getByRole('alert').filter({ hasText: 'The picture could not be saved' });
  await failed.waitFor();
  const [said, save] = await Promise.all([failed.boundingBox(), button(page, 'Save picture (PNG)').boundingBox()]);
  assert.ok(said && save && Math.abs(said.y - save.y) < 80, 'it is said beside the button');

  proxy.release();
  await task(page, 'The picture cannot be shown').getByRole('button', { name: 'Try again' }).click();
  await settled(page);
  await fault.waitFor({ state: 'hidden' });
  assert.ok((await boxOfCanvas(page)).height > 500);
  await inside(page).getByText(`${best.share.toFixed(1)}%`).waitFor();
});

test('the saved picture is what is shown: a channel over the photo, value by value', async t => {
  const page = await visit(t, { deviceScaleFactor: 2 });
  await modelIsHere(page);
  const block = 14;
  await lookInside(page);
  await showsBarn(page);
  const { channel, width, min, max, data } = await channelOf(page, block, 'y');
  await lookInside(page, `&scene=photo&block=${block}&channel=${channel}&tensor=y&opacity=100&map=magma`);
  await settled(page, 4);
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Save picture (PNG)').click()]);
  assert.equal(download.suggestedFilename(), 'residua.png');
  const picture = await decode(page, await readFile(await download.path()));
  const frame = await boxOfCanvas(page);
  assert.deepEqual([picture.width, picture.height], [Math.ceil(frame.width * 2), Math.ceil(frame.height * 2)]);

  // The photo is the square in the middle; it ends where the paper begins.
  const middle = picture.width >> 1;
  const high = picture.height >> 2;
  let [from, to, top] = [middle, middle, high];
  while (!isPaper(picture, from - 1, high)) from--;
  while (!isPaper(picture, to, high)) to++;
  while (top > 0 && !isPaper(picture, middle, top - 1)) top--;
  const side = to - from;
  assert.ok(Math.abs((from + to) / 2 - middle) < 2 && side > 700, `the photo is from ${from} to ${to}`);
  const colours = coloursOf({ min: 0, max }, 'magma', false);
  assert.equal(min, 0, 'y is never negative');
  data.forEach((value, i) => {
    const [column, row] = [i % width, Math.floor(i / width)];
    const [x, y] = [from + (column + 0.5) * side / width, top + (row + 0.5) * side / width];
    const { level, far } = levelOf(colours, pixel(picture, x, y));
    const want = value / max * 255;
    // In the middle of a cell, where it is not mixed with its neighbours; a pixel's width away from it it is a little.
    assert.ok(far <= 2 && Math.abs(level - want) <= 3, `at ${column}, ${row}: level ${level}, want ${want}`);
  });

  // The legend's words are in the picture too: ink under the photo, beside the scale's colours.
  let ink = 0;
  for (let y = top + side; y < picture.height; y++) {
    for (let x = from; x < to; x++) ink += Number(pixel(picture, x, y).every(value => value < 140));
  }
  assert.ok(ink > 50, 'there are no words');
});
