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
  // Before anything is taught the section comes when it is asked for: which network, and which block?
  const domains = part(page, 'Across domains');
  assert.equal(await domains.isVisible(), false);
  await page.getByRole('button', { name: 'Which network suits?' }).click();
  await domains.getByRole('heading', { name: 'Which network?' }).and(page.locator(':focus')).waitFor();
  await domains.getByRole('button', { name: 'Score the networks' }).and(page.locator(':enabled')).waitFor(slow);
  await teach(page);
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
  // The best block is taught from at once, unless a training would take it anyway.
  const from = domains.getByRole('button', { name: /^Teach from block / });
  const named = /^Block (\S+) of/.exec(await domains.getByText(/ suits your classes best\.$/).innerText())?.[1];
  assert.equal(await from.count(), named === '4.3' ? 0 : 1);
  if (named !== '4.3') assert.equal(await from.innerText(), `Teach from block ${named}`);
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

/**
 * Chooses another model.
 * @param {import('playwright-core').Page} page
 * @param {string} from
 * @param {string} to  their titles
 */
async function goTo(page, from, to) {
  await page.getByRole('button', { name: from, exact: true }).click();
  const row = page.getByRole('dialog', { name: 'Models' }).getByRole('listitem')
    .filter({ has: page.getByText(to, { exact: true }) });
  await row.getByRole('button', { name: 'Use' }).click();
  await page.getByRole('button', { name: to, exact: true }).waitFor(slow);
  await page.keyboard.press('Escape');
}

test('the pictures go along to another model, and other tabs notice; what it learns is as if they were given to it',
  async t => {
    const page = await shared(t);
    // By the API: a project in a store, and one in a file, beside one to which the pictures were given.
    const got = await page.evaluate(async () => {
      const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
      const { MemoryStore } = await import(/** @type {any} */ ('/static/api/teach/memorystore.js'));
      const refusal = (/** @type {Promise<unknown>} */ call) =>
        call.then(() => '', (/** @type {any} */ error) => `${error.code}: ${error.message}`);
      const [one, other] = [await Residua.load(), await Residua.load({ model: 'resnet50-int8' })];
      const store = new MemoryStore();
      const before = one.teach({ store });
      const drawn = await before.drawShapes({ task: 'form', count: 48, size: 64, seed: 1 });
      const fill = async (/** @type {any} */ teacher) => {
        for (const name of drawn.classes.slice(0, 2)) await teacher.addClass(name);
        for (const { label, image } of drawn.pictures) {
          if (label < 2) await teacher.add(drawn.classes[label], image, { domain: 'drawn' });
          else if (label === 2) await teacher.addUnlabelled(image);
        }
        return teacher;
      };
      await fill(before);
      await before.train();
      const file = await before.export('project');
      const refused = [await refusal(other.teach({ store }).restore()), await refusal(other.teach().import(file))];
      const all = [other.teach({ store }), other.teach(), await fill(other.teach())];
      await all[0].restore({ fromOtherModel: true });
      await all[1].import(file, { fromOtherModel: true });
      const taught = [all[0].evaluate(), all[1].evaluate()];
      const results = [];
      for (const teacher of all) {
        await teacher.ready();
        await teacher.train();
        const ids = [...teacher.classes.flatMap((/** @type {any} */ { pictures }) => pictures), ...teacher.unlabelled]
          .map(({ id }) => id);
        const blocks = (await teacher.store.blocks(ids)).map((/** @type {Uint16Array} */ row) => row.join());
        const { predictions } = await teacher.predict(drawn.pictures[0].image);
        const records = JSON.stringify([teacher.classes, teacher.unlabelled], (key, value) =>
          (key === 'id' || key === 'classId' || key === 'added' ? undefined : value));
        results.push({ pictures: ids.length, blocks, records, said: JSON.stringify(predictions) });
      }
      one.close();
      other.close();
      return { refused, taught, results };
    });
    for (const text of got.refused) {
      assert.match(text, /^bad-project: .+ it is of the network "resnet50", and "resnet50-int8" is here/);
    }
    assert.deepEqual(got.taught, [null, null]);
    const [taken, opened, fresh] = got.results;
    assert.ok(fresh.pictures > 16 && fresh.blocks[0].length > 1000);
    assert.deepEqual(taken, fresh);
    assert.deepEqual(opened, fresh);

    // As a person does it.
    await twoClasses(page, 3);
    await teach(page);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByText('Another tab has this project open.').waitFor(slow);
    await goTo(page, 'ResNet-50', 'ResNet-50, 8-bit');
    const rests = page.getByText('Your classes belong to ResNet-50 and rest while you use ResNet-50, 8-bit');
    await rests.waitFor();
    assert.equal(await card(page, 'barn').isVisible(), false);
    await page.getByRole('button', { name: 'Use ResNet-50', exact: true }).last().click();
    await page.getByRole('button', { name: 'ResNet-50', exact: true }).waitFor(slow);
    await card(page, 'barn').waitFor();
    await part(page, 'Is it any good?').getByText(/^\d+ of \d+ right$/).waitFor();

    await goTo(page, 'ResNet-50', 'ResNet-50, 8-bit');
    await rests.waitFor();
    const take = page.getByRole('button', { name: 'Take the pictures along' });
    await take.focus();
    await page.keyboard.press('Enter');
    const sure = page.getByRole('group', { name: 'Take the pictures along' });
    await sure.getByText('What goes for good: all that ResNet-50 was taught').waitFor();
    await assertAccessible(page, 'whether to take the pictures along');
    await sure.getByRole('button', { name: 'Cancel' }).focus();
    await page.keyboard.press('Enter');
    assert.ok(await take.evaluate(button => button === document.activeElement), 'the focus goes back');
    await page.keyboard.press('Enter');
    await sure.getByRole('button', { name: 'Take them along' }).waitFor();
    await page.keyboard.press('Enter'); // it has the focus
    await card(page, 'alp').waitFor();
    await rests.waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'teach-title');
    assert.equal(await part(page, 'Is it any good?').isVisible(), false, 'what was taught has gone');
    await other.getByText('Your classes belong to ResNet-50, 8-bit and rest while you use ResNet-50').waitFor(slow);
    await other.close(); // or it would write when this tab is loaded anew

    // A tab that is loaded anew goes on with what is missing.
    await page.reload();
    await page.getByRole('button', { name: 'ResNet-50, 8-bit', exact: true }).waitFor(slow);
    await card(page, 'barn').waitFor(slow);
    await looked(page);
    assert.deepEqual([await picturesOf(page, 'barn').count(), await picturesOf(page, 'alp').count()], [3, 3]);
    await teach(page);
  });
