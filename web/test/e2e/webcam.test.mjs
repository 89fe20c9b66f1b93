// The webcam in Teach and in Classify. Every browser of these tests has a camera, which shows a ball.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visit } from './harness.mjs';
import {
  addClass, choose, classesSaid, looked, openTeach, pictures, picturesOf, said, slow, teach,
} from './teaching.mjs';

test('the webcam records while the button is held, stops when the room is left, '
  + 'and a refusal is explained', async t => {
  const page = await visit(t, { permissions: ['camera'] });
  await openTeach(page);
  await addClass(page, 'ball');
  await page.getByRole('button', { name: 'Webcam for ball' }).click();
  const hold = page.getByRole('button', { name: 'Hold to record' });
  await hold.and(page.locator(':enabled')).waitFor(slow);
  const box = await hold.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + 10, box.y + 10);
  await page.mouse.down();
  await picturesOf(page, 'ball').nth(2).waitFor(slow);
  await page.mouse.up();
  const count = await picturesOf(page, 'ball').count();
  await hold.focus();
  await page.keyboard.down('Space');
  await picturesOf(page, 'ball').nth(count + 2).waitFor(slow); // one may have been on its way
  await page.keyboard.up('Space');
  const live = () => page.evaluate(() => {
    const streams = [...document.querySelectorAll('video')]
      .map(video => /** @type {MediaStream | null} */ (video.srcObject));
    return streams.some(stream => stream?.active);
  });
  assert.ok(await live());
  await page.getByRole('tab', { name: 'Classify' }).click();
  assert.ok(!await live());

  // What is taught answers to the webcam in Classify.
  await page.getByRole('tab', { name: 'Teach' }).click();
  await addClass(page, 'barn');
  await choose(page, 'barn', (await pictures(page)).barn.slice(0, 3));
  await looked(page);
  await teach(page);
  await page.getByRole('tab', { name: 'Classify' }).click();
  await page.getByRole('button', { name: 'My classes' }).click();
  const answer = page.getByRole('region', { name: 'What is it?' });
  await answer.getByRole('button', { name: 'Webcam' }).click();
  assert.deepEqual((await classesSaid(answer)).sort(), ['ball', 'barn']);
  await answer.getByRole('list', { name: 'What it says' }).evaluate(list => list.remove());
  await said(answer); // and again, of the next picture
  assert.ok(await live());
  await answer.getByRole('button', { name: 'Stop the webcam' }).click();
  assert.ok(!await live());

  await page.context().clearPermissions();
  await page.getByRole('tab', { name: 'Teach' }).click();
  await page.getByRole('button', { name: 'Webcam for ball' }).click();
  await page.getByText('The camera is not allowed for this page.').waitFor(slow);
  await page.getByRole('button', { name: 'Close the camera' }).click();
  await page.getByText('The camera is not allowed for this page.').waitFor({ state: 'hidden' });
});
