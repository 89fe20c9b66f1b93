// The room Look inside, used as a person would: by keys, by its table, by its address. Its maps, its lab, its choice of
// classes and its canvas have files of their own.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { clickSample, modelIsHere, readAnswer } from '../person.mjs';
import { assertAccessible } from './accessible.mjs';
import { sharedPage, visit } from './harness.mjs';
import {
  ask, blocksOf, button, choice, classField, focused, heat, holdEngine, lookInside, mapped, questionsTo, room, rows,
  slow, sweepCells, task,
} from './room.mjs';

const shared = sharedPage();

test('what every block does, in numbers: those of the trace', async t => {
  const page = await shared(t);
  await lookInside(page);
  const shown = await rows(page).evaluateAll(list => list.slice(1).map(row =>
    [...row.children].map(cell => cell.textContent)));
  const { blocks } = await ask(page, 'trace');
  const number = (/** @type {number} */ value, /** @type {number} */ digits) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace('-', '−');
  // The narrow network's stages are as those of ResNet-50, with an eighth of the channels.
  const sizes = ['56 × 56 × 32', '28 × 28 × 64', '14 × 14 × 128', '7 × 7 × 256'];
  assert.deepEqual(shown, blocksOf.map(([stage, block], i) => {
    const { normX, normF, normY, cosine } = blocks[i];
    const norms = [normX, normF, normY].map(norm => number(norm, 1));
    return [`Stage ${stage}, block ${block}`, sizes[stage - 1], ...norms, number(normF / normX, 3), number(cosine, 3)];
  }));
});

test('the room is accessible, with a sweep and a map', async t => {
  const page = await shared(t);
  await lookInside(page, '&where=cam');
  await button(page, 'Try without each block').click();
  await sweepCells(page).nth(15).waitFor(slow);
  await mapped(page);
  await assertAccessible(page, 'Look inside');
});

test('on a desktop the controls and the first blocks are in view at once', async t => {
  const page = await shared(t);
  await lookInside(page);
  for (const control of [choice(page, 'Show'), button(page, 'Show all'), choice(page, 'Map')]) {
    const box = await control.boundingBox();
    assert.ok(box && box.y >= 0 && box.y + box.height <= 800, `${control} is out of view`);
  }
  const box = await room(page).locator('iframe').boundingBox();
  assert.ok(box && box.y <= 560 && box.width > 1100, `the canvas begins at ${box?.y} and is ${box?.width} wide`);
});

test('a photo costs the room one question to the engine, a trace with its answer; a map is one more', async t => {
  const page = await shared(t);
  await lookInside(page);
  const asked = await questionsTo(page);
  const ops = async () => (await asked()).map(({ op }) => op);
  await clickSample(page, 'Alpine');
  await readAnswer(page, 'alp');
  await rows(page).nth(16).waitFor(slow);
  await choice(page, 'Map').selectOption('cam');
  await mapped(page);
  // Without these the photo is asked about once, by Classify.
  assert.deepEqual(await ops(), ['classify', 'trace', 'cam']);
  assert.deepEqual((await asked())[1].args, { block: -1, topK: 5, ablate: {}, taught: false });
  // Other choices ask nothing, and a part left out is one question more, and another map.
  await choice(page, 'Show').selectOption('block');
  await choice(page, 'Colours').selectOption('magma');
  await button(page, 'Next block').click();
  await page.getByRole('slider', { name: 'Opacity' }).press('Home');
  await button(page, 'Take F out: Stage 1, block 1').click();
  await page.getByText('With 1 block changed').waitFor(slow);
  await mapped(page);
  assert.deepEqual(await ops(), ['classify', 'trace', 'cam', 'trace', 'cam']);
});

test('the first numbers can be given up, and asked for again', async t => {
  const page = await shared(t);
  await clickSample(page, 'Dust Bowl');
  await readAnswer(page, 'barn');
  const release = await holdEngine(page);
  await page.getByRole('tab', { name: 'Look inside' }).click();
  const first = task(page, 'Computing what every block does…');
  await first.getByRole('button', { name: 'Cancel' }).press('Enter');
  const stopped = task(page, 'Stopped before the numbers were there.');
  await stopped.waitFor();
  release();
  assert.equal(await rows(page).count(), 1, 'there are no numbers yet');
  await stopped.getByRole('button', { name: 'Try again' }).click();
  await rows(page).nth(16).waitFor(slow);
  await stopped.waitFor({ state: 'hidden' });
});

