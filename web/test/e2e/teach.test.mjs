// The room Teach, used as a person would.

import assert from 'node:assert/strict';
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { alp, badInputs, barn } from '../fixtures.mjs';
import { launchBrowser } from '../lib.mjs';
import { clickSample, readAnswer } from '../person.mjs';
import { proxy, scratch, useRealWeights, visit } from './harness.mjs';
import { addClass, assertAccessible, card, choose, dropOnto, looked, openTeach, part, pictures, picturesOf, ready, said, slow, teach, tryIt, twoClasses } from './teaching.mjs';

useRealWeights();

/** @typedef {import('playwright-core').Page} Page */

test('teach: two classes, from nothing to answers, and a reload keeps all of it', async t => {
  const page = await visit(t);
  const made = await pictures(page);
  await openTeach(page);
  await assertAccessible(page, 'empty');

  // One class, a broken file among good ones.
  const [, letter] = await badInputs(scratch);
  await addClass(page, 'barn');
  await dropOnto(page, card(page, 'barn'), [...made.barn.slice(0, 3), letter.file, ...made.barn.slice(3)]);
  await page.getByText('1 file could not be added. The others are here.').waitFor(slow);
  await page.getByRole('listitem').filter({ hasText: /letter\.jpg.+not a picture/ }).waitFor();
  await card(page, 'barn').getByText('6 pictures').waitFor(slow);
  const go = page.getByRole('button', { name: /^Teach it/ });
  assert.equal(await go.getAttribute('aria-disabled'), 'true');
  await page.getByText('one alone has nothing to be told from').waitFor();

  // An empty class: the button leads to it.
  await addClass(page, 'alp');
  await page.getByText('alp has no pictures yet. Add some, or delete the class.').waitFor();
  await go.focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => /** @type {HTMLInputElement} */ (document.activeElement).value), 'alp');
  await dropOnto(page, card(page, 'alp'), [join(scratch, 'teach', 'alp')]);
  await card(page, 'alp').getByText('6 pictures').waitFor(slow);
  await looked(page);
  assert.equal(await go.getAttribute('aria-disabled'), 'false');

  const right = await teach(page);
  const [, k, n] = (/^(\d+) of (\d+) right$/.exec(right) ?? []).map(Number);
  assert.ok(k >= 1 && k <= n && n >= 2, right);
  assert.match(await part(page, 'Is it any good?').getByText('With so few of them').innerText(), /between \d+% and \d+%/);
  await page.getByRole('img', { name: /^Right answers at the end: .+%/ }).waitFor();
  await page.getByRole('img', { name: /^Loss at the end: \d/ }).waitFor();

  // The matrix holds all that were judged; a cell shows its pictures with their maps.
  const cells = part(page, 'Is it any good?').getByRole('table').getByRole('button');
  const counts = (await cells.allInnerTexts()).map(Number);
  assert.equal(counts.reduce((sum, count) => sum + count, 0), n);
  await part(page, 'Is it any good?').getByRole('button', { name: /pictures? of barn, rightly told/ }).click();
  await page.getByRole('heading', { name: /of barn, rightly told/ }).waitFor();
  const shown = page.getByRole('img', { name: /^barn-\d\.jpg, with where the network sees barn$/ });
  await shown.first().waitFor(slow);
  await page.locator('.teach-heat[data-ready]').nth(await shown.count() - 1).waitFor(slow);

  await page.getByRole('button', { name: 'Draw the map' }).click();
  const map = page.getByRole('group', { name: /^Map of the pictures/ });
  await map.focus();
  await page.keyboard.press('End');
  await page.getByText(/^(barn|alp)-\d\.jpg · (barn|alp)$/).waitFor(slow);
  await assertAccessible(page, 'taught');

  assert.equal((await tryIt(page, alp)).find(([label]) => label !== 'None of these')?.[0], 'alp');
  assert.equal((await tryIt(page, barn)).find(([label]) => label !== 'None of these')?.[0], 'barn');

  await page.reload();
  await ready(page);
  assert.equal(await picturesOf(page, 'barn').count(), 6);
  assert.equal(await picturesOf(page, 'alp').count(), 6);
  assert.equal(await part(page, 'Is it any good?').getByText(/^\d+ of \d+ right$/).innerText(), right);

  // Classify answers with them, too.
  await page.getByRole('tab', { name: 'Classify' }).click();
  await clickSample(page, 'Alpine');
  await readAnswer(page, 'alp');
  await page.getByRole('button', { name: 'My classes' }).click();
  const answer = page.getByRole('region', { name: 'What is it?' });
  assert.deepEqual((await said(answer)).map(([label]) => label).filter(label => label !== 'None of these').sort(), ['alp', 'barn']);
  assert.ok(!await page.getByRole('list', { name: 'What is it?' }).isVisible());
  await page.getByRole('button', { name: '1,000 ImageNet classes' }).click();
  assert.equal((await readAnswer(page))[0].label, 'alp');
});

