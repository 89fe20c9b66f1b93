// The choice of a class in Look inside: a field with a list of all that the network knows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { clickSample, readAnswer } from '../person.mjs';
import { proxy, sharedPage, visit } from './harness.mjs';
import { classField, lookInside, showsBarn, slow } from './room.mjs';

/** @typedef {import('playwright-core').Page} Page */

const shared = sharedPage();

const options = (/** @type {Page} */ page) =>
  page.getByRole('listbox', { name: 'Class', exact: true }).getByRole('option');

/** The name of the option that the keys are on. @param {Page} page */
const current = page =>
  classField(page).evaluate(({ ariaActiveDescendantElement: option }) => option?.firstChild?.textContent);

/** What options say, without the tick of the chosen one. @param {string[]} texts */
const names = texts => texts.map(text => text.replace('✓', '').trim());

test('the list has all classes, those of the answer first, and its ends are joined', async t => {
  const page = await shared(t);
  const answer = await lookInside(page);
  const field = classField(page);
  assert.equal(await field.inputValue(), 'barn');
  await field.focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await field.getAttribute('aria-expanded'), 'true');
  assert.equal(await options(page).count(), 1000);
  const first = page.getByRole('group', { name: 'In the answer' }).getByRole('option');
  assert.deepEqual(names(await first.allInnerTexts()), answer.map(({ label }) => label));
  assert.equal(await current(page), 'barn');
  await page.keyboard.press('ArrowUp');
  assert.equal(await current(page), 'zucchini');
  // Of the options, which are all alike, it looks at the first of each group.
  const exclude = '[role="option"]:nth-of-type(n + 20)';
  await assertAccessible(page, 'the list of classes', { include: '.where', exclude });
  await page.keyboard.press('Escape');
  assert.equal(await options(page).count(), 0);
  assert.equal(await field.inputValue(), 'barn');
});

test('text is pasted and dropped into fields without a word about pictures, and a picture is taken there', async t => {
  const page = await shared(t);
  await lookInside(page);
  const field = classField(page);
  const messages = page.locator('#notices .notice, #teach .notice.info');
  await page.evaluate(() => navigator.clipboard.writeText('Labrador'));
  await field.fill('');
  await page.keyboard.press('ControlOrMeta+V');
  assert.equal(await field.inputValue(), 'Labrador');
  await page.getByRole('option', { name: 'Labrador retriever' }).waitFor();
  assert.equal(await messages.count(), 0);
  await page.keyboard.press('Escape');

  /**
   * Hands an event to an element, and tells whether the page has left it to the browser.
   * @param {string} selector
   * @param {'paste' | 'drop' | 'dragover'} type
   * @param {{ text?: string, file?: string }} content  file: its name
   */
  const hand = (selector, type, content) => page.evaluate(({ selector, type, content: { text, file } }) => {
    const data = new DataTransfer();
    if (text) data.setData('text/plain', text);
    if (file) data.items.add(new File(['no picture'], file, { type: 'image/png' }));
    const options = { bubbles: true, cancelable: true };
    const event = type === 'paste'
      ? new ClipboardEvent(type, { ...options, clipboardData: data })
      : new DragEvent(type, { ...options, dataTransfer: data });
    const element = selector === 'editable'
      ? document.body.appendChild(Object.assign(document.createElement('p'), { contentEditable: 'true' }))
      : document.querySelector(selector);
    return element?.dispatchEvent(event);
  }, { selector, type, content });

  const fields = ['.where input[role="combobox"]', '#where-method', '#where-opacity', 'editable'];
  for (const selector of fields) assert.ok(await hand(selector, 'paste', { text: 'Labrador' }), selector);
  // Two kinds of programs copy both: Office a picture of the text, file managers the name of a file.
  assert.ok(await hand(fields[0], 'paste', { text: 'Labrador', file: 'image.png' }));
  for (const type of /** @type {const} */ (['dragover', 'drop'])) {
    assert.ok(await hand(fields[0], type, { text: 'Labrador' }), type);
    assert.ok(!await hand(fields[0], type, { text: 'x.png', file: 'x.png' }), type);
  }
  await messages.filter({ hasText: 'x.png' }).waitFor();
  assert.equal(await messages.count(), 1); // of the dropped file, which is no picture
  assert.ok(!await hand(fields[0], 'paste', { text: 'y.png', file: 'y.png' }));
  await messages.filter({ hasText: 'y.png' }).waitFor();
  assert.ok(!await hand('body', 'drop', { text: 'Labrador' }));
  await messages.filter({ hasText: 'That was not a photo file.' }).waitFor();
});