test('the numbers can be saved, and are those of the engine', async t => {
  const page = await shared(t);
  await lookInside(page, '&without=5.residual');
  await page.getByText('With 1 block changed').waitFor(slow);
  await button(page, 'Try without each block').click();
  await sweepCells(page).nth(15).waitFor(slow);
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Save numbers (CSV)').click()]);
  assert.equal(download.suggestedFilename(), 'residua-blocks.csv');
  const text = await readFile(await download.path(), 'utf8');
  const [head, ...lines] = text.trimEnd().split('\r\n').map(line => line.split(','));
  const ablate = { 5: 'residual' };
  const { blocks } = await ask(page, 'trace', { ablate });
  const swept = await ask(page, 'sweep', { ablate, classIndex: 425 });
  assert.equal(lines.length, 16);
  lines.forEach((line, i) => {
    assert.equal(line.length, head.length);
    const row = Object.fromEntries(line.map((value, k) => [head[k], value]));
    const { normX, normF, normY, cosine } = blocks[i];
    assert.deepEqual([row.norm_x, row.norm_f, row.norm_y, row.cosine].map(Number), [normX, normF, normY, cosine]);
    assert.equal(Number(row.ratio), normF / normX);
    assert.equal(row.block, `layer${blocksOf[i][0]}.${blocksOf[i][1] - 1}`);
    assert.equal(row.left_out, i === 5 ? 'residual' : '');
    const { class: of, probability, probability_without_f: without } = row;
    assert.deepEqual([of, probability, without].map(Number), [425, swept.probability, swept.without[i]]);
  });
});

test('keys go from the tabs through every control and the canvas to the end of the page', async t => {
  const page = await shared(t);
  await lookInside(page);
  await button(page, 'Try without each block').click();
  await sweepCells(page).nth(15).waitFor(slow);
  await page.getByRole('tab', { name: 'Look inside' }).focus();
  await page.keyboard.press('ArrowLeft');
  await page.waitForURL(url => url.hash === '');
  await page.keyboard.press('ArrowRight');
  await rows(page).nth(16).waitFor(slow);
  await sweepCells(page).nth(15).waitFor(slow); // it is of this photo still
  /** @type {string[]} */
  const reached = [];
  while (reached.at(-1) !== 'Save picture (PNG)' && reached.length < 160) {
    await page.keyboard.press('Tab');
    reached.push(await focused(page));
  }
  const want = [
    'Map', 'Class', 'Show', 'Block', 'Next block', 'Colours', 'Play', 'Zoom in', 'Zoom out', 'Show all',
    await room(page).locator('iframe').getAttribute('title') ?? '', 'Try without each block',
    ...await sweepCells(page).allTextContents(),
    ...blocksOf.flatMap(block =>
      ['Take F out', 'Cut shortcut'].map(part => `${part}: Stage ${block.join(', block ')}`)),
    'Save numbers (CSV)', 'Save picture (PNG)',
  ];
  assert.deepEqual(reached.filter(name => want.includes(name)), want);
});

test('an address with a state brings it back', async t => {
  const state = 'scene=block&map=magma&where=cam&block=4&class=388&without=5.residual&opacity=30';
  const page = await visit(t, { path: `/#room=look&${state}` });
  await clickSample(page, 'Dust Bowl');
  await page.getByText('With 1 block changed').waitFor(slow);
  assert.equal(await choice(page, 'Show').inputValue(), 'block');
  assert.equal(await choice(page, 'Block').inputValue(), '4');
  assert.equal(await choice(page, 'Colours').inputValue(), 'magma');
  assert.equal(await page.getByRole('slider', { name: 'Opacity' }).inputValue(), '30');
  assert.equal(await classField(page).inputValue(), 'giant panda');
  assert.equal(await button(page, 'Put F back: Stage 2, block 3').innerText(), 'Put F back');
  await heat(page).waitFor(slow);
  assert.match(page.url(), /without=5\.residual/);
});

test('on a phone nothing sticks out', async t => {
  const page = await visit(t, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await modelIsHere(page);
  await lookInside(page);
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(await width(), 390);
  assert.equal(await rows(page).count(), 0, 'the numbers are folded');
  assert.equal(await button(page, 'Try without each block').isVisible(), false, 'the lab is folded');
  for (const name of ['Block lab', 'In numbers']) await page.getByRole('heading', { name }).click();
  await rows(page).nth(16).waitFor();
  await button(page, 'Cut shortcut: Stage 2, block 1').press('Enter');
  const line = page.locator('#lab-effect');
  await line.getByText('The shortcut of the first block of a stage cannot be cut').waitFor();
  assert.equal(await width(), 390);
  await page.getByText('tap a block to open it').waitFor();
  await choice(page, 'Show').selectOption('block');
  await button(page, '← Whole network').click();
  assert.equal(await choice(page, 'Show').inputValue(), 'network');
  assert.equal(await focused(page), 'Show', 'the keyboard is not lost');
});
