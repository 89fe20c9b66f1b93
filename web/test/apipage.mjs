// A page for the commands that call the API themselves.

import fs from 'node:fs';
import path from 'node:path';
import { launchBrowser, startServer } from './lib.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** The path of an address of the site with no page of ours: no other engine computes there. */
export const barePath = '/static/residua.js';

/**
 * Serves the built site and opens its bare address in Chromium. What is thrown there is printed.
 * @param {{ isLogged?: boolean }} [options]  isLogged: whether what is logged there is printed too
 */
export async function openAPIPage({ isLogged = false } = {}) {
  const server = await startServer();
  const browser = await launchBrowser();
  const page = await browser.newPage();
  page.on('pageerror', error => console.log(error));
  if (isLogged) {
    // Chromium asks for an icon, which a page of a script alone does not have.
    page.on('console', message => { if (!/favicon/.test(message.location().url)) console.log(message.text()); });
  }
  await page.goto(server.origin + barePath);
  return {
    page,
    browser,

    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * Loads a network in the page, where it is the global net from then on.
 * @param {Page} page
 * @param {{ model?: string, threads?: number }} [options]  threads: those of the environment variable THREADS, or as
 *   many as there are cores
 */
export const loadNet = (page, { model, threads = Number(process.env.THREADS ?? 0) } = {}) =>
  page.evaluate(async options => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    Object.assign(globalThis, { net: await Residua.load(options) });
  }, { model, threads });

/**
 * Gives the page a folder's photos, at /photo/NAME. The site's rules allow no address but its own.
 * @param {Page} page @param {string} dir
 */
export const givePhotos = (page, dir) => page.route('**/photo/*', route =>
  route.fulfill({
    body: fs.readFileSync(path.join(dir, decodeURIComponent(path.posix.basename(route.request().url())))),
  }));
