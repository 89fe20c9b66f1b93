// The guided look of Look inside, and what the room says first of a residual network.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelIsHere } from '../person.mjs';
import { assertAccessible } from './accessible.mjs';
import { sharedPage, visit } from './harness.mjs';
import { button, choice, focused, lookInside, slow } from './room.mjs';

const shared = sharedPage();

test('the room begins with what a step of the network is, in numbers of the network that is there', async t => {
  const page = await shared(t);
  await lookInside(page);
  await page.getByText('The network has 16 steps, the residual blocks. Each keeps what it got (green line)').waitFor();
  await page.getByRole('img', { name: 'A residual block' }).waitFor();
});

test('the guided look goes by keys from the photo to the answer, and each step moves the canvas', async t => {
  const page = await shared(t);
  await lookInside(page);
  await button(page, 'Take a guided look').press('Enter');
  const tour = page.locator('#tour');
  const want = [
    ['The photo goes in', 'network'], ['The stem: the first filters', 'filters'],
    ['One step opened: x, F and their sum', 'block'], ['All 16 steps', 'network'], ['The features', 'network'],
    ['The answer', 'network'],
  ];
  for (const [i, [title, scene]] of want.entries()) {
    await tour.getByRole('heading', { name: title, exact: true }).waitFor();
    await tour.getByText(`${i + 1} of 6`).waitFor();
    assert.equal(await choice(page, 'Show').inputValue(), scene, title);
    if (i === 2) {
      assert.equal(await choice(page, 'Block').inputValue(), '1', 'the first block that keeps the size');
      await assertAccessible(page, 'the guided look', '.look');
      await button(page, 'Next').focus(); // other themes were looked at
    }
    assert.equal(await focused(page), i < 5 ? 'Next' : 'Done', 'the keyboard stays');
    await page.keyboard.press('Enter');
  }
  await tour.waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'Guided look', 'it was seen');
});

test('the guided look can be stopped by Escape, and goes on where it was', async t => {
  const page = await visit(t, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await modelIsHere(page);
  await lookInside(page);
  await button(page, 'Take a guided look').click();
  await button(page, 'Next').click();
  await button(page, 'Next').click();
  await button(page, 'Back').click();
  await page.keyboard.press('Escape');
  await page.locator('#tour').waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'Go on with the guided look');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'The stem: the first filters' }).waitFor();
  const [panel, canvas] = await Promise.all([
    page.locator('#tour').boundingBox(), page.locator('#look-canvas').boundingBox(),
  ]);
  const places = `the panel is at ${panel?.y}, the canvas at ${canvas?.y}`;
  assert.ok(panel && canvas && panel.y >= 0 && canvas.y < 400, places);
  await button(page, 'Stop').click();
  await page.getByRole('list', { name: 'Signs in the picture' }).getByText('x runs past').waitFor(slow);
});
