// A taught head goes out as a link and comes in as one, as people do it.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { hostileLabels, oddLabels, soundHead } from '../head.mjs';
import { startServer } from '../lib.mjs';
import { clickSample, modelIsHere } from '../person.mjs';
import { assertAccessible } from './accessible.mjs';
import { proxy, useRealWeights, visit } from './harness.mjs';
import { openTeach, part, said, slow, teach, twoClasses } from './teaching.mjs';

/** @typedef {import('playwright-core').Page} Page */

useRealWeights(); // the host takes heads for ResNet-50's 2,048 features only

/** The dialog that a link opens. @param {Page} page */
const dialogOf = page => page.getByRole('dialog', { name: 'Somebody shared a classifier' });

/** Where the keyboard is. @param {Page} page */
const focused = page => page.evaluate(() => document.activeElement?.textContent ?? '');

/** Goes to an address of the open page, as a link in it does. @param {Page} page @param {string} id */
const follow = (page, id) => page.evaluate(id => { location.hash = `share=${id}`; }, id);

/** The name that a share of these bytes has. @param {Buffer} file */
const idOf = file => createHash('sha256').update(file).digest('hex').slice(0, 32);

/** Shares a head without a page. @param {string} origin @param {Buffer} file */
const upload = (origin, file) => fetch(`${origin}/api/share`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/octet-stream' },
  body: new Uint8Array(file),
});

/** What a person's classes say in Classify, without their shares. @param {Page} page */
const answers = async page => (await said(page.getByRole('region', { name: 'What is it?' })))
  .map(([label]) => label).sort();

/** Makes a link of what was taught. @param {Page} page */
async function makeLink(page) {
  const keep = part(page, 'Keep it');
  await keep.getByRole('button', { name: 'Make a link' }).click();
  await keep.getByRole('button', { name: 'Send this and make the link' }).click();
  await keep.getByText(/link.+ It is good until /).waitFor(slow);
  return keep.getByRole('textbox', { name: 'The link' }).inputValue();
}

/** How long a shared classifier may take: the real weights are fetched, hashed and packed first. */
const brought = { timeout: 120_000 };

/** The next upload is refused, as one too many. @param {import('playwright-core').Page} page */
async function refuseOnce(page) {
  const error = { code: 'too-many', message: 'Too many uploads at the moment. Please wait a minute and try again.' };
  const answer = { status: 429, headers: { 'Retry-After': '2' }, json: { error } };
  await page.route('**/api/share', route => route.fulfill(answer), { times: 1 });
}

