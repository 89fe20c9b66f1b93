// The room Look inside, used as a person would: by keys, by its table, by its address. Its canvas has its own file.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { coloursOf } from '../../static/page/heat.js';
import { clickSample, readAnswer } from '../person.mjs';
import { useRealWeights, visit } from './harness.mjs';
import { ask, decode, enlarged, lookInside, pixel, rows, slow } from './room.mjs';

useRealWeights();

/** @typedef {import('playwright-core').Page} Page */

const axeSource = await readFile(join(createRequire(import.meta.url).resolve('axe-core'), '..', 'axe.min.js'), 'utf8');

/** What axe finds to be in people's way. @param {Page} page */
async function violations(page) {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const result = await /** @type {any} */ (globalThis).axe.run(document);
    return result.violations.filter((/** @type {any} */ { impact }) => impact === 'serious' || impact === 'critical')
      .map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ node) => node.html).join(' ')}`);
  });
}

/** @param {Page} page */
const heat = page => page.locator('canvas.heat');

/** The map over the photo, as it was painted. @param {Page} page */
async function overlay(page) {
  const url = await heat(page).evaluate(element => /** @type {HTMLCanvasElement} */ (element).toDataURL());
  return decode(page, Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
}

/** @param {Page} page */
const method = page => page.getByRole('combobox', { name: 'Map' });
/** @param {Page} page */
const classField = page => page.getByRole('combobox', { name: 'Class', exact: true });
/** @param {Page} page */
const where = page => page.getByRole('region', { name: 'Where it looked' });
/** @param {Page} page */
const sweepCells = page => page.getByRole('group', { name: /^With all blocks/ }).getByRole('button');

/**
 * Waits until the map over the photo is the one that is asked for.
 * @param {Page} page
 */
async function mapped(page) {
  await where(page).and(page.locator('[aria-busy="false"]')).waitFor(slow);
  await heat(page).waitFor(slow);
}

test('look inside: 16 blocks in numbers, and the room is accessible', async t => {
  const page = await visit(t);
  await lookInside(page);
  const cells = await rows(page).evaluateAll(list => list.slice(1).map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent ?? '')));
  assert.equal(cells.length, 16);
  for (const [size, ...numbers] of cells) {
    assert.match(size, /^\d+ × \d+ × \d+$/);
    assert.equal(numbers.length, 5);
    const [x, f, y, ratio, cosine] = numbers.map(number => Number(number.replaceAll(',', '')));
    assert.ok([x, f, y].every(norm => norm > 0 && Number.isFinite(norm)), numbers.join());
    assert.ok(Math.abs(ratio - f / x) < 0.01 * ratio + 0.001 && Math.abs(cosine) <= 1, numbers.join());
  }
  assert.deepEqual(await violations(page), []);
});

test('look inside: on a desktop the controls and the first blocks are in view at once, on a phone nothing sticks out', async t => {
  const page = await visit(t);
  await lookInside(page);
  const canvas = page.locator('#look-canvas');
  for (const control of [page.getByRole('combobox', { name: 'Show' }), page.getByRole('button', { name: 'Show all' }), method(page)]) {
    const box = await control.boundingBox();
    assert.ok(box && box.y >= 0 && box.y + box.height <= 800, `${control} is out of view`);
  }
  const box = await canvas.boundingBox();
  assert.ok(box && box.y <= 560 && box.width > 1100, `the canvas begins at ${box?.y} and is ${box?.width} wide`);
  const phone = await visit(t, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await lookInside(phone);
  assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), 390);
});

test('look inside: the maps over the photo are those that the engine computes, in the colours of the legend', async t => {
  const page = await visit(t);
  await lookInside(page, '&block=12');
  assert.ok(!await heat(page).isVisible());
  for (const [name, options] of /** @type {const} */ ([
    ['cam', {}],
    ['grad-cam', { method: 'grad-cam', block: 12, source: 'f' }],
    ['cam', { classIndex: 7 }],
  ])) {
    if ('classIndex' in options) {
      await classField(page).fill('7');
      await page.keyboard.press('Enter');
    }
    await method(page).selectOption(name);
    if ('source' in options) await page.getByRole('combobox', { name: 'Of the block below' }).selectOption(options.source);
    await mapped(page);
    const map = await ask(page, 'cam', options);
    const colours = coloursOf(map, 'viridis', false);
    const painted = await overlay(page);
    assert.deepEqual([painted.width, painted.height], [224, 224]);
    for (let y = 3; y < 224; y += 11) {
      for (let x = 3; x < 224; x += 11) {
        const want = Math.round(enlarged(map, 224, x, y) * 255);
        const near = [want - 1, want, want + 1].filter(i => i >= 0 && i < 256); // the page mixes in another order
        const got = pixel(painted, x, y);
        assert.ok(near.some(i => got.every((value, k) => value === colours[3 * i + k])), `${name} ${JSON.stringify(options)}: at ${x}, ${y} ${got}, want level ${want}`);
      }
    }
    const [least, most] = await where(page).locator('.legend span').allInnerTexts();
    assert.ok(Math.abs(Number(least) - map.min) <= 0.006 * Math.abs(map.min) && Math.abs(Number(most) - map.max) <= 0.006 * Math.abs(map.max), `the legend says ${least} … ${most}, not ${map.min} … ${map.max}`);
  }
  // Where the square is: the photo's height is its short side.
  const [over, seen] = await Promise.all([heat(page).boundingBox(), page.locator('.seen').boundingBox()]);
  assert.deepEqual(over, seen);
});

test('look inside: an occlusion map says how far it is, can be cancelled, and then the last map stays', async t => {
  const page = await visit(t);
  await lookInside(page);
  await method(page).selectOption('occlusion');
  await where(page).getByText(/^\d+ of 64$/).waitFor(slow);
  assert.deepEqual(await violations(page), []);
  await where(page).getByRole('button', { name: 'Cancel' }).press('Enter');
  assert.equal(await method(page).inputValue(), 'none', 'without a map before there is none after');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'where-method', 'the keyboard is not lost');
  assert.ok(!await heat(page).isVisible());

  await method(page).selectOption('cam');
  await mapped(page);
  const cam = await overlay(page);
  await method(page).selectOption('occlusion');
  await where(page).getByText(/^[2-9] of 64$/).waitFor(slow);
  assert.match(await heat(page).evaluate(element => getComputedStyle(element).filter), /grayscale/, 'the old map looks like the new one');
  await where(page).getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await method(page).inputValue(), 'cam');
  assert.match(page.url(), /where=cam/);
  assert.ok(await heat(page).isVisible());
  assert.deepEqual(await overlay(page), cam);
  assert.equal(await where(page).getByRole('button').count(), 0, 'nothing is busy');

  await method(page).selectOption('occlusion');
  await mapped(page);
  assert.equal(await method(page).inputValue(), 'occlusion');
  const { width, data } = await overlay(page);
  // The barn is in the middle of the right half: hiding it costs most, hiding the sky nothing. In these colours more is more orange.
  const orange = (/** @type {number} */ x, /** @type {number} */ y) => pixel({ width, height: width, data }, x, y)[0] - pixel({ width, height: width, data }, x, y)[2];
  assert.ok(orange(165, 120) > orange(30, 20) + 40, `the barn is at ${orange(165, 120)}, the sky at ${orange(30, 20)}`);
  assert.match((await where(page).locator('.legend span').allInnerTexts()).join(), /%/);
});

test('look inside: each of the 1,000 classes can be found and chosen, by keys alone', async t => {
  const page = await visit(t);
  await lookInside(page);
  const field = classField(page);
  const options = page.getByRole('listbox', { name: 'Class', exact: true }).getByRole('option');
  const current = () => field.evaluate(element => document.getElementById(element.getAttribute('aria-activedescendant') ?? '')?.firstChild?.textContent);
  assert.equal(await field.inputValue(), 'barn');
  await field.focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await field.getAttribute('aria-expanded'), 'true');
  assert.equal(await options.count(), 1000);
  assert.deepEqual(await page.getByRole('group', { name: 'In the answer' }).getByRole('option').allInnerTexts().then(list => list.map(text => text.replace('✓', '').trim())),
    (await readAnswer(page)).map(({ label }) => label));
  assert.equal(await current(), 'barn');
  await page.keyboard.press('ArrowUp');
  assert.equal(await current(), 'zucchini', 'the list is a ring');
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  assert.equal(await options.count(), 0);
  assert.equal(await field.inputValue(), 'barn');

  await page.keyboard.type('crane');
  assert.deepEqual(await options.allInnerTexts(), ['crane (134)', 'crane (517)']);
  await page.getByText('2 of 1,000 classes').waitFor();
  assert.equal(await current(), 'crane (134)');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await field.inputValue(), 'crane (517)');
  assert.match(page.url(), /class=517/);

  await page.keyboard.press('Control+a');
  await page.keyboard.type('quux');
  await page.getByText('No class is called “quux”.').waitFor();
  assert.equal(await field.getAttribute('aria-expanded'), 'false');
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Enter'); // there is nothing to take
  await page.keyboard.press('Tab');
  assert.equal(await field.inputValue(), 'crane (517)', 'who leaves without a choice has chosen nothing');

  await field.click();
  await options.filter({ hasText: 'boathouse' }).click();
  assert.match(page.url(), /class=449/);
  await field.click();
  await options.filter({ hasText: /^barn ?✓?$/ }).first().click();
  assert.ok(!page.url().includes('class='), 'the best guess is what is meant where nothing is said');
  assert.equal(await options.count(), 0);
});

test('look inside: without F the answer changes, and comes back with it; so with a cut shortcut', async t => {
  const page = await visit(t);
  await lookInside(page);
  const whole = await readAnswer(page, 'barn');
  await page.getByRole('button', { name: 'F off: Stage 1, block 1' }).click();
  await page.getByText('With 1 block changed').waitFor(slow);
  const without = await readAnswer(page);
  assert.notDeepEqual(without, whole);
  await page.getByRole('tab', { name: 'Classify' }).click();
  assert.deepEqual(await readAnswer(page), whole, 'Classify is about the whole network');
  await page.getByRole('tab', { name: 'Look inside' }).click();
  await page.getByText('With 1 block changed').waitFor(slow);
  assert.deepEqual(await readAnswer(page), without);
  await page.getByRole('button', { name: 'Put everything back' }).click();
  await page.getByText('With 1 block changed').waitFor({ state: 'hidden', ...slow });
  assert.deepEqual(await readAnswer(page), whole);

  const cut = page.getByRole('button', { name: 'Cut shortcut: Stage 3, block 2' });
  await cut.click();
  await page.getByText('With 1 block changed').waitFor(slow);
  assert.equal(await cut.getAttribute('aria-pressed'), 'true');
  assert.match(page.url(), /without=8\.shortcut/);
  const { predictions } = await ask(page, 'classify', { ablate: { 8: 'shortcut' } });
  const shown = await readAnswer(page, predictions[0].label);
  assert.deepEqual(shown.map(({ label }) => label), predictions.map((/** @type {any} */ { label }) => label));
  shown.forEach(({ share }, i) => assert.ok(Math.abs(share - 100 * predictions[i].probability) < 0.11, `${share}% is not ${predictions[i].probability}`));
  // A projection's shortcut stays, and it is said why.
  const kept = page.getByRole('button', { name: 'Cut shortcut: Stage 3, block 1' });
  await kept.press('Enter');
  assert.ok(!page.url().includes('without=7'));
  const reason = await kept.getAttribute('aria-describedby');
  assert.match(await page.locator(`#${reason}`).innerText(), /changes the size/);
});

