// Counts how far the page jumps, by itself and after a person's own click, in every flow through the rooms:
//
//   node web/test/shifts.mjs [STEP …]
//
// A line a flow and size, with the sum of its layout shifts: those without a person's input of the last half second,
// which must not be more than 0.02, and the others. What moved furthest stands under a flow that is above. At the end
// the flows come once more, with the largest of all sizes' sums. STEP is a part of a flow's name: only that is told of.
// SIZE=desktop, SIZE=phone or SIZE=narrow walks on that alone. SMALL=1 takes the small network of the tests, whose
// answers come so soon that most shifts count as a person's own.

import './needs.mjs';
import { dist, launchBrowser, small, startServer } from './lib.mjs';
import { cameraSwitches, shortenStarters, steps } from './rooms.mjs';

const most = 0.02;
const only = process.argv.slice(2);
const sizes = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  narrow: { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};

/** It runs in the page, before anything else does. */
function watch() {
  const scope = /** @type {any} */ (globalThis);
  scope.shifts = [];
  const nameOf = (/** @type {any} */ node) => {
    const element = node instanceof Element ? node : node?.parentElement;
    return element ? `${element.localName}#${element.id}.${element.getAttribute('class') ?? ''}` : 'gone';
  };
  new PerformanceObserver(list => {
    for (const { value, hadRecentInput, sources } of /** @type {any[]} */ (list.getEntries())) {
      scope.shifts.push({ value, hadRecentInput, moved: sources.map((/** @type {any} */ one) =>
        `${nameOf(one.node)} ${one.previousRect.y.toFixed()}+${one.previousRect.height.toFixed()} → ` +
        `${one.currentRect.y.toFixed()}+${one.currentRect.height.toFixed()}`) });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

const server = await startServer({ dir: process.env.SMALL ? small : dist });
const browser = await launchBrowser({ args: cameraSwitches });
/** The largest sum of each flow. @type {Map<string, number>} */
const largest = new Map();
for (const [size, device] of Object.entries(sizes)) {
  if (process.env.SIZE && process.env.SIZE !== size) continue;
  const context = await browser.newContext({
    ...device, locale: 'en-US', serviceWorkers: 'block', permissions: ['camera'],
  });
  await context.addInitScript(watch);
  const page = await context.newPage();
  await shortenStarters(page);
  await page.goto(server.origin);
  for (const { name, go, leave } of steps) {
    await go(page);
    await page.waitForTimeout(700); // what comes late moves the page too
    await leave?.(page);
    if (leave) await page.waitForTimeout(700);
    /** @type {{ value: number, hadRecentInput: boolean, moved: string[] }[]} */
    const shifts = await page.evaluate(() => /** @type {any} */ (globalThis).shifts.splice(0));
    if (only.length > 0 && !only.some(part => name.includes(part))) continue;
    const sum = (/** @type {boolean} */ byInput) => shifts.filter(one => one.hadRecentInput === byInput)
      .reduce((all, { value }) => all + value, 0);
    const own = sum(false);
    console.log(`${own > most ? 'ABOVE' : 'ok   '} ${own.toFixed(4)}  (after input ${sum(true).toFixed(4)})  `
      + `${size.padEnd(7)}  ${name}`);
    largest.set(name, Math.max(own, largest.get(name) ?? 0));
    if (own <= most) continue;
    for (const { value, moved } of shifts.filter(one => !one.hadRecentInput && one.value > most / 10)) {
      console.log(`      ${value.toFixed(4)}  ${moved.slice(0, 4).join(' | ')}`);
    }
  }
  await context.close();
}
await browser.close();
await server.close();
console.log('\nThe most that each flow moves the page, of all sizes:');
for (const [name, sum] of largest) console.log(`  ${sum.toFixed(4)}  ${name}`);
process.exitCode = Math.max(...largest.values()) > most ? 1 : 0;
