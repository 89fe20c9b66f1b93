// Whether what Teach exports answers elsewhere as it does on the page. By the page's API in Chromium it teaches
// classifiers of each kind on the starter sets, exports each in every form, and asks about the sample photos:
//
//   node web/test/exported.mjs [--keep DIR] [--only NAME,…]
//
// A line is a file, with the largest difference between its probabilities and those of teacher.predict: in
// onnxruntime-web, which prepares the photos as the card in the file says (ort); as an own model in a page that knows
// nothing of Teach (model); and taken back as a classifier there (taught). "refuses" lines are the exports that there
// are not, with what is said. The status is 1 if a difference is above 1e-4. MODEL=resnet50-int8 takes that model,
// RESIDUA_DIST=dist-small the small networks. With --keep the files stay in DIR, with answers.json and the photos; with
// --only these classifiers are all.
import './needs.mjs';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { barePath, loadNet, openAPIPage } from './apipage.mjs';
import { answersOf, differenceOf, metadataOf, softmax } from './exportedinput.mjs';
import { rgbPNG } from './fixtures.mjs';
import { dist } from './lib.mjs';

/** @typedef {import('playwright-core').Page} Page */
/**
 * How a classifier is taught.
 * @typedef {{ name: string, train?: import('../static/api/teach/training.js').TrainOptions, adapt?: Adapt }} Case
 * @typedef {{ method: import('../static/zproto.js').AdaptMethod, blocks: number[] }} Adapt
 */
/** @typedef {{ probabilities: number[][], none: boolean[], tellsNone: boolean }} Answers */

const { values: { keep, only } } = parseArgs({ options: { keep: { type: 'string' }, only: { type: 'string' } } });
const folder = keep ?? fs.mkdtempSync(path.join(os.tmpdir(), 'residua-exported-'));
fs.mkdirSync(folder, { recursive: true });

/** The largest difference that may be, of probabilities. */
const most = 1e-4;
const model = process.env.MODEL;

const { page, browser, close } = await openAPIPage({ isLogged: true });
await loadNet(page, { model });
const origin = new URL(page.url()).origin;
await makeTools(page);

/** Of the pictures that the networks here want, as inputOf of the files will check. */
const shortSide = 256;

