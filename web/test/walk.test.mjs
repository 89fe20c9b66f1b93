// The walk through every room in each browser: with the real weights in Chromium, on the small site in the others.
//
//   RESIDUA_WALK=real node --test web/test/walk.test.mjs
//
// walks with the real weights in all, and compares what they say to the samples. RESIDUA_BROWSERS=Firefox,WebKitGTK
// walks in these only.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { installed, launchers } from './browsers/launch.mjs';
import { Walk, steps } from './browsers/walk.mjs';
import { dist, small, startServer } from './lib.mjs';
import { startProxy } from './proxy.mjs';

/** @typedef {import('./browsers/tab.mjs').Browser} Browser */

const wanted = process.env.RESIDUA_BROWSERS?.split(',');
const here = await installed();

/** Whether a browser walks with the real weights. @param {Browser['name']} name */
const walksReal = name => name === 'Chromium' || process.env.RESIDUA_WALK === 'real';

/**
 * What the first browser said to the samples with the same weights: the others must say the same.
 * @type {Map<string, { name: string, answers: Walk['answers'] }>}
 */
const first = new Map();
/** What each step showed, for the table at the end. @type {Map<string, Map<string, string>>} */
const shown = new Map(steps.map(({ name }) => [name, new Map()]));
/** @type {string[]} */
const walked = [];
/** @type {string[]} */
const missing = [];

for (const name of /** @type {Browser['name'][]} */ (Object.keys(launchers))) {
  if (wanted && !wanted.includes(name)) continue;
  if (!here[name]) {
    assert.equal(name, 'WebKitGTK', `${name} is missing; ./build.sh test installs it`);
    missing.push('WebKit: not tested (webkit2gtk-driver cannot be installed here)');
    continue;
  }
  // With shared memory WebKitGTK is like Safari; without, as its users have it.
  for (const sharedMemory of name === 'WebKitGTK' ? [true, false] : [true]) {
    const title = name === 'WebKitGTK' ? `WebKitGTK ${sharedMemory ? 'with' : 'without'} SharedArrayBuffer` : name;
    test(`a walk through all rooms in ${title}`, async t => {
      const scratch = await mkdtemp(join(tmpdir(), 'residua-walk-'));
      const site = walksReal(name) ? dist : small;
      const server = await startServer({ dir: site });
      const proxy = await startProxy(server.origin);
      const browser = await launchers[name]({ sharedMemory, baseline: !walksReal(name) });
      walked.push(`${title} ${browser.version}`);
      t.after(async () => {
        await browser.close();
        await proxy.close();
        await server.close();
        await rm(scratch, { recursive: true, force: true });
      });
      const walk = new Walk(browser, proxy, { scratch, site });
      // WebKitGTK without shared memory walks as far as that matters: the rest is the same code.
      const last = steps.findIndex(({ name }) => name.startsWith('Teach'));
      const all = sharedMemory ? steps : steps.slice(0, 1 + last).filter(({ anyMemory }) => !anyMemory);
      for (const { name: step, take } of all) {
        let whole = false;
        await t.test(step, async () => {
          shown.get(step)?.set(walked.at(-1) ?? '', await take(walk));
          whole = true;
        });
        if (!whole) return assert.fail(`${title} got as far as "${step}"`);
      }
      const said = first.get(site) ?? { name, answers: walk.answers };
      first.set(site, said);
      for (const [title, answer] of walk.answers) {
        assertSame(answer, said.answers.get(title), `${title}, as in ${said.name}`);
      }
    });
  }
}

/**
 * Two browsers say the same to a photo.
 * @param {{ label: string, share: number }[]} answer
 * @param {{ label: string, share: number }[] | undefined} other
 * @param {string} message
 */
function assertSame(answer, other, message) {
  assert.deepEqual(answer.map(({ label }) => label), other?.map(({ label }) => label), message);
  answer.forEach(({ share, label }, i) => {
    // Shares stand on the page with one digit: two that are the same within 0.05 may be rounded apart by 0.1.
    const apart = Math.abs(share - (other?.[i].share ?? NaN));
    assert.ok(apart < 0.101, `${message}: ${label} has ${share}%, there ${other?.[i].share}%`);
  });
}

after(() => {
  const rows = [
    ['step', ...walked], Array(walked.length + 1).fill('---'),
    ...[...shown].map(([step, saw]) => [step, ...walked.map(name => saw.get(name) ?? '')]),
  ];
  console.log(`\n${rows.map(row => `| ${row.join(' | ')} |`).join('\n')}`);
  for (const line of missing) console.log(line);
});
