// Starts the browsers that the page is tested in, each with a fresh profile and one tab.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { launchBrowser } from '../lib.mjs';

/** @typedef {import('./tab.mjs').Browser} Browser */
/**
 * What is wanted of a browser. private: a private window; sharedMemory: whether WebKitGTK has SharedArrayBuffer, as
 * Safari has; baseline: WebKitGTK does not optimise WebAssembly, which costs more than it saves where networks are
 * small (a sixth of the processor's time for a walk; in Firefox nothing is saved).
 * @typedef {{ private?: boolean, sharedMemory?: boolean, baseline?: boolean, width?: number, height?: number }} Options
 */

/** How long a driver may take over one command, in milliseconds: a large file is made, or a network is loaded. */
const commandMs = 180_000;

/** @param {string[]} names  @returns {string | undefined} the first program of these in PATH */
function program(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(existsSync);
}

/** WebKitGTK's small browser lies beside its library, in a folder that differs by architecture and version. */
async function miniBrowser() {
  const ofArchitectures = (await readdir('/usr/lib')).filter(name => name.endsWith('-linux-gnu'));
  for (const folder of ['/usr/lib', '/usr/libexec', ...ofArchitectures.map(name => `/usr/lib/${name}`)]) {
    for (const version of ['4.1', '4.0', '6.0', '']) {
      const path = join(folder, `webkit2gtk-${version}`, 'MiniBrowser');
      if (existsSync(path)) return path;
    }
  }
  return undefined;
}

/** @returns {Promise<Record<Browser['name'], string | undefined>>} the programs that are here; undefined: none */
export async function installed() {
  const {
    CHROMIUM = program('chromium', 'chromium-browser', 'google-chrome'),
    FIREFOX = program('firefox-esr', 'firefox'),
  } = process.env;
  const webkit = program('WebKitWebDriver') && program('Xvfb') ? await miniBrowser() : undefined;
  return { Chromium: CHROMIUM, Firefox: FIREFOX, WebKitGTK: webkit };
}

/** A folder for a browser's files, and what clears it away. */
async function profile() {
  const home = await mkdtemp(join(tmpdir(), 'residua-browser-'));
  const downloads = join(home, 'Downloads');
  await mkdir(downloads);
  // A browser that was told to end may still be writing.
  return { home, downloads, clear: () => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) };
}

/** @param {Options} [options]  @returns {Promise<Browser>} */
export async function chromium({ width = 1280, height = 800 } = {}) {
  const { downloads, clear } = await profile();
  const browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width, height }, locale: 'en-US' });
  const page = await context.newPage();
  page.on('download', download => void download.saveAs(join(downloads, download.suggestedFilename())));
  return {
    name: 'Chromium',
    version: browser.version(),
    downloads,
    tab: {
      open: async url => void await page.goto(url),
      reload: async () => void await page.reload(),
      evaluate: (work, argument) => page.evaluate(/** @type {any} */ (work), argument),
      run: async source => void await page.evaluate(source),
      click: (x, y) => page.mouse.click(x, y),
      type: text => page.keyboard.type(text),
      press: (key, modifier) => page.keyboard.press(modifier ? `${modifier}+${key}` : key),
      resize: (width, height) => page.setViewportSize({ width, height }),
      screenshot: () => page.screenshot(),
    },
    async close() {
      await browser.close();
      await clear();
    },
  };
}

/** @param {Options} [options]  @returns {Promise<Browser>} */
export async function firefox({ private: inPrivate = false, width = 1280, height = 800 } = {}) {
  const { default: puppeteer } = await import('puppeteer-core');
  const { home, downloads, clear } = await profile();
  // Without a screen it has neither WebGL nor a clipboard for pictures.
  const screen = program('Xvfb') ? await startScreen() : undefined;
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: (await installed()).Firefox,
    headless: !screen,
    protocolTimeout: commandMs,
    defaultViewport: { width, height },
    env: { ...process.env, HOME: home, ...(screen && { DISPLAY: screen.display }) },
    extraPrefsFirefox: {
      'intl.accept_languages': 'en-US, en',
      'browser.privatebrowsing.autostart': inPrivate,
      'browser.download.folderList': 2,
      'browser.download.dir': downloads,
      'browser.download.useDownloadDir': true,
      'browser.download.always_ask_before_handling_new_types': false,
      'webgl.force-enabled': true,
      // It asks nobody outside.
      'app.normandy.enabled': false,
      'datareporting.policy.dataSubmissionEnabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'services.settings.server': 'data:,#',
    },
  });
  const page = await browser.newPage();
  return {
    name: 'Firefox',
    version: (await browser.version()).replace(/^\D+/, ''),
    downloads,
    tab: {
      open: async url => void await page.goto(url, { waitUntil: 'domcontentloaded' }),
      reload: async () => void await page.reload({ waitUntil: 'domcontentloaded' }),
      evaluate: (work, argument) => page.evaluate(/** @type {any} */ (work), argument),
      run: async source => void await page.evaluate(source),
      click: (x, y) => page.mouse.click(x, y),
      type: text => page.keyboard.type(text),
      async press(key, modifier) {
        if (modifier) await page.keyboard.down(modifier);
        await page.keyboard.press(key);
        if (modifier) await page.keyboard.up(modifier);
      },
      resize: (width, height) => page.setViewport({ width, height }),
      screenshot: async () => Buffer.from(await page.screenshot()),
    },
    async close() {
      await browser.close();
      screen?.close();
      await clear();
    },
  };
}

