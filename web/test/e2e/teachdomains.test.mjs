// The section Across domains of the room Teach, used as a person would: to find the blocks that know the classes, and
// to fit what was taught to other pictures. The small network knows little, so that the tests are about what is shown.

import assert from 'node:assert/strict';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../lib.mjs';
import { assertAccessible } from './accessible.mjs';
import { scratch } from './harness.mjs';
import {
  card, dropOnto, looked, part, pictures, picturesOf, ready, said, sharedRoom, slow, startOver, teach, tryIt,
  twoClasses,
} from './teaching.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Lets a test keep a request from the engine: waitsFor is the request, and held sends it. */
const holdRequests = () => {
  const page = /** @type {any} */ (globalThis);
  globalThis.Worker = class extends Worker {
    /** @param {any} message  @param {any} [transfer] */
    postMessage(message, transfer) {
      const send = () => super.postMessage(message, transfer);
      if (!page.waitsFor || message?.op !== page.waitsFor) return send();
      page.waitsFor = undefined;
      page.held = send;
    }
  };
};

const shared = sharedRoom({ before: context => context.addInitScript(holdRequests) });

test('the blocks are asked, one of them is taught from, and a reload keeps that', async t => {
  const page = await shared(t);
  await twoClasses(page);
  await teach(page);
  const domains = part(page, 'Across domains');
  const ask = domains.getByRole('button', { name: 'Ask every block' });
  await ask.focus();
  await page.keyboard.press('Enter');
  const verdict = domains.getByText(/knows your classes best: \d+% right\.$/);
  await verdict.waitFor(slow);
  assert.ok(await ask.evaluate(button => button === document.activeElement), 'the keyboard is where it was');

  // The sentence, the chart and the table say the same.
  const share = /(\d+%) right/.exec(await verdict.innerText())?.[1];
  const spoken = new RegExp(`^Chart: right by block\\. The best is .+ with ${share};`);
  await domains.getByRole('img', { name: spoken }).waitFor();
  await domains.getByText('All blocks, or several together').focus();
  await page.keyboard.press('Enter');
  const box = domains.getByRole('checkbox', { name: /^Teach from block / });
  assert.equal(await box.count(), 16);
  assert.equal(await box.and(page.locator(':checked')).count(), 1);
  const best = domains.getByRole('row').filter({ has: page.locator(':checked') });
  assert.ok((await best.innerText()).includes(`${share} (`), await best.innerText());
  await assertAccessible(page, 'probed');

  // Two blocks in place of the best: the button says what it will do.
  await box.and(page.locator(':checked')).uncheck();
  assert.equal(await domains.getByRole('button', { name: 'Choose a block to teach from' }).isDisabled(), true);
  for (const block of ['3.1', '4.1']) {
    await domains.getByRole('checkbox', { name: `Teach from block ${block}` }).focus();
    await page.keyboard.press('Space');
  }
  await domains.getByRole('button', { name: 'Teach from 3.1, 4.1' }).click();
  const settings = part(page, 'Teach it').getByText('Learns from 3.1, 4.1 instead of the last block.');
  await settings.waitFor();
  await page.getByText(/^Done in .+\.$/).waitFor(slow);
  const judge = part(page, 'Is it any good?');
  const right = await judge.getByText(/^\d+ of \d+ right$/).innerText();
  await page.reload();
  await ready(page);
  await settings.waitFor();
  assert.equal(await judge.getByText(/^\d+ of \d+ right$/).innerText(), right);
  await part(page, 'Teach it').getByRole('button', { name: 'Last block again' }).click();
  await settings.waitFor({ state: 'hidden' });

  // A network of the person's own is here too, but what is kept of it is damaged: that is said, and the others are
  // scored.
  const file = await readFile(join(root, 'resnet', 'modelfile', 'testdata', 'torchvision-basic.safetensors'), 'base64');
  await page.evaluate(async text => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
    (await Residua.load({ file: new File([bytes], 'mine.safetensors') })).close();
    const cache = await caches.open('residua-models-1');
    for (const { url } of await cache.keys()) {
      if (!/own-.*bin$/.test(url)) continue;
      const { byteLength } = await (await cache.match(url))?.arrayBuffer() ?? {};
      await cache.put(url, new Response(new Uint8Array(byteLength ?? 0)));
    }
  }, file);
  await domains.getByRole('button', { name: 'Score the networks' }).click();
  await domains.getByText(/^Block .+ of ResNet-50.* suits your classes best\.$/).waitFor(slow);
  const damaged = domains.getByRole('row', { name: /^mine/ });
  assert.match(await damaged.innerText(), /no longer on this device/);
});

