// For those who begin: pictures that are there already, what they teach, and the comparison of the ways to teach.

import assert from 'node:assert/strict';
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { barn } from '../fixtures.mjs';
import { scratch, visit } from './harness.mjs';
import { openFile, openTeach, part, slow, tryIt, unfold } from './teaching.mjs';

/**
 * From the result to the distance of the two kinds of pictures, and to those that each way to close the gap answers
 * otherwise: as many as the table's numbers of right answers differ by.
 * @param {import('playwright-core').Page} page
 */
async function showsChangedPictures(page) {
  const domains = part(page, 'Across domains');
  const focused = (/** @type {string} */ name) =>
    domains.getByRole('heading', { name }).and(page.locator(':focus')).waitFor();
  await part(page, 'Is it any good?').getByRole('button', { name: 'How far apart are they?' }).click();
  await focused('How far apart?');
  await domains.getByRole('button', { name: 'Try the ways' }).click();
  await domains.getByRole('heading', { name: 'Which pictures get another answer?' }).waitFor(slow);
  const table = domains.getByRole('table').filter({ hasText: 'Correlations matched' });
  const right = new Map(await table.getByRole('row').filter({ hasText: / of 10\)/ }).evaluateAll(rows =>
    rows.map(row => /** @type {const} */ ([
      row.querySelector('th span')?.textContent ?? '', Number(/\((\d+) of 10\)/.exec(row.textContent ?? '')?.[1]),
    ]))));
  const [plain] = right.values();
  const field = domains.getByRole('combobox', { name: 'With this way' });
  const ways = await field.getByRole('option').allInnerTexts();
  assert.deepEqual(ways, [...right.keys()].slice(1));
  let changed = 0;
  for (const way of ways) {
    await field.selectOption(way);
    const said = await domains.getByText(/^It answers /).innerText();
    const counts = { right: 0, wrong: 0, still: 0 };
    for (const became of /** @type {const} */ (['right', 'wrong', 'still'])) {
      const pictures = domains.locator(`.domains-became.${became}`);
      if (await pictures.count() > 0) counts[became] = await pictures.getByRole('listitem').count();
    }
    const all = counts.right + counts.wrong + counts.still;
    changed += all;
    assert.equal(said, all > 0 ? `It answers ${all} of 10 pictures otherwise than before.`
      : 'It answers all 10 pictures as before.');
    assert.equal(right.get(way), plain + counts.right - counts.wrong, `${way}: ${JSON.stringify(counts)}`);
  }
  assert.ok(changed > 0, 'no way changes anything, so that nothing was tested');
}