test('teach: by the keyboard alone, a picture is moved and deleted, and deletions are undone', async t => {
  const page = await visit(t);
  const made = await pictures(page);
  await openTeach(page);
  await twoClasses(page, 2);
  // The same picture in two classes is told, and shown.
  await choose(page, 'alp', [made.barn[0]]);
  await page.getByText('The same picture is in barn and in alp. One of the two must be wrong.').waitFor(slow);
  const show = page.getByRole('listitem').filter({ hasText: 'The same picture is in barn' }).getByRole('button', { name: 'Show these 2' });
  await show.focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.getByRole('button', { name: /^Choose barn-0\.jpg of/ }).count(), 2);

  // Move it: arrow keys, space, and the list of classes.
  await picturesOf(page, 'alp').first().focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Space');
  await page.getByText('1 chosen').waitFor();
  await page.getByRole('combobox', { name: 'Move to' }).focus();
  await page.keyboard.type('barn');
  await page.getByText('1 picture was moved to barn.').waitFor();
  await card(page, 'barn').getByText('3 pictures').waitFor();
  await card(page, 'alp').getByText('2 pictures').waitFor();
  assert.equal(await picturesOf(page, 'barn').count(), 3);
  assert.equal(await picturesOf(page, 'alp').count(), 2);

  // Delete one and bring it back.
  await picturesOf(page, 'barn').first().focus();
  await page.keyboard.press('Delete');
  await page.getByText('1 picture was deleted.').waitFor();
  await card(page, 'barn').getByText('2 pictures').waitFor();
  const undo = page.getByRole('button', { name: 'Undo' });
  await undo.focus();
  await page.keyboard.press('Enter');
  await card(page, 'barn').getByText('3 pictures').waitFor();

  // A class too, with all that is in it.
  await page.getByRole('button', { name: 'Delete class alp' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('The class alp was deleted.').waitFor();
  await card(page, 'alp').waitFor({ state: 'detached' });
  await undo.focus();
  await page.keyboard.press('Enter');
  await card(page, 'alp').getByText('2 pictures').waitFor();

  // Renamed in place; a name that is taken is refused, and the old one stays.
  const name = card(page, 'alp').getByRole('textbox');
  await name.fill('barn');
  await page.keyboard.press('Enter');
  await page.getByText('There is a class “barn” already.').waitFor();
  assert.equal(await name.inputValue(), 'alp');
  await name.fill('mountain');
  await page.keyboard.press('Enter');
  await card(page, 'mountain').waitFor();
  await page.reload();
  await ready(page);
  assert.equal(await picturesOf(page, 'barn').count(), 3);
  assert.equal(await picturesOf(page, 'mountain').count(), 2);
});

test('teach: folders dropped on the room become classes, and a picture is dragged from one to another', async t => {
  const page = await visit(t);
  await pictures(page);
  await openTeach(page);
  await dropOnto(page, page.getByText('Show the network a few pictures'), [join(scratch, 'teach')]);
  await card(page, 'barn').getByText('6 pictures').waitFor(slow);
  await card(page, 'alp').getByText('6 pictures').waitFor(slow);
  await picturesOf(page, 'alp').first().dragTo(card(page, 'barn'));
  await card(page, 'barn').getByText('7 pictures').waitFor();
  await card(page, 'alp').getByText('5 pictures').waitFor();
});

test('teach: a second tab may look, and take over; when the first is closed, another may write by itself', async t => {
  const page = await visit(t);
  await openTeach(page);
  await twoClasses(page, 2);
  const context = page.context();
  const banner = (/** @type {Page} */ on) => on.getByText('Another tab has this project open.');
  const second = await context.newPage();
  await second.goto(`${proxy.origin}/#room=teach`);
  await ready(second);
  await banner(second).waitFor(slow);
  assert.equal(await picturesOf(second, 'alp').count(), 2);
  await second.getByRole('button', { name: 'Take it over' }).click();
  await banner(second).waitFor({ state: 'hidden', ...slow });
  await banner(page).waitFor(slow);
  await addClass(second, 'third');

  const heir = await context.newPage();
  await heir.goto(`${proxy.origin}/#room=teach`);
  await ready(heir);
  await banner(heir).waitFor(slow);
  await second.close();
  await banner(heir).waitFor({ state: 'hidden', ...slow });
  await card(heir, 'third').waitFor();
  await addClass(heir, 'fourth');
});

test('teach: the webcam records while the button is held, stops when the room is left, and a refusal is explained', async t => {
  const browser = await launchBrowser({ args: ['--use-fake-device-for-media-stream'] });
  t.after(() => browser.close());
  const context = await browser.newContext({ permissions: ['camera'], locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${proxy.origin}/`);
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
    const streams = [...document.querySelectorAll('video')].map(video => /** @type {MediaStream | null} */ (video.srcObject));
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
  assert.deepEqual((await said(answer)).map(([label]) => label).filter(label => label !== 'None of these').sort(), ['ball', 'barn']);
  await answer.getByRole('list', { name: 'What it says' }).evaluate(list => list.remove());
  await said(answer); // and again
  assert.ok(await live());
  await answer.getByRole('button', { name: 'Stop the webcam' }).click();
  assert.ok(!await live());

  await context.clearPermissions();
  await page.getByRole('tab', { name: 'Teach' }).click();
  await page.getByRole('button', { name: 'Webcam for ball' }).click();
  await page.getByText('The camera is not allowed for this page.').waitFor(slow);
  await page.getByRole('button', { name: 'Close the camera' }).click();
  await page.getByText('The camera is not allowed for this page.').waitFor({ state: 'hidden' });
});

test('teach: the starter sets teach and judge across domains, the ways to teach are compared, and the project goes out and in', async t => {
  const page = await visit(t, {
    before: context => context.route('**/starters/starters.json', async route => {
      const sets = await (await route.fetch()).json();
      // Two classes of five are enough to see that it works.
      for (const set of sets) set.classes = set.classes.slice(0, 2).map((/** @type {any} */ one) => ({ ...one, pictures: one.pictures.slice(0, 5) }));
      await route.fulfill({ json: sets });
    }),
  });
  await openTeach(page);
  await page.getByRole('button', { name: 'Teach it with emoji' }).click();
  const judge = part(page, 'Is it any good?');
  await judge.getByText(/^\d+ of 10 right$/).waitFor({ timeout: 120_000 });
  await judge.getByText('of the test pictures').waitFor();
  await page.getByText('Microsoft Corporation').waitFor();
  await page.getByText('CC BY 4.0').waitFor();
  await page.getByText('5 to learn from · 5 to test').first().waitFor();
  assert.equal(await page.getByRole('option', { name: /, only for judging$/ }).count(), 10);

  const worth = part(page, 'Was the transfer worth it?');
  await judge.getByText('It learnt from renderings and was judged by drawings.').waitFor();
  // The comparison comes by itself: from the first click to the verdict there is no second one.
  await worth.getByText('Here is how they did.').waitFor({ timeout: 120_000 });
  const methods = (await worth.getByRole('row').allInnerTexts()).slice(1);
  assert.equal(methods.length, 4);
  for (const line of methods) assert.match(line, /\d+% \(\d+ of 10\)[\s\S]+\d+% to \d+%/);
  await worth.getByText(/^(Transfer (helps|hurts|makes no difference)|There are not enough pictures to tell whether transfer helps)/).waitFor();
  await worth.getByText(/linear CKA/).waitFor();
  // A reload loses nothing, the comparison included.
  await page.reload();
  await worth.getByText(/linear CKA/).waitFor({ timeout: 120_000 });
  assert.deepEqual((await worth.getByRole('row').allInnerTexts()).slice(1), methods);

  const right = await judge.getByText(/^\d+ of 10 right$/).innerText();
  const keep = part(page, 'Keep it');
  const [download] = await Promise.all([page.waitForEvent('download'), keep.getByRole('button', { name: 'Save the project' }).click()]);
  const file = join(scratch, 'project.zip');
  const half = join(scratch, 'half.zip');
  await download.saveAs(file);
  await download.saveAs(half);
  const open = async (/** @type {string} */ path) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), keep.getByRole('button', { name: 'Open a file' }).click()]);
    await chooser.setFiles([path]);
  };
  // A file cut in half changes nothing.
  await truncate(half, Math.floor((await readFile(half)).length / 2));
  await open(half);
  await page.getByText('This project file cannot be opened').waitFor(slow);
  assert.equal(await page.getByRole('listbox').getByRole('option').count(), 20);

  await keep.getByRole('button', { name: 'Start over' }).click();
  await page.getByText(/^Delete all classes, 20 pictures and all that was taught\?/).waitFor();
  await keep.getByRole('button', { name: 'Delete all' }).click();
  await page.getByText('With your own pictures').waitFor(slow);
  await open(file);
  await keep.getByText('The project is here, with 20 pictures.').waitFor(slow);
  // Where there is something, it is asked before.
  await open(file);
  await keep.getByText(/^Put the project of the file in the place of what is here\? 20 pictures/).waitFor(slow);
  await keep.getByRole('button', { name: 'Open it' }).click();
  await keep.getByText(/^Put the project/).waitFor({ state: 'hidden' });
  await keep.getByText('The project is here, with 20 pictures.').waitFor(slow);
  assert.equal(await judge.getByText(/^\d+ of 10 right$/).innerText(), right);
  assert.equal((await tryIt(page, barn)).length >= 2, true);
});
