// Every way in for a photo, and the answer that comes out.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { alp, barn, png } from '../fixtures.mjs';
import { clickSample, dropFiles, readAnswer, sampleButton } from '../person.mjs';
import { proxy, scratch, sharedPage, visit } from './harness.mjs';

const shared = sharedPage({
  permissions: ['clipboard-read', 'clipboard-write'],
  before: context => context.addInitScript(() => {
    const live = /** @type {any} */ (globalThis).liveURLs = new Set();
    const { createObjectURL, revokeObjectURL } = URL;
    URL.createObjectURL = object => {
      const url = createObjectURL(object);
      live.add(url);
      return url;
    };
    URL.revokeObjectURL = url => {
      live.delete(url);
      revokeObjectURL(url);
    };
  }),
});

/** @param {{ label: string, share: number }[]} answer */
function assertBarn(answer) {
  assert.equal(answer.length, 5);
  assert.equal(answer[0].label, 'barn');
  assert.ok(answer[0].share > 90, `barn has ${answer[0].share}%`);
  for (let i = 1; i < 5; i++) assert.ok(answer[i].share <= answer[i - 1].share, 'the guesses are not in order');
}

test('a photo dropped before the model is there is answered when it comes', async t => {
  const page = await visit(t);
  await dropFiles(page, [barn]);
  assertBarn(await readAnswer(page, 'barn'));
  await page.getByText(/^Answered in [\d.]+ sec · nothing left this device$/).click();
  await page.getByText(/^\d+ threads? of the processor computed it.*, several numbers at a time \((relaxed )?SIMD\)/)
    .waitFor();
  await page.getByText('1024 × 788 pixels · JPEG').waitFor();
  await page.getByText('The photo is 1024 pixels (points of colour) wide and 788 high. Its file is of the kind JPEG.')
    .waitFor();
  await page.getByRole('img', { name: 'Your photo dust-bowl-home.jpg' }).waitFor();
});

test('a photo chosen through the file dialog', async t => {
  const page = await shared(t);
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose another' }).click(),
  ]);
  assert.ok(chooser.isMultiple());
  await chooser.setFiles(barn);
  assertBarn(await readAnswer(page, 'barn'));
});

test('a photo pasted from the clipboard', async t => {
  const page = await shared(t);
  const photo = (await readFile(barn)).toString('base64');
  await page.evaluate(async base64 => {
    const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': await canvas.convertToBlob() })]);
  }, photo);
  await page.keyboard.press('ControlOrMeta+V');
  assertBarn(await readAnswer(page, 'barn'));
  await page.getByText('Pasted photo', { exact: true }).waitFor();
});

test('a sample, with its credit', async t => {
  const page = await shared(t);
  await clickSample(page, 'Dust Bowl');
  assertBarn(await readAnswer(page, 'barn'));
  const credit = page.getByRole('link', { name: /Dorothea Lange.+CC0/ });
  assert.match(String(await credit.getAttribute('href')), /^https:\/\/www\.getty\.edu\//);
});

test('an example is answered by itself, and the keyboard alone does the rest', async t => {
  const page = await visit(t);
  assertBarn(await readAnswer(page, 'barn'));
  await page.getByText('An example. Your photo stays on this device.').waitFor();
  assert.equal(new URL(page.url()).hash, '');
  const dialog = page.waitForEvent('filechooser'); // from now on, for the browser takes a moment to hand dialogs over
  const focused = () => page.evaluate(() => {
    const element = document.activeElement === document.body ? null : document.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
  });
  /** @param {RegExp} name */
  const tabTo = async name => {
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press('Tab');
      if (name.test(await focused())) return;
    }
    assert.fail(`Tab never reached ${name}`);
  };
  await tabTo(/^Choose a photo$/);
  const outline = await page.evaluate(() =>
    getComputedStyle(/** @type {Element} */ (document.activeElement)).outlineStyle);
  assert.equal(outline, 'solid', 'the focus is not seen');
  await page.keyboard.press('Enter');
  await (await dialog).setFiles(alp);
  assert.equal((await readAnswer(page, 'alp'))[0].label, 'alp');
  assert.equal(await page.getByRole('region', { name: 'This session' }).count(), 0, 'the example is not kept');
  await tabTo(/Sample: Abandoned Dust Bowl Home/);
  await page.keyboard.press('Space');
  assertBarn(await readAnswer(page, 'barn'));
  await tabTo(/^alp, /); // in this session's photos
  await page.keyboard.press('Enter');
  assert.equal((await readAnswer(page, 'alp'))[0].label, 'alp');
});