/** A port that nobody listens on now. @returns {Promise<number>} */
function freePort() {
  return new Promise((found, failed) => {
    const server = createServer().once('error', failed).listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => found(port));
    });
  });
}

/** A screen for browsers that want one. @returns {Promise<{ display: string, close: () => void }>} */
function startScreen() {
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const kill = () => { xvfb.kill(); };
  process.once('exit', kill);
  const close = () => {
    process.off('exit', kill);
    kill();
  };
  return new Promise((ready, failed) => {
    xvfb.once('error', failed);
    xvfb.once('exit', () => failed(new Error('Xvfb ended before it said its display')));
    xvfb.stdio[3]?.once('data', number => ready({ display: `:${String(number).trim()}`, close }));
  });
}

/** @param {Options} [options]  @returns {Promise<Browser>} */
export async function webkit({ sharedMemory = false, baseline = false, width = 1280, height = 800 } = {}) {
  const { Builder, Capabilities, Key } = await import('selenium-webdriver');
  const { home, downloads, clear } = await profile();
  const screen = await startScreen();
  const port = await freePort();
  await mkdir(join(home, '.config'));
  await writeFile(join(home, '.config', 'user-dirs.dirs'), 'XDG_DOWNLOAD_DIR="$HOME/Downloads"\n');
  // Without a graphics card, every third window stays black when WebKit passes its buffers on as DMA-BUFs.
  const driver = spawn(/** @type {string} */ (program('WebKitWebDriver')), [`--port=${port}`], {
    env: {
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: join(home, '.config'),
      XDG_CACHE_HOME: join(home, '.cache'),
      XDG_DATA_HOME: join(home, '.local'),
      DISPLAY: screen.display,
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
      LANG: 'en_US.UTF-8',
      LANGUAGE: 'en_US',
      NO_AT_BRIDGE: '1',
      ...(sharedMemory ? { JSC_useSharedArrayBuffer: '1' } : {}),
      ...(baseline ? { JSC_useOMGJIT: '0' } : {}),
    },
    stdio: 'ignore', // it complains that there is no D-Bus
  });
  const kill = () => { driver.kill(); };
  process.once('exit', kill);
  const binary = await miniBrowser();
  const capabilities = new Capabilities({
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': { binary, args: ['--automation'] },
  });
  const session = await whenUp(() =>
    new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build());
  await session.manage().setTimeouts({ script: commandMs, pageLoad: commandMs, implicit: 0 });
  /** Makes the window so large that the page in it has this size. @param {number} width @param {number} height */
  const resize = async (width, height) => {
    for (let i = 0; i < 3; i++) { // a window may not be smaller than its toolbar, and says so only afterwards
      const size = await session.executeScript(() => ({ width: innerWidth, height: innerHeight }));
      const inner = /** @type {any} */ (size);
      if (inner.width === width && inner.height === height) return;
      const outer = await session.manage().window().getRect();
      await session.manage().window().setRect({
        x: 0, y: 0,
        width: outer.width + width - inner.width,
        height: outer.height + height - inner.height,
      });
    }
  };
  await resize(width, height);
  const version = (await session.getCapabilities()).get('browserVersion') ?? '';
  return {
    name: 'WebKitGTK',
    version,
    downloads,
    tab: {
      open: url => session.get(url),
      reload: () => session.navigate().refresh(),
      async evaluate(work, argument) {
        const { value, error } = /** @type {any} */ (await session.executeAsyncScript(`
          const done = arguments[arguments.length - 1];
          Promise.resolve().then(() => (${work})(arguments[0]))
            .then(value => done({ value }), error => done({ error: String(error?.stack ?? error) }));
        `, argument ?? null));
        if (error) throw new Error(error);
        return value;
      },
      run: async source => void await session.executeScript(source),
      click: (x, y) => session.actions().move({ x: Math.round(x), y: Math.round(y) }).click().perform(),
      async type(text) {
        await session.actions().sendKeys(...text).perform();
      },
      press(key, modifier) {
        const code = { Enter: Key.ENTER, Escape: Key.ESCAPE, v: 'v' }[key];
        const actions = session.actions();
        if (modifier) actions.keyDown(Key.CONTROL).sendKeys(code).keyUp(Key.CONTROL);
        else actions.sendKeys(code);
        return actions.perform();
      },
      resize,
      screenshot: async () => Buffer.from(await session.takeScreenshot(), 'base64'),
    },
    async close() {
      await session.quit().catch(() => {});
      kill();
      process.off('exit', kill);
      screen.close();
      await clear();
    },
  };
}

/**
 * Tries something until the program that does it is up.
 * @template T
 * @param {() => Promise<T>} attempt
 * @returns {Promise<T>}
 */
async function whenUp(attempt) {
  for (let tries = 50; ; tries--) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 0 || !/ECONNREFUSED/.test(String(error))) throw error;
      await new Promise(done => setTimeout(done, 200));
    }
  }
}

/** @type {Record<Browser['name'], (options?: Options) => Promise<Browser>>} */
export const launchers = { Chromium: chromium, Firefox: firefox, WebKitGTK: webkit };
