// The canvas of Look inside, in the page: it is played and enlarged.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inside, settled, shotOf } from '../view/settled.mjs';
import { sharedPage } from './harness.mjs';
import { button, focused, lookInside, showsBarn } from './room.mjs';

const shared = sharedPage({ reducedMotion: 'no-preference', before: context => context.clock.install() });

/**
 * Stops the time, with the barn in the room: it goes on when the test says so, and the view paints only then.
 * @param {import('node:test').TestContext} t
 */
async function stopTime(t) {
  const page = await shared(t);
  await lookInside(page);
  const before = await showsBarn(page);
  const { clock } = page;
  t.after(() => clock.resume());
  await clock.pauseAt(1000 + await page.evaluate(() => Date.now()));
  /** Lets so many milliseconds go by. What is painted at their end needs messages to the view, which no clock has. */
  const pass = async (/** @type {number} */ ms) => {
    const [turns, frames] = [3, 32];
    await clock.runFor(ms - turns * frames);
    for (let i = 0; i < turns; i++) {
      await inside(page).evaluate(() => new Promise(done => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = done;
        port2.postMessage(null);
      }));
      await clock.runFor(frames);
    }
  };
  return { page, before, pass, resume: () => clock.resume() };
}

test('the way of the photo is played, pauses, stops at its end, and is the same picture again', async t => {
  const { page, before, pass, resume } = await stopTime(t);
  await button(page, 'Play').click();
  const seen = new Set([before]);
  for (let i = 0; i < 3; i++) {
    await pass(1000);
    seen.add(await shotOf(page));
  }
  assert.equal(seen.size, 4, 'it moves');
  await button(page, 'Pause').click();
  await pass(200);
  const paused = await shotOf(page);
  await pass(1000);
  assert.ok(await shotOf(page) === paused, 'it does not pause');
  await button(page, 'Play').click();
  await pass(9000); // the whole way's time, of which some is gone
  await button(page, 'Play').waitFor();
  await resume();
  assert.ok(await settled(page) === before, 'it looks different after its way');
});

test('where motion is unwelcome the photo goes by steps', async t => {
  const { page, before, pass, resume } = await stopTime(t);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  t.after(() => page.emulateMedia({ reducedMotion: null }));
  await button(page, 'Play').click();
  // There are 19 stops in nine seconds: one in 474 ms, or what the next frame makes of it, which is 480.
  await pass(440);
  assert.ok(await shotOf(page) === before, 'it moves between two stops');
  await pass(140);
  const first = await shotOf(page);
  assert.ok(first !== before, 'it does not go to the first stop');
  await pass(340);
  assert.ok(await shotOf(page) === first, 'it moves between two stops');
  await pass(140);
  assert.ok(await shotOf(page) !== first, 'it does not go to the second stop');
  await pass(9000);
  await button(page, 'Play').waitFor();
  await resume();
  assert.ok(await settled(page) === before, 'it looks different after its way');
});

test('buttons enlarge and show all, and say when there is nothing left to do', async t => {
  const page = await shared(t);
  await lookInside(page);
  const before = await showsBarn(page);
  const [larger, smaller, all] = ['Zoom in', 'Zoom out', 'Show all'].map(name => button(page, name));
  const idle = async () => Promise.all([larger, smaller, all].map(control => control.getAttribute('aria-disabled')));
  assert.deepEqual(await idle(), ['false', 'true', 'true']);
  await larger.focus();
  await page.keyboard.press('Enter');
  const once = await settled(page);
  assert.ok(once !== before);
  assert.deepEqual(await idle(), ['false', 'false', 'false']);
  await page.keyboard.press('Enter');
  assert.ok(await settled(page) !== once);
  await smaller.click();
  assert.ok(await settled(page) === once);
  await all.press('Enter');
  assert.ok(await settled(page) === before);
  assert.deepEqual(await idle(), ['false', 'true', 'true']);
  await all.press('Enter');
  assert.equal(await focused(page), 'Show all', 'a button with nothing to do keeps the keyboard');
});
