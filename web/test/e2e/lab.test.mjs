// The room Skip lab: lessons, the signal before training, a run with its curves, what can be taken along, and a run
// that a reload has cut off. The networks are small and see few pictures.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { computesMuch, visit } from './harness.mjs';

/** @typedef {import('playwright-core').Page} Page */

computesMuch();

const slow = { timeout: 60_000 };
/** Two networks of 8 layers that tell left from right. */
const small = 'net=8.w4&net=8.none.w4&data=shapes&task=direction&train=100&held=60&batch=16';

/** @param {Page} page @param {string} name */
const button = (page, name) => page.getByRole('button', { name, exact: true });
/** The part of the room under a heading. @param {Page} page @param {string} name */
const region = (page, name) => page.getByRole('region', { name, exact: true });
/** What is said of each network under the picture's tabs. @param {Page} page */
const said = page => region(page, 'The picture').getByRole('listitem');

/** @param {Page} page @param {string} code */
const choose = (page, code) => page.evaluate(code => { location.hash = `room=lab&${code}`; }, code);

/** The room's address without what is not its own. @param {Page} page */
const address = page => new URL(page.url()).hash;

/** @param {Page} page */
const whereItIs = page => page.getByText(/^Step \d+ of \d+/);

test('the first screen says what a shortcut is for; a lesson sets everything, and is undone', async t => {
  const page = await visit(t, { path: '/#room=lab&lesson=vanishing' });
  await said(page).nth(1).waitFor(slow);
  const [residual, plain] = await said(page).allInnerTexts();
  assert.match(residual, /^Residual, 20 layers The gradient arrives/);
  assert.match(plain, /^Plain, 20 layers .*it vanishes/);
  assert.equal(await page.getByRole('button', { name: /The gradient vanishes/, pressed: true }).count(), 1);

  await page.getByText('The numbers, as a table').click();
  const table = region(page, 'The picture').getByRole('table');
  await table.getByRole('row').nth(20).waitFor(); // it is filled when it opens
  assert.equal(await table.getByRole('row').count(), 1 + 20, 'a line for each layer with weights');

  await page.getByRole('button', { name: /Both learn/ }).click();
  await page.waitForFunction(() => location.hash === '#room=lab&lesson=shallow');
  await page.getByText('The gradient arrives').nth(1).waitFor(slow);
  await button(page, 'Undo').click();
  await page.waitForFunction(() => location.hash === '#room=lab&lesson=vanishing');

  // The keyboard moves the slider of the depth, and the picture follows.
  const networks = region(page, 'Networks').getByRole('article');
  await networks.nth(1).getByRole('slider', { name: /Depth/ }).press('Home');
  await page.getByText('Plain, 8 layers').first().waitFor();
  assert.match(address(page), /net=20\.no-norm&net=8\.none\.no-norm/);
  await region(page, 'Networks').getByText('What the words mean').click();
  await page.getByText('How many numbers the network learns, and how much memory its training takes.').waitFor();
  await said(page).nth(1).waitFor(slow);
  await button(page, 'Duplicate Plain, 8 layers').click();
  assert.equal(await networks.count(), 3);
  await button(page, 'Remove Residual, 20 layers').click();
  assert.equal(await networks.count(), 2);
  await said(page).nth(1).waitFor(slow);
  await assertAccessible(page, 'Skip lab');

  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('button', { name: '训练', exact: true }).waitFor();
  await page.getByText('普通网络，8 层').first().waitFor();
});

