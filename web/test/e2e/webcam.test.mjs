// The camera in Teach, and the live camera of Classify and Look inside. Every browser of these tests has a camera,
// which shows a ball.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visit } from './harness.mjs';
import { clickSample, messages, readAnswer } from '../person.mjs';
import { stopEngineAtPhoto } from './room.mjs';
import { addClass, choose, looked, openTeach, pictures, picturesOf, slow, teach } from './teaching.mjs';

test('the camera records while the button is held, stops when the room is left, '
  + 'and a refusal is explained', async t => {
  const page = await visit(t, { permissions: ['camera'] });
  await openTeach(page);
  await addClass(page, 'ball');
  await page.getByRole('button', { name: 'Camera for ball' }).click();
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

  // What is taught answers to the camera on the stage.
  await page.getByRole('tab', { name: 'Teach' }).click();
  await addClass(page, 'barn');
  await choose(page, 'barn', (await pictures(page)).barn.slice(0, 3));
  await looked(page);
  await teach(page);
  await page.getByRole('tab', { name: 'Classify' }).click();
  await page.getByRole('button', { name: 'My classes' }).click();
  const start = page.getByRole('button', { name: 'Live camera' });
  await start.click();
  const answer = page.getByRole('region', { name: 'What is it?' });
  const guesses = answer.getByRole('list', { name: 'What is it?' }).getByRole('listitem');
  await guesses.getByText('ball').waitFor(slow);
  assert.deepEqual((await labels(guesses)).sort(), ['ball', 'barn']);
  assert.ok(await live());

  await changeCameras(page);

  // So do the model's classes, again and again, and nothing moves meanwhile.
  await answer.getByRole('button', { name: '1,000 ImageNet classes' }).click();
  await guesses.nth(4).waitFor(slow);
  await watchShifts(page);
  await page.getByText(/^(\d+ pictures? a second|One picture in .+ seconds), answered in \d+ ms$/).waitFor(slow);
  assert.deepEqual(await shifts(page), []);

  // Another model takes over, and the camera stays on.
  for (const [before, next] of [['ResNet-50', 'ResNet-50, 8-bit'], ['ResNet-50, 8-bit', 'ResNet-50']]) {
    await page.getByRole('button', { name: before, exact: true }).click();
    const models = page.getByRole('dialog', { name: 'Models' });
    await models.getByRole('listitem').filter({ has: page.getByText(next, { exact: true }) })
      .getByRole('button', { name: 'Use' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: next, exact: true }).waitFor(slow);
    const said = await guesses.first().textContent();
    await page.waitForFunction(said => document.querySelector('.live-guesses li')?.textContent !== said, said, slow);
    assert.ok(await live());
  }

  // In Look inside the blocks follow it.
  await page.getByRole('tab', { name: 'Look inside' }).click();
  await page.getByText('Live: the blocks follow the camera.').waitFor(slow);
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#look-canvas iframe'))
    ?.contentWindow.residuaView?.frames > 4, null, slow);
  assert.ok(!await page.getByRole('button', { name: 'Try without each block' }).isVisible());

  // A frozen picture is a photo like any other, and has the same answer.
  const freeze = page.getByRole('button', { name: 'Freeze' });
  await freeze.and(page.locator(':enabled')).waitFor(slow);
  await page.getByRole('tab', { name: 'Classify' }).click();
  await freeze.and(page.locator(':enabled')).waitFor(slow);
  const seen = await page.evaluate(() => {
    /** @type {HTMLElement} */ (document.querySelector('#live-freeze')).click();
    return [...document.querySelectorAll('.live-guesses li')].map(row => row.textContent);
  });
  await page.getByRole('img', { name: /^Your photo Camera, / }).waitFor(slow);
  assert.ok(!await live());
  const frozen = await readAnswer(page);
  assert.deepEqual(frozen.map(({ label, share }) => [label, share]), seen.map(row => {
    const [, label, share] = /^(.+?)\s+[<>]?\s*([\d.]+)%$/.exec(row ?? '') ?? [];
    return [label, Number(share)];
  }));
  await page.getByRole('tab', { name: 'Look inside' }).click();
  await page.getByRole('button', { name: 'Try without each block' }).waitFor(slow);

  // A camera that is unplugged is missed, and found again. Its light goes off with a photo, and with the room.
  await start.click();
  await freeze.and(page.locator(':enabled')).waitFor(slow);
  await page.evaluate(() => {
    for (const video of document.querySelectorAll('video')) {
      const stream = /** @type {MediaStream | null} */ (video.srcObject);
      stream?.getTracks().forEach(track => track.dispatchEvent(new Event('ended')));
    }
  });
  await page.getByText('The camera is gone').waitFor(slow);
  assert.ok(!await live());
  await page.getByRole('button', { name: 'Try again' }).click();
  await freeze.and(page.locator(':enabled')).waitFor(slow);

  await stopsWithEngine(page);
  await clickSample(page, 'Dust Bowl');
  await start.waitFor(slow);
  assert.ok(!await live());
  await start.click();
  await freeze.and(page.locator(':enabled')).waitFor(slow);
  await page.getByRole('tab', { name: 'Skip lab' }).click();
  assert.ok(!await live());

  await page.context().clearPermissions();
  await page.getByRole('tab', { name: 'Classify' }).click();
  await start.click();
  await page.getByText('The camera is not allowed for this page.').waitFor(slow);
  await page.getByRole('button', { name: 'Stop camera' }).click();
  await page.getByRole('tab', { name: 'Teach' }).click();
  await page.getByRole('button', { name: 'Camera for ball' }).click();
  await page.getByText('The camera is not allowed for this page.').waitFor(slow);
  await page.getByRole('button', { name: 'Close the camera' }).click();
  await page.getByText('The camera is not allowed for this page.').waitFor({ state: 'hidden' });
});

