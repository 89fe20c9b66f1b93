// Classifies a folder of labelled photos through the page's API, in Chromium, against the built site:
//
//   node web/test/agree.mjs DIR labels.tsv
//
// MODEL=resnet50-int8 takes that model instead of resnet50. labels.tsv has a heading, then lines FILE<tab>CLASS. It
// prints a line a photo (file, class found, its probability, label) and, last, how many are right and how long one
// took: top-1 45/50 top-5 49/50 median-ms 240
import './needs.mjs';
import fs from 'node:fs';
import { givePhotos, loadNet, openAPIPage } from './apipage.mjs';

const [dir, tsv] = process.argv.slice(2);
if (!tsv) {
  console.error('usage: node web/test/agree.mjs DIR labels.tsv');
  process.exit(2);
}
const rows = fs.readFileSync(tsv, 'utf8').trim().split('\n').slice(1).map(line => line.split('\t'));

const { page, close } = await openAPIPage();
await givePhotos(page, dir);
await loadNet(page, { model: process.env.MODEL ?? 'resnet50' });

let top1 = 0;
let top5 = 0;
const times = [];
for (const [file, label] of rows) {
  const { predictions, ms } = await page.evaluate(
    async name => {
      const blob = await (await fetch(`/photo/${name}`)).blob();
      return /** @type {any} */ (globalThis).net.classify(blob, { topK: 5 });
    },
    encodeURIComponent(file),
  );
  const [best] = predictions;
  console.log(`${file}\t${best.index}\t${best.probability.toFixed(4)}\t${best.label}`);
  top1 += best.index === Number(label) ? 1 : 0;
  top5 += predictions.some((/** @type {{ index: number }} */ p) => p.index === Number(label)) ? 1 : 0;
  times.push(ms.decode + ms.preprocess + ms.forward);
}
times.sort((a, b) => a - b);
const median = Math.round(times[times.length >> 1]);
console.log(`top-1 ${top1}/${rows.length} top-5 ${top5}/${rows.length} median-ms ${median}`);
await close();
