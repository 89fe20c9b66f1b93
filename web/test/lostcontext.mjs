// Takes the view's WebGL context away, as browsers do, and times how long it takes to be back:
//
//   node web/test/lostcontext.mjs [TIMES]
//
// Each time it must be back with the same picture and the same words. It ends with an error where it is not, or where
// it takes more than three seconds.
import './needs.mjs';
import assert from 'node:assert/strict';
import { launchBrowser } from './lib.mjs';
import { loseContext, next, wordsOf } from './view/page.mjs';
import { settled } from './view/settled.mjs';
import { firstState, size, startSite } from './view/site.mjs';

const losses = Number(process.argv[2] ?? 50);
const [site, browser] = await Promise.all([startSite(), launchBrowser()]);
try {
  const page = await browser.newPage({ viewport: size });
  await page.goto(`${site.origin}/`);
  await page.evaluate(async state => {
    const { lab } = /** @type {any} */ (globalThis);
    const ready = lab.next('ready');
    lab.view.setState(state);
    await lab.send('overview');
    await ready;
    await lab.send('sweep');
  }, { ...firstState, map: 'magma' });
  const before = await settled(page);
  const words = await wordsOf(page);
  /** @type {number[]} */
  const times = [];
  for (let i = 1; i <= losses; i++) {
    const ready = next(page, 'ready');
    const began = performance.now();
    await loseContext(page);
    assert.deepEqual(await ready, { kind: 'ready', renderer: 'webgl', reloads: i });
    times.push(performance.now() - began);
    assert.ok(await settled(page) === before, `after ${i} losses the picture is another`);
    assert.equal(await wordsOf(page), words);
  }
  times.sort((a, b) => a - b);
  const [median, most] = [times[times.length >> 1], times[times.length - 1]];
  console.log(`back after ${median.toFixed(0)} ms in the median, ${most.toFixed(0)} ms at most (${losses} times)`);
  assert.ok(most <= 3000, 'it took too long');
} finally {
  await browser.close();
  await site.close();
}
