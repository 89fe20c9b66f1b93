// What tests do with the view in its page: they hear its events, read its words, and take its context away.

import { inside } from './settled.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Waits for the view's next event of a kind. @param {Page} page @param {string} kind @returns {Promise<any>} */
export const next = (page, kind) => page.evaluate(kind => /** @type {any} */ (globalThis).lab.next(kind), kind);

/** Waits for an event of the view. @param {Page} page @param {Record<string, unknown>} want some of its properties */
export const heard = (page, want) => page.waitForFunction(want => /** @type {any} */ (globalThis).lab.events.some(
  (/** @type {any} */ e) => Object.entries(want).every(([k, v]) => e[k] === v)), want, { timeout: 10_000 });

/** Takes the view's WebGL context away, as a browser does. @param {Page} page */
export const loseContext = page => inside(page).evaluate(() => {
  const context = document.querySelector('canvas')?.getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
});

/** What the words in the view say. @param {Page} page */
export const wordsOf = page => inside(page).evaluate(() => document.getElementById('labels')?.innerText ?? '');
