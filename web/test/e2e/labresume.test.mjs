// A training in Skip lab whose tab dies: the next visit goes on with it, to the very same networks.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { codeOf } from '../../static/page/lab/code.js';
import { networkDefaults, shared } from '../../static/page/lab/settings.js';
import { computesMuch, visit } from './harness.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../../static/page/lab/types.js').Settings} Settings */

computesMuch();

const steps = 50;
/** Both norms' running means and a momentum belong to the state, and pictures that are shifted to the batches. */
const settings = /** @type {Settings} */ ({
  ...shared, steps, batch: 16, data: { ...shared.data, train: 100, held: 60 }, augment: { ...shared.augment, shift: 1 },
  networks: ['add', 'none'].map(join => ({ ...networkDefaults, depth: 14, join })),
});
const path = `/#room=lab&${codeOf(settings)}`;

/**
 * The networks of a run that nothing cut off, as files in base64.
 * @param {import('node:test').TestContext} t
 * @returns {Promise<string[]>}
 */
async function wholeRun(t) {
  const page = await visit(t, { path: '/static/residua.js' });
  return page.evaluate(async settings => {
    const { Lab } = await import(/** @type {any} */ ('/static/residua.js'));
    const lab = await Lab.open();
    await lab.start(settings);
    await lab.run();
    const files = [];
    for (const [network, title] of ['Residual, 14 layers', 'Plain, 14 layers'].entries()) {
      const bytes = new Uint8Array(await (await lab.export({ network, title })).arrayBuffer());
      files.push(btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join('')));
    }
    lab.close();
    return files;
  }, settings);
}

/** @param {Page} page @param {string} name */
const button = (page, name) =>
  page.getByRole('group', { name: 'Training' }).getByRole('button', { name, exact: true });

/** Ends the renderer of a page as a fault of the browser does. @param {Page} page */
async function crash(page) {
  const crashed = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  session.send('Page.crash').catch(() => {}); // nobody is left to answer
  await crashed;
}

test('a training whose tab dies goes on at the next visit, and ends bit-equal to one that was not cut off', async t => {
  const whole = await wholeRun(t);
  const page = await visit(t, { path });
  for (let step = 1; step <= 3; step++) {
    await button(page, 'One step').click();
    await page.getByText(`Step ${step} of ${steps}`, { exact: true }).waitFor();
    await button(page, 'Go on').waitFor();
  }
  await button(page, 'Go on').click();
  await crash(page); // some steps later, which are lost

  const next = await page.context().newPage();
  await next.goto(page.url());
  const offer = next.getByRole('status').filter({ hasText: /^A training was cut off at step \d+ of 50\./ });
  const words = await offer.textContent();
  assert.ok(Number(/step (\d+)/.exec(words ?? '')?.[1]) >= 3, `the page says: ${words}`);
  await offer.getByRole('button', { name: 'Go on' }).click();
  await next.getByText('Training is over').waitFor();
  for (const [i, name] of ['Residual', 'Plain'].entries()) {
    const download = next.waitForEvent('download');
    await next.getByRole('button', { name: 'Safetensors' }).nth(i).click();
    const file = await download;
    assert.equal(file.suggestedFilename(), `${name}-14-layers.safetensors`);
    const bytes = await readFile(await file.path());
    assert.ok(bytes.equals(Buffer.from(whole[i], 'base64')), `${name}: another file of ${bytes.length} bytes`);
  }
});