test('look inside: the lab reads in the order of the network', async t => {
  const page = await visit(t);
  await lookInside(page);
  const names = await page.getByRole('group', { name: 'Block lab' }).getByRole('button').evaluateAll(list => list.map(button => button.getAttribute('aria-label') ?? ''));
  const want = [3, 4, 6, 3].flatMap((n, stage) => Array.from({ length: n }, (_, i) => `Stage ${stage + 1}, block ${i + 1}`)).flatMap(name => [`F off: ${name}`, `Cut shortcut: ${name}`]);
  assert.deepEqual(names, want);
});

test('look inside: the sweep is a heat map whose cells say the numbers and open their blocks', async t => {
  const page = await visit(t);
  await lookInside(page);
  const sweep = page.getByRole('button', { name: 'Try without each block' });
  await sweep.click();
  await sweepCells(page).nth(15).waitFor(slow);
  const want = await ask(page, 'sweep');
  assert.match(await page.getByText('With all blocks').innerText(), /barn has 98\.\d%/);
  const cells = await sweepCells(page).evaluateAll(list => list.map(cell => ({
    words: cell.querySelector('.share')?.textContent ?? '', colour: getComputedStyle(cell).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [], lost: Number(getComputedStyle(cell).getPropertyValue('--lost')),
  })));
  assert.equal(cells.length, 16);
  cells.forEach(({ words, lost }, i) => {
    const share = Number(/^(\d+\.\d)%$/.exec(words)?.[1]);
    assert.ok(Math.abs(share - 100 * want.without[i]) <= 0.1001, `${words}, want ${want.without[i]}`);
    assert.ok(Math.abs(lost - Math.max(0, (want.probability - want.without[i]) / want.probability)) < 1e-6, `${lost} is lost in ${words}`);
  });
  // The more is lost, the further the colour is from that of a cell that lost nothing.
  const order = [...cells].sort((a, b) => a.lost - b.lost);
  const blue = order.map(({ colour }) => colour.at(-1) ?? 0);
  blue.forEach((value, i) => assert.ok(i === 0 || value <= blue[i - 1] + 0.01, `the colours are no scale: ${blue}`));
  assert.ok(blue[0] > blue[15] * 1.3, `the colours hardly differ: ${blue}`);
  assert.deepEqual(await violations(page), []);

  await sweepCells(page).nth(9).press('Enter');
  assert.match(page.url(), /scene=block&block=9/);
  assert.equal(await page.getByRole('combobox', { name: 'Block', exact: true }).inputValue(), '9');
  await page.waitForFunction(() => {
    const box = document.querySelector('#look-canvas')?.getBoundingClientRect();
    return box && box.bottom > 100 && box.top < innerHeight - 100;
  });

  // It is of this class and of this network only.
  await classField(page).fill('boathouse');
  await page.keyboard.press('Enter');
  assert.equal(await sweepCells(page).count(), 0);
  await classField(page).fill('barn');
  await page.keyboard.press('Enter');
  assert.equal(await sweepCells(page).count(), 16);
  await page.getByRole('button', { name: 'F off: Stage 4, block 2' }).click();
  assert.equal(await sweepCells(page).count(), 0);
});

