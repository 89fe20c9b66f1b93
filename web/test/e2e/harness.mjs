// One server, one proxy and one browser for all end-to-end tests; each test gets a browser profile of its own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { launchBrowser, startServer } from '../lib.mjs';
import { startProxy } from '../proxy.mjs';

/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;
/** @type {Awaited<ReturnType<typeof startProxy>>} */
export let proxy;
/** @type {Awaited<ReturnType<typeof launchBrowser>>} */
let browser;
/** A folder for files that tests make. @type {string} */
export let scratch;

before(async () => {
  [server, browser, scratch] = await Promise.all([startServer(), launchBrowser(), mkdtemp(join(tmpdir(), 'residua-e2e-'))]);
  proxy = await startProxy(server.origin);
});

beforeEach(() => {
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
 * Opens the page as a first visit, and fails the test if a script of the page throws, or if anything is asked of
 * another host.
 * @typedef {import('playwright-core').BrowserContext} BrowserContext
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').BrowserContextOptions & { before?: (context: BrowserContext) => Promise<unknown> }} [options]
 *   before: what to do to the profile before the page opens
 */
export async function visit(t, { before: prepare, ...options } = {}) {
  // The service worker has tests of its own; here it would ask for files that no test asked for.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', serviceWorkers: 'block', ...options });
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
  t.after(async () => {
    await context.close();
    if (faults.length > 0) throw new Error(faults.join('\n'));
  });
  await page.goto(`${proxy.origin}/`);
  return page;
}

/** The path of a shard of the model. */
export const isShard = (/** @type {string} */ path) => /\/models\/.+\.bin$/.test(path);
