// Looks at every state of the page, as a visit through the rooms goes by them:
//
//   node web/test/states.mjs [WAY …]
//
// In English and in Chinese, in both themes, with forced colours, on a phone, and at a zoom of 200 %: what axe finds;
// what is wider than a screen of 320 pixels or of 640 (1280 at a zoom of 200 %), and what cannot be reached there; what
// moves although a person wants no motion; and Latin words that are left on the Chinese page. It prints what it finds,
// then a table of the states, and fails if there is something. SHOTS names a folder for pictures of each state at each
// size, and WAY is a part of a way's name, as the table has it: only that is walked. The network is the small one of
// the tests.

import './needs.mjs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { latinOn } from './latin.mjs';
import { launchBrowser, small, startServer } from './lib.mjs';
import { cameraSwitches, shortenStarters, steps } from './rooms.mjs';

const axeSource = await readFile(join(createRequire(import.meta.url).resolve('axe-core'), '..', 'axe.min.js'), 'utf8');

const desktop = { viewport: { width: 1280, height: 800 } };
/** A desktop at a zoom of 200 %. */
const zoomed = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** The ways in which the page is walked through. */
const allWays = /** @type {const} */ ([
  { name: 'zh light', locale: 'zh-CN', colorScheme: 'light', forcedColors: 'none', device: desktop },
  { name: 'en dark', locale: 'en-US', colorScheme: 'dark', forcedColors: 'none', device: desktop },
  { name: 'en forced', locale: 'en-US', colorScheme: 'light', forcedColors: 'active', device: desktop },
  { name: 'en light phone', locale: 'en-US', colorScheme: 'light', forcedColors: 'none', device: phone },
  { name: 'en light zoom', locale: 'en-US', colorScheme: 'light', forcedColors: 'none', device: zoomed },
  { name: 'zh dark phone', locale: 'zh-CN', colorScheme: 'dark', forcedColors: 'none', device: phone },
]);
const only = process.argv.slice(2);
const ways = allWays.filter(({ name }) => only.length === 0 || only.some(part => name.includes(part)));
const narrow = [{ width: 320, height: 640 }, { width: 640, height: 400 }];
const shots = process.env.SHOTS;
if (shots) await mkdir(shots, { recursive: true });

const server = await startServer({ dir: small });
const browser = await launchBrowser({ args: cameraSwitches });
/** @type {Set<string>} */
const found = new Set();
/** What axe finds in each state, in the order of the ways. @type {Map<string, (number | string)[]>} */
const table = new Map(steps.map(({ name }) => [name, []]));

const tell = (/** @type {string} */ line) => {
  if (!found.has(line)) console.log(line);
  found.add(line);
};

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page @param {{ width: number, height: number }} size */
async function resize(page, size) {
  await page.setViewportSize(size);
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** What axe finds. @param {Page} page @param {boolean} hasOurColours @returns {Promise<string[]>} */
const violationsOf = (page, hasOurColours) => page.evaluate(async hasOurColours => {
  // With forced colours axe would judge ours, which nobody sees.
  const rules = {
    'label-content-name-mismatch': { enabled: true }, 'color-contrast': { enabled: hasOurColours },
  };
  const { violations } = await /** @type {any} */ (globalThis).axe.run('html', { rules });
  return violations.flatMap((/** @type {any} */ { id, nodes }) =>
    nodes.map((/** @type {any} */ node) => `${id}: ${node.html.slice(0, 160)}`));
}, hasOurColours);

/** It runs in the page: what no scrolling brings into sight, or what something else lies on. */
function unreachable() {
  /** @type {Document | Element} */
  const scope = document.querySelector('dialog[open], [popover]:popover-open') ?? document;
  const { scrollX, scrollY } = globalThis;
  /** @type {string[]} */
  const lost = [];
  for (const element of scope.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('[inert]')) continue;
    element.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
    const [line] = element.getClientRects(); // a link may have several
    if (!line) continue;
    const middle = Math.max(1, Math.min(line.top + line.height / 2, innerHeight - 1));
    const on = document.elementFromPoint(line.left + line.width / 2, middle);
    if (on && (element.contains(on) || element.closest('label')?.contains(on))) continue;
    lost.push(`${element.outerHTML.slice(0, 120)} under ${on?.localName ?? 'nothing'}.${on?.className ?? ''}`);
  }
  scrollTo({ left: scrollX, top: scrollY, behavior: 'instant' });
  return lost;
}

/** It runs in the page: the animations that go on for longer than a blink. */
const moving = () => document.getAnimations().flatMap(({ effect }) => {
  const { duration, iterations } = effect?.getTiming() ?? {};
  const { target } = /** @type {KeyframeEffect} */ (effect);
  return Number(duration) * Number(iterations) > 20 ? [`${target?.localName}.${target?.className}`] : [];
});

/**
 * @param {Page} page
 * @param {typeof ways[number]} way
 * @param {string} name  of the state
 * @param {number} i  its number
 */
async function look(page, { name: way, locale, forcedColors, device }, name, i) {
  const state = `${name}, ${way}`;
  const picture = (/** @type {number} */ width) => page.screenshot({
    path: `${shots}/${way.replaceAll(' ', '-')}-${String(i).padStart(2, '0')}-${width}.png`, fullPage: width < 600,
  });
  for (const size of narrow) {
    await resize(page, size);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > size.width) tell(`wide   ${state}: ${wide} at ${size.width}`);
    if (shots) await picture(size.width);
    for (const one of await page.evaluate(unreachable)) tell(`lost   ${state}, at ${size.width}: ${one}`);
  }
  for (const one of await page.evaluate(moving)) tell(`moves  ${state}: ${one}`);
  await resize(page, device.viewport);
  if (shots) await picture(device.viewport.width);
  const violations = await violationsOf(page, forcedColors === 'none');
  table.get(name)?.push(violations.length);
  for (const violation of violations) tell(`axe    ${state}: ${violation}`);
  if (locale !== 'zh-CN') return;
  for (const line of await latinOn(page)) tell(`latin  ${line}`);
}

/** @param {typeof ways[number]} way */
async function walk(way) {
  const { locale, colorScheme, forcedColors, device } = way;
  const context = await browser.newContext({
    ...device, locale, colorScheme, forcedColors, reducedMotion: 'reduce', serviceWorkers: 'block',
    permissions: ['camera'],
  });
  const page = await context.newPage();
  await shortenStarters(page);
  await page.goto(server.origin);
  await page.evaluate(axeSource);
  for (const [i, { name, go, leave }] of steps.entries()) {
    await go(page);
    await look(page, way, name, i);
    await leave?.(page);
  }
  await context.close();
}

for (const way of ways) {
  try {
    await walk(way);
  } catch (error) {
    tell(`ended  ${way.name}: ${error}`); // the other ways are walked all the same
  }
}
await browser.close();
await server.close();
console.log(`\nWhat axe finds in each state: ${ways.map(({ name }) => name).join(' | ')}`);
for (const [name, counts] of table) console.log(`  ${ways.map((_, i) => counts[i] ?? '–').join('  ')}  ${name}`);
console.log(found.size === 0 ? 'nothing is in the way' : `${found.size} findings`);
process.exitCode = found.size > 0 ? 1 : 0;