test('look inside: a sweep can be cancelled, and the last one stays', async t => {
  const page = await visit(t);
  await lookInside(page);
  const sweep = page.getByRole('button', { name: 'Try without each block' });
  await sweep.click();
  await sweepCells(page).nth(15).waitFor(slow);
  const before = await sweepCells(page).allInnerTexts();
  // The engine has its hands full with the map, so that the sweep waits.
  await method(page).selectOption('occlusion');
  await where(page).getByText(/^\d+ of 64$/).waitFor(slow);
  await sweep.click();
  await page.getByText('Leaving out one block after the other, for barn').waitFor(slow);
  await page.locator('#sweep-task').getByRole('button', { name: 'Cancel' }).press('Enter');
  await page.getByText('Leaving out one block after the other').waitFor({ state: 'hidden' });
  assert.deepEqual(await sweepCells(page).allInnerTexts(), before);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'lab-sweep', 'the keyboard is not lost');
  await where(page).getByRole('button', { name: 'Cancel' }).click();
  // The engine is free again.
  await method(page).selectOption('cam');
  await mapped(page);
});

test('look inside: a changed network that takes long can be given up, and the last answer stays', async t => {
  const page = await visit(t);
  await lookInside(page);
  const whole = await readAnswer(page, 'barn');
  // An engine that does not answer: what it is asked is lost on its way.
  await page.evaluate(() => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any[]} */ ...rest) {
      if (message?.op === 'classify' && message.json.includes('residual')) return;
      postMessage.call(this, message, ...rest);
    };
  });
  const off = page.getByRole('button', { name: 'F off: Stage 2, block 1' });
  await off.click();
  await page.getByText('Running the changed network…').waitFor(slow);
  await page.locator('#lab-task').getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await off.getAttribute('aria-pressed'), 'false');
  assert.ok(!page.url().includes('without'));
  assert.deepEqual(await readAnswer(page, 'barn'), whole);
});