test('share: two classes become a link, and the link becomes two classes elsewhere', async t => {
  const page = await visit(t);
  await openTeach(page);
  await twoClasses(page, 3);
  await teach(page);
  const keep = part(page, 'Keep it');

  // It says what goes where before anything goes; a person can think better of it.
  const make = keep.getByRole('button', { name: 'Make a link' });
  await make.click();
  const panel = keep.getByRole('group', { name: 'Make a link' });
  assert.match(await panel.getByText(/^This goes to /).innerText(),
    /This goes to 127\.0\.0\.1:\d+, which keeps it for 90 days .+\(\d\d kB\), .+ of your 2 classes:$/);
  assert.deepEqual(await panel.getByRole('list').getByRole('listitem').allInnerTexts(), ['barn', 'alp']);
  await panel.getByText('no picture and no file’s name').waitFor();
  assert.equal(await focused(page), 'Send this and make the link');
  await assertAccessible(page, 'before a link is made', '.teach-share');
  assert.deepEqual(proxy.asked.filter(path => path.startsWith('/api/')), ['/api/health']);
  await panel.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await focused(page), 'Make a link');

  // Without a network it says so, and then goes on; one who cancels while it is on its way is where they were.
  await make.click();
  const go = panel.getByRole('button', { name: 'Send this and make the link' });
  proxy.setFault(path => (path === '/api/share' ? 'cut' : 'pass'));
  await go.click();
  await keep.getByText(/^127\.0\.0\.1:\d+ cannot be reached/).waitFor();
  proxy.setFault(path => (path === '/api/share' ? 'hold' : 'pass'));
  await go.click();
  await panel.getByRole('progressbar').waitFor();
  while (proxy.held === 0) await wait(20);
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await panel.getByRole('progressbar').waitFor({ state: 'hidden' });
  while (proxy.held > 0) await wait(20);
  proxy.release();
  await refuseOnce(page);
  await go.click();
  await keep.getByText('Wait 2 seconds, then send it again.').waitFor();
  assert.equal(await go.isDisabled(), true);
  await go.click(); // as soon as it can be pressed again
  await keep.getByText(/^What was sent: the numbers that it learnt \([\d.]+ kB\), .+ your 2 classes\./).waitFor();
  const url = await keep.getByRole('textbox', { name: 'The link' }).inputValue();
  assert.match(url, new RegExp(`^${proxy.origin}/#share=[0-9a-f]{32}$`));
  assert.equal(await page.evaluate(() => /** @type {HTMLInputElement} */ (document.activeElement).value), url);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await keep.getByRole('button', { name: 'Copy' }).click();
  await keep.getByText('Copied.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), url);
  await assertAccessible(page, 'a link', '.teach-share');

  // The same head has the same link.
  assert.equal(await makeLink(page), url);
  await keep.getByText('This link existed already').waitFor();

  // Another person: asked first, with only the file there; then the classes answer, and a reload finds them again.
  const other = await visit(t, { path: new URL(url).hash.replace(/^/, '/') });
  const dialog = dialogOf(other);
  await dialog.getByText(/^It tells 2 classes apart \(\d\d kB, taught on ResNet-50\)\. Load it\?$/).waitFor();
  assert.deepEqual(await dialog.getByRole('listitem').allInnerTexts(), ['barn', 'alp']);
  assert.equal(await focused(other), 'Load it');
  await assertAccessible(other, 'a shared link', '.shared');
  await dialog.getByRole('button', { name: 'Load it' }).click();
  await other.getByRole('button', { name: 'barn or alp', pressed: true }).waitFor(brought);
  await other.waitForURL(`${proxy.origin}/#classes=own`);
  assert.equal(await focused(other), 'barn or alp');
  await other.getByText('Give it a photo: barn or alp?').waitFor();
  await clickSample(other, 'Alpine');
  assert.deepEqual(await answers(other), ['alp', 'barn']);

  // One who has a project keeps it: another classifier answers beside it, or takes its place after a second question.
  const cats = soundHead({ classes: ['cat', 'dog', 'hen'] });
  const { id } = await (await upload(proxy.origin, cats)).json();
  await follow(other, id);
  await dialog.getByRole('button', { name: 'Load it' }).click();
  await dialog.getByText(/^You have a project of your own in Teach, with 0 pictures\./).waitFor(slow);
  await dialog.getByRole('button', { name: 'Just try it' }).click();
  const shared = other.getByRole('button', { name: 'cat, dog, or hen', pressed: true });
  await shared.waitFor(slow);
  await other.getByText('Somebody shared these classes.').waitFor();
  await other.reload(); // they stay as long as the tab
  await shared.waitFor(slow);
  await other.getByText('Give it a photo: which of 3 classes: cat, dog, hen?').waitFor();
  await clickSample(other, 'Alpine');
  assert.deepEqual(await answers(other), ['cat', 'dog', 'hen']);
  await other.getByRole('button', { name: 'barn or alp' }).click();
  await other.getByRole('list', { name: 'What it says' }).getByText('barn').waitFor();
  assert.deepEqual(await answers(other), ['alp', 'barn']);
  await follow(other, id);
  await dialog.getByRole('button', { name: 'Load it' }).click();
  await dialog.getByRole('button', { name: 'Replace my project' }).click();
  await dialog.getByText(/^Put the shared classifier in the place of your project\?/).waitFor();
  assert.equal(await focused(other), 'Back');
  await dialog.getByRole('button', { name: 'Replace it' }).click();
  await dialog.waitFor({ state: 'hidden', ...slow });
  await other.getByRole('list', { name: 'What it says' }).getByText('hen').waitFor(slow);
  assert.deepEqual(await answers(other), ['cat', 'dog', 'hen']);

  // A link that leads nowhere, one of another network, and a damaged one. Escape closes, and the focus is where it was.
  const before = other.getByRole('button', { name: '1,000 ImageNet classes' });
  await before.focus();
  await follow(other, 'f'.repeat(32));
  await dialog.getByText(/^This link leads nowhere, or no longer/).waitFor();
  await other.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal(await focused(other), '1,000 ImageNet classes');
  await other.waitForURL(`${proxy.origin}/#classes=own`);
  const foreign = Buffer.from(cats.toString('latin1').replace('resnet50', 'resnet18'), 'latin1');
  await other.route(`**/api/share/${idOf(foreign)}`, route => route.fulfill({ body: foreign }));
  await follow(other, idOf(foreign));
  await dialog.getByText(/^It was taught on another network, resnet18; here is ResNet-50\./).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  proxy.setFault(path => (path.startsWith('/api/') ? 'flip' : 'pass'));
  const fresh = soundHead({ seed: 7 });
  await upload(proxy.origin, fresh);
  await follow(other, idOf(fresh));
  await dialog.getByText(/arrived damaged and was thrown away/).waitFor();
  proxy.release();
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await dialog.getByText(/^It tells 2 classes apart/).waitFor();
});

