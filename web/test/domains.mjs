// What can be done about another domain, by the page's API in Chromium, on the starter sets: learnt from renderings and
// judged by drawings, and the other way round:
//
//   node web/test/domains.mjs [DIR]
//
// A line is a method and how many of the other domain's pictures it names right, with Wilson's interval. No method sees
// a label of theirs, which only count; nor does the choice, which is the last line of each direction. The methods are
// those of teacher.adapt: plain is without any, mean and standardise take each domain by its own mean, or mean and
// deviation, coral is CORAL, norms is AdaBN, priors shifts the classes' frequencies. block-4.1 learns from that block's
// means, and standardise-4.1 is both.
//
// With DIR, what a linear classifier on each block knows: DIR/train/CLASS/… are learnt from, DIR/test/CLASS/… judge.
import './needs.mjs';
import fs from 'node:fs';
import path from 'node:path';
import { loadNet, openAPIPage } from './apipage.mjs';
import { dist } from './lib.mjs';

/** A picture's class and file. @typedef {{ name: string, file: string }} Listed */

const [folder] = process.argv.slice(2);

const { page, close } = await openAPIPage({ isLogged: true });
await loadNet(page);

/**
 * Makes a teacher with pictures to learn from and pictures that judge.
 * @param {Listed[]} learnt
 * @param {Listed[]} judges
 */
async function teach(learnt, judges) {
  await page.evaluate(() => {
    const { net } = /** @type {any} */ (globalThis);
    Object.assign(globalThis, { teacher: net.teach() });
  });
  for (const [list, test] of /** @type {[Listed[], boolean][]} */ ([[learnt, false], [judges, true]])) {
    for (const { name, file } of list) {
      const bytes = fs.readFileSync(file).toString('base64');
      await page.evaluate(async ({ name, file, bytes, test }) => {
        const { teacher } = /** @type {any} */ (globalThis);
        if (!teacher.classes.some((/** @type {any} */ one) => one.name === name)) await teacher.addClass(name);
        await teacher.add(name, new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], file), { test });
      }, { name, file: path.basename(file), bytes, test });
    }
  }
}

/**
 * @param {string} what
 * @param {import('../static/zproto.js').Rate} rate
 */
const line = (what, { k, n, low, high }) => console.log(`${what} ${k}/${n} (${low.toFixed(2)}–${high.toFixed(2)})`);

/** @type {{ title: string, classes: { name: string, pictures: string[] }[] }[]} */
const sets = JSON.parse(fs.readFileSync(path.join(dist, 'starters', 'starters.json'), 'utf8'));
const [renderings, drawings] = sets.map(({ classes }) => classes.flatMap(({ name, pictures }) =>
  pictures.map(picture => ({ name, file: path.join(dist, 'starters', picture) }))));

/** @type {[string, Listed[], Listed[]][]} */
const directions = [
  ['renderings → drawings', renderings, drawings], ['drawings → renderings', drawings, renderings],
];
for (const [title, learnt, judges] of directions) {
  console.log(title);
  await teach(learnt, judges);
  const { methods, chosen, others, distance } = await page.evaluate(async () => {
    const { teacher } = /** @type {any} */ (globalThis);
    const all = teacher.classes.flatMap((/** @type {any} */ one) => one.pictures);
    const idsOf = (/** @type {boolean} */ test) =>
      all.filter((/** @type {any} */ picture) => picture.test === test).map((/** @type {any} */ { id }) => id);
    const target = idsOf(true);
    const { stage } = teacher.blocks.at(-1);
    const block = teacher.blocks.findIndex((/** @type {any} */ one) => one.stage === stage); // 4.1, as papers count
    const { methods, chosen } = await teacher.adapt({
      target, methods: ['mean', 'standardise', 'coral', 'norms', 'priors'],
    });
    const others = await teacher.adapt({ target, blocks: [block], methods: ['standardise'] });
    const [distance] = await teacher.distance(idsOf(false), target, { only: [teacher.blocks.length - 1] });
    return { methods, chosen, others: others.methods, distance };
  });
  for (const { method, accuracy } of methods) line(method === 'none' ? 'plain' : method, accuracy);
  for (const { method, accuracy } of others) line(method === 'none' ? 'block-4.1' : `${method}-4.1`, accuracy);
  const { a, aLow, aHigh, p } = distance;
  console.log(`a-distance ${a.toFixed(2)} (${aLow.toFixed(2)}–${aHigh.toFixed(2)}) mmd p ${p.toFixed(3)}`);
  const { accuracy } = methods.find((/** @type {any} */ { method }) => method === chosen);
  console.log(`chosen ${chosen === 'none' ? 'plain' : chosen} ${accuracy.k}/${accuracy.n}`);
}

if (folder) {
  const listed = (/** @type {string} */ side) => fs.readdirSync(path.join(folder, side)).sort().flatMap(name =>
    fs.readdirSync(path.join(folder, side, name)).sort()
      .map(file => ({ name, file: path.join(folder, side, name, file) })));
  await teach(listed('train'), listed('test'));
  const { probes, stages, ms, rank } = await page.evaluate(async () => {
    const { teacher } = /** @type {any} */ (globalThis);
    const start = performance.now();
    const probes = await teacher.probes();
    const ms = performance.now() - start;
    const stages = teacher.blocks.map((/** @type {any} */ { stage }) => stage);
    return { probes, ms, stages, rank: await teacher.rank() };
  });
  // As papers count: 3.6 is the sixth block of the third stage.
  const numbers = [...new Set(stages)];
  const names = stages.map((/** @type {number} */ stage, /** @type {number} */ at) =>
    `${numbers.indexOf(stage) + 1}.${at - stages.indexOf(stage) + 1}`);
  for (const { block, test, accuracy, l2 } of probes) {
    const { k, n, low, high } = test ?? accuracy;
    console.log(`probe ${names[block]} ${(k / n).toFixed(3)} (${low.toFixed(2)}–${high.toFixed(2)}) l2 ${l2}`);
  }
  console.log(`probes-seconds ${(ms / 1000).toFixed(1)}`);
  console.log(`logme-best ${names[rank.best]} ${Math.round(rank.ms)} ms`);
}
await close();
