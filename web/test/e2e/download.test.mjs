// The real model's way into the browser, stopped and resumed. What goes wrong on the way is in faults.test.mjs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { barn } from '../fixtures.mjs';
import { dropFiles, modelIsHere, readAnswer, shardsKept } from '../person.mjs';
import { isShard, proxy, useRealWeights, visit } from './harness.mjs';

useRealWeights();

const region = { name: 'The model' };

test('Cancel half-way, then resume with what is here', async t => {
  proxy.setFault(path => (/-0[3-9]-/.test(path) && isShard(path) ? 'hold' : 'pass'));
  const page = await visit(t);
  const model = page.getByRole('region', region);
  await model.getByText('Getting the model: 25 of 51 MB').waitFor({ timeout: 60_000 });
  while (await page.evaluate(shardsKept) < 3) await wait(20);
  const position = await model.getByRole('progressbar')
    .evaluate(bar => /** @type {HTMLProgressElement} */ (bar).position);
  assert.equal(Math.round(position * 100), 49);
  await model.getByRole('button', { name: 'Cancel' }).click();
  await model.getByText('The download is stopped.').waitFor();
  const resume = model.getByRole('button', { name: 'Resume download (25 of 51 MB are here)' });
  await resume.waitFor();
  while (proxy.held > 0) await wait(20); // Cancel leaves no request open

  // A photo that comes now waits, and does not start the download by itself.
  await dropFiles(page, [barn]);
  await page.getByText('dust-bowl-home.jpg is waiting.').waitFor();
  proxy.release();
  proxy.forget();
  await resume.click();
  await modelIsHere(page);
  assert.equal((await readAnswer(page))[0].label, 'barn');
  const fetched = proxy.asked.filter(isShard);
  assert.equal(fetched.length, 4, `resuming fetched ${fetched}`);
  assert.ok(fetched.every(path => /-0[3-6]-/.test(path)));
});
