// A site with the scripts of Teach and no page of its own, in a Chromium that keeps its data on disk.

import { copyFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root, startServer, switches } from '../lib.mjs';

/** @typedef {import('playwright-core').BrowserContext} BrowserContext */
/** @typedef {import('playwright-core').Page} Page */

/** Serves the site and starts the browser. */
export async function startSite() {
  const folder = await mkdtemp(join(tmpdir(), 'residua-teach-'));
  const dir = join(folder, 'site');
  const profile = join(folder, 'profile');
  await cp(join(root, 'web', 'static'), join(dir, 'static'), { recursive: true });
  await mkdir(join(dir, 'static', 'vendor'));
  const fflate = join(root, 'web', 'vendor', 'node_modules', 'fflate', 'esm', 'browser.js');
  await copyFile(fflate, join(dir, 'static', 'vendor', 'fflate.js'));
  await copyFile(join(root, 'web', 'test', 'teachstore', 'page.js'), join(dir, 'static', 'page.js'));
  await writeFile(join(dir, 'index.html'), `<!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <title>A store</title>
    <link rel="icon" href="data:,">
    <script type="module" src="static/page.js"></script>`);
  const server = await startServer({ dir });
  const launch = () => chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: switches,
  });
  let context = await launch();
  return {
    origin: server.origin,

    /** A new tab. @returns {Promise<Page>} */
    async open() {
      const page = await context.newPage();
      await visit(page, server.origin);
      return page;
    },

    /** Ends the browser as a power cut would, and starts it anew. */
    async kill() {
      const browser = context.browser();
      if (!browser) throw new Error('the context has no browser');
      const session = await browser.newBrowserCDPSession();
      const closed = new Promise(done => context.once('close', done));
      session.send('Browser.crash').catch(() => {}); // nobody is left to answer
      await closed;
      context = await launch();
    },

    async close() {
      await context.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Loads the page and waits for its script. @param {Page} page  @param {string} origin */
export async function visit(page, origin) {
  await page.goto(`${origin}/`);
  await page.waitForFunction(() => 'lab' in globalThis);
}
