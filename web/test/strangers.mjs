// How often "none of these" is said of a right answer, and of a stranger: a picture of a class that was not taught.
//
//   node web/test/strangers.mjs DIR
//
// DIR/train/CLASS/… and DIR/test/CLASS/… are one set, the starter sets' renderings and drawings two more. The features
// come from the page's API in Chromium; what is learnt from them is learnt by web/test/strangers, with the functions of
// the engine. It says what the columns are.
import './needs.mjs';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { loadNet, openAPIPage } from './apipage.mjs';
import { dist, root } from './lib.mjs';

/** A picture's class and file. @typedef {{ name: string, file: string }} Listed */

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node web/test/strangers.mjs DIR');
  process.exit(2);
}

/** @param {string} side @returns {Listed[]} */
const listed = side => fs.readdirSync(path.join(folder, side)).sort().flatMap(name =>
  fs.readdirSync(path.join(folder, side, name)).sort()
    .map(file => ({ name, file: path.join(folder, side, name, file) })));

/** @type {{ title: string, classes: { name: string, pictures: string[] }[] }[]} */
const starters = JSON.parse(fs.readFileSync(path.join(dist, 'starters', 'starters.json'), 'utf8'));
/** @type {[string, Listed[]][]} */
const sets = [[path.basename(folder), [...listed('train'), ...listed('test')]]];
for (const [at, title] of ['renderings', 'drawings'].entries()) {
  sets.push([title, starters[at].classes.flatMap(({ name, pictures }) =>
    pictures.map(picture => ({ name, file: path.join(dist, 'starters', picture) })))]);
}

const { page, close } = await openAPIPage();
await loadNet(page);

const program = spawn('go', ['run', './web/test/strangers'], { cwd: root, stdio: ['pipe', 'inherit', 'inherit'] });
for (const [title, pictures] of sets) {
  const classes = [...new Set(pictures.map(({ name }) => name))];
  /** @type {number[][]} */ const features = [];
  for (const { file } of pictures) {
    const bytes = fs.readFileSync(file).toString('base64');
    features.push(await page.evaluate(async bytes => {
      const { net } = /** @type {any} */ (globalThis);
      return [...await net.features(new Blob([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))]))];
    }, bytes));
  }
  const labels = pictures.map(({ name }) => classes.indexOf(name));
  program.stdin.write(`${JSON.stringify({ title, classes, labels, features })}\n`);
}
program.stdin.end();
await close();
process.exitCode = await new Promise(done => program.on('close', done));
