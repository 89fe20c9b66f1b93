// First visits, each in a fresh profile: how many come to "The model is here", how long that takes, and with how many
// threads.
//
//   node firstloads.mjs [BROWSER[:private|:shared]…] [COUNT] [--busy]
//
// BROWSER is Chromium, Firefox or WebKitGTK (all, if none is named); :private is a private window, :shared gives
// WebKitGTK SharedArrayBuffer. With --busy every second visit finds all cores at work on something else.

import './needs.mjs';
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { launchers } from './browsers/launch.mjs';
import { Screen } from './browsers/screen.mjs';
import { barn } from './fixtures.mjs';
import { startServer } from './lib.mjs';

const words = process.argv.slice(2);
const count = Number(words.find(word => /^\d+$/.test(word)) ?? 10);
const named = words.filter(word => /^[A-Z]/.test(word));
const model = /** @type {const} */ (['region', 'The model']);
const question = /** @type {const} */ (['region', 'What is it?']);

/** Keeps all cores busy until it is called off. */
function keepBusy() {
  const programs = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  return () => programs.forEach(program => program.kill());
}

const median = (/** @type {number[]} */ times) => times.toSorted((a, b) => a - b)[times.length >> 1];

const server = await startServer();
let failed = false;
for (const visit of named.length ? named : ['Chromium', 'Firefox', 'WebKitGTK', 'WebKitGTK:shared']) {
  const [name, how] = visit.split(':');
  /** @type {Record<'quiet' | 'busy', number[]>} */
  const times = { quiet: [], busy: [] };
  /** @type {Map<string, number>} */
  const threads = new Map();
  let ready = 0;
  for (let i = 0; i < count; i++) {
    const launch = launchers[/** @type {keyof typeof launchers} */ (name)];
    const browser = await launch({ private: how === 'private', sharedMemory: how === 'shared' });
    const busy = words.includes('--busy') && i % 2 === 1;
    const quiet = busy ? keepBusy() : () => {};
    const screen = new Screen(browser.tab);
    try {
      const start = performance.now();
      await browser.tab.open(`${server.origin}/`);
      await screen.said(/^The model is here\./, [...model]);
      times[busy ? 'busy' : 'quiet'].push(performance.now() - start);
      await screen.drop([barn]);
      await screen.said(/^barn/, [...question], ['list', 'What is it?']);
      await screen.said(/ · nothing left this device$/, [...question]);
      // It is in the details of the answer, which are folded.
      const how = await browser.tab.evaluate(() => document.querySelector('.timings-how')?.textContent ?? '', null);
      const [, number] = /(\d+) threads?/.exec(how) ?? [];
      threads.set(number, (threads.get(number) ?? 0) + 1);
      ready++;
    } catch (error) {
      console.log(`${visit}, visit ${i + 1}: ${error instanceof Error ? error.message : error}`);
    }
    quiet();
    await browser.close();
  }
  failed ||= ready < count;
  const spelled = Object.entries(times).filter(([, list]) => list.length > 0).map(([how, list]) =>
    `${how}: median ${Math.round(median(list))} ms, most ${Math.round(Math.max(...list))} ms`);
  const counts = [...threads].map(([number, times]) => `${number} in ${times}`);
  console.log(`${visit}: ${ready} of ${count} ready and answering · ${spelled.join(' · ')} · `
    + `threads: ${counts.join(', ')}`);
}
await server.close();
process.exit(failed ? 1 : 0);
