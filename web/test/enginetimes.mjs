// What the engine computes with in each browser, and how long a pass takes: for the table in docs/browsers.md.
//
//   node enginetimes.mjs [ROUNDS]

import './needs.mjs';
import { barePath } from './apipage.mjs';
import { launchers } from './browsers/launch.mjs';
import { startServer } from './lib.mjs';

const rounds = Number(process.argv[2] ?? 20);
const server = await startServer();
console.log('| browser | model | threads | SIMD | computes in | forward, median (fastest), ms | barn |\n'
  + '|---|---|---|---|---|---|---|');
for (const [name, sharedMemory] of /** @type {const} */ ([
  ['Chromium', false],
  ['Firefox', false],
  ['WebKitGTK', true],
  ['WebKitGTK', false],
])) {
  const browser = await launchers[name]({ sharedMemory });
  await browser.tab.open(server.origin + barePath);
  for (const model of ['resnet50', 'resnet50-int8']) {
    const measured = new Set();
    for (const threads of [1, 2, 0]) { // 0: as many as the browser says that there are cores
      const { info, times, share } = await browser.tab.evaluate(async ({ model, threads, rounds }) => {
        const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
        const photo = await (await fetch('/samples/dust-bowl-home.jpg')).blob();
        const net = await Residua.load({ model, threads });
        const times = [];
        let share = 0;
        for (let i = 0; i < rounds + 5; i++) { // the first five are compiled once more while they run
          const { ms, predictions } = await net.classify(photo);
          if (i >= 5) times.push(ms.forward);
          share = predictions[0].probability;
        }
        const { threads: count, simd, compute } = net.info;
        net.close();
        return { info: { count, simd, compute }, times, share };
      }, { model, threads, rounds });
      if (measured.has(info.count)) continue;
      measured.add(info.count);
      const sorted = times.toSorted((/** @type {number} */ a, /** @type {number} */ b) => a - b);
      const shared = name === 'WebKitGTK' && sharedMemory ? ', shared memory' : '';
      console.log(`| ${name}${shared} ${browser.version} | ${model} | ${info.count} | ${info.simd} | ${info.compute} `
        + `| ${sorted[sorted.length >> 1].toFixed(0)} (${sorted[0].toFixed(0)}) | ${(100 * share).toFixed(2)} % |`);
    }
  }
  await browser.close();
}
await server.close();
