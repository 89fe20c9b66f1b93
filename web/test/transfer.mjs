// Teaches the network a folder's classes through the page's API in Chromium, and prints what each method gets right of
// the test pictures:
//
//   node web/test/transfer.mjs DIR [METHOD …]
//
// DIR/train/CLASS/… are learnt from, DIR/test/CLASS/… only judge. The methods are class-means, head, augmented (the
// head, with each picture's mirror image), last-block, last-block-augmented and scratch (a small network that knows
// only these pictures). Only where they are named, there are two-blocks and three-blocks, the whole last stage.
// AUGMENTATIONS=5 is with four random ones more; THREADS=1 computes on one. The interval is Wilson's; steps are epochs,
// or L-BFGS's iterations; an epoch's time is the mean of those that learn from all pictures, in batches of 32; memory
// is what the engine's has grown to.
import './needs.mjs';
import fs from 'node:fs';
import path from 'node:path';
import { loadNet, openAPIPage } from './apipage.mjs';

const [folder, ...only] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node web/test/transfer.mjs DIR [METHOD …]');
  process.exit(2);
}
const augmentations = Number(process.env.AUGMENTATIONS ?? 1);

const { page, close } = await openAPIPage({ isLogged: true });
await loadNet(page);
await page.evaluate(() => {
  const { net } = /** @type {any} */ (globalThis);
  Object.assign(globalThis, { teacher: net.teach() });
});

let pictures = 0;
let spent = 0;
for (const side of ['train', 'test']) {
  for (const name of fs.readdirSync(path.join(folder, side)).sort()) {
    const files = fs.readdirSync(path.join(folder, side, name)).sort().map(file =>
      ({ file, bytes: fs.readFileSync(path.join(folder, side, name, file)).toString('base64') }));
    pictures += files.length;
    spent += await page.evaluate(async ({ name, files, test }) => {
      const { teacher } = /** @type {any} */ (globalThis);
      if (!teacher.classes.some((/** @type {any} */ one) => one.name === name)) await teacher.addClass(name);
      const blobs = files.map(({ file, bytes }) =>
        new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], file));
      const start = performance.now();
      await Promise.all(blobs.map(blob => teacher.add(name, blob, { test })));
      return performance.now() - start;
    }, { name, files, test: side === 'test' });
  }
}
console.log(`pictures ${pictures} features-per-second ${(pictures / spent * 1000).toFixed(1)}`);

/** @type {Record<string, object>} */
const methods = {
  'class-means': { method: 'class-means' },
  head: { method: 'head' },
  'last-block': { method: 'last-block' },
  'last-block-augmented': { method: 'last-block', augmentations },
  augmented: { method: 'head', augmentations }, // behind the former, whose features it needs
  scratch: { method: 'scratch' },
  'two-blocks': { method: 'last-block', depth: 2 },
  'three-blocks': { method: 'last-block', depth: 3 },
};
const long = ['two-blocks', 'three-blocks'];
for (const [method, options] of Object.entries(methods)) {
  if (only.length > 0 ? !only.includes(method) : long.includes(method)) continue;
  const run = await page.evaluate(async options => {
    const { teacher, net } = /** @type {any} */ (globalThis);
    const start = performance.now();
    /** @type {number[]} */ const heard = [];
    const run = await teacher.train({ ...options, onStep: () => heard.push(performance.now()) });
    const epochs = run.curve.filter((/** @type {any} */ step) => step.validation).length;
    // After the last score the refit begins, on all pictures; a step of it is a batch.
    const refit = heard.slice(run.curve.findLastIndex((/** @type {any} */ step) => step.validation));
    const taught = run.sides.filter((/** @type {number} */ side) => side === 1 || side === 2).length;
    return {
      taught,
      epoch: refit.length > 1
        ? (refit[refit.length - 1] - refit[0]) / (refit.length - 1) * Math.ceil(taught / 32)
        : 0,
      test: run.test?.accuracy,
      validation: run.validation.accuracy,
      similarity: run.similarity,
      epochs,
      best: run.bestEpoch,
      ms: run.ms,
      whole: performance.now() - start,
      l2: run.l2,
      temperature: run.temperature,
      ece: run.test?.ece,
      outliers: run.test?.outliers,
      memory: (await net.profile({ runs: 1 })).memory,
    };
  }, options);
  const { test, validation } = run;
  console.log([
    method,
    (test.k / test.n).toFixed(3),
    `(${test.low.toFixed(3)}–${test.high.toFixed(3)})`,
    `validation ${(validation.k / validation.n).toFixed(3)}`,
    `training ${(run.ms / 1000).toFixed(1)} s`,
    `steps ${run.epochs}`,
    ...(run.epoch ? [`epoch of ${run.taught} pictures ${(run.epoch / 1000).toFixed(1)} s`] : []),
    `best ${run.best}`,
    `l2 ${run.l2}`,
    `temperature ${run.temperature.toFixed(2)}`,
    `cka ${run.similarity.toFixed(4)}`,
    `ece ${run.ece.toFixed(3)}`,
    `none-of-these ${run.outliers}`,
    `memory ${(run.memory / 1e6).toFixed(0)} MB`,
  ].join(' '));
}
await close();
