// What every browser test needs: the built site served by Residua's own server, and a Chromium to open it in.

import { execFile, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The built site: what ./build.sh leaves, or RESIDUA_DIST. */
export const dist = process.env.RESIDUA_DIST ?? join(root, 'dist');

/** The same site with networks that are small and load fast: what web/test/smallsite leaves, or RESIDUA_SMALL. */
export const small = process.env.RESIDUA_SMALL ?? join(root, 'dist-small');

/** The server binary, built once per process unless RESIDUA_SERVER names one. @type {Promise<string> | undefined} */
let binary;

/** @returns {Promise<string>} the path of the server binary */
function serverBinary() {
  binary ??= (async () => {
    if (process.env.RESIDUA_SERVER) return process.env.RESIDUA_SERVER;
    const folder = await mkdtemp(join(tmpdir(), 'residua-server-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'server');
    await promisify(execFile)('go', ['build', '-o', path, './web/server'], { cwd: root });
    return path;
  })();
  return binary;
}

/**
 * Serves a folder with web/server on a free port. What is shared is gone with it, unless the arguments name a file.
 * @param {{ dir?: string, args?: string[] }} [options] further arguments
 * @returns {Promise<{ origin: string, pid: number, close: (signal?: NodeJS.Signals) => Promise<void> }>} origin has no
 *   slash at its end
 */
export async function startServer({ dir = dist, args = [] } = {}) {
  if (!existsSync(join(dir, 'index.html'))) {
    const make = dir === small ? 'go run ./web/test/smallsite dist dist-small' : './build.sh';
    throw new Error(`${dir} holds no built site; ${make} makes it`);
  }
  const child = spawn(await serverBinary(), ['-addr', '127.0.0.1:0', '-dir', dir, '-shares', '', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // A test that dies must not leave its server behind.
  const kill = () => { child.kill(); };
  process.once('exit', kill);
  const ended = new Promise(done => child.once('exit', done));
  const origin = await new Promise((found, failed) => {
    createInterface({ input: child.stdout }).on('line', line => {
      const match = /^Residua is at (http:\/\/\S+?)\/?$/.exec(line);
      if (match) found(match[1]);
    });
    child.once('error', failed);
    child.once('exit', status =>
      failed(new Error(`the server ended with status ${status} before it said its address`)));
  });
  return {
    origin: /** @type {string} */ (origin),
    pid: /** @type {number} */ (child.pid),
    async close(signal = 'SIGTERM') {
      process.off('exit', kill);
      child.kill(signal);
      await ended;
    },
  };
}

/**
 * A machine for tests has no graphics card: SwiftShader gives it WebGL 2. The rest of a page is not left to SwiftShader
 * as well, which took more of the processor than the model does: 73 s instead of 83 to 90 s for a dozen tests.
 */
const softwareWebGL = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-gpu-compositing'];

/**
 * What Chromium makes for each new window beside its page: the lists under the address bar, which are pages of its own,
 * in a process of their own, and took a quarter of what opening our page takes. Without a window to see nobody types
 * there.
 */
const addressBar = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** What Playwright switches off as well: of two lists Chromium takes the last. Playwright has them in its own. */
const offForTests = [
  'AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable', 'LensOverlay', 'MediaRouter', 'PaintHolding', 'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled',
  'PreconnectToSearch',
];

/** The switches of every Chromium here. */
export const switches = [
  '--no-sandbox', '--disable-dev-shm-usage', ...softwareWebGL,
  `--disable-features=${[...offForTests, ...addressBar].join(',')}`,
];

/**
 * For pages whose networks are small, or that have none: they are done before an optimised program of theirs would be.
 * V8's baseline compiler alone saves a tenth of all time, and a quarter of the view's.
 */
export const baseline = '--js-flags=--liftoff-only';

/**
 * Starts the Chromium of the environment variable CHROMIUM, or /usr/bin/chromium.
 * @param {{ args?: string[] }} [options] further command line switches
 */
export async function launchBrowser({ args = [] } = {}) {
  const { chromium } = await import('playwright-core'); // here, so that needs.mjs runs where it is missing
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...switches, ...args],
  });
}
