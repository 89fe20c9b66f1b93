// The store of Teach in several tabs in Chromium: one writes at any time, and each knows whether it may.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { counted, differences, numbers, openTab } from './teachstore/checks.mjs';
import { startSite } from './teachstore/site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;

before(async () => { site = await startSite(); });
after(() => site?.close());

/** @param {boolean} locks */
const lockless = locks => (locks ? '' : ', also where there are no Web Locks');

/**
 * Calls of the store that are refused, by their names.
 * @param {Page} page
 */
const refusedWrites = page => page.evaluate(async () => {
  const { lab } = /** @type {any} */ (globalThis);
  const { record, content } = await lab.picture(900);
  /** @type {Record<string, () => Promise<unknown>>} */
  const calls = {
    saveHeader: () => lab.store.saveHeader(lab.head('other')),
    putPicture: () => lab.store.putPicture(record, content),
    updatePictures: () => lab.store.updatePictures([]),
    removePictures: () => lab.store.removePictures(['p0']),
    putFeatures: () => lab.store.putFeatures('p0', content),
    putWeights: () => lab.store.putWeights('head', new ArrayBuffer(8)),
    putTaught: () => lab.store.putTaught({ head: new ArrayBuffer(8) }, () => lab.head('other')),
    removeWeights: () => lab.store.removeWeights('head'),
    setInputBudget: () => lab.store.setInputBudget(0),
    forgetComputed: () => lab.store.forgetComputed(lab.head('other')),
    clear: () => lab.store.clear(),
  };
  const codes = [];
  for (const [name, call] of Object.entries(calls)) codes.push(`${name}: ${(await lab.refusal(call)).code}`);
  return codes;
});

const allWrites = (/** @type {string} */ code) =>
  [
    'saveHeader',
    'putPicture',
    'updatePictures',
    'removePictures',
    'putFeatures',
    'putWeights',
    'putTaught',
    'removeWeights',
    'setInputBudget',
    'forgetComputed',
    'clear',
  ].map(name => `${name}: ${code}`);

for (const locks of [true, false]) {
  test(`of two tabs one writes; the other may take over, and the first is told${lockless(locks)}`, async t => {
    const name = `tabs ${locks}`;
    const { page: first } = await openTab(site, t, { name, locks });
    await first.evaluate(async () => {
      const { lab } = /** @type {any} */ (globalThis);
      await lab.store.saveHeader(lab.head());
      await lab.add(0, 3);
    });
    const { page: second, readOnly } = await openTab(site, t, { name, locks });
    assert.equal(readOnly, true);
    assert.deepEqual(await refusedWrites(second), allWrites('read-only'));
    assert.deepEqual(await differences(second, [0, 1, 2]), []);
    await first.evaluate(() => /** @type {any} */ (globalThis).lab.add(3, 4));
    assert.deepEqual(await numbers(second), [0, 1, 2, 3], 'the second tab does not see what the first adds');

    await second.evaluate(async name => {
      const { lab } = /** @type {any} */ (globalThis);
      await lab.store.close();
      await lab.open({ name, takeOver: true });
    }, name);
    await first.waitForFunction(() => /** @type {any} */ (globalThis).lab.lost > 0);
    assert.deepEqual(await refusedWrites(first), allWrites('read-only'));
    assert.deepEqual(await first.evaluate(() => {
      const { lab } = /** @type {any} */ (globalThis);
      return [lab.lost, lab.store.readOnly];
    }), [1, true]);
    await second.evaluate(() => /** @type {any} */ (globalThis).lab.add(4, 5));
    assert.deepEqual(await numbers(first), [0, 1, 2, 3, 4]);
    assert.equal(await second.evaluate(() => /** @type {any} */ (globalThis).lab.lost), 0);

    await second.evaluate(() => /** @type {any} */ (globalThis).lab.store.close());
    assert.deepEqual(await refusedWrites(second), allWrites('closed'));
    const { code } = await second.evaluate(() => {
      const { lab } = /** @type {any} */ (globalThis);
      return lab.refusal(() => lab.store.load());
    });
    assert.equal(code, 'closed');
    assert.equal((await openTab(site, t, { name, locks })).readOnly, false, 'a store that was closed is still held');
  });
}

