// Where it looked: the maps that Look inside lays over the photo.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coloursOf } from '../../static/page/heat.js';
import { clickSample, modelIsHere, readAnswer } from '../person.mjs';
import { assertAccessible } from './accessible.mjs';
import { sharedPage, visit } from './harness.mjs';
import { enlarged, pixel } from './pictures.mjs';
import {
  ask, breakMaps, choice, classField, focused, heat, holdEngineAtStep, lookInside, mapped, overlay, rows, slow, where,
} from './room.mjs';

/** @typedef {import('playwright-core').Page} Page */

const shared = sharedPage();

const method = (/** @type {Page} */ page) => choice(page, 'Map');

/** Whether the map over the photo is one that is no longer asked for. @param {Page} page */
const looksOld = page => heat(page).evaluate(element => getComputedStyle(element).filter.includes('grayscale'));

for (const [name, address, options] of /** @type {const} */ ([
  ['cam', '&where=cam', {}],
  ['Grad-CAM of F of a block', '&where=grad-cam&block=12&source=f', { method: 'grad-cam', block: 12, source: 'f' }],
  ['cam of another class', '&where=cam&class=7', { classIndex: 7 }],
  ['occlusion', '&where=occlusion', { method: 'occlusion' }],
])) {
  test(`${name}: over the photo is what the engine computes, in the colours of the legend`, async t => {
    const page = await shared(t);
    await lookInside(page, address);
    await mapped(page);
    const map = await ask(page, 'cam', options);
    const colours = coloursOf(map, 'viridis', false);
    const painted = await overlay(page);
    assert.deepEqual([painted.width, painted.height], [224, 224]);
    for (let y = 3; y < 224; y += 11) {
      for (let x = 3; x < 224; x += 11) {
        const want = Math.round(enlarged(map, 224, x, y) * 255);
        const near = [want - 1, want, want + 1].filter(i => i >= 0 && i < 256); // the page mixes in another order
        const got = pixel(painted, x, y);
        const isNear = near.some(i => got.every((value, k) => value === colours[3 * i + k]));
        assert.ok(isNear, `at ${x}, ${y} ${got}, want level ${want}`);
      }
    }
    /** @type {Intl.NumberFormatOptions} */
    const digits = name === 'occlusion' ?
      { style: 'percent', maximumFractionDigits: 1 } : { maximumSignificantDigits: 3 };
    const number = new Intl.NumberFormat('en', { ...digits, signDisplay: 'exceptZero' });
    const legend = await where(page).locator('.legend span').allInnerTexts();
    // That of the other class is below zero everywhere.
    const most = map.max < 0 ? 'counted least' : 'counted most';
    assert.deepEqual(legend, [map.min < 0 ? 'counted against it' : 'counted least', most]);
    const about = map.max < 0 ? /^Every place counted against the class/ : / counted most/;
    await where(page).getByText(about).first().waitFor();
    const measured = await where(page).locator('.where-more p').textContent();
    const [min, max] = [map.min, map.max].map(value => number.format(value).replace('-', '−'));
    assert.ok(measured?.endsWith(`: from ${min} to ${max}.`), `${measured}, want ${min} and ${max}`);
    // Where the square is: the photo's height is its short side.
    const [over, seen] = await Promise.all([heat(page).boundingBox(), page.locator('#photo .seen').boundingBox()]);
    assert.deepEqual(over, seen);
  });
}

test('an occlusion map says how far it is and can be cancelled: then there is what was before', async t => {
  const page = await shared(t);
  await lookInside(page);
  assert.equal(await heat(page).isVisible(), false);
  let release = await holdEngineAtStep(page, () => method(page).selectOption('occlusion'));
  await where(page).getByText(/^\d of 64$/).waitFor(slow);
  await assertAccessible(page, 'an occlusion map', '.where');
  await where(page).getByRole('button', { name: 'Cancel' }).press('Enter');
  await release();
  assert.equal(await method(page).inputValue(), 'none', 'without a map before there is none after');
  assert.equal(await focused(page), 'Map', 'the keyboard is not lost');
  assert.equal(await heat(page).isVisible(), false);

  await method(page).selectOption('cam');
  await mapped(page);
  const cam = await overlay(page);
  release = await holdEngineAtStep(page, () => method(page).selectOption('occlusion'));
  await where(page).getByText(/^\d of 64$/).waitFor(slow);
  assert.ok(await looksOld(page), 'the old map looks like the new one');
  await where(page).getByRole('button', { name: 'Cancel' }).click();
  await release();
  assert.equal(await method(page).inputValue(), 'cam');
  assert.match(page.url(), /where=cam/);
  assert.deepEqual(await overlay(page), cam);
  assert.equal(await looksOld(page), false);
  assert.equal(await where(page).getByRole('button', { name: 'Cancel' }).count(), 0, 'nothing is busy');
  // The engine has heard of it, and answers what is asked next.
  await classField(page).fill('7');
  await page.keyboard.press('Enter');
  await mapped(page);
  assert.notDeepEqual(await overlay(page), cam);
});

