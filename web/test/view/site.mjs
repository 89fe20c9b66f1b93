// A site of two pages with a view in them, for the tests of the view: as it is built and served, with a sample trace in
// files.

import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dist, root, startServer } from '../lib.mjs';

const run = promisify(execFile);

/** The size of the test's canvas, that of the golden pictures for desktops. */
export const size = { width: 1280, height: 800 };

/** Some of the page's sentences. */
const words = {
  'view.label': 'The way through the network',
  'view.stage': 'Stage {stage} of {channels}',
  'view.stage.short': 'Stage {stage}',
  'view.block': '{stage}.{index}',
  'view.class': '{label}',
  'view.percent': '{value}',
  'view.value': '{value}',
  'view.channel.at': 'Channel {channel}, {y}, {x}',
  'view.tip.block': '{name} adds {ratio}',
};

/** The page's state as it begins. @type {import('../../static/zproto.js').ViewState} */
export const firstState = {
  scene: 'network', block: -1, channel: -1, tensor: 'y', order: 'energy', class: -1, map: 'viridis', opacity: 0.6,
  play: -1, ablate: {},
  live: false, dark: false, reducedMotion: false, join: 'add', linear: false, nonlinearity: 'relu', knowledge: [],
  lab: null,
  language: 'en', words,
};

/**
 * Makes the site in a folder of its own, with the view as it was built, and serves it with the headers of the real one.
 * index.html is a page with a trace, lab.html one with the Skip lab's canvas.
 * @returns {Promise<{ origin: string, close: () => Promise<void> }>}
 */
export async function startSite() {
  const folder = await mkdtemp(join(tmpdir(), 'residua-view-'));
  const made = join(folder, 'static');
  const isNeeded = (/** @type {string} */ path) => !/\/engine\/(engine|kernels)\w*\.wasm$/.test(path);
  await cp(join(dist, 'static'), made, { recursive: true, filter: isNeeded });
  // The build has put the page's modules into bundles. The test imports one of them by itself.
  await cp(join(root, 'web', 'static'), made, { recursive: true });
  for (const name of ['page.js', 'lab.js']) await cp(join(root, 'web', 'test', 'view', name), join(made, name));
  await run('go', ['run', './web/test/view', join(folder, 'trace')], { cwd: root });
  await writeFile(join(made, 'page.css'), `
    body { margin: 0; }
    #view { width: 100vw; height: 100vh; }
    button { position: absolute; inset: 0 auto auto 0; opacity: 0; pointer-events: none; }
    #long { height: 2000px; }`);
  const html = (/** @type {string} */ script) => `<!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>A view</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="static/page.css">
    <script type="module" src="static/${script}"></script>
    <button id="before">before</button>
    <div id="view"></div>
    <button id="after">after</button>
    <div id="long"></div>`;
  await writeFile(join(folder, 'index.html'), html('page.js'));
  await writeFile(join(folder, 'lab.html'), html('lab.js'));
  const server = await startServer({ dir: folder });
  return {
    origin: server.origin,
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A golden picture of wasm/paint, as a URL that a page can load.
 * @param {string} name
 */
export async function golden(name) {
  const file = await readFile(join(root, 'wasm', 'paint', 'testdata', `${name}.png`));
  return `data:image/png;base64,${file.toString('base64')}`;
}