test('networks are trained, pause, make a step, and say what was seen; they can be taken along', async t => {
  const page = await visit(t, { path: `/#room=lab&${small}&steps=400` });
  await said(page).nth(1).waitFor(slow);
  await button(page, 'One step').click();
  await page.getByText('Step 1 of 400').waitFor(slow);
  await button(page, 'Go on').click();
  await page.getByText(/^Step ([2-9]|\d\d+) of 400/).waitFor(slow);
  await button(page, 'Pause').click();
  await button(page, 'Go on').waitFor();
  const paused = await whereItIs(page).innerText();
  await page.waitForTimeout(300);
  assert.equal(await whereItIs(page).innerText(), paused, 'it stands still');
  await button(page, 'Go on').click();

  await page.getByText('What was seen').waitFor(slow);
  const numbers = page.getByRole('table', { name: 'The numbers of each network' }).getByRole('row');
  assert.equal(await numbers.count(), 3);
  assert.match(await numbers.nth(1).innerText(), /Residual, 8 layers\s+\d\.\d\d\s+[\d.]+%\s+[\d.]+%/);
  const chart = page.getByRole('slider', { name: 'Loss' });
  await chart.press('Home');
  assert.match(await chart.getAttribute('aria-valuetext') ?? '', /^Step 1: Residual, 8 layers \d.* Plain, 8 layers \d/);
  await assertAccessible(page, 'after a run');

  const [curves] = await Promise.all([page.waitForEvent('download'), button(page, 'Save curves (CSV)').click()]);
  const lines = (await readFile(await curves.path(), 'utf8')).trim().split('\r\n');
  assert.equal(lines.length, 1 + 2 * 400);
  assert.match(lines[1], /^1,"Residual, 8 layers",\d/);
  const [weights] = await Promise.all([
    page.waitForEvent('download'), button(page, 'Safetensors').first().click(),
  ]);
  const header = (await readFile(await weights.path())).subarray(8, 4000).toString();
  assert.match(header, /"layer1\.0\.conv1\.weight"/);

  await button(page, 'Paths').click();
  await button(page, 'Measure the paths').click();
  await page.getByText(/of its 3 blocks\.$/).waitFor(slow);
  await button(page, 'Landscape').click();
  await button(page, 'Map the landscape').click();
  await page.getByText('Walking over the landscape…').waitFor(slow);
  await button(page, 'Cancel').click();
  await button(page, 'Map the landscape').waitFor(slow);

  await button(page, 'Classify with it').first().click();
  await page.getByRole('tab', { name: 'Classify', selected: true }).waitFor(slow); // the lab has buttons of that name
  await page.getByRole('button', { name: 'Residual, 8 layers' }).waitFor(slow);
});

/**
 * Waits until the browser keeps a run, or none.
 * @param {import('playwright-core').Page} page
 * @param {boolean} wanted
 */
const kept = (page, wanted) => page.waitForFunction(async isWanted => {
  const name = 'residua-lab';
  if (!(await indexedDB.databases()).some(one => one.name === name)) return !isWanted; // opening it would make it
  return new Promise(done => {
    const request = indexedDB.open(name);
    request.onsuccess = () => {
      const runs = request.result.transaction('runs').objectStore('runs').count();
      runs.onsuccess = () => {
        request.result.close();
        done(runs.result > 0 === isWanted);
      };
    };
  });
}, wanted);

test('a run that a reload cuts off goes on where it was, and a finished one is shown again', async t => {
  const page = await visit(t, { path: `/#room=lab&${small}&steps=50` });
  await button(page, 'One step').click();
  await page.getByText('Step 1 of 50').waitFor(slow);
  await kept(page, true); // once it pauses
  await page.reload();
  await page.getByText('A training was cut off at step 1 of 50.').waitFor(slow);
  await page.getByRole('status').getByRole('button', { name: 'Go on' }).click();
  await page.getByText('What was seen').waitFor(slow);
  const seen = await page.getByRole('table', { name: 'The numbers of each network' }).innerText();
  await page.reload();
  await button(page, 'Show it').click();
  await page.getByText('What was seen').waitFor(slow);
  assert.equal(await page.getByRole('table', { name: 'The numbers of each network' }).innerText(), seen);
  await button(page, 'Start over').click();
  await page.getByText('50 steps', { exact: true }).waitFor();
  await kept(page, false);
  await page.reload();
  await said(page).nth(1).waitFor(slow);
  assert.equal(await button(page, 'Show it').isVisible(), false, 'it was forgotten');
});

test('what cannot be done is said in sentences', async t => {
  const page = await visit(t, { path: `/#room=lab&${small}&steps=50` });
  await said(page).nth(1).waitFor(slow);
  await button(page, 'Transfer').click();
  await button(page, 'Freeze and transfer').waitFor();
  await button(page, 'Digits').click();
  await page.getByText('These pictures are all of one kind.').waitFor();
  assert.equal(await button(page, 'Freeze and transfer').isDisabled(), true);
  await button(page, 'Signal').click();
  await button(page, 'Yours').click();
  await page.getByText('Teach has no two classes with pictures yet.').first().waitFor(slow);

  await choose(page, 'net=56.w16&net=56.w16.none&net=56.w16&net=56.w16&size=32&batch=128&data=shapes');
  await page.getByText(/need [\d,.]+ MB of memory while they train/).first().waitFor(slow);
  assert.equal(await page.getByText(/Error|undefined|NaN|panic/).count(), 0);
});