test('one button shows a map and hides it, and Grad-CAM begins at the last block', async t => {
  const page = await shared(t);
  await lookInside(page);
  await where(page).getByRole('button', { name: 'Show where it looked' }).press('Enter');
  await mapped(page);
  assert.equal(await method(page).inputValue(), 'cam');
  await where(page).getByText(/^(Bright|Orange) counted most for the class, as the last block sees it/).waitFor();
  assert.equal(await focused(page), 'Hide the map', 'the keyboard stays');
  await page.keyboard.press('Enter');
  assert.equal(await heat(page).isVisible(), false);
  await method(page).selectOption('grad-cam');
  await mapped(page);
  assert.match(page.url(), /block=15/);
  await where(page).getByText('as Stage 4, block 3 sees it').waitFor();
  // A block that a person has chosen stays.
  await choice(page, 'Block').selectOption('6');
  await method(page).selectOption('cam');
  await method(page).selectOption('grad-cam');
  await mapped(page);
  assert.match(page.url(), /block=6/);
});

test('on a phone the controls of the map are under the photo, which stays in sight', async t => {
  const page = await visit(t, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await modelIsHere(page);
  await lookInside(page);
  await page.evaluate(() => scrollTo(0, 0));
  const [photo, map] = await Promise.all([page.locator('#photo .seen').boundingBox(), method(page).boundingBox()]);
  assert.ok(photo && photo.y >= 0 && map && map.y + map.height < 770, `the photo is at ${photo?.y}, Map at ${map?.y}`);
});

test('another photo while a map is computed leaves nothing of the first', async t => {
  const page = await shared(t);
  await lookInside(page, '&where=cam');
  await mapped(page);
  const before = await overlay(page);
  const release = await holdEngineAtStep(page, () => method(page).selectOption('occlusion'));
  await where(page).getByText(/^\d of 64$/).waitFor(slow);
  await method(page).selectOption('cam');
  await clickSample(page, 'Alpine');
  assert.equal(await heat(page).isVisible(), false);
  await release();
  await readAnswer(page, 'alp');
  await mapped(page);
  assert.notDeepEqual(await overlay(page), before);
  assert.equal(await classField(page).inputValue(), 'alp', 'the class is the best guess of the new photo');
});

test('what goes wrong with a map is said beside it, with a way to try again', async t => {
  const page = await shared(t);
  await lookInside(page, '&where=cam');
  await rows(page).nth(16).waitFor(slow);
  await mapped(page);
  const cam = await overlay(page);
  const mend = await breakMaps(page);
  await method(page).selectOption('grad-cam');
  await where(page).getByRole('alert').filter({ hasText: 'there is no block 99' }).waitFor(slow);
  assert.deepEqual(await overlay(page), cam, 'the last good map stays');
  assert.ok(await looksOld(page), 'and looks old');
  await assertAccessible(page, 'a map that failed', '.where');
  // The themes that were looked at have asked for the map again: that has to have failed, too.
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
  await where(page).and(page.locator('[aria-busy="false"]')).waitFor(slow);
  await where(page).getByRole('button', { name: 'Try again' }).waitFor(slow);
  await mend();
  await where(page).getByRole('button', { name: 'Try again' }).press('Enter');
  await mapped(page);
  await where(page).getByRole('button', { name: 'Try again' }).waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'Map', 'the button has gone away');
  assert.equal(await where(page).getByRole('alert').filter({ hasText: /\S/ }).count(), 0);
  assert.notDeepEqual(await overlay(page), cam);
});