test('look inside: the first numbers can be given up too, and asked for again', async t => {
  const page = await visit(t, {
    before: context => context.addInitScript(() => {
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any[]} */ ...rest) {
        if (message?.op === 'trace' && !(/** @type {any} */ (globalThis).traced)) {
          /** @type {any} */ (globalThis).traced = true;
          return; // the first one is lost
        }
        postMessage.call(this, message, ...rest);
      };
    }),
  });
  await page.goto(`${page.url()}#room=look`);
  await page.reload();
  await clickSample(page, 'Dust Bowl');
  await page.getByText('Computing what every block does…').waitFor(slow);
  await page.locator('#look-task').getByRole('button', { name: 'Cancel' }).press('Enter');
  await page.getByText('Stopped before the numbers were there.').waitFor();
  assert.equal(await rows(page).count(), 1, 'there are no numbers yet');
  await page.locator('#look-task').getByRole('button', { name: 'Try again' }).click();
  await rows(page).nth(16).waitFor(slow);
  await page.getByText('Stopped before').waitFor({ state: 'hidden' });
});

test('look inside: what goes wrong with a map is said beside it, with a way to try again', async t => {
  const page = await visit(t);
  await lookInside(page);
  await page.evaluate(() => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any[]} */ ...rest) {
      const broken = message?.op === 'cam' && !(/** @type {any} */ (globalThis).repaired);
      postMessage.call(this, broken ? { ...message, json: message.json.replace('grad-cam', 'no-cam') } : message, ...rest);
    };
  });
  await method(page).selectOption('cam');
  await mapped(page);
  const cam = await overlay(page);
  await method(page).selectOption('grad-cam');
  await where(page).getByRole('alert').filter({ hasText: 'The page made a mistake' }).waitFor(slow);
  assert.deepEqual(await overlay(page), cam, 'the last good map stays');
  assert.match(await heat(page).evaluate(element => getComputedStyle(element).filter), /grayscale/, 'and looks old');
  assert.deepEqual(await violations(page), []);
  await page.evaluate(() => { /** @type {any} */ (globalThis).repaired = true; });
  await where(page).getByRole('button', { name: 'Try again' }).press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'where-method', null, slow); // the button has gone away
  await mapped(page);
  assert.equal(await where(page).getByRole('alert').filter({ hasText: /\S/ }).count(), 0);
  assert.notDeepEqual(await overlay(page), cam);
});

