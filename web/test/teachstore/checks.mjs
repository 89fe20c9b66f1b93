// What the tests of the store share: a tab with a store in it, and what the store holds there.

import assert from 'node:assert/strict';

/** @typedef {import('playwright-core').Page} Page */

/**
 * A tab with a store in it.
 * @param {Awaited<ReturnType<typeof import('./site.mjs').startSite>>} site
 * @param {import('node:test').TestContext} t
 * @param {{ name: string, takeOver?: boolean, locks?: boolean }} options  locks: whether the browser has Web Locks
 */
export async function openTab(site, t, { locks = true, ...options }) {
  const page = await site.open();
  t.after(() => page.close());
  if (!locks) await page.evaluate(() => { Object.defineProperty(navigator, 'locks', { value: undefined }); });
  const { readOnly } = await page.evaluate(options => /** @type {any} */ (globalThis).lab.open(options), options);
  return { page, readOnly };
}

/**
 * The store counts as it changes: that must be what all its rows add up to.
 * @param {Page} page
 * @param {string} name
 */
export async function counted(page, name) {
  const [usage, recount] = await page.evaluate(async name => {
    const { lab } = /** @type {any} */ (globalThis);
    return [await lab.store.usage(), await lab.recount(name)];
  }, name);
  const { inputBudget, quota, ...numbers } = usage;
  assert.deepEqual(numbers, recount);
  assert.ok(quota > 0);
  return { inputBudget, ...recount };
}

/**
 * What a store does not give back as it was put.
 * @param {Page} page
 * @param {number[]} numbers
 * @param {object} [sizes]
 */
export const differences = (page, numbers, sizes) => page.evaluate(
  ([numbers, sizes]) => /** @type {any} */ (globalThis).lab.differences(numbers, sizes),
  /** @type {const} */ ([numbers, sizes]),
);

/**
 * The numbers of the pictures in the store, in their order; null for an empty store.
 * @param {Page} page
 * @returns {Promise<number[] | null>}
 */
export const numbers = page => page.evaluate(async () => {
  const project = await /** @type {any} */ (globalThis).lab.store.load();
  return project?.pictures.map((/** @type {any} */ { id }) => Number(id.slice(1))) ?? null;
});
