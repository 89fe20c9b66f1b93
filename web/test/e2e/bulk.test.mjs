// Many photos at once: the table, its run, its figures and its files.

import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { alp, barn, png } from '../fixtures.mjs';
import { dropFiles } from '../person.mjs';
import { zipOf } from '../teachstore/zip.mjs';
import { assertAccessible } from './accessible.mjs';
import { scratch, sharedPage } from './harness.mjs';
import { button, choice, holdEngine, slow, stopEngineAtPhoto } from './room.mjs';

/** @typedef {import('playwright-core').Page} Page */

const shared = sharedPage();

/** @param {Page} page */
const table = page => page.getByRole('region', { name: 'Many photos' });
/** @param {Page} page */
const grid = page => table(page).getByRole('grid');
/** @param {Page} page */
const rows = page => grid(page).locator('[role=row][id]');
/** @param {Page} page @param {RegExp} words */
const says = (page, words) => table(page).locator(':visible').getByText(words).first().waitFor(slow);

/** What a button saves. @param {Page} page @param {RegExp} name */
async function saved(page, name) {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name }).click();
  const file = await download;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

test('thirty photos become a table, which stops, goes on, and opens its photos', async t => {
  const page = await shared(t);
  const files = await Promise.all(Array.from({ length: 30 }, async (_, i) => {
    const file = join(scratch, `many-${i}.png`);
    await writeFile(file, png(40, 40, { grey: 8 * i }));
    return file;
  }));
  const release = await holdEngine(page);
  await dropFiles(page, files);
  await rows(page).first().getByText('many-0.png').waitFor();
  await rows(page).first().getByText('Not answered yet').waitFor();
  assert.equal(await grid(page).getAttribute('aria-rowcount'), '31');
  assert.ok(await rows(page).count() < 30, 'rows that nobody sees are in the document');
  const warns = () => page.evaluate(() => {
    const event = new Event('beforeunload', { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  });
  assert.ok(await warns(), 'the tab closes without a word');
  await page.getByRole('button', { name: 'Stop' }).click();
  await says(page, /^Stopped: 0 of 30/);
  assert.ok(!await warns());
  release();
  await stopEngineAtPhoto(page); // another one starts by itself
  await page.keyboard.press('Enter'); // the keyboard is on what took the place of Stop
  await page.getByRole('tab', { name: 'Teach' }).click(); // it goes on meanwhile
  await page.getByRole('tab', { name: 'Classify' }).click();
  await says(page, /^Done: all 30 are answered/);
  await assertAccessible(page, 'the table');
  await page.getByText('What the words mean').first().click();
  await page.getByText('How sure it is of the first guess. The bar shows the same.').waitFor();

  await grid(page).focus();
  await page.keyboard.press('End');
  await rows(page).getByText('many-29.png').waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: 'Your photo many-29.png' }).waitFor();
  await button(page, '← Back to the table').click();
  await rows(page).getByText('many-29.png').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.role), 'grid');
  await rows(page).getByText('many-28.png').click();
  await page.getByRole('img', { name: 'Your photo many-28.png' }).waitFor();
});

test('a labelled folder says how often it is right, and what is taken for what', async t => {
  const page = await shared(t);
  const set = join(scratch, 'set');
  for (const [folder, ...photos] of [['barn', barn, barn], ['n09193705', alp, alp, barn]]) {
    await mkdir(join(set, folder), { recursive: true });
    await Promise.all(photos.map((photo, i) => copyFile(photo, join(set, folder, `${i}.jpg`))));
  }
  await writeFile(join(set, 'barn', 'bad.jpg'), 'no picture');
  await writeFile(join(set, 'notes.txt'), 'x');
  await writeFile(join(set, 'junk.zip'), zipOf([{ name: '0.jpg', data: await readFile(alp) }])); // read as a folder
  await writeFile(join(set, 'more.rar'), 'Rar!\x1A\x07');
  await dropFiles(page, [set]);
  const question = page.getByRole('dialog', { name: 'There is a table already' });
  const answer = question.getByRole('button', { name: 'A new table' });
  // The tests of a file may run alone, and then there is none.
  await answer.or(grid(page)).first().waitFor();
  if (await answer.isVisible()) await answer.click();
  await says(page, /^Done: 7\. 1 could not be read/);
  await says(page, /2 of 3 folders are classes of this model/);
  await says(page, /^1 photo is not counted: no class is called junk\.$/);
  await says(page, /^2 other files were left out/);
  await says(page, /^An archive could not be opened here: set\/more\.rar\. Unpack it/);
  await says(page, /^4 of 5; of many more such photos likely 38% to 96%$/);

  await button(page, 'alp → barn: 1 photo').click();
  await says(page, /^1 of 7 shown$/);
  const csv = await saved(page, /^Save 1 row as CSV$/);
  assert.equal(csv.name, 'set-answers.csv');
  const [head, line, end] = csv.text.split('\r\n');
  assert.match(head, /^\uFEFFfile,state,model,right_index,right_label,right_wnid,is_right,index_1,label_1,wnid_1,/);
  assert.match(line, /^set\/n09193705\/2\.jpg,answered,[^,]+,970,alp,n09193705,false,425,barn,n02793495,0\.\d+,/);
  assert.equal(end, '');
  await button(page, 'Show all again').click();

  await choice(page, 'Show').selectOption('failed');
  await rows(page).getByText(/not a picture/).waitFor();
  assert.equal(await rows(page).count(), 1);
  await choice(page, 'Show').selectOption('all');
  await grid(page).getByRole('button', { name: 'Probability' }).click();
  const { pictures, top1, top5, ...json } = JSON.parse((await saved(page, /^Save as JSON$/)).text);
  assert.deepEqual([top1.k, top1.n, top5.n, json.all], [4, 5, 5, 7]);
  const sure = pictures.filter((/** @type {any} */ one) => one.guesses).map((/** @type {any} */ one) =>
    one.guesses[0].probability);
  assert.deepEqual(sure, sure.toSorted((/** @type {number} */ a, /** @type {number} */ b) => b - a));
  assert.equal(pictures.at(-1).error.code, 'not-an-image', 'what has no answer is last');
  assert.ok(pictures.every((/** @type {any} */ one) => !one.guesses || one.guesses.length === 5));

  await button(page, 'They are not the right answers').click();
  await says(page, /^The folders’ names are not compared/);
  assert.equal(await page.getByText('First guess right').isVisible(), false);
  await button(page, 'Put away').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Put it away' }).click();
  await grid(page).waitFor({ state: 'hidden' });
  await page.getByRole('region', { name: 'Your photo' }).waitFor();
});
