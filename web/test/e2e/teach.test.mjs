// The room Teach, used as a person would.

import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { alp, badInputs, barn } from '../fixtures.mjs';
import { clickSample, dropFiles, messages, readAnswer } from '../person.mjs';
import { filesOf, zipOf } from '../teachstore/zip.mjs';
import { assertAccessible } from './accessible.mjs';
import { proxy, scratch } from './harness.mjs';
import { choice, classField, where } from './room.mjs';
import {
  addClass, card, choose, classesSaid, dropOnto, looked, part, pictures, picturesOf, ready, said, sharedRoom, slow,
  startOver, teach, tryIt, twoClasses, unfold,
} from './teaching.mjs';

/** @typedef {import('playwright-core').Page} Page */

const shared = sharedRoom();

test('two classes, from nothing to answers, and a reload keeps all of it', async t => {
  const page = await shared(t);
  const made = await pictures(page);
  await assertAccessible(page, 'empty');
  // With nothing to keep there is only the way back to what was kept.
  assert.deepEqual(await part(page, 'Saved something before?').getByRole('button').allInnerTexts(), ['Open a file']);

  // One class, a broken file among good ones.
  const [, letter] = await badInputs(scratch);
  await addClass(page, 'barn');
  await dropOnto(page, card(page, 'barn'), [...made.barn.slice(0, 3), letter.file, ...made.barn.slice(3)]);
  await page.getByText('1 file could not be added.').waitFor(slow);
  await page.getByRole('listitem').filter({ hasText: /letter\.jpg.+not a picture/ }).waitFor();
  await card(page, 'barn').getByText('6 pictures').waitFor(slow);
  await part(page, 'Your classes').getByText('What the words mean').click();
  await page.getByText('How many pictures it learns from, and how many only test what it has learnt.').waitFor();
  const go = page.getByRole('button', { name: /^Teach it/ });
  assert.equal(await go.getAttribute('aria-disabled'), 'true');
  const lonely = page.getByText('There is only one class: nothing to tell it from.');
  await lonely.waitFor(slow);
  await part(page, 'Teach it').getByText('one alone has nothing to be told from').waitFor();

  // An empty class: the button leads to it.
  await addClass(page, 'alp');
  await part(page, 'Teach it').getByText('alp has no pictures yet. Add some, or delete the class.').waitFor();
  await go.focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => /** @type {HTMLInputElement} */ (document.activeElement).value), 'alp');
  await dropOnto(page, card(page, 'alp'), [join(scratch, 'teach', 'alp')]);
  await card(page, 'alp').getByText('6 pictures').waitFor(slow);
  await looked(page);
  assert.equal(await go.getAttribute('aria-disabled'), 'false');

  // A third of the pictures is kept back to judge by, and barns and mountains are far apart.
  assert.equal(await teach(page), '4 of 4 right');
  await lonely.waitFor({ state: 'detached' }); // whether or not the pictures were still being looked at
  const judge = part(page, 'Is it any good?');
  // Wilson's interval of 4 of 4 at 95%: from 4 / (4 + 1.96²) on. It takes 9 that are all right for an interval of 30
  // points. One of three pictures is hidden, so five more take fifteen in two classes: eight in each, said as ten.
  await judge.getByText('of very many it might get anything from 51% to 100% right.').waitFor();
  await part(page, 'Teach it').getByText('I hid 4 of your 12 pictures as a test. It got 4 right. '
    + 'Too few to be sure: about 10 more of each class would tell.').waitFor();
  for (const name of ['barn', 'alp']) {
    assert.equal(await page.getByRole('option', { name: new RegExp(`^${name}.+, kept hidden as a test$`) }).count(), 2);
    await card(page, name).getByText('2 hidden as a test').waitFor();
  }

  // Curves and figures are folded until somebody wants them.
  assert.equal(await page.getByRole('img', { name: /^Right answers at the end/ }).count(), 0);
  assert.equal(await judge.getByRole('table').count(), 0);
  await page.locator('summary').filter({ hasText: 'how it learnt' }).focus();
  await page.keyboard.press('Enter');
  await unfold(judge, 'each class');
  await page.getByRole('img', { name: /^Right answers at the end: > 99.9% .+, > 99.9% of those/ }).waitFor();
  await page.getByRole('img', { name: /^Loss at the end: 0.00 for .+, 0.00 for those/ }).waitFor();

  // The matrix holds all that were judged; a cell shows its pictures with their maps.
  const rows = (await judge.getByRole('table').getByRole('row').allInnerTexts()).slice(1);
  assert.deepEqual(rows.map(row => row.split(/\s+/)), [['barn', '2', '0'], ['alp', '0', '2']]);
  await judge.getByRole('button', { name: '2 pictures of barn, rightly told' }).click();
  await page.getByRole('heading', { name: '2 pictures of barn, rightly told' }).waitFor();
  const shown = page.getByRole('img', { name: /^barn-\d\.jpg, with where the network sees barn$/ });
  await shown.nth(1).waitFor(slow);
  assert.equal(await shown.count(), 2);
  await page.locator('.teach-heat[data-ready]').nth(1).waitFor(slow); // the map is for the eye only: it has no role

  await page.getByRole('button', { name: 'Draw the map' }).click();
  const map = page.getByRole('group', { name: /^Map of the pictures/ });
  await page.getByText(/^The map shows/).waitFor(slow); // its place is there before it is
  await map.focus();
  await page.keyboard.press('End');
  await page.getByText(/^(barn|alp)-\d\.jpg · (barn|alp)$/).waitFor(slow);
  await assertAccessible(page, 'taught');
  // A file that is no picture changes nothing of it.
  await dropOnto(page, card(page, 'barn'), [letter.file]);
  await page.getByText('2 files could not be added.').waitFor(slow);
  await page.waitForTimeout(200); // longer than the room takes to show what has changed
  assert.ok(await map.isVisible(), 'the map is gone');

  assert.deepEqual((await tryIt(page, alp)).map(([label]) => label), ['alp', 'barn']);
  assert.deepEqual((await tryIt(page, barn)).map(([label]) => label), ['barn', 'alp']);

  await page.reload();
  await ready(page);
  assert.equal(await picturesOf(page, 'barn').count(), 6);
  assert.equal(await picturesOf(page, 'alp').count(), 6);
  await judge.getByText('4 of 4 right', { exact: true }).waitFor();

  // Classify answers with them, too.
  await page.getByRole('tab', { name: 'Classify' }).click();
  await clickSample(page, 'Alpine');
  await readAnswer(page, 'alp');
  await page.getByRole('button', { name: 'My classes' }).click();
  const answer = page.getByRole('region', { name: 'What is it?' });
  assert.deepEqual(await classesSaid(answer), ['alp', 'barn']);
  assert.ok(!await page.getByRole('list', { name: 'What is it?' }).isVisible());
  await explainsTaught(page);
  await page.getByRole('tab', { name: 'Classify' }).click();
  await page.reload(); // the choice stays
  await page.getByText('Give it a photo: barn or alp?').waitFor(slow);
  await clickSample(page, 'Alpine');
  assert.deepEqual(await classesSaid(answer), ['alp', 'barn']);
  await page.getByRole('button', { name: '1,000 ImageNet classes' }).click();
  assert.equal((await readAnswer(page))[0].label, 'alp');
});

