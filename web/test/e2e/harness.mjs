// What the end-to-end tests of a process share: a server of the small site or the real one, a proxy before it, and a
// browser. Processes run side by side. In each, ./build.sh test runs several files of the small site, one after the
// other.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach } from 'node:test';
import { baseline, dist, launchBrowser, small, startServer } from '../lib.mjs';
import { clickSample, modelIsHere, readAnswer } from '../person.mjs';
import { startProxy } from '../proxy.mjs';

/** @typedef {import('playwright-core').BrowserContext} BrowserContext */
/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('node:test').TestContext} TestContext */
/**
 * @typedef {import('playwright-core').BrowserContextOptions & Ours} Options
 * @typedef {{ path?: string, before?: (context: BrowserContext) => Promise<unknown> }} Ours
 *   path: what follows the site's origin in the address; before: what to do to the profile before the page opens
 */

/** The folder that is served. */
export let site = small;

/** The tests of a file are about the real weights: their bytes, or what they know. Call it at the file's top. */
export function useRealWeights() {
  site = dist;
}

/** Whether V8's optimising compiler is off: see start. */
let hasBaselineOnly = true;

/** The tests of a file compute so much that optimised code pays. Call it at the file's top. */
export function computesMuch() {
  hasBaselineOnly = false;
}

/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;
/** @type {Awaited<ReturnType<typeof startProxy>>} */
export let proxy;
/** @type {Awaited<ReturnType<typeof launchBrowser>>} */
let browser;
/** A folder for files that tests make. @type {string} */
export let scratch;

/** @type {Promise<void> | undefined} */
let started;

async function start() {
  [server, browser, scratch] = await Promise.all([
    startServer({ dir: site }),
    launchBrowser({ args: [
      '--use-fake-device-for-media-stream=device-count=2', // two cameras that show a ball
      // With real weights both compilers are used, as everywhere.
      ...(site === small && hasBaselineOnly ? [baseline] : []),
    ] }),
    mkdtemp(join(tmpdir(), 'residua-e2e-')),
  ]);
  proxy = await startProxy(server.origin);
}

beforeEach(async () => {
  // Not in before(), which Node runs as soon as it is registered: the file has not said its site by then.
  await (started ??= start());
  proxy.release();
  proxy.forget();
});

after(async () => {
  await browser?.close();
  await proxy?.close();
  await server?.close();
  if (scratch) await rm(scratch, { recursive: true, force: true });
});

/**
 * Opens the page in a profile of its own. What must not happen is collected: a script of the page throws, or something
 * is asked of another host.
 * @param {Options} options
 */
async function open({ before: prepare, path = '/', ...options }) {
  // The service worker has tests of its own; here it would ask for files that no test asked for.
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 }, locale: 'en-US', serviceWorkers: 'block',
    // To paint what moves, sixty times a second and in software, took a seventh of the processor's time.
    reducedMotion: 'reduce', ...options,
  });
  /** @type {string[]} */
  const faults = [];
  context.on('weberror', error => faults.push(`thrown: ${error.error()}`));
  context.on('console', message => {
    if (/Content Security Policy|TrustedScript/.test(message.text())) faults.push(message.text());
  });
  context.on('request', request => {
    const url = new URL(request.url());
    if (url.protocol !== 'blob:' && url.origin !== proxy.origin) faults.push(`asked another host: ${url}`);
  });
  await prepare?.(context);
  const page = await context.newPage();
  await page.goto(proxy.origin + path);
  return { context, page, faults };
}

/** @param {string[]} faults */
function refuse(faults) {
  if (faults.length > 0) throw new Error(faults.splice(0).join('\n'));
}

/**
 * Opens the page as a first visit, for one test. The test fails if a script of the page throws, or if anything is asked
 * of another host.
 * @param {TestContext} t
 * @param {Options} [options]
 */
export async function visit(t, options = {}) {
  const { context, page, faults } = await open(options);
  t.after(async () => {
    await context.close();
    refuse(faults);
  });
  return page;
}

/** Closes the shared page that is open: of several files in a process only one has its own. */
let closeShared = async () => {};

/**
 * One page for all tests of a file that need no first visit, as the last of them left it.
 * @param {Options} [options]
 * @returns {(t: TestContext) => Promise<Page>} what each test calls; it fails as one of visit does
 */
export function sharedTab(options = {}) {
  /** @type {ReturnType<typeof open> | undefined} */
  let opened;
  const openAlone = async () => {
    await closeShared();
    const one = await open(options);
    closeShared = async () => {
      opened = undefined;
      await one.context.close();
    };
    return one;
  };
  return async t => {
    const { page, faults } = await (opened ??= openAlone());
    t.after(() => refuse(faults));
    return page;
  };
}

/**
 * One page for all tests of a file that need no first visit. The model is there, and on the stage is a photo that no
 * test asks about: so what a test then sees is the answer to its own. What earlier tests left in the list of the
 * session stays there.
 * @param {Options} [options]
 * @returns {(t: TestContext) => Promise<Page>} what each test calls; it fails as one of visit does
 */
export function sharedPage(options = {}) {
  const tab = sharedTab(options);
  return async t => {
    const page = await tab(t);
    await page.keyboard.press('Escape'); // closes what is open
    await page.getByRole('tab', { name: 'Classify' }).click();
    await modelIsHere(page);
    await clickSample(page, 'March');
    await readAnswer(page, 'ram');
    return page;
  };
}

/** The path of a shard of the model. */
export const isShard = (/** @type {string} */ path) => /\/models\/.+\.bin$/.test(path);
