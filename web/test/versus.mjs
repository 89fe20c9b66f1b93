// Sets two models of the same classes side by side in Chromium, through the page's API, against the built site: how far
// the second one's answers are from the first one's on labelled photos, how long both take, in turns, and what memory.
//
//   node web/test/versus.mjs [--models resnet50,resnet50-int8] [--photos DIR] [--threads 1,2] [--rounds 30] [--layers]
//
// DIR has a labels.tsv: a heading, then lines FILE<tab>CLASS. Without it only times are measured.
import './needs.mjs';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { givePhotos, openAPIPage } from './apipage.mjs';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: 'resnet50,resnet50-int8' },
    photos: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '30' },
    layers: { type: 'boolean', default: false },
  },
});
const models = options.models.split(',');
const photos = options.photos ?? '';
const list = photos
  ? fs.readFileSync(path.join(photos, 'labels.tsv'), 'utf8').trim().split('\n').slice(1)
    .map(line => line.trim().split('\t'))
  : [];

const { page, close } = await openAPIPage();
await givePhotos(page, photos);

/** Loads both models, with so many threads, and gives what they say of themselves. @param {number} threads */
const load = threads => page.evaluate(async ({ models, threads }) => {
  const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
  const scope = /** @type {any} */ (globalThis);
  scope.nets?.forEach((/** @type {any} */ net) => net.close());
  scope.nets = [];
  for (const model of models) scope.nets.push(await Residua.load({ model, threads }));
  return scope.nets.map((/** @type {any} */ net) => net.info);
}, { models, threads });

/**
 * Each model's classes in the order of their probability.
 * @param {string} file
 * @returns {Promise<{ index: number, probability: number }[][]>}
 */
const answers = file => page.evaluate(async name => {
  const blob = await (await fetch(`/photo/${name}`)).blob();
  const all = [];
  for (const net of /** @type {any} */ (globalThis).nets) {
    all.push((await net.classify(blob, { topK: net.info.labels.length })).predictions);
  }
  return all;
}, encodeURIComponent(file));

/**
 * Times passes of a picture of noise, in turns.
 * @param {number} rounds
 * @returns {Promise<{ times: number[], profile: any }[]>}
 */
const race = rounds => page.evaluate(async rounds => {
  const { nets } = /** @type {any} */ (globalThis);
  const image = new ImageData(256, 256);
  for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 === 3 ? 255 : (i * 2654435761) >>> 24;
  const out = nets.map(() => ({ times: /** @type {number[]} */ ([]) }));
  for (let round = -5; round < rounds; round++) {
    for (const [i, net] of nets.entries()) {
      const { ms } = await net.classify(image);
      if (round >= 0) out[i].times.push(ms.forward);
    }
  }
  for (const [i, net] of nets.entries()) out[i].profile = await net.profile({ runs: rounds });
  return out;
}, rounds);

const median = (/** @type {number[]} */ x) => x.toSorted((a, b) => a - b)[x.length >> 1];

for (const [turn, threads] of options.threads.split(',').map(Number).entries()) {
  const infos = await load(threads);
  const told = infos.map((/** @type {any} */ i) =>
    `${i.model} computes in ${i.compute} on ${i.threads} thread${i.threads > 1 ? 's' : ''}`);
  console.log(`\n${told.join(', ')}`);
  if (list.length && turn === 0) {
    const right = [0, 0];
    let same = 0;
    /** @type {number[]} */
    const changes = [];
    for (const [file, label] of list) {
      const [a, b] = await answers(file);
      const of = new Map(a.map(p => [p.index, p.probability]));
      changes.push(Math.max(...b.map(p => Math.abs(p.probability - (of.get(p.index) ?? 0)))));
      if (a[0].index === b[0].index) same++;
      else {
        console.log(`${file}: class ${a[0].index} (${a[0].probability.toFixed(3)}) became `
          + `${b[0].index} (${b[0].probability.toFixed(3)})`);
      }
      [a, b].forEach((all, i) => { right[i] += all[0].index === Number(label) ? 1 : 0; });
    }
    console.log(`${list.length} photos: right ${right.join(' and ')}, same best class ${same}, `
      + `largest change of a probability ${Math.max(...changes).toFixed(4)}, `
      + `median of each photo's ${median(changes).toFixed(4)}`);
  }
  const results = await race(Number(options.rounds));
  for (const [i, { times, profile }] of results.entries()) {
    console.log(`${models[i].padEnd(16)} median ${median(times).toFixed(1)} ms, `
      + `fastest ${Math.min(...times).toFixed(1)} ms, engine memory ${(profile.memory / 1e6).toFixed(0)} MB`);
    if (options.layers) {
      for (const l of profile.layers) {
        console.log(`  ${l.name.padEnd(24)} ${l.algorithm.padEnd(10)} ${l.ms.toFixed(2).padStart(6)} ms `
          + `${(l.flop / l.ms / 1e6).toFixed(0).padStart(5)} GOP/s`);
      }
    }
  }
}
await close();