/**
 * Look inside explains the answer of the classes that were chosen in Classify: the canvas, maps, the lab and the sweep.
 * @param {Page} page
 */
async function explainsTaught(page) {
  await page.getByRole('tab', { name: 'Look inside' }).click();
  const sentence = page.getByText('What you see here explains the answer of your classes (barn or alp).');
  await sentence.waitFor(slow);
  const canvas = page.locator('iframe').contentFrame();
  await canvas.getByText('alp', { exact: true }).waitFor(slow);
  await canvas.getByText(/^1\.1 /).waitFor(); // class 1 is alp, and no block is called after it
  assert.equal(await canvas.getByText('barn', { exact: true }).count(), 1, 'the canvas has both classes');
  assert.equal(await classField(page).inputValue(), 'alp');
  await classField(page).fill('barn');
  await page.getByText('1 of 2 classes').waitFor();
  await page.keyboard.press('Enter');
  for (const method of ['cam', 'grad-cam', 'occlusion']) {
    await choice(page, 'Map').selectOption(method);
    await page.getByText('counted most', { exact: true }).waitFor(slow);
    await where(page).and(page.locator('[aria-busy="false"]')).waitFor(slow);
  }
  await page.getByRole('button', { name: 'Take F out: Stage 2, block 1' }).click();
  const effect = page.getByText(/^alp [\d.]+% → (alp|barn) [\d.]+%$/);
  await effect.waitFor(slow);
  await page.getByRole('button', { name: 'Try without each block' }).click();
  await page.getByText(/^With what is taken out now, barn has /).waitFor(slow);
  // The list beside the photo has the same answer.
  const list = await said(page.getByRole('region', { name: 'What is it?' }));
  const [label, share] = list.filter(([name]) => name !== 'None of these')[0];
  assert.match(await effect.innerText(), new RegExp(`→ ${label} ${share}$`));
  await assertAccessible(page, 'own classes, explained', '#look');
}