test('a class is found by a part of its name and chosen, by keys alone', async t => {
  const page = await shared(t);
  await lookInside(page);
  const field = classField(page);
  await field.focus();
  await page.keyboard.type('crane');
  assert.deepEqual(await options(page).allInnerTexts(), ['crane (134)', 'crane (517)']);
  await page.getByText('2 of 1,000 classes').waitFor();
  assert.equal(await current(page), 'crane (134)');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await field.inputValue(), 'crane (517)');
  assert.match(page.url(), /class=517/);

  await page.keyboard.press('Control+a');
  await page.keyboard.type('quux');
  await page.getByText('No class is called “quux”.').waitFor();
  assert.equal(await field.getAttribute('aria-expanded'), 'false');
  await assertAccessible(page, 'no class of this name', '.where');
  await page.keyboard.press('Enter'); // there is nothing to take
  await page.keyboard.press('Tab');
  assert.equal(await field.inputValue(), 'crane (517)', 'who leaves without a choice has chosen nothing');
});

test('a class is chosen by the mouse, and the best guess is what is meant where nothing is said', async t => {
  const page = await shared(t);
  await lookInside(page);
  const field = classField(page);
  await field.click();
  await options(page).filter({ hasText: 'boathouse' }).click();
  assert.match(page.url(), /class=449/);
  await field.click();
  await options(page).filter({ hasText: /^barn ?✓?$/ }).first().click();
  assert.doesNotMatch(page.url(), /class=/);
  assert.equal(await options(page).count(), 0);
});

test('when the page becomes Chinese, so do the classes wherever they are shown; they are found in both languages '
  + 'then', async t => {
  const page = await visit(t);
  await clickSample(page, 'Alpine');
  await readAnswer(page, 'alp');
  await lookInside(page, '&without=8.residual');
  await showsBarn(page);
  await page.getByRole('button', { name: 'Try without each block' }).click();
  const sweep = page.locator('#sweep-title');
  await sweep.filter({ hasText: 'barn' }).waitFor(slow);
  assert.ok(!proxy.asked.some(path => path.includes('imagenet-zh')), 'an English page asks for Chinese names');

  await page.getByRole('button', { name: '中文' }).click();
  const field = page.locator('#where').getByRole('combobox', { name: '类别', exact: true });
  await page.waitForFunction(() =>
    /** @type {HTMLInputElement | null} */ (document.querySelector('.where input'))?.value === '谷仓');
  assert.equal(await field.getAttribute('lang'), 'zh-Hans');
  await sweep.filter({ hasText: /谷仓/ }).waitFor();
  const canvas = page.locator('iframe').contentFrame();
  await canvas.getByText('谷仓', { exact: true }).waitFor(slow);
  assert.equal(await canvas.getByText('barn', { exact: true }).count(), 0);
  const best = page.locator('#answer').getByRole('listitem').first();
  await best.filter({ hasText: /^谷仓 barn / }).waitFor();
  assert.deepEqual(await page.locator('#history .label').allTextContents(), ['谷仓', '高山']); // for the other room

  const list = page.getByRole('listbox', { name: '类别', exact: true }).getByRole('option');
  for (const typed of ['crane', '134']) {
    await field.fill(typed);
    await list.filter({ hasText: '鹤' }).waitFor();
    assert.deepEqual(await list.allInnerTexts(), ['鹤\ncrane', '起重机\ncrane'].slice(0, typed === 'crane' ? 2 : 1));
  }
  await field.fill('金毛');
  await list.filter({ hasText: '金毛寻回犬' }).waitFor();
  await assertAccessible(page, 'Chinese classes', '.where');
  await page.keyboard.press('Enter');
  assert.match(page.url(), /class=207/);
  assert.equal(await field.inputValue(), '金毛寻回犬');

  await page.getByRole('button', { name: 'English' }).click();
  await classField(page).waitFor();
  assert.equal(await classField(page).inputValue(), 'golden retriever');
  await canvas.getByText('barn', { exact: true }).waitFor(slow);
  await classField(page).fill('起重机');
  await options(page).filter({ hasText: 'crane (517)' }).waitFor();
  assert.deepEqual(await options(page).allInnerTexts(), ['crane (517)']);
});
