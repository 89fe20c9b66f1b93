// What is no photo is refused with its cause and its cure, and the next photo works.

import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { alp, badInputs, barn } from '../fixtures.mjs';
import { clickSample, dropFiles, messages, readAnswer } from '../person.mjs';
import { scratch, sharedPage } from './harness.mjs';

const shared = sharedPage();

test('bad files and a folder', async t => {
  const page = await shared(t);
  for (const { file, cause, cure } of await badInputs(scratch)) {
    await t.test(basename(file), async () => {
      await dropFiles(page, [file]);
      const message = messages(page).filter({ hasText: cause });
      await message.waitFor({ timeout: 10_000 });
      assert.match(await message.innerText(), cure);
      assert.equal(await messages(page).count(), 2, 'the file\'s name, and one sentence');
      assert.equal(await messages(page).first().innerText(), basename(file));

      await dropFiles(page, [alp]);
      assert.equal((await readAnswer(page, 'alp'))[0].label, 'alp');
      assert.equal(await messages(page).count(), 0, 'the message of the last photo is still there');
      await clickSample(page, 'Dust Bowl');
      await readAnswer(page, 'barn');
    });
  }
});

test('the last good answer stays while another photo fails, and the message can be dismissed', async t => {
  const page = await shared(t);
  const [empty] = await badInputs(scratch);
  await dropFiles(page, [barn]);
  await readAnswer(page, 'barn');
  await dropFiles(page, [empty.file]);
  await messages(page).filter({ hasText: empty.cause }).waitFor();
  assert.equal((await readAnswer(page))[0].label, 'barn');
  await page.getByRole('img', { name: 'Your photo dust-bowl-home.jpg' }).waitFor();
  await page.getByRole('button', { name: 'Dismiss this message' }).click();
  assert.equal(await messages(page).count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Choose another');
});

test('a bad file among good ones is told by its name, and the others are answered', async t => {
  const page = await shared(t);
  const letter = (await badInputs(scratch))[1];
  await dropFiles(page, [barn, letter.file, alp]);
  await messages(page).filter({ hasText: 'letter.jpg' }).waitFor({ timeout: 60_000 });
  await messages(page).filter({ hasText: letter.cause }).waitFor();
  const session = page.getByRole('region', { name: 'This session' });
  await session.getByRole('button', { name: /french-alpine-landscape\.jpg$/ }).waitFor({ timeout: 60_000 });
  assert.equal((await readAnswer(page, 'barn'))[0].label, 'barn');
});

test('things that are no files', async t => {
  const page = await shared(t);
  /** @param {Record<string, string>} data */
  const drop = data => page.evaluate(data => {
    const dataTransfer = new DataTransfer();
    for (const [type, value] of Object.entries(data)) dataTransfer.setData(type, value);
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, data);
  await drop({ 'text/plain': 'barn' });
  await messages(page).filter({ hasText: 'not a photo file' }).waitFor();
  await drop({ 'text/uri-list': 'https://example.com/cat.jpg' });
  await messages(page).filter({ hasText: 'fetches nothing from elsewhere' }).waitFor();
  await page.evaluate(() => document.body.dispatchEvent(
    new ClipboardEvent('paste', { clipboardData: new DataTransfer(), bubbles: true })));
  await messages(page).filter({ hasText: 'no picture on the clipboard' }).waitFor();
  // A picture of this very site is taken.
  await drop({ 'text/uri-list': new URL('samples/dust-bowl-home.jpg', page.url()).href });
  assert.equal((await readAnswer(page, 'barn'))[0].label, 'barn');
});