test('look inside: the numbers can be saved, and are those of the engine', async t => {
  const page = await visit(t);
  await lookInside(page, '&without=5.residual');
  await page.getByRole('button', { name: 'Try without each block' }).click();
  await sweepCells(page).nth(15).waitFor(slow);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save numbers (CSV)' }).click()]);
  assert.equal(download.suggestedFilename(), 'residua-blocks.csv');
  const [head, ...lines] = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n').map(line => line.split(','));
  assert.equal(lines.length, 16);
  const ablate = { 5: 'residual' };
  const { blocks } = await ask(page, 'trace', { ablate });
  const swept = await ask(page, 'sweep', { ablate, classIndex: 425 });
  lines.forEach((line, i) => {
    assert.equal(line.length, head.length);
    const row = Object.fromEntries(line.map((value, k) => [head[k], value]));
    const { normX, normF, normY, cosine } = blocks[i];
    assert.deepEqual([row.norm_x, row.norm_f, row.norm_y, row.cosine].map(Number), [normX, normF, normY, cosine]);
    assert.equal(Number(row.ratio), normF / normX);
    assert.match(row.block, /^layer\d\.\d$/);
    assert.equal(row.left_out, i === 5 ? 'residual' : '');
    assert.deepEqual([row.class, row.probability, row.probability_without_f].map(Number), [425, swept.probability, swept.without[i]]);
  });
});

