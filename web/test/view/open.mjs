// What a file of tests of the view starts: the site of one page, and browsers with and without WebGL.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { baseline, launchBrowser } from '../lib.mjs';
import { inside, settled } from './settled.mjs';
import { firstState, size, startSite } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../../static/zproto.js').ViewState} ViewState */

/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;
/**
 * With WebGL 2, by software, and without any.
 * @type {Partial<Record<'webgl' | '2d', ReturnType<typeof launchBrowser>>>}
 */
const browsers = {};

/** @param {boolean} plain */
const browserOf = plain => (plain
  ? browsers['2d'] ??= launchBrowser({ args: [baseline, '--disable-gpu', '--disable-3d-apis'] })
  : browsers.webgl ??= launchBrowser({ args: [baseline] }));

before(async () => {
  [site] = await Promise.all([startSite(), browserOf(false)]);
});

after(async () => {
  for (const browser of Object.values(browsers)) await (await browser).close();
  await site?.close();
});

/**
 * @typedef {object} Ours
 * @property {boolean} [plain] without WebGL
 * @property {RegExp} [mayThrow] what is no fault here
 * @property {(context: import('playwright-core').BrowserContext) => Promise<unknown>} [prepare]
 */

/**
 * Opens the page and waits until the view shows the trace.
 * @param {Partial<ViewState>} state
 * @param {Ours & import('playwright-core').BrowserContextOptions} options
 */
async function load(state, { plain = false, mayThrow, prepare, ...options }) {
  const context = await (await browserOf(plain)).newContext({ viewport: size, ...options });
  /** @type {string[]} */
  const faults = [];
  context.on('weberror', error => faults.push(`thrown: ${error.error()}`));
  context.on('console', message => {
    const words = message.text();
    if (message.type() === 'error' || /Content Security Policy|TrustedScript/.test(words)) faults.push(words);
  });
  await prepare?.(context);
  const page = await context.newPage();
  await page.goto(`${site.origin}/`);
  const ready = await page.evaluate(async first => {
    const { lab } = /** @type {any} */ (globalThis);
    const ready = lab.next('ready');
    lab.view.setState(first);
    await lab.send('overview');
    return ready;
  }, { ...firstState, ...state });
  assert.deepEqual(ready, { kind: 'ready', renderer: plain ? '2d' : 'webgl', reloads: 0 });
  await settled(page);
  const refuse = () => assert.deepEqual(faults.splice(0).filter(fault => !mayThrow?.test(fault)), []);
  return { page, refuse };
}

/**
 * A page with the Skip lab's canvas, for one test.
 * @param {import('node:test').TestContext} t
 * @param {{ networks: number, steps: number, scene: string, options?: object, language?: string }} wanted see lab.js
 * @param {Ours & import('playwright-core').BrowserContextOptions} options
 */
export async function openLab(t, wanted, { plain = false, mayThrow, ...options }) {
  const context = await (await browserOf(plain)).newContext(options);
  /** @type {string[]} */
  const faults = [];
  context.on('weberror', error => faults.push(`thrown: ${error.error()}`));
  context.on('console', message => message.type() === 'error' && faults.push(message.text()));
  const page = await context.newPage();
  await page.goto(`${site.origin}/lab.html`);
  await page.waitForFunction(() => 'openLab' in globalThis);
  await page.evaluate(wanted => /** @type {any} */ (globalThis).openLab(wanted), wanted);
  await settled(page);
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults.filter(fault => !mayThrow?.test(fault)), []);
  });
  return page;
}

/**
 * A page for one test. A script that throws, or a broken rule of the page, fails the test.
 * @param {import('node:test').TestContext} t
 * @param {Partial<ViewState>} [state]
 * @param {Ours & import('playwright-core').BrowserContextOptions} [options]
 */
export async function open(t, state = {}, options = {}) {
  const { page, refuse } = await load(state, options);
  t.after(async () => {
    await page.context().close();
    refuse();
  });
  return page;
}

/**
 * One page for tests that need no page of their own. They leave the pointer outside of the view, and all of the network
 * in it.
 * @param {Ours} [options]
 * @returns {(t: import('node:test').TestContext, state?: Partial<ViewState>) => Promise<Page>}
 */
export function sharedView(options = {}) {
  /** @type {ReturnType<typeof load> | undefined} */
  let loaded;
  return async (t, state = {}) => {
    const { page, refuse } = await (loaded ??= load({}, options));
    t.after(refuse);
    await page.setViewportSize(size);
    await page.evaluate(state => /** @type {any} */ (globalThis).lab.view.setState(state), { ...firstState, ...state });
    await settled(page);
    return page;
  };
}

/**
 * How the canvas on the screen differs from a picture: the number of pixels, and the first of them. Words are left out.
 * @param {Page} page
 * @param {string} picture a URL
 */
export async function differences(page, picture) {
  const hide = (/** @type {boolean} */ hidden) => inside(page).evaluate(value => {
    for (const id of ['labels', 'tips']) /** @type {HTMLElement} */ (document.getElementById(id)).hidden = value;
  }, hidden);
  await hide(true);
  const shot = `data:image/png;base64,${(await page.screenshot()).toString('base64')}`;
  await hide(false);
  return page.evaluate(async ([a, b]) => {
    const [got, want] = await Promise.all([a, b].map(async url => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, image.width, image.height);
    }));
    const [is, shouldBe] = [got, want].map(({ width, height }) => `${width}×${height}`);
    if (is !== shouldBe) return { wrong: -1, first: `${is} instead of ${shouldBe}` };
    let wrong = 0;
    let first = '';
    for (let i = 0; i < want.data.length; i += 4) {
      if ([i, i + 1, i + 2].every(k => got.data[k] === want.data[k])) continue;
      if (wrong++ === 0) first = `${i / 4 % want.width}, ${Math.floor(i / 4 / want.width)}`;
    }
    return { wrong, first };
  }, [shot, picture]);
}

/** What differences says of a picture that is the same. */
export const same = { wrong: 0, first: '' };