test('by the keyboard alone, a picture is moved and deleted, and deletions are undone', async t => {
  const page = await shared(t);
  const made = await pictures(page);
  await twoClasses(page, 2);
  // The same picture in two classes is told, and shown.
  await choose(page, 'alp', [made.barn[0]]);
  await page.getByText('The same picture is in barn and in alp. One of the two must be wrong.').waitFor(slow);
  const warning = page.getByRole('listitem').filter({ hasText: 'The same picture is in barn' });
  const show = warning.getByRole('button', { name: 'Show these 2' });
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

test('folders dropped on the room become classes, and a picture is dragged from one to another', async t => {
  const page = await shared(t);
  await pictures(page);
  await dropOnto(page, page.getByText('Show the network a few pictures'), [join(scratch, 'teach')]);
  await card(page, 'barn').getByText('6 pictures').waitFor(slow);
  await card(page, 'alp').getByText('6 pictures').waitFor(slow);
  await picturesOf(page, 'alp').first().dragTo(card(page, 'barn'));
  await card(page, 'barn').getByText('7 pictures').waitFor();
  await card(page, 'alp').getByText('5 pictures').waitFor();
});

test('what each block knows is shown in Look inside, until the classes change', async t => {
  const page = await shared(t);
  await twoClasses(page);
  await teach(page);
  await page.getByRole('button', { name: 'Ask every block' }).click();
  await page.getByText(/knows your classes best/).waitFor(slow);
  await page.getByRole('tab', { name: 'Look inside' }).click();
  await clickSample(page, 'Dust Bowl');
  const numbers = page.getByRole('region', { name: 'In numbers' });
  await numbers.getByRole('columnheader', { name: 'Knows your classes' }).waitFor(slow);
  await numbers.getByRole('row').nth(16).waitFor(slow);
  const shown = await numbers.getByRole('row')
    .evaluateAll(list => list.slice(1).map(row => row.lastChild?.textContent));
  assert.ok(shown.every(value => /^\d+%$/.test(value ?? '')), shown.join());
  const canvas = page.locator('iframe').contentFrame();
  await canvas.getByText('Your classes: how often a linear classifier').waitFor(slow);
  // The canvas says the same as the table.
  const onCanvas = await canvas.locator('.label[data-tone="knowledge"]').allInnerTexts();
  assert.deepEqual(onCanvas.filter(words => /^\d+%$/.test(words)), shown);
  await page.getByRole('tab', { name: 'Teach' }).click();
  await addClass(page, 'lake');
  await page.getByRole('tab', { name: 'Look inside' }).click();
  await numbers.getByRole('columnheader', { name: 'Cosine of x, F' }).waitFor(slow);
  assert.equal(await numbers.getByRole('columnheader').count(), 7);
  await canvas.getByText('Your classes: how often a linear classifier').waitFor({ state: 'detached' });
});

test('a folder that is split gives its classes, with pictures to be judged by, or is read in another way', async t => {
  const page = await shared(t);
  const { barn, alp } = await pictures(page);
  const root = join(scratch, 'split');
  const parts = /** @type {const} */ ([['train', 0, 3], ['val', 3, 4], ['test', 4, 6]]);
  for (const [part, from, to] of parts) {
    for (const [name, files] of [['barn', barn], ['alp', alp]]) {
      const folder = join(root, part, String(name));
      await mkdir(folder, { recursive: true });
      for (const file of files.slice(from, to)) await copyFile(String(file), join(folder, basename(String(file))));
    }
  }
  await mkdir(join(root, 'empty'));
  await writeFile(join(root, 'README.dataset.txt'), 'Pictures of barns and mountains.');
  const names = () => page.getByRole('textbox', { name: 'Name of the class' })
    .evaluateAll(fields => fields.map(field => /** @type {HTMLInputElement} */ (field).value).sort().join());
  /** @param {string} counts */
  const both = async counts => {
    for (const name of ['alp', 'barn']) await card(page, name).getByText(counts).waitFor(slow);
    assert.equal(await names(), 'alp,barn');
  };

  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a folder' }).click(),
  ]);
  await chooser.setFiles(root);
  await page.getByText('8 pictures to learn from (train, val), 4 to be judged by (test).').waitFor();
  await page.getByText('1 file is no picture and was left out: split/README.dataset.txt').waitFor();
  await both('4 to learn from · 2 to test');

  await page.getByRole('button', { name: 'Be judged by val, test instead' }).click();
  await both('3 to learn from · 3 to test');
  await page.getByRole('button', { name: 'Learn from all of them instead' }).click();
  await both('6 pictures');
  await page.getByRole('button', { name: 'Use the folders’ names as classes instead' }).click();
  for (const [name, count] of [['train', 6], ['val', 2], ['test', 4]]) {
    await card(page, String(name)).getByText(`${count} pictures`).waitFor(slow);
  }
  assert.equal(await names(), 'test,train,val');

  // Dropped, and into a project that has such classes already.
  await startOver(page);
  await dropOnto(page, page.getByText('Show the network a few pictures'), [join(root, 'train')]);
  await both('3 pictures');
  await dropOnto(page, part(page, 'Teach it'), [join(root, 'test')]);
  await page.getByText('4 pictures to be judged by (test) were added').waitFor();
  await both('3 to learn from · 2 to test');

  // The name of a class takes text, and says nothing of pictures.
  await page.evaluate(() => navigator.clipboard.writeText('Labrador'));
  const name = card(page, 'alp').getByRole('textbox', { name: 'Name of the class' });
  await name.fill('');
  await page.keyboard.press('ControlOrMeta+V');
  await page.keyboard.press('Enter');
  await card(page, 'Labrador').waitFor();
  assert.equal(await page.getByText('no picture on the clipboard').count(), 0);
});