test('what was taught is fitted to pictures without a class, and put back as it was', async t => {
  const page = await shared(t);
  const made = await pictures(page);
  await twoClasses(page, 4);
  const right = await teach(page);
  const domains = part(page, 'Across domains');
  const run = domains.getByRole('button', { name: 'Try the ways' });
  assert.equal(await run.isDisabled(), true);
  await domains.getByText('There are no other pictures yet: add test pictures, or pictures without a class.').waitFor();

  const add = domains.getByRole('button', { name: 'Add pictures without a class' });
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), add.click()]);
  await chooser.setFiles(made.barn.slice(4));
  // Folders can be dropped there, too.
  const folder = join(scratch, 'others', 'alp');
  await mkdir(folder, { recursive: true });
  for (const [i, path] of made.alp.slice(4).entries()) await cp(path, join(folder, `${i}.jpg`));
  await domains.getByText('2 pictures without a class', { exact: true }).waitFor(slow);
  await dropOnto(page, add, [join(scratch, 'others')]);
  await domains.getByText('4 pictures without a class', { exact: true }).waitFor(slow);
  await looked(page);
  assert.equal(await picturesOf(page, 'barn').count(), 4);
  await page.getByRole('button', { name: 'Draw the map' }).click();
  await page.getByText('4 pictures without a class are not on the map.').waitFor(slow);

  // Pictures that change meanwhile end it: no result is of other pictures than those that are there.
  const measure = domains.getByRole('button', { name: 'Measure' });
  await page.evaluate(() => { /** @type {any} */ (globalThis).waitsFor = 'domains-distance'; });
  await measure.click();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).held);
  await picturesOf(page, 'barn').last().focus();
  await page.keyboard.press('Delete');
  await domains.getByText('The pictures, the classes or what was taught have changed. Start again.').waitFor(slow);
  await page.evaluate(() => /** @type {any} */ (globalThis).held());
  await page.getByRole('button', { name: 'Undo' }).click();
  await card(page, 'barn').getByText('4 pictures', { exact: true }).waitFor();
  await measure.click();
  await domains.getByText('There are too few pictures to tell.').waitFor(slow);
  assert.equal(await domains.getByRole('button', { name: 'Close the gap' }).count(), 0);
  const spoken = /^Chart: the distance of pictures it learns from and pictures without a class/;
  await domains.getByRole('img', { name: spoken }).waitFor();

  await run.click();
  const way = domains.getByRole('row', { name: /CORAL/ });
  await way.waitFor(slow);
  await domains.getByText('No gap was found. With more pictures a small one might show.').waitFor();
  await assertAccessible(page, 'ways tried');
  const before = await tryIt(page, made.barn[0]);
  await way.getByRole('button', { name: 'Use this' }).focus();
  await page.keyboard.press('Enter');
  await domains.getByText('From now on this answers: Correlations matched (CORAL).').waitFor(slow);
  assert.equal(await domains.getByRole('combobox', { name: 'With this way' }).inputValue(), 'coral');
  const judge = part(page, 'Is it any good?');
  await judge.getByText('What answers now was fitted to other pictures, under Close the gap.').waitFor();
  const tried = part(page, 'Try it');
  while (String(await said(tried)) === String(before)) await tried.getByRole('listitem').first().waitFor();

  // A reload keeps both: what answers now, and what can come back.
  await page.reload();
  await ready(page);
  await judge.getByText('What answers now was fitted to other pictures, under Close the gap.').waitFor(slow);
  await domains.getByText('4 pictures without a class', { exact: true }).waitFor();
  await domains.getByRole('button', { name: 'Put it back as it was' }).focus();
  await page.keyboard.press('Enter');
  await domains.getByText('What you had taught answers again.').waitFor(slow);
  assert.equal(await judge.getByText(/^\d+ of \d+ right$/).innerText(), right);

  // A new training takes away what was measured against the last one. Of a thorough one the ways leave something out.
  await run.click();
  await way.waitFor(slow);
  await page.getByRole('radio', { name: /^Thorough/ }).check();
  await teach(page);
  await way.waitFor({ state: 'hidden' });
  await domains.getByText(/^These ways fit a new last layer alone/).waitFor();
  await page.getByRole('radio', { name: /^Quick/ }).check();

  // Pictures that no class is left beside can still be deleted.
  for (const name of ['barn', 'alp']) await page.getByRole('button', { name: `Delete class ${name}` }).click();
  await part(page, 'Keep it').getByRole('button', { name: 'Start over' }).click();
  await page.getByText(/^Delete all classes, 4 pictures and all that was taught\?/).waitFor();
  await startOver(page);
});