test('share: a link opens whatever a messenger or a person put behind it', async t => {
  const file = soundHead({ classes: ['cat', 'dog'] });
  const id = idOf(file);
  proxy.setFault(path => (path.startsWith('/models/') ? 'hold' : 'pass')); // the dialog needs no model
  const page = await visit(t, {
    path: `/?fbclid=x#SHARE=${id.toUpperCase()}%E2%80%8B`,
    before: context => context.route(`**/api/share/${id}`, route => route.fulfill({ body: file })),
  });
  const dialog = dialogOf(page);
  const asks = dialog.getByText(/^It tells 2 classes apart/);
  for (const end of ['', '.', '")', '%20look', '&fbclid=x']) {
    if (end) await follow(page, id + end);
    await asks.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.waitForFunction(() => location.hash === '');
  }
  await follow(page, `${id.slice(4)}.`);
  await dialog.getByText(/^This link leads nowhere, or no longer/).waitFor();
  // The host knows the ways in which the hash becomes a path.
  for (const path of [`share/${id}`, `%23share=${id}`]) {
    await page.goto(`${proxy.origin}/${path}`);
    await asks.waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
  }
});

test('share: hostile names are refused by the host, and text to the page if one lets them through', async t => {
  const labels = [...hostileLabels, ...oddLabels];
  assert.ok(labels.length >= 30);
  const server = await startServer({ args: ['-uploads', '1000'] });
  t.after(() => server.close());
  for (const label of labels) {
    const { status } = await upload(server.origin, soundHead({ classes: ['cat', label] }));
    assert.equal(status, hostileLabels.includes(label) ? 422 : 201, JSON.stringify(label));
  }

  const file = soundHead({ classes: labels });
  const id = idOf(file);
  const page = await visit(t, {
    before: context => context.route(`**/api/share/${id}`, route => route.fulfill({ body: file })),
  });
  /** @type {string[]} */
  const said = [];
  page.on('dialog', one => { said.push(one.message()); void one.dismiss(); });
  await modelIsHere(page);
  await follow(page, id);
  const dialog = dialogOf(page);
  await dialog.getByText(new RegExp(`^It tells ${labels.length} classes apart`)).waitFor();
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(viewport);
    const seen = await dialog.evaluate(element => {
      const box = element.getBoundingClientRect();
      const list = /** @type {HTMLElement} */ (element.querySelector('ul'));
      return {
        tags: [...new Set([...list.querySelectorAll('*')].map(({ tagName }) => tagName))].sort(),
        attributes: [...list.querySelectorAll('*')].reduce((sum, { attributes }) => sum + attributes.length, 0),
        texts: [...list.children].map(({ textContent }) => textContent),
        inside: box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight,
        // Each name is in its line, and each line in the list: nothing sticks out at the sides, and tall marks do not
        // cover what is above. A single sign, which no line can break, is cut where a font draws its forty marks side
        // by side.
        within: [...list.children].every(li => li.getBoundingClientRect().right <= box.right
          && getComputedStyle(li).overflow === 'hidden'
          && (li.scrollWidth <= li.clientWidth
            || [...new Intl.Segmenter().segment(li.textContent ?? '')].length === 1)),
        buttons: [...element.querySelectorAll('button')]
          .map(button => button.getBoundingClientRect().bottom <= box.bottom),
      };
    });
    assert.deepEqual({ ...seen, texts: seen.texts.length }, {
      tags: ['BDI', 'LI'],
      attributes: 0,
      texts: labels.length,
      inside: true,
      within: true,
      buttons: [true, true],
    });
    const unsafe = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;
    assert.ok(seen.texts.every(shown => shown?.trim() && !unsafe.test(shown)), String(seen.texts));
    for (const label of oddLabels) assert.ok(seen.texts.includes(label), label);
    assert.ok(seen.texts.includes('<script>alert(1)</script>') && seen.texts.includes('cat[U+202E]god'));
  }

  // Loaded, they answer as text too, in Classify and in Teach.
  await dialog.getByRole('button', { name: 'Load it' }).click();
  await page.getByRole('group', { name: 'Which classes answer' }).getByRole('button', { pressed: true }).waitFor(slow);
  await clickSample(page, 'Alpine');
  await page.getByRole('list', { name: 'What it says' }).getByRole('listitem').first().waitFor(slow);
  await page.getByRole('tab', { name: 'Teach' }).click();
  await page.getByRole('listitem', { name: 'Class <script>alert(1)</script>', exact: true }).waitFor(slow);
  const made = await page.evaluate(() => ({
    injected: document.querySelectorAll('#room script, #room img[src="x"], #room [onload], #room [onerror], '
      + '#room [onmouseover], #room b > script').length,
  }));
  assert.deepEqual([made.injected, said], [0, []]);

  // Who would pass them on is told first which names the host refuses, and mends them for the link.
  const keep = part(page, 'Keep it');
  await keep.getByRole('button', { name: 'Make a link' }).click();
  const panel = keep.getByRole('group', { name: 'Make a link' });
  const fields = panel.getByRole('textbox', { name: 'holds < or >' });
  const wrong = labels.filter(label => /[<>]/.test(label)).length;
  await fields.first().waitFor();
  assert.equal(await fields.count(), wrong);
  await fields.first().fill('<b>');
  const go = panel.getByRole('button', { name: 'Send this and make the link' });
  assert.equal(await go.isDisabled(), true);
  await fields.first().fill('a script');
  await go.click();
  await keep.getByText('Here is the link.').waitFor(slow);
});