/**
 * Writes a zip archive.
 * @param {string} name
 * @param {Record<string, string | Buffer>} files  a path is of a file whose bytes go in
 */
async function archive(name, files) {
  const path = join(scratch, name);
  await writeFile(path, zipOf(await Promise.all(Object.entries(files).map(async ([name, content]) =>
    ({ name, data: typeof content === 'string' ? await readFile(content) : content, deflate: true })))));
  return path;
}

/** The room's messages: lines of text. @param {Page} page */
const told = page => page.getByRole('region', { name: 'Teach' }).getByRole('alert').getByRole('paragraph');

test('archives of pictures become classes, or go to one; what cannot be opened makes none', async t => {
  const page = await shared(t);
  const { barn, alp } = await pictures(page);
  const room = page.getByText('Show the network a few pictures');
  const names = page.getByRole('textbox', { name: 'Name of the class' });

  // Cancelled while the decompressor is on its way.
  proxy.setFault(path => (path.includes('fflate') ? 'hold' : 'pass'));
  await dropOnto(page, room, [await archive('flat.zip', { 'a.jpg': barn[0], '__MACOSX/._a.jpg': Buffer.from('?') })]);
  await page.getByText('Unpacking flat.zip…').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  proxy.release();
  await page.getByText('Cancelled. Nothing of it was added.').waitFor();

  const some = Buffer.from('?');
  const checkpoint = await archive('renamed.safetensors', { 'net/data.pkl': some, 'net/version': some });
  const keras = await archive('converted_keras.zip', { 'keras_model.h5': some, 'labels.txt': some });
  const rar = join(scratch, 'pets.zip');
  await writeFile(rar, 'Rar!\x1A\x07\x01\0');
  for (const [file, words] of /** @type {const} */ ([
    [checkpoint, /^This is a PyTorch file/], [keras, /^This is a model that Teachable Machine has exported \(Keras\)/],
    [rar, /Unpack the archive, then drop the folder\.$/],
  ])) {
    await dropOnto(page, room, [file]);
    await told(page).filter({ hasText: words }).waitFor();
  }
  await dropOnto(page, room, [(await badInputs(scratch))[1].file]);
  await page.getByRole('listitem').filter({ hasText: /letter\.jpg.+not a picture/ }).waitFor(slow);
  await page.getByRole('button', { name: 'Make the first class' }).waitFor();
  assert.equal(await names.count(), 0, 'there is a class of nothing');

  // Teachable Machine's project, then a flat archive beside the classes, and one of two folders on a card.
  await dropOnto(page, room, [await archive('my.tm', {
    'manifest.json': Buffer.from('{}'), 'Big barn-!-0.jpg': barn[1], 'Big barn-!-1.jpg': barn[2], 'alp-!-0.jpg': alp[0],
  })]);
  await card(page, 'Big barn').getByText('2 pictures').waitFor(slow);
  await card(page, 'alp').getByText('1 picture').waitFor(slow);
  await dropOnto(page, part(page, 'Teach it'), [join(scratch, 'flat.zip')]);
  await card(page, 'flat').getByText('1 picture').waitFor(slow);
  await dropOnto(page, card(page, 'alp'), [await archive('two.zip', {
    'two/x/1.jpg': alp[1], 'two/y/2.jpg': alp[2], 'two/notes.txt': Buffer.from('?'),
  })]);
  await card(page, 'alp').getByText('3 pictures').waitFor(slow);
  await told(page).filter({ hasText: 'The pictures of all 2 folders were added to this one class.' }).waitFor();
  await told(page).filter({ hasText: 'damaged or too large: two/notes.txt' }).waitFor();
  assert.equal(await names.count(), 3);
});

