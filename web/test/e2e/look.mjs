// The room Look inside, used as a person would: by keys, by its table, by its address.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { clickSample, readAnswer } from '../person.mjs';
import { proxy, visit } from './harness.mjs';

/** @typedef {import('playwright-core').Page} Page */

const axeSource = await readFile(join(createRequire(import.meta.url).resolve('axe-core'), '..', 'axe.min.js'), 'utf8');
const slow = { timeout: 60_000 };

/** @param {Page} page */
const rows = page => page.getByRole('region', { name: 'In numbers' }).getByRole('row');

/**
 * Opens the room with the barn in it.
 * @param {Page} page
 */
async function lookInside(page) {
  await clickSample(page, 'Dust Bowl');
  await readAnswer(page, 'barn');
  await page.getByRole('tab', { name: 'Look inside' }).click();
  await rows(page).nth(16).waitFor(slow);
}

/**
 * What lies over the photo, as a sum of its bytes and the number of its colours.
 * @param {Page} page
 */
const overlay = page => page.locator('canvas.heat').evaluate(element => {
  const canvas = /** @type {HTMLCanvasElement} */ (element);
  const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
  return { sum: data.reduce((sum, byte, i) => (sum * 31 + byte + i) % 1000003, 0), colours: new Set(new Uint32Array(data.buffer)).size };
});

test('look inside: 16 blocks in numbers, and the room is accessible', async t => {
  const page = await visit(t);
  await lookInside(page);
  const cells = await rows(page).evaluateAll(list => list.slice(1).map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent ?? '')));
  assert.equal(cells.length, 16);
  for (const [size, ...numbers] of cells) {
    assert.match(size, /^\d+ × \d+ × \d+$/);
    assert.equal(numbers.length, 5);
    const [x, f, y, ratio, cosine] = numbers.map(number => Number(number.replaceAll(',', '')));
    assert.ok([x, f, y].every(norm => norm > 0 && Number.isFinite(norm)), numbers.join());
    assert.ok(Math.abs(ratio - f / x) < 0.01 * ratio + 0.001 && Math.abs(cosine) <= 1, numbers.join());
  }
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const result = await /** @type {any} */ (globalThis).axe.run(document);
    return result.violations.filter((/** @type {any} */ { impact }) => impact === 'serious' || impact === 'critical')
      .map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ node) => node.html).join(' ')}`);
  });
  assert.deepEqual(violations, []);
});

test('look inside: a map lies over the photo, and is another one for another class', async t => {
  const page = await visit(t);
  await lookInside(page);
  assert.ok(!await page.locator('canvas.heat').isVisible());
  await page.getByRole('combobox', { name: 'Map' }).selectOption('cam');
  await page.locator('canvas.heat').waitFor(slow);
  const barn = await overlay(page);
  assert.ok(barn.colours > 50, `${barn.colours} colours`);
  await page.getByRole('combobox', { name: 'Class', exact: true }).selectOption({ index: 2 });
  await page.waitForFunction(() => location.hash.includes('class='));
  await page.locator('canvas.heat').waitFor(slow);
  assert.notEqual((await overlay(page)).sum, barn.sum);
  await page.getByRole('combobox', { name: 'Map' }).selectOption('grad-cam');
  await page.getByText('Of the block below').waitFor();
  await page.locator('canvas.heat').waitFor(slow);
  // Where the square is: the photo's height is its short side.
  const [over, seen] = await Promise.all([page.locator('canvas.heat').boundingBox(), page.locator('.seen').boundingBox()]);
  assert.deepEqual(over, seen);
});

test('look inside: without F the answer changes, and comes back with it; the sweep has 16 numbers', async t => {
  const page = await visit(t);
  await lookInside(page);
  const whole = await readAnswer(page, 'barn');
  await page.getByRole('button', { name: 'F off: Stage 1, block 1' }).click();
  await page.getByText('With 1 block changed').waitFor(slow);
  const without = await readAnswer(page);
  assert.notDeepEqual(without, whole);
  await page.getByRole('tab', { name: 'Classify' }).click();
  assert.deepEqual(await readAnswer(page), whole, 'Classify is about the whole network');
  await page.getByRole('tab', { name: 'Look inside' }).click();
  await page.getByText('With 1 block changed').waitFor(slow);
  assert.deepEqual(await readAnswer(page), without);
  await page.getByRole('button', { name: 'Put everything back' }).click();
  await page.getByText('With 1 block changed').waitFor({ state: 'hidden', ...slow });
  assert.deepEqual(await readAnswer(page), whole);
  await page.getByRole('button', { name: 'Try without each block' }).click();
  await page.getByText('what is left of it without').waitFor(slow);
  const left = await page.getByRole('list', { name: 'Block lab' }).getByText('left').allInnerTexts();
  assert.equal(left.length, 16);
  assert.ok(left.every(text => /^[<>]? ?[\d.]+% left$/.test(text)), left.join());
  assert.ok(new Set(left).size > 2, left.join());
});

test('look inside: keys go from the tabs through every control and the canvas to the end of the page', async t => {
  const page = await visit(t);
  await lookInside(page);
  await page.getByRole('tab', { name: 'Look inside' }).focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(new URL(page.url()).hash, '');
  await page.keyboard.press('ArrowRight');
  await page.frameLocator('#look-canvas iframe').locator('#stage').waitFor(slow);
  const reached = new Set();
  for (let i = 0; i < 140; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.id || document.activeElement?.getAttribute('aria-label') || document.activeElement?.tagName));
  }
  for (const id of ['where-method', 'where-class', 'look-scene', 'look-block', 'block-next', 'look-map', 'look-play', 'IFRAME', 'lab-sweep', 'save-csv', 'save-png', 'F off: Stage 4, block 3', 'Cut shortcut: Stage 1, block 1']) {
    assert.ok(reached.has(id), `${id} is out of reach: ${[...reached].join(', ')}`);
  }
});

test('look inside: an address with a state brings it back', async t => {
  const page = await visit(t);
  await page.goto(`${proxy.origin}/#room=look&scene=block&map=magma&where=cam&block=4&without=5.residual&opacity=30`);
  await page.reload();
  await clickSample(page, 'Dust Bowl');
  await page.getByText('With 1 block changed').waitFor(slow);
  assert.equal(await page.getByRole('combobox', { name: 'Show' }).inputValue(), 'block');
  assert.equal(await page.getByRole('combobox', { name: 'Block', exact: true }).inputValue(), '4');
  assert.equal(await page.getByRole('combobox', { name: 'Colours' }).inputValue(), 'magma');
  assert.equal(await page.getByRole('slider', { name: 'Opacity' }).inputValue(), '30');
  assert.equal(await page.getByRole('button', { name: 'F off: Stage 2, block 3' }).getAttribute('aria-pressed'), 'true');
  await page.locator('canvas.heat').waitFor(slow);
  assert.match(page.url(), /without=5\.residual/);
});
