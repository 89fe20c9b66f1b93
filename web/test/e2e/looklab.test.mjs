// The block lab of Look inside: parts of blocks are left out, one at a time or one after the other.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { percentIn } from '../../static/common/percent.js';
import { barn } from '../fixtures.mjs';
import { safetensors, tensor } from '../head.mjs';
import { dropFiles, modelIsHere, readAnswer } from '../person.mjs';
import { assertAccessible } from './accessible.mjs';
import { proxy, scratch, sharedPage, visit } from './harness.mjs';
import {
  ask, blocksOf, button, choice, classField, focused, holdEngine, holdEngineAtStep, lookInside, room, rows, slow,
  sweepCells, task,
} from './room.mjs';

/** @typedef {import('playwright-core').Page} Page */

const shared = sharedPage();

/**
 * What a network says, as the page writes it.
 * @param {{ predictions: { label: string, probability: number }[] }} answer
 */
const written = ({ predictions }) => predictions.map(({ label, probability }) => ({
  label, share: Number((100 * Math.min(Math.max(probability, 0.001), 0.999)).toFixed(1)), // "< 0.1%" and "> 99.9%"
}));

/** @param {Page} page */
const sweep = page => button(page, 'Try without each block');

test('without F the answer changes, and comes back with it', async t => {
  const page = await shared(t);
  const whole = await lookInside(page);
  await button(page, 'Take F out: Stage 1, block 1').click();
  await page.getByText('With 1 block changed').waitFor(slow);
  const without = await readAnswer(page);
  assert.deepEqual(without, written(await ask(page, 'classify', { ablate: { 0: 'residual' } })));
  assert.notDeepEqual(without, whole);
  await page.getByRole('tab', { name: 'Classify' }).click();
  assert.deepEqual(await readAnswer(page), whole, 'Classify is about the whole network');
  await page.getByRole('tab', { name: 'Look inside' }).click();
  await page.getByText('With 1 block changed').waitFor(slow);
  assert.deepEqual(await readAnswer(page), without);
  await button(page, 'Put everything back').click();
  await page.getByText('With 1 block changed').waitFor({ state: 'hidden', ...slow });
  assert.deepEqual(await readAnswer(page), whole);
});

test('what became of the answer stays in sight in the lab, where everything can be put back', async t => {
  const page = await shared(t);
  const [whole] = await lookInside(page);
  const line = page.locator('#lab-effect');
  const share = (/** @type {{ share: number }} */ one) => (one.share > 99.8 ? '> 99.9%' : `${one.share.toFixed(1)}%`);
  assert.equal(await line.innerText(), `Nothing is taken out: barn ${share(whole)}`);
  await button(page, 'Take F out: Stage 1, block 1').click();
  await page.getByText('With 1 block changed').waitFor(slow);
  await button(page, 'Put F back: Stage 1, block 1').click();
  await line.getByText('Nothing is taken out').waitFor(slow);
  await button(page, 'Take F out: Stage 1, block 1').click();
  await page.getByText('With 1 block changed').waitFor(slow);
  const [changed] = await readAnswer(page);
  assert.equal(await line.innerText(), `barn ${share(whole)} → ${changed.label} ${share(changed)}`);
  assert.equal(await page.getByText('The photo may show none').isVisible(), false, 'the photo is not to blame');
  await button(page, 'Take F out: Stage 4, block 3').scrollIntoViewIfNeeded();
  const [box, back] = await Promise.all([line.boundingBox(), button(page, 'Put everything back').boundingBox()]);
  for (const one of [box, back]) assert.ok(one && one.y >= 0 && one.y < 720, `it is at ${one?.y}`);
  await button(page, 'Put everything back').click();
  await line.getByText('Nothing is taken out').waitFor(slow);
});

test('a shortcut can be cut, but for one that is a projection, and it is said why', async t => {
  const page = await shared(t);
  await lookInside(page);
  await button(page, 'Cut shortcut: Stage 3, block 2').click();
  await page.getByText('With 1 block changed').waitFor(slow);
  assert.equal(await focused(page), 'Mend shortcut: Stage 3, block 2', 'the button says what it does now');
  assert.match(page.url(), /without=8\.shortcut/);
  assert.deepEqual(await readAnswer(page), written(await ask(page, 'classify', { ablate: { 8: 'shortcut' } })));
  const kept = button(page, 'Cut shortcut: Stage 3, block 1');
  await kept.press('Enter');
  assert.match(page.url(), /without=8\.shortcut/);
  assert.doesNotMatch(page.url(), /7\.shortcut/);
  const reason = await kept.evaluate(element => element.ariaDescribedByElements?.[0].textContent ?? '');
  assert.match(reason, /changes the size/);
});