/**
 * An engine that stops in Classify ends the live camera, and this is said until the camera is on again.
 * @param {import('playwright-core').Page} page
 */
async function stopsWithEngine(page) {
  await page.getByRole('tab', { name: 'Classify' }).click();
  await stopEngineAtPhoto(page);
  const stopped = messages(page).filter({ hasText: 'The engine stopped' });
  await stopped.waitFor(slow);
  await page.getByRole('button', { name: 'Live camera' }).click();
  await stopped.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Freeze' }).and(page.locator(':enabled')).waitFor(slow);
}

/** The classes in a list of guesses. @param {import('playwright-core').Locator} rows */
const labels = async rows => (await rows.allInnerTexts()).map(text => text.split(/\s/)[0]);

/** Collects what moves without a person's doing. @param {import('playwright-core').Page} page */
async function watchShifts(page) {
  await page.evaluate(() => {
    const moved = /** @type {any} */ (globalThis).moved = /** @type {string[]} */ ([]);
    new PerformanceObserver(list => {
      for (const { hadRecentInput, sources } of /** @type {any[]} */ (list.getEntries())) {
        if (!hadRecentInput) moved.push(...sources.map((/** @type {any} */ { node }) => node?.className ?? ''));
      }
    }).observe({ type: 'layout-shift' });
  });
}

/** @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
const shifts = page => page.evaluate(() => /** @type {any} */ (globalThis).moved);

/**
 * The other camera takes over, and the first one again. Neither says which way it faces: so it faces the person, and is
 * mirrored.
 * @param {import('playwright-core').Page} page
 */
async function changeCameras(page) {
  const camera = () => page.evaluate(() => {
    const video = /** @type {HTMLVideoElement} */ (document.querySelector('#live-view video'));
    const [track] = /** @type {MediaStream} */ (video.srcObject).getVideoTracks();
    return { name: track.label, isMirrored: video.matches('[data-mirrored]') };
  });
  const seen = [await camera()];
  for (let i = 0; i < 2; i++) {
    await page.getByRole('button', { name: 'Other camera' }).click();
    await page.getByRole('button', { name: 'Freeze' }).and(page.locator(':enabled')).waitFor(slow);
    seen.push(await camera());
  }
  assert.ok(seen.every(({ isMirrored }) => isMirrored));
  assert.notEqual(seen[1].name, seen[0].name);
  assert.equal(seen[2].name, seen[0].name);
}
