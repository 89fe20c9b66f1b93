// What axe finds to be in people's way must be nothing: in both themes, on a desktop and on a phone.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** @typedef {import('playwright-core').Page} Page */

const axeSource = await readFile(join(createRequire(import.meta.url).resolve('axe-core'), '..', 'axe.min.js'), 'utf8');

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** The rules about colours: in the dark theme nothing else can differ, for a theme sets colours only. */
const colourRules = ['color-contrast', 'link-in-text-block'];

/**
 * Looks at the page as it is, four times: the page stays open and is shown in another theme and another size.
 * @param {Page} page
 * @param {string} state for the message
 * @param {string | { include: string, exclude: string }} [within] which part of the page is looked at, by selectors
 */
export async function assertAccessible(page, state, within = 'html') {
  await page.evaluate(axeSource);
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    for (const viewport of [desktop, phone]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.waitForFunction(theme => document.documentElement.dataset.theme === theme, colorScheme);
      await atRest(page);
      /** @type {string[]} */
      const violations = await page.evaluate(async ([within, options]) => {
        const result = await /** @type {any} */ (globalThis).axe.run(within, options);
        return result.violations.map((/** @type {any} */ { id, impact, nodes }) =>
          `${impact} ${id}: ${nodes.map((/** @type {any} */ node) => node.html).join(' ')}`);
      }, /** @type {const} */ ([within, colorScheme === 'dark' ? { runOnly: colourRules } : {}]));
      assert.deepEqual(violations, [], `${state}, ${colorScheme}, ${viewport.width}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= viewport.width, `${state}: something sticks out at ${viewport.width}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(desktop);
}

/**
 * Waits until nothing is in motion that has an end: colours are judged then. It looks until it has found that twice,
 * for a colour that is inherited begins its own transition only when its parent's has ended.
 * @param {Page} page
 */
const atRest = page => page.evaluate(async () => {
  for (let still = 0; still < 2;) {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const ending = document.getAnimations()
      .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
    await Promise.allSettled(ending.map(({ finished }) => finished));
    still = ending.length > 0 ? 0 : still + 1;
  }
});