test('the lab reads in the order of the network', async t => {
  const page = await shared(t);
  await lookInside(page);
  const buttons = page.getByRole('group', { name: 'Block lab' }).getByRole('button');
  const names = await buttons.evaluateAll(list => list.map(({ ariaLabel }) => ariaLabel));
  const parts = ['Take F out', 'Cut shortcut'];
  assert.deepEqual(names, blocksOf.flatMap(block => parts.map(part => `${part}: Stage ${block.join(', block ')}`)));
});

test('the sweep is a heat map whose cells say the numbers and open their blocks', async t => {
  const page = await shared(t);
  await lookInside(page);
  await sweep(page).click();
  await sweepCells(page).nth(15).waitFor(slow);
  const want = await ask(page, 'sweep');
  await page.getByText(`With all blocks, barn has ${percentIn('en', want.probability)}.`).waitFor();
  const cells = await sweepCells(page).evaluateAll(list => list.map(cell => ({
    words: cell.textContent, lost: Number(getComputedStyle(cell).getPropertyValue('--lost')),
    blue: Number(getComputedStyle(cell).backgroundColor.match(/[\d.]+/g)?.[2]),
  })));
  const names = blocksOf.map(block => block.join('.'));
  const shares = names.map((name, i) => `${name} ${percentIn('en', want.without[i])}`);
  assert.deepEqual(cells.map(({ words }) => words), shares);
  cells.forEach(({ lost }, i) => {
    const share = Math.max(0, (want.probability - want.without[i]) / want.probability);
    // It went through a style sheet.
    assert.ok(Math.abs(lost - share) < 1e-6, `${lost} is lost without ${names[i]}, want ${share}`);
  });
  // The more is lost, the less blue is in the colour.
  const order = cells.toSorted((a, b) => a.lost - b.lost);
  const blues = order.map(({ blue }) => blue);
  blues.forEach((blue, i) => assert.ok(i === 0 || blue <= blues[i - 1] + 0.01, `the colours are no scale: ${blues}`));
  assert.ok(blues[0] > blues[15] * 1.3, `the colours hardly differ: ${blues}`);
  await assertAccessible(page, 'a sweep', '.look');

  await sweepCells(page).nth(9).press('Enter');
  assert.match(page.url(), /scene=block&block=9/);
  assert.equal(await choice(page, 'Block').inputValue(), '9');
  await page.waitForFunction(() => {
    const box = document.querySelector('iframe')?.getBoundingClientRect();
    return box && box.bottom > 100 && box.top < innerHeight - 100;
  });
});

test('a sweep is of one class and of one network only', async t => {
  const page = await shared(t);
  await lookInside(page);
  await sweep(page).click();
  await sweepCells(page).nth(15).waitFor(slow);
  await classField(page).fill('boathouse');
  await page.keyboard.press('Enter');
  assert.equal(await sweepCells(page).count(), 0);
  await classField(page).fill('barn');
  await page.keyboard.press('Enter');
  assert.equal(await sweepCells(page).count(), 16);
  await button(page, 'Take F out: Stage 4, block 2').click();
  assert.equal(await sweepCells(page).count(), 0);
});

test('a sweep says how far it is and can be cancelled, and the last one stays', async t => {
  const page = await shared(t);
  await lookInside(page);
  await sweep(page).click();
  await sweepCells(page).nth(15).waitFor(slow);
  const before = await sweepCells(page).allTextContents();
  const release = await holdEngineAtStep(page, () => sweep(page).click());
  const busy = task(page, 'Leaving out one block after the other, for barn');
  await busy.getByText(/^\d of 16$/).waitFor(slow);
  await busy.getByRole('button', { name: 'Cancel' }).press('Enter');
  await release();
  await busy.waitFor({ state: 'hidden' });
  assert.deepEqual(await sweepCells(page).allTextContents(), before);
  assert.equal(await focused(page), 'Try without each block', 'the keyboard is not lost');
  // The engine is free again.
  await button(page, 'Take F out: Stage 4, block 2').click();
  await page.getByText('With 1 block changed').waitFor(slow);
});