test('a tab that has not heard yet that another has taken over cannot write', async t => {
  const name = 'deaf';
  const deaf = await site.open();
  t.after(() => deaf.close());
  await deaf.evaluate(async name => {
    // Its lock seems to hold for ever.
    navigator.locks.request = /** @type {any} */ ((
      /** @type {any} */ _name,
      /** @type {any} */ _options,
      /** @type {any} */ callback,
    ) => {
      callback({});
      return new Promise(() => {});
    });
    const { lab } = /** @type {any} */ (globalThis);
    await lab.open({ name });
    await lab.store.saveHeader(lab.head());
    await lab.add(0, 1);
  }, name);
  const { page, readOnly } = await openTab(site, t, { name });
  assert.equal(readOnly, false);
  assert.deepEqual(await refusedWrites(deaf), allWrites('read-only'));
  assert.equal(await deaf.evaluate(() => /** @type {any} */ (globalThis).lab.lost), 1);
  await page.evaluate(() => /** @type {any} */ (globalThis).lab.add(1, 2));
  assert.deepEqual(await numbers(page), [0, 1]);
});

for (const locks of [true, false]) {
  test(`a tab that could only read may write when the other one is closed${lockless(locks)}`, async t => {
    const name = `heir ${locks}`;
    const { page: first } = await openTab(site, t, { name, locks });
    await first.evaluate(async () => {
      const { lab } = /** @type {any} */ (globalThis);
      await lab.store.saveHeader(lab.head());
      await lab.add(0, 2);
    });
    const { page: second, readOnly } = await openTab(site, t, { name, locks });
    assert.equal(readOnly, true);
    await first.close();
    await second.waitForFunction(() => /** @type {any} */ (globalThis).lab.gained > 0);
    await second.evaluate(() => /** @type {any} */ (globalThis).lab.add(2, 3));
    assert.deepEqual(await numbers(second), [0, 1, 2]);
    await counted(second, name);
  });
}

test('of tabs without Web Locks that open at once, and then wait, one writes at any time', async t => {
  const name = 'crowd';
  const pages = await Promise.all(Array.from({ length: 4 }, () => site.open()));
  t.after(() => Promise.all(pages.map(page => page.close())));
  const opened = await Promise.all(pages.map(page => page.evaluate(name => {
    Object.defineProperty(navigator, 'locks', { value: undefined });
    return /** @type {any} */ (globalThis).lab.open({ name });
  }, name)));
  /** @type {(readOnly: boolean) => number[]} */
  const those = readOnly => pages.flatMap((_, i) => (opened[i].readOnly === readOnly ? [i] : []));
  let [owner, ...others] = those(false);
  assert.deepEqual([owner >= 0, others], [true, []], 'not exactly one may write');
  let waiting = those(true);
  while (waiting.length > 0) {
    await pages[owner].evaluate(() => /** @type {any} */ (globalThis).lab.store.close());
    // Who writes next, and whether a second one thinks so too: they agree by messages, and none says that it is over.
    await pages[waiting[0]].waitForTimeout(1500);
    const now = await Promise.all(waiting.map(i => pages[i].evaluate(
      () => !/** @type {any} */ (globalThis).lab.store.readOnly,
    )));
    assert.equal(now.filter(Boolean).length, 1, `${waiting.length} waited: ${now}`);
    owner = waiting[now.indexOf(true)];
    waiting = waiting.filter(i => i !== owner);
    await pages[owner].evaluate(() => {
      const { lab } = /** @type {any} */ (globalThis);
      return lab.store.saveHeader(lab.head());
    });
  }
});