test('the newest photo wins, and no answer of an older one is ever seen', async t => {
  const page = await shared(t);
  const entries = page.getByRole('region', { name: 'This session' }).getByRole('listitem');
  const before = await entries.count();
  await page.getByRole('list', { name: 'What is it?' }).evaluate(list => {
    const seen = /** @type {any} */ (globalThis).seen = /** @type {string[]} */ ([]);
    new MutationObserver(() => seen.push(list.firstElementChild?.textContent ?? '')).observe(list, { childList: true });
  });
  // One task clicks both: two clicks from out here would leave a fast machine the time to answer the first.
  const samples = await Promise.all(['Dust Bowl', 'Alpine'].map(async title => {
    const sample = await sampleButton(page, title).elementHandle();
    return /** @type {import('playwright-core').ElementHandle<HTMLElement>} */ (sample);
  }));
  await page.evaluate(samples => samples.forEach(sample => sample.click()), samples);
  await readAnswer(page, 'alp');
  // Answers come in the order of the questions: what comes of the older photo comes before that of this one.
  await clickSample(page, 'Boats');
  await readAnswer(page, 'dock');
  const seen = await page.evaluate(() => /** @type {any} */ (globalThis).seen);
  assert.deepEqual(seen.map((/** @type {string} */ text) => text.split(' ')[0]), ['alp', 'dock']);
  assert.equal(await entries.count(), before + 2, 'the older photo was computed all the same');
});

test('photos dropped together are all answered; the first is on the stage, the others are a click away', async t => {
  const page = await shared(t);
  const grey = join(scratch, 'grey.png');
  await writeFile(grey, png(300, 200, { grey: 128 }));
  await dropFiles(page, [barn, alp, grey]);
  const session = page.getByRole('region', { name: 'This session' });
  await session.getByRole('button', { name: /grey\.png$/ }).waitFor({ timeout: 60_000 });
  assertBarn(await readAnswer(page, 'barn'));
  const names = await session.getByRole('button')
    .evaluateAll(buttons => buttons.map(button => /\S+$/.exec(button.ariaLabel ?? '')?.[0]));
  const came = ['dust-bowl-home.jpg', 'french-alpine-landscape.jpg', 'grey.png'];
  assert.deepEqual(names.slice(0, 3), came, 'they stand as they came');
  await session.getByRole('button', { name: /^alp, .+french-alpine-landscape\.jpg$/ }).first().click();
  assert.equal((await readAnswer(page, 'alp'))[0].label, 'alp');
  await page.getByText('french-alpine-landscape.jpg').waitFor();
  // The model knows no plain grey, and the page says so where it is so.
  await session.getByRole('button', { name: /grey\.png$/ }).click();
  await page.getByRole('img', { name: 'Your photo grey.png' }).waitFor();
  await page.getByText('Not sure: no guess reaches 50%').waitFor();
  const [best] = await readAnswer(page);
  assert.ok(best.share < 50, `${best.label} has ${best.share}%`);
});

test('after thirty photos no more is kept than the page shows', async t => {
  const page = await shared(t);
  const files = await Promise.all(Array.from({ length: 30 }, async (_, i) => {
    const file = join(scratch, `grey-${i}.png`);
    await writeFile(file, png(40, 40, { grey: 8 * i }));
    return file;
  }));
  await dropFiles(page, files.slice(0, 24));
  const session = page.getByRole('region', { name: 'This session' });
  await session.getByRole('button', { name: /grey-23\.png$/ }).waitFor({ timeout: 60_000 });
  await dropFiles(page, files.slice(24));
  await session.getByRole('button', { name: /grey-29\.png$/ }).waitFor({ timeout: 60_000 });
  assert.equal(await session.getByRole('listitem').count(), 24);
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).liveURLs.size), 1);
});

test('after loading, the page asks the network for nothing, and works without it', async t => {
  const page = await shared(t);
  const samples = page.getByRole('region', { name: 'Or try one of these' });
  await samples.getByRole('button', { disabled: false }).nth(7).waitFor();
  proxy.forget();
  proxy.setFault(() => 'cut');
  await page.context().setOffline(true);
  t.after(() => page.context().setOffline(false));
  await clickSample(page, 'Dust Bowl');
  assertBarn(await readAnswer(page, 'barn'));
  await dropFiles(page, [alp]);
  assert.equal((await readAnswer(page, 'alp'))[0].label, 'alp');
  assert.deepEqual(proxy.asked, []);
});

test('on a phone there are buttons to take and to choose a photo', async t => {
  const page = await visit(t, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.getByText('Take or choose a photo').waitFor();
  const [camera] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Take a photo' }).tap(),
  ]);
  assert.equal(await camera.element().getAttribute('capture'), 'environment');
  const bounds = await page.getByRole('button', { name: 'Take a photo' }).boundingBox();
  assert.ok(bounds && bounds.y > 700, 'the main button is out of the thumb\'s reach');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(wide, 390, 'the page scrolls sideways');
  await camera.setFiles(barn);
  assertBarn(await readAnswer(page, 'barn'));
});