test('what is for Teach, dropped on Classify, goes there after a question', async t => {
  const page = await shared(t);
  const made = await pictures(page);
  await page.getByRole('tab', { name: 'Classify' }).click();
  const [first, second] = made.barn;
  const file = await archive('data.zip', { 'barns/1.jpg': first, 'barns/2.jpg': second, 'alps/3.jpg': alp });
  const dialog = page.getByRole('dialog', { name: 'An archive of pictures' });
  await dropFiles(page, [file]);
  await dialog.getByText('data.zip holds 3 pictures.').waitFor();
  await assertAccessible(page, 'the question');
  await dialog.getByRole('button', { name: 'Look at them here' }).click();
  const session = page.getByRole('region', { name: 'This session' });
  await session.getByRole('button', { name: /: 3\.jpg$/ }).waitFor(slow);

  // Two archives are two questions, and a picture that is damaged is named.
  const damaged = join(scratch, 'damaged.zip');
  await writeFile(damaged, zipOf([
    { name: 'good.jpg', data: await readFile(alp) }, { name: 'bad.jpg', data: await readFile(first), crc: 1 },
  ]));
  await dropFiles(page, [file, damaged]);
  await dialog.getByText('data.zip holds 3 pictures.').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByText('damaged.zip holds 2 pictures.').waitFor();
  await dialog.getByRole('button', { name: 'Look at them here' }).click();
  await messages(page).filter({ hasText: 'damaged or too large: damaged/bad.jpg' }).waitFor();
  await session.getByRole('button', { name: /: good\.jpg$/ }).waitFor(slow);
  await page.getByRole('button', { name: 'Dismiss this message' }).click();

  await dropFiles(page, [file]);
  await dialog.getByRole('button', { name: 'Make classes of them in Teach' }).click();
  await card(page, 'barns').getByText('2 pictures').waitFor(slow);
  await card(page, 'alps').getByText('1 picture').waitFor(slow);
  await looked(page);

  // The project, unpacked and packed again with its folder, as a person does it.
  const [download] = await Promise.all([
    page.waitForEvent('download'), part(page, 'Keep it').getByRole('button', { name: 'Save the project' }).click(),
  ]);
  const again = join(scratch, 'again.zip');
  const files = filesOf(await readFile(await download.path()));
  await writeFile(again, zipOf(files.map(({ name, data }) => ({ name: `my project/${name}`, data }))));
  await page.getByRole('tab', { name: 'Classify' }).click();
  await dropFiles(page, [again]);
  await page.getByRole('dialog', { name: 'A file from Teach' }).getByText('again.zip was saved in Teach.').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await messages(page).count(), 0);
  await dropFiles(page, [again]);
  await page.getByRole('button', { name: 'Open it in Teach' }).click();
  // It asks before it gives up what is here.
  await part(page, 'Keep it').getByText(/^Put the project of the file in the place of what is here\? 3 pictures/)
    .waitFor(slow);
  await part(page, 'Keep it').getByRole('button', { name: 'Open it' }).click();
  await part(page, 'Keep it').getByText('The project is here, with 3 pictures.').waitFor(slow);
  await card(page, 'barns').getByText('2 pictures').waitFor(slow);

  // Of two only one can be opened, and the other is named.
  await startOver(page);
  await dropOnto(page, page.getByText('Show the network a few pictures'), [again, await download.path()]);
  await told(page).filter({ hasText: /^1 further file was not opened/ }).waitFor(slow);
  await card(page, 'barns').getByText('2 pictures').waitFor(slow);
});

test('a second tab may look, and take over; when the first is closed, another may write by itself', async t => {
  const page = await shared(t);
  await twoClasses(page, 2);
  const context = page.context();
  const banner = (/** @type {Page} */ on) => on.getByText('Another tab has this project open.');
  const second = await context.newPage();
  await second.goto(`${proxy.origin}/#room=teach`);
  await ready(second);
  await banner(second).waitFor(slow);
  assert.equal(await picturesOf(second, 'alp').count(), 2);
  // What the one that writes has changed is read when a person comes back to this one.
  await addClass(page, 'later');
  await second.getByRole('tab', { name: 'Classify' }).click();
  await second.getByRole('tab', { name: 'Teach' }).click();
  await card(second, 'later').waitFor(slow);
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

  // The first one lost it, and takes it back.
  await page.getByRole('button', { name: 'Take it over' }).click();
  await banner(heir).waitFor(slow);
  await banner(page).waitFor({ state: 'hidden', ...slow });
  await heir.close();
  await card(page, 'fourth').waitFor();
});
