// The choice of a class in Look inside: a field with a list of all that the network knows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible } from './accessible.mjs';
import { sharedPage } from './harness.mjs';
import { classField, lookInside } from './room.mjs';

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