test('look inside: keys go from the tabs through every control and the canvas to the end of the page', async t => {
  const page = await visit(t);
  await lookInside(page);
  await page.getByRole('button', { name: 'Try without each block' }).click();
  await sweepCells(page).nth(15).waitFor(slow);
  await page.getByRole('tab', { name: 'Look inside' }).focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(new URL(page.url()).hash, '');
  await page.keyboard.press('ArrowRight');
  await page.frameLocator('#look-canvas iframe').locator('#stage').waitFor(slow);
  await rows(page).nth(16).waitFor(slow);
  await page.getByRole('button', { name: 'Try without each block' }).click();
  await sweepCells(page).nth(15).waitFor(slow);
  await page.getByRole('tab', { name: 'Look inside' }).focus();
  const reached = new Set();
  for (let i = 0; i < 160; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => {
      const cell = [...document.querySelectorAll('.sweep-cell')].findIndex(cell => cell === document.activeElement);
      return cell >= 0 ? `cell ${cell}` : document.activeElement?.id || document.activeElement?.getAttribute('aria-label') || document.activeElement?.tagName;
    }));
  }
  const field = await classField(page).getAttribute('id');
  for (const id of ['where-method', field, 'look-scene', 'look-block', 'block-next', 'look-map', 'look-play', 'zoom-in', 'zoom-out', 'zoom-all', 'IFRAME', 'lab-sweep',
    'save-csv', 'save-png', 'F off: Stage 4, block 3', 'Cut shortcut: Stage 1, block 1', ...Array.from({ length: 16 }, (_, i) => `cell ${i}`)]) {
    assert.ok(reached.has(id), `${id} is out of reach: ${[...reached].join(', ')}`);
  }
});

test('look inside: an address with a state brings it back', async t => {
  const page = await visit(t);
  await lookInside(page, '&scene=block&map=magma&where=cam&block=4&class=388&without=5.residual&opacity=30');
  await page.getByText('With 1 block changed').waitFor(slow);
  assert.equal(await page.getByRole('combobox', { name: 'Show' }).inputValue(), 'block');
  assert.equal(await page.getByRole('combobox', { name: 'Block', exact: true }).inputValue(), '4');
  assert.equal(await page.getByRole('combobox', { name: 'Colours' }).inputValue(), 'magma');
  assert.equal(await page.getByRole('slider', { name: 'Opacity' }).inputValue(), '30');
  assert.equal(await classField(page).inputValue(), 'giant panda');
  assert.equal(await page.getByRole('button', { name: 'F off: Stage 2, block 3' }).getAttribute('aria-pressed'), 'true');
  await heat(page).waitFor(slow);
  assert.match(page.url(), /without=5\.residual/);
});

test('look inside: another photo while a map is computed leaves nothing of the first', async t => {
  const page = await visit(t);
  await lookInside(page, '&where=occlusion');
  await where(page).getByText(/^\d+ of 64$/).waitFor(slow);
  await method(page).selectOption('cam');
  await mapped(page);
  const barn = await overlay(page);
  await clickSample(page, 'Alpine');
  await readAnswer(page, 'alp');
  await mapped(page);
  assert.notDeepEqual(await overlay(page), barn);
  assert.equal(await classField(page).inputValue(), 'alp', 'the class is the best guess of the new photo');
});