test('a changed network that takes long can be given up, and the last answer stays', async t => {
  const page = await shared(t);
  const whole = await lookInside(page);
  const release = await holdEngine(page);
  const off = button(page, 'Take F out: Stage 2, block 1');
  await off.click();
  await task(page, 'Running the changed network…').getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await off.innerText(), 'Take F out');
  assert.doesNotMatch(page.url(), /without/);
  assert.deepEqual(await readAnswer(page, 'barn'), whole);
  // The engine is still busy; longer than a line about that would take to come.
  await page.waitForTimeout(400);
  assert.equal(await room(page).getByRole('button', { name: 'Cancel' }).count(), 0, 'something is said to be busy');
  release();
  await off.click();
  await page.getByText('With 1 block changed').waitFor(slow);
});

/** A network of two blocks without shortcuts and without norms, as a model file. */
function plainNetwork() {
  const config = {
    block: 'basic', layers: [1, 1], width: 4, expansion: 1, stem: 'cifar', normEpsilon: 0, join: 'none', classes: 2,
    noNorm: true, activation: 'tanh',
  };
  const card = {
    model: 'plain', title: 'Plain', inputSize: 32, shortSide: 32, interpolation: 'bilinear', channelOrder: 'RGB',
    rescale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1], labels: ['ham', 'spam'], license: 'none', source: 'none',
  };
  const convolutions = { 'conv1': [4, 3], 'layer1.0.conv1': [4, 4], 'layer1.0.conv2': [4, 4],
    'layer2.0.conv1': [8, 4], 'layer2.0.conv2': [8, 8] };
  const value = (/** @type {number} */ i) => Math.sin(i + 1) / 3;
  return safetensors({ 'residua.config': JSON.stringify(config), 'residua.card': JSON.stringify(card) }, [
    ...Object.entries(convolutions).flatMap(([name, [out, into]]) => [
      tensor(`${name}.weight`, [out, into, 3, 3], value), tensor(`${name}.bias`, [out], value),
    ]),
    tensor('fc.weight', [2, 8], value), tensor('fc.bias', [2], value),
  ]);
}

test('a network without shortcuts has nothing to take out, and nothing on the page says otherwise', async t => {
  const page = await visit(t);
  await modelIsHere(page);
  const path = join(scratch, 'plain.safetensors');
  await writeFile(path, plainNetwork());
  await dropFiles(page, [path]);
  await button(page, 'Plain').waitFor(slow);
  await dropFiles(page, [barn]);
  await readAnswer(page);
  await page.goto(`${proxy.origin}/#room=look&scene=block&block=1&without=0.residual`); // the same document
  await rows(page).nth(2).waitFor(slow);
  await page.getByText('This network has no shortcuts').waitFor();
  assert.equal(await page.getByText('block changed').count(), 0, 'what the address asks for is not there');
  assert.equal(await page.getByRole('group', { name: 'Block lab' }).count(), 0);
  assert.equal(await sweep(page).count(), 0);
  await page.getByText('The network has 2 steps (orange boxes). No line runs past them').waitFor();
  const canvas = page.locator('iframe').contentFrame();
  await canvas.getByText('y = tanh(F(x))').waitFor(slow);
  await canvas.getByText('no shortcut').waitFor();
  assert.equal(await canvas.getByText('Cosine').count(), 0);
  await assertAccessible(page, 'the room with a network without shortcuts');
  const info = /** @type {any} */ (await page.evaluate(async bytes => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const net = await Residua.load({ file: new File([new Uint8Array(bytes)], 'plain.safetensors') });
    const photo = new ImageData(32, 32);
    const refusals = [];
    for (const ask of [() => net.sweep(photo), () => net.classify(photo, { ablate: { 0: 'residual' } })]) {
      const error = await ask().then(() => null, (/** @type {any} */ error) => error);
      refusals.push({ code: error?.code, message: error?.message });
    }
    const { join, nonlinearity, architecture } = net.info;
    net.close();
    return { join, nonlinearity, architecture, refusals };
  }, [...plainNetwork()]));
  assert.deepEqual([info.join, info.nonlinearity, info.architecture], ['none', 'tanh', 'Plain-6']);
  for (const refusal of info.refusals) {
    assert.equal(refusal.code, 'bad-argument');
    assert.match(refusal.message, /no shortcuts/);
  }
});