// The photos, scaled by the browser to what the network wants: then nobody has to scale them alike.
const samples = fs.readdirSync(path.join(dist, 'samples')).filter(name => name.endsWith('.jpg'));
const photos = await Promise.all(samples.map(async name => {
  const bytes = fs.readFileSync(path.join(dist, 'samples', name)).toString('base64');
  const { width, height, base64 } = await page.evaluate(async ({ bytes, shortSide }) => {
    const { fileOf } = /** @type {any} */ (globalThis);
    const bitmap = await createImageBitmap(fileOf(bytes));
    // To the shorter side that the card says, and to an even longer one, so that the middle is between no two pixels.
    const scale = shortSide / Math.min(bitmap.width, bitmap.height);
    const [width, height] = [bitmap.width, bitmap.height].map(length => 2 * Math.round(length * scale / 2));
    const context = new OffscreenCanvas(width, height).getContext('2d');
    if (!context) throw new Error('there is no canvas');
    context.drawImage(bitmap, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    let text = '';
    for (let i = 0; i < data.length; i++) if (i % 4 < 3) text += String.fromCharCode(data[i]);
    return { width, height, base64: btoa(text) };
  }, { bytes, shortSide });
  return { name, width, height, pixels: new Uint8Array(Buffer.from(base64, 'base64')) };
}));
const pngs = photos.map(({ width, height, pixels }) => rgbPNG(width, height, pixels));
if (keep) photos.forEach(({ name }, i) => fs.writeFileSync(path.join(folder, `${name}.png`), pngs[i]));
await givePhotosTo(page);

/** What the calls in a page go by. @param {Page} page */
async function makeTools(page) {
  await page.evaluate(() => void Object.assign(globalThis, {
    fileOf: (/** @type {string} */ base64, name = '') =>
      new File([Uint8Array.from(atob(base64), sign => sign.charCodeAt(0))], name),
    /** The probabilities of all classes, in their order. @param {{ index: number, probability: number }[]} found */
    inOrder: found => found.sort((a, b) => a.index - b.index).map(({ probability }) => probability),
    /** What a teacher answers to all photos. @param {any} teacher */
    async said(teacher) {
      const { photos, inOrder } = /** @type {any} */ (globalThis);
      /** @type {any} */
      const all = { probabilities: [], none: [], tellsNone: true };
      for (const photo of photos) {
        const { predictions, none, tellsNone } = await teacher.predict(photo);
        all.probabilities.push(inOrder(predictions));
        all.none.push(none);
        all.tellsNone &&= tellsNone;
      }
      return all;
    },
  }));
}

/** @param {Page} page */
async function givePhotosTo(page) {
  await page.evaluate(photos => {
    const { fileOf } = /** @type {any} */ (globalThis);
    Object.assign(globalThis, { photos: photos.map((/** @type {string} */ photo) => fileOf(photo)) });
  }, pngs.map(png => png.toString('base64')));
}

/** A picture's file and class. @typedef {{ file: string, name: string }} Listed */
/** @type {{ classes: { name: string, pictures: string[] }[] }[]} */
const sets = JSON.parse(fs.readFileSync(path.join(dist, 'starters', 'starters.json'), 'utf8'));
const [learnt, others] = sets.map(({ classes }) => classes.flatMap(({ name, pictures }) =>
  pictures.map(picture => ({ name, file: path.join(dist, 'starters', picture) }))));

await page.evaluate(() => {
  Object.assign(globalThis, { teacher: /** @type {any} */ (globalThis).net.teach(), adapted: {} });
});
for (const [list, hasClass] of /** @type {[Listed[], boolean][]} */ ([[learnt, true], [others, false]])) {
  for (const { name, file } of list) {
    await page.evaluate(async ({ name, file, bytes, hasClass }) => {
      const { teacher, fileOf } = /** @type {any} */ (globalThis);
      const picture = fileOf(bytes, file);
      if (!hasClass) return void await teacher.addUnlabelled(picture);
      if (!teacher.classes.some((/** @type {any} */ one) => one.name === name)) await teacher.addClass(name);
      return void await teacher.add(name, picture);
    }, { name, file: path.basename(file), bytes: fs.readFileSync(file).toString('base64'), hasClass });
  }
}

// Blocks as papers count them: 4.1 is the first block of the fourth stage.
/** @type {Record<string, number>} */
const blocks = await page.evaluate(() => {
  const stages = /** @type {any} */ (globalThis).teacher.blocks.map((/** @type {any} */ { stage }) => stage);
  const numbers = [...new Set(stages)];
  return Object.fromEntries(stages.map((/** @type {number} */ stage, /** @type {number} */ at) =>
    [`${numbers.indexOf(stage) + 1}.${at - stages.indexOf(stage) + 1}`, at]));
});
const several = [blocks['1.2'], blocks['2.3'], blocks['3.3'], blocks['4.1']];

/** All ways to fit a classifier to another domain. @type {Adapt['method'][]} */
const methods = ['mean', 'standardise', 'coral', 'norms', 'priors'];
/** @type {Case[]} */
const allCases = [
  { name: 'last', train: {} },
  { name: '4.1', train: { blocks: [blocks['4.1']] } },
  { name: '3.3', train: { blocks: [blocks['3.3']] } },
  { name: 'several', train: { blocks: several } },
  { name: 'both-sides', train: { augmentations: 1 } },
  { name: 'several-both-sides', train: { blocks: several, augmentations: 1 } },
  ...methods.map(method => ({ name: method, adapt: { method, blocks: [] } })),
  { name: '4.1-standardise', adapt: { method: 'standardise', blocks: [blocks['4.1']] } },
  { name: 'several-coral', adapt: { method: 'coral', blocks: several } },
  { name: 'several-norms', adapt: { method: 'norms', blocks: several } },
  { name: 'last-block', train: { method: 'last-block', epochs: 2 } },
  { name: 'two-blocks', train: { method: 'last-block', depth: 2, epochs: 2, augmentations: 1 } },
];
const cases = allCases.filter(({ name }) => !only || only.split(',').includes(name));

/** The format of a taught classifier's own file. @param {Case} one */
const ownFormat = ({ train }) => (train?.method === 'last-block' ? 'last-block' : 'head');

/**
 * Teaches, and gives what the teacher answers.
 * @param {Case} one
 * @returns {Promise<Answers & { temperature: number }>}
 */
const teach = ({ train, adapt }) => page.evaluate(async ({ train, adapt, methods }) => {
  const { teacher, said, adapted } = /** @type {any} */ (globalThis);
  /** @type {any} */ let run;
  if (adapt) {
    const target = teacher.unlabelled.map((/** @type {any} */ { id }) => id);
    const key = adapt.blocks.join();
    adapted[key] ??= await teacher.adapt({ target, blocks: adapt.blocks, methods });
    run = await teacher.useAdapted(adapted[key], adapt.method);
  } else run = await teacher.train(train);
  return { ...await said(teacher), temperature: run.temperature };
}, {
  train, adapt,
  methods: methods.filter(method =>
    cases.some(({ adapt: other }) => other?.method === method && String(other.blocks) === String(adapt?.blocks))),
});

/**
 * Exports what is taught, and saves it as a person would.
 * @param {string} format
 * @param {string} name
 */
async function exported(format, name) {
  const file = path.join(folder, name);
  const [download] = await Promise.all([page.waitForEvent('download'), page.evaluate(async format => {
    const href = URL.createObjectURL(await /** @type {any} */ (globalThis).teacher.export(format));
    Object.assign(document.createElement('a'), { href, download: format }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  }, format)]);
  await download.saveAs(file);
  return file;
}

/** What an export says that cannot be. @param {string} format */
const refusal = format => page.evaluate(format => /** @type {any} */ (globalThis).teacher.export(format).then(
  () => 'it is there', (/** @type {any} */ error) => `${error.name} ${error.code}: ${error.message}`), format);

// A page in a profile of its own, to which the files come as a person chooses them.
const fresh = await browser.newPage();
await fresh.goto(origin + barePath);
await loadNet(fresh, { model });
await makeTools(fresh);
await givePhotosTo(fresh);
await fresh.evaluate(() =>
  document.documentElement.append(Object.assign(document.createElement('input'), { type: 'file', id: 'file' })));

/**
 * What a file answers as an own model, or as a classifier of a teacher.
 * @param {string} file
 * @param {'model' | 'taught'} as
 * @param {boolean} bothSides  whether the answer goes by the photo's mirror image too
 * @returns {Promise<Answers>}
 */
async function reopened(file, as, bothSides) {
  await fresh.setInputFiles('#file', file);
  const answers = await fresh.evaluate(async as => {
    const { net, said, photos, inOrder } = /** @type {any} */ (globalThis);
    const [file] = /** @type {any} */ (document.querySelector('#file')).files;
    if (as === 'taught') {
      const teacher = net.teach();
      await teacher.import(file);
      return said(teacher);
    }
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const own = await Residua.load({ file });
    const answers = { probabilities: [], mirrored: [], none: [], tellsNone: false };
    for (const photo of photos) {
      const bitmap = await createImageBitmap(photo);
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = /** @type {any} */ (canvas.getContext('2d'));
      context.scale(-1, 1);
      context.drawImage(bitmap, -bitmap.width, 0);
      for (const [image, list] of [[photo, answers.probabilities], [canvas, answers.mirrored]]) {
        list.push(inOrder((await own.classify(image, { topK: own.info.labels.length })).predictions));
      }
    }
    own.close();
    await Residua.forget(own.info.model);
    return answers;
  }, as);
  if (!bothSides) return answers;
  // The mean of logarithms is that of the logits, but for a number that all classes share.
  const probabilities = answers.probabilities.map((/** @type {number[]} */ row, /** @type {number} */ i) =>
    softmax(row.map((p, k) => (Math.log(p) + Math.log(answers.mirrored[i][k])) / 2)));
  return { ...answers, probabilities };
}

let worst = 0;
/** @param {number} difference */
function told(difference) {
  worst = Math.max(worst, Number.isFinite(difference) ? difference : Infinity);
  return difference.toExponential(1).padStart(8);
}

for (const format of ['head', 'last-block', 'onnx', 'safetensors']) {
  console.log(`refuses ${format} of nothing: ${await refusal(format)}`);
}
/** @type {Record<string, Answers>} */
const all = {};
for (const one of cases) {
  const before = all[one.name] = await teach(one);
  const own = ownFormat(one);
  console.log(`${one.name}: temperature ${before.temperature.toFixed(2)}, "none of these" to ` +
    `${before.tellsNone ? before.none.filter(Boolean).length : '?'} of ${photos.length} photos`);
  for (const [format, ending] of [[own, `${own}.safetensors`], ['safetensors', 'safetensors'], ['onnx', 'onnx']]) {
    const file = await exported(format, `${one.name}.${ending}`);
    const parts = [];
    if (format === 'onnx') {
      parts.push(`ort ${told(differenceOf(before.probabilities, await answersOf(fs.readFileSync(file), photos)))}`);
    }
    if (format !== own) {
      const isMirrored = metadataOf(fs.readFileSync(file), 'residua.onepass') !== '';
      const { probabilities } = await reopened(file, 'model', isMirrored);
      parts.push(`model ${told(differenceOf(before.probabilities, probabilities))}`);
    }
    const back = await reopened(file, 'taught', false);
    parts.push(`taught ${told(differenceOf(before.probabilities, back.probabilities))}`);
    if (format === own) {
      const sameNone = back.tellsNone === before.tellsNone && String(back.none) === String(before.none);
      if (!sameNone) worst = Infinity;
      parts.push(sameNone ? 'the same "none of these"' : 'ANOTHER "none of these"');
    }
    const { size } = fs.statSync(file);
    console.log(`  ${ending.padEnd(22)} ${(size / 1e6).toFixed(1).padStart(5)} MB  ${parts.join('  ')}`);
    if (!keep) fs.rmSync(file);
  }
}
for (const method of ['class-means', 'scratch']) {
  console.log(`refuses ${method}: ${await refusal(method)}`);
}
if (keep) fs.writeFileSync(path.join(folder, 'answers.json'), JSON.stringify({ photos: samples, cases: all }));
else fs.rmSync(folder, { recursive: true });
await close();
console.log(`largest difference ${worst.toExponential(1)}: ${worst <= most ? 'the same' : 'NOT the same'}`);
process.exit(worst <= most ? 0 : 1);