test('the starter sets teach and judge across domains, are compared, and the project goes out and in', async t => {
  const page = await visit(t, {
    before: context => context.route('**/starters/starters.json', async route => {
      const sets = await (await route.fetch()).json();
      // Two classes of five are enough to see that it works.
      for (const set of sets) {
        set.classes = set.classes.slice(0, 2)
          .map((/** @type {any} */ one) => ({ ...one, pictures: one.pictures.slice(0, 5) }));
      }
      await route.fulfill({ json: sets });
    }),
  });
  await openTeach(page);
  await page.getByRole('button', { name: 'Teach it with emoji' }).click();
  const judge = part(page, 'Is it any good?');
  await judge.getByText('7 of 10 right', { exact: true }).waitFor({ timeout: 120_000 });
  await judge.getByText('of the test pictures').waitFor();
  await part(page, 'Teach it')
    .getByText('It was tested with 10 pictures that it had not seen. It got 7 right.').waitFor();
  await page.getByText('Microsoft Corporation').waitFor();
  await page.getByText('CC BY 4.0').waitFor();
  await page.getByText('5 to learn from · 5 to test').first().waitFor();
  assert.equal(await page.getByRole('option', { name: /, kept hidden as a test$/ }).count(), 10);
  await judge.getByText('It learnt from renderings and was judged by drawings. '
    + 'Of renderings that it had not learnt from it told 2 of 2 right (100%).').waitFor();

  // The comparison comes by itself: from the first click to the verdict there is no second one. The small network's
  // features are worth little, and the page says by how much.
  const worth = part(page, 'Was the transfer worth it?');
  await worth.getByText('Too few pictures to tell: with what the network knew before, 7 of 10 right; '
    + 'starting from nothing, 8 of 10.').waitFor({ timeout: 120_000 });
  await unfold(worth, 'The report');
  const methods = (await worth.getByRole('row').allInnerTexts()).slice(1);
  assert.deepEqual(methods.map(line => line.replace(/\s+/g, ' ').replace(/ [\d.]+ sec$/, '')), [
    'From scratch, without transfer 80% (8 of 10) 49% to 94%',
    'Nearest class mean 70% (7 of 10) 40% to 89%',
    'New last layer (quick) 70% (7 of 10) 40% to 89%',
    'Last block too (thorough) 70% (7 of 10) 40% to 89%',
  ]);
  await worth.getByText('There are not enough pictures to tell whether transfer helps.').waitFor();
  await worth.getByText('The difference is −10 percentage points, somewhere between −40 and 20.').waitFor();
  await worth.getByText('Both say the same to all 10 pictures.').waitFor();
  await worth.getByText('linear CKA').waitFor();

  await judge.getByRole('button', { name: 'Show the 3 it got wrong' }).click();
  await judge.getByRole('heading', { name: '3 pictures that it got wrong' }).waitFor();
  await judge.getByRole('img', { name: /, with where the network sees / }).nth(2).waitFor(slow);

  // A block is chosen by the pictures that are learnt from. The test pictures, which are drawings, only judge it.
  const domains = part(page, 'Across domains');
  await domains.getByRole('button', { name: 'Ask every block' }).click();
  await domains.getByText(/^Of the 10 test pictures .+ They only judge: no block is chosen by them\.$/).waitFor(slow);
  await unfold(domains, 'All blocks, or several together');
  const asked = domains.getByRole('row').filter({ has: page.getByRole('checkbox') });
  const shares = (await asked.allInnerTexts()).map(line => Number(/(\d+)%/.exec(line)?.[1]));
  const chosen = await asked.filter({ has: page.locator(':checked') }).innerText();
  assert.equal(shares.length, 16);
  const [most, tested] = [`${Math.max(...shares)}% \\(\\d+ of 10\\)`, String.raw`\d+% \(\d+ of 10\)`];
  assert.match(chosen.replace(/\s+/g, ' '), new RegExp(` ${most} .+ ${tested} `));

  await showsChangedPictures(page);

  // A reload loses nothing, the comparison included.
  await page.reload();
  await worth.getByText('Too few pictures to tell:').waitFor(slow);
  await unfold(worth, 'The report');
  await worth.getByText('linear CKA').waitFor();
  assert.deepEqual((await worth.getByRole('row').allInnerTexts()).slice(1), methods);

  const keep = part(page, 'Keep it');
  const [download] = await Promise.all([
    page.waitForEvent('download'), keep.getByRole('button', { name: 'Save the project' }).click(),
  ]);
  await keep.getByText('The file is in your downloads.').waitFor();
  const file = join(scratch, 'project.zip');
  const half = join(scratch, 'half.zip');
  await download.saveAs(file);
  await download.saveAs(half);
  // A file cut in half changes nothing.
  await truncate(half, Math.floor((await readFile(half)).length / 2));
  await openFile(page, half);
  await page.getByText('This project file cannot be opened').waitFor(slow);
  assert.equal(await page.getByRole('listbox').getByRole('option').count(), 20);

  await keep.getByRole('button', { name: 'Start over' }).click();
  await page.getByText(/^Delete all classes, 20 pictures and all that was taught\?/).waitFor();
  await keep.getByRole('button', { name: 'Delete all' }).click();
  await page.getByText('With your own pictures').waitFor(slow);
  await openFile(page, file);
  await keep.getByText('The project is here, with 20 pictures.').waitFor(slow);
  // Where there is something, it is asked before.
  await openFile(page, file);
  await keep.getByText(/^Put the project of the file in the place of what is here\? 20 pictures/).waitFor(slow);
  await keep.getByRole('button', { name: 'Open it' }).click();
  await keep.getByText(/^Put the project/).waitFor({ state: 'hidden' });
  await keep.getByText('The project is here, with 20 pictures.').waitFor(slow);
  await judge.getByText('7 of 10 right', { exact: true }).waitFor();
  assert.deepEqual((await tryIt(page, barn)).map(([label]) => label), ['people', 'animals']);
});
