// A walk through every room, written once for all browsers: what a person does who opens the page for the first time,
// and what must come of it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alp, badInputs, barn } from '../fixtures.mjs';
import { dist, root } from '../lib.mjs';
import { shardsKept } from '../person.mjs';
import { saved } from './saved.mjs';
import { Screen } from './screen.mjs';
import { drawings, mixture, twoKinds } from './starters.mjs';

/** @typedef {import('./tab.mjs').Browser} Browser */
/** @typedef {import('./screen.mjs').Part} Part */
/** @typedef {Awaited<ReturnType<typeof import('../proxy.mjs').startProxy>>} Proxy */
/** @typedef {{ label: string, share: number }[]} Answer  share in percent */

/** What the walk is given, and what it finds. */
export class Walk {
  /** What each sample was called. @type {Map<string, Answer>} */ answers = new Map();
  browser;
  proxy;
  scratch;
  site;
  screen;

  /**
   * @param {Browser} browser
   * @param {Proxy} proxy  in front of the server
   * @param {{ scratch: string, site: string }} folders  scratch: for files; site: what is served
   */
  constructor(browser, proxy, { scratch, site }) {
    this.browser = browser;
    this.proxy = proxy;
    this.scratch = scratch;
    this.site = site;
    this.screen = new Screen(browser.tab);
  }
}

/** Whether the real weights are served. @param {Walk} walk */
const isReal = ({ site }) => site === dist;

/** @type {Part} */ const question = ['region', 'What is it?'];
/** @type {Part} */ const model = ['region', 'The model'];
/** @type {Part} */ const samples = ['region', 'Or try one of these'];
/** @type {Part} */ const where = ['region', 'Where it looked'];
/** @type {Part} */ const keep = ['region', 'Keep it'];
/** @type {Part} */ const tryIt = ['region', 'Try it'];
/** @type {Part} */ const judge = ['region', 'Is it any good?'];
/** @type {Part} */ const domains = ['region', 'Across domains'];
/** @type {Part} */ const table = ['region', 'Many photos'];
/** @type {Part} */ const chooser = ['dialog', 'Models'];
/** @type {Part} */ const picture = ['region', 'The picture'];
/** @type {Part} */ const training = ['group', 'Training'];

/** Rooms are named by their tabs. @param {Walk} walk @param {'Classify' | 'Look inside' | 'Teach' | 'Skip lab'} room */
const go = ({ screen }, room) => screen.click(['tab', room]);

/**
 * The answer that stands on the page, once its first guess is a label.
 * @param {Screen} screen
 * @param {string} best
 * @returns {Promise<Answer>}
 */
async function answer(screen, best) {
  await screen.until(`answer "${best}"`, async () => {
    const [first] = await screen.texts(question, ['list', 'What is it?'], ['listitem']);
    return first?.startsWith(best);
  });
  await screen.said(/ · nothing left this device$/, question);
  return (await screen.texts(question, ['list', 'What is it?'], ['listitem'])).map(line => {
    const [, label, share] = /^(.+?)\s+[<>]?\s*([\d.]+)%$/s.exec(line) ?? [];
    assert.ok(label, `this does not read like a guess: ${line}`);
    return { label, share: Number(share) };
  });
}

/** Takes the page's own model again. @param {Walk} walk @param {string} other  the one in use */
async function backToResNet50({ screen }, other) {
  await screen.click(['button', other]);
  await screen.said(/In use/, chooser);
  // The list may be made anew under the click, which then reaches the new button unseen.
  await screen.until('ResNet-50 in use', async () => {
    await screen.tryClick(chooser, ['button', 'Use ResNet-50']);
    return screen.says(/^ResNet-50$/, ['button', 'ResNet-50']);
  });
  await screen.tab.press('Escape');
}

/** The step of a line such as "Step 12 of 2,000". @param {string} line */
const stepIn = line => Number(/^Step ([\d,]+)/.exec(line)?.[1].replace(',', ''));

/** The shares of samples, by which browsers are compared. @param {Answer} answer */
const spelled = answer => `${answer[0].label} ${answer[0].share}%`;

/** Words as a regular expression has them. @param {string} words */
const escaped = words => words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * @param {Walk} walk
 * @param {string} path
 * @returns {Promise<number>} how many colours a picture has, at some thousand places
 */
function coloursOf({ screen }, path) {
  return screen.tab.evaluate(async base64 => {
    const bytes = Uint8Array.from(atob(base64), sign => sign.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const colours = new Set();
    for (let at = 0; at < data.length; at += 4 * 101) colours.add(data[at] << 16 | data[at + 1] << 8 | data[at + 2]);
    return colours.size;
  }, path);
}

/**
 * The steps, in their order. Each says in a few words what it saw. anyMemory: with shared memory or without, the same
 * code does the work, and no later step waits for what this one leaves.
 * @type {{ name: string, anyMemory?: boolean, take: (walk: Walk) => Promise<string> }[]}
 */
export const steps = [
  { name: 'Cancel and resume the first download', async take({ screen, proxy, site }) {
    const manifest = join(site, 'models', 'resnet50', 'manifest.json');
    const { size, shards } = JSON.parse(await readFile(manifest, 'utf8'));
    // The first three shards come. The page counts in megabytes.
    const here = shards.slice(0, 3)
      .reduce((/** @type {number} */ sum, /** @type {any} */ shard) => sum + shard.size, 0);
    const part = `${Math.round(here / 1e6)} of ${Math.round(size / 1e6)} MB`;
    proxy.setFault(path => (/\/models\/resnet50\/.+-0[3-9]-.+\.bin$/.test(path) ? 'hold' : 'pass'));
    await screen.tab.open(`${proxy.origin}/`);
    await screen.said(new RegExp(`^Getting the model: ${part}`), model);
    await screen.until('third shard in the cache', async () => await screen.tab.evaluate(shardsKept, null) >= 3);
    await screen.click(model, ['button', 'Cancel']);
    await screen.said('The download is stopped.', model);
    proxy.release();
    await screen.click(model, ['button', `Resume download (${part} are here)`]);
    await screen.said('The model is here.', model);
    return `stopped at ${part}, resumed, ready`;
  } },

  { name: 'Classify all samples', async take({ screen, answers }) {
    /** @type {{ title: string }[]} */
    const list = JSON.parse(await readFile(join(dist, 'samples', 'samples.json'), 'utf8'));
    await screen.atLeast(list.length, samples, ['button']);
    for (const { title } of list) {
      await screen.click(samples, ['button', new RegExp(escaped(title))]);
      // The question's region is busy while it is looked at; a new answer has another summary.
      await screen.until(`answer to ${title}`, async () => {
        const [photo] = await screen.texts(['region', 'Your photo']);
        return photo.includes(title) &&
          await screen.says(/ · nothing left this device$/, question) &&
          !await screen.says(/^Looking at/, question);
      });
      answers.set(title, await answer(screen, ''));
    }
    const summary = await screen.said(/ · nothing left this device$/, question);
    const update = await screen.says('A new version of Residua is here');
    assert.equal(update, null, 'the first version is offered as a new one');
    const first = spelled(answers.get(list[0].title) ?? []);
    return `${list.length} samples, the first is ${first} · ${summary.replace(' · nothing left this device', '')}`;
  } },

  { name: 'Bad files', anyMemory: true, async take({ screen, scratch }) {
    const bad = (await badInputs(scratch)).filter(({ file }) => /\.\w+$/.test(file));
    for (const { file, cause, cure } of bad) {
      await screen.drop([file]);
      await screen.said(cause, ['alert']);
      await screen.said(cure, ['alert']);
    }
    await screen.drop([barn]);
    await answer(screen, 'barn');
    return `${bad.length} refused with cause and cure, and the next photo is answered`;
  } },

  { name: 'Paste a picture', async take({ screen }) {
    // In another photo's place, so that the answer is this one's.
    await screen.drop([alp]);
    await answer(screen, 'alp');
    await screen.pasteByKeys(barn);
    await answer(screen, 'barn');
    return 'answered (Ctrl+V)';
  } },

  { name: 'Look inside: trace and canvas', async take(walk) {
    const { screen } = walk;
    await go(walk, 'Look inside');
    await screen.atLeast(17, ['region', 'In numbers'], ['row']);
    await screen.gone('Preparing the picture…');
    const [rows] = [await screen.count(['region', 'In numbers'], ['row'])];
    await screen.place(['combobox', 'Show']); // it scrolls there: the canvas is below
    const renderer = await screen.tab.evaluate(
      () => /** @type {any} */ (globalThis.frames[0])?.residuaView?.renderer,
      null,
    );
    const colours = await screen.until('canvas with its picture', async () => {
      const count = await coloursOf(walk, (await screen.tab.screenshot()).toString('base64'));
      return count > 300 ? count : 0;
    });
    return `${rows - 1} blocks in numbers; the canvas paints by ${renderer}, ${colours} colours in view`;
  } },

  { name: 'Grad-CAM', async take({ screen }) {
    await screen.select('A block (Grad-CAM)', where, ['combobox', 'Map']);
    await screen.said(/^(Bright|Orange) counted most for the class, as .+ sees it/, where);
    await screen.until('map over the photo', () => screen.tab.evaluate(
      () => document.querySelector('canvas.heat')?.checkVisibility() ?? false,
      null,
    ));
    await screen.gone('Computing the map…');
    return 'a map lies over the photo';
  } },

  { name: 'Sweep over the blocks', async take({ screen }) {
    await screen.click(['button', 'Try without each block']);
    const title = await screen.said(/^With all blocks, barn has/);
    await screen.atLeast(16, ['group', /^With all blocks/], ['button']);
    const tried = await screen.count(['group', /^With all blocks/], ['button']);
    return title.replace(' Without the F of a block it has:', ` ${tried} blocks tried`);
  } },

  { name: 'Skip lab: the signal before any training', anyMemory: true, async take(walk) {
    const { screen } = walk;
    await go(walk, 'Skip lab');
    const said = await screen.said(/^The gradient grows [\d,]+-fold from the last layer to the first/, picture);
    await screen.click(picture, ['button', 'Signal']);
    await screen.gone('Preparing the picture…');
    const fold = () => screen.tab.evaluate(
      () => /** @type {HTMLElement} */ (document.querySelector('.skiplab-stage summary')).click(),
      null,
    );
    await fold();
    await screen.atLeast(57, picture, ['row']);
    await fold();
    return `${said.split(':')[0]}; 56 layers in numbers`;
  } },

  { name: 'Skip lab: train, pause, reload, go on', anyMemory: true, async take(walk) {
    const { screen } = walk;
    const code = 'room=lab&net=8.w4&net=8.none.w4&train=100&held=60&batch=16&steps=50';
    await screen.tab.evaluate(code => { location.hash = code; }, code);
    await screen.said(/^Residual, 8 layers/, picture);
    await screen.click(training, ['button', 'Train']);
    const seen = await screen.said(/^Its loss ends at [\d.]+, and \d+% of the held-out pictures are right/);
    // Long enough that it does not end before it is paused.
    await screen.select('2,000', ['combobox', 'Steps']);
    await screen.click(training, ['button', 'Train']);
    await screen.said(/^Step \d+ of 2,000/, training);
    await screen.click(training, ['button', 'Pause']);
    await screen.atLeast(1, training, ['button', 'Go on']);
    const kept = stepIn(await screen.said(/^Step [\d,]+ of 2,000$/, training));

    await screen.click(['button', 'Classify with it']);
    await screen.said(/^Residual, 8 layers$/, ['button', 'Residual, 8 layers']);
    await screen.drop([alp]);
    await screen.said(/^\d\b/, question, ['list', 'What is it?'], ['listitem']);
    await backToResNet50(walk, 'Residual, 8 layers');

    await screen.tab.reload();
    await go(walk, 'Skip lab');
    await screen.said(`A training was cut off at step ${kept} of 2000. Go on with it?`);
    await screen.click(['status'], ['button', 'Go on']);
    await screen.until('step after the reload', async () =>
      stepIn(await screen.says(/^Step [\d,]+ of/, training) ?? '') > kept);
    await screen.click(training, ['button', 'Start over']);
    await screen.said(/^2,000 steps$/, training);
    return `${seen.split('.', 2).join('.')}…; went on at step ${kept} after a reload`;
  } },

  { name: 'Teach two classes to a verdict', async take(walk) {
    const { screen } = walk;
    await go(walk, 'Teach');
    for (const { name, files } of await twoKinds()) {
      await screen.click(['button', /^(Make the first class|Add a class)$/]);
      await screen.until('field for its name', () => screen.tab.evaluate(() => {
        const { activeElement: input } = document;
        return input instanceof HTMLInputElement &&
          input.selectionEnd === input.value.length &&
          /^Class \d+$/.test(input.value);
      }, null));
      await screen.tab.type(name);
      await screen.tab.press('Enter');
      await screen.choose(files, ['button', `Add pictures to ${name}`]);
      await screen.atLeast(files.length, ['listbox', `Pictures of ${name}`], ['option']);
    }
    await screen.gone(/^\d+ of \d+ looked at/);
    await screen.click(['button', /^Teach it/]);
    await screen.said(/^Done in .+\.$/);
    const verdict = await screen.said(/^\d+ of \d+ right$/, judge);
    // A quarter of the pictures is kept back to judge by. To the narrow network more of them are alike, and these stay
    // together.
    assert.equal(verdict, isReal(walk) ? '3 of 4 right' : '3 of 3 right');
    return verdict;
  } },

  { name: 'A reload keeps what was taught', async take({ screen }) {
    const verdict = await screen.said(/^\d+ of \d+ right$/, judge);
    await screen.tab.reload();
    assert.equal(await screen.said(/^\d+ of \d+ right$/, judge), verdict);
    const [first, second] = await twoKinds();
    await screen.atLeast(9, ['listbox', `Pictures of ${first.name}`], ['option']);
    await screen.atLeast(9, ['listbox', `Pictures of ${second.name}`], ['option']);
    await screen.gone(/^The model is on its way/);
    return '18 pictures and the verdict are there';
  } },

  { name: 'Across domains: blocks, distance, ways', async take({ screen }) {
    const verdict = await screen.said(/^\d+ of \d+ right$/, judge);
    await screen.click(domains, ['button', 'Ask every block']);
    const knows = await screen.said(/knows your classes best: \d+% right\.$/, domains);
    await screen.choose(await drawings(), domains, ['button', 'Add pictures without a class']);
    await screen.said('6 pictures without a class', domains);
    await screen.gone(/^\d+ of \d+ looked at/);
    await screen.click(domains, ['button', 'Measure']);
    const apart = await screen.said(/^(They are |No difference was |There are too few )/, domains);
    await screen.click(domains, ['button', 'Try the ways']);
    await screen.click(domains, ['row', /CORAL/], ['button', 'Use this']);
    await screen.said('From now on this answers: Correlations matched (CORAL).', domains);
    await screen.click(domains, ['button', 'Put it back as it was']);
    await screen.said('What you had taught answers again.', domains);
    await screen.said(verdict, judge);
    return `${knows} ${apart} A way was used, and undone`;
  } },

  { name: 'Project out, and in again', async take(walk) {
    const { screen } = walk;
    await screen.click(keep, ['button', 'Save the project']);
    const { path, size } = await saved(walk, /\.zip$/);
    await screen.click(keep, ['button', 'Start over']);
    await screen.click(keep, ['button', 'Delete all']);
    await screen.said(/^Make the first class$/);
    await screen.drop([path], ['tabpanel']);
    const [first, second] = await twoKinds();
    await screen.atLeast(9, ['listbox', `Pictures of ${first.name}`], ['option']);
    await screen.atLeast(9, ['listbox', `Pictures of ${second.name}`], ['option']);
    await screen.said(/^\d+ of \d+ right$/, judge);
    return `${Math.round(size / 1e3)} kB saved, deleted, opened: 18 pictures and the verdict`;
  } },

  { name: 'Try it on a picture', async take({ screen }) {
    const [, { files }] = await twoKinds();
    await screen.choose([files[0]], tryIt, ['button', 'Choose a picture']);
    await screen.said(/\d%/, tryIt, ['list', 'What it says'], ['listitem']);
    const [best] = await screen.texts(tryIt, ['list', 'What it says'], ['listitem']);
    return best.replace(/\s+/g, ' ');
  } },

  { name: 'The whole network as ONNX', async take(walk) {
    const { screen } = walk;
    await screen.tab.evaluate(
      () => /** @type {HTMLElement} */ (document.querySelector('.teach-keep > .teach-fold > summary')).click(), null);
    await screen.select('For other programs (ONNX)', keep, ['combobox', 'For what?']);
    await screen.click(keep, ['button', 'Save the network']);
    const { path, size } = await saved(walk, /\.onnx$/);
    const head = (await readFile(path)).subarray(0, 64).toString('latin1');
    assert.match(head, /Residua|residua/i, 'this is no ONNX file of ours');
    const megabytes = isReal(walk) ? 94.3 : 1.6;
    assert.ok(Math.abs(size / 1e6 - megabytes) < 0.05, `${size} bytes are not the whole network`);
    return `${megabytes} MB`;
  } },

  { name: 'Share as a link, and open it', async take(walk) {
    const { screen, proxy } = walk;
    await screen.click(keep, ['button', 'Make a link']);
    await screen.click(keep, ['button', 'Send this and make the link']);
    if (!isReal(walk)) {
      await screen.said(/^The host does not take this classifier: .+ it must be \[2048\]/, keep);
      await screen.click(keep, ['button', 'Cancel']);
      return 'refused: the host takes classifiers of ResNet-50 only';
    }
    await screen.said(/link.+ It is good until /, keep);
    const url = await screen.value(keep, ['textbox', 'The link']);
    assert.match(url, new RegExp(`^${proxy.origin}/#share=[0-9a-f]{32}$`));
    await screen.tab.evaluate(address => { location.hash = new URL(address).hash; }, url);
    await screen.click(['dialog', 'Somebody shared a classifier'], ['button', 'Load it']);
    await screen.click(['dialog', 'Somebody shared a classifier'], ['button', 'Just try it']);
    await screen.said(/^Somebody shared these classes\./);
    await screen.drop([barn]);
    const line = await screen.said(/^(animals|people)(?! or )/, question);
    await screen.click(question, ['button', '1,000 ImageNet classes']);
    await answer(screen, 'barn');
    return `a link was made and opened; a barn is: ${line.replace(/\s+/g, ' ')}`;
  } },

  { name: 'My classes, in Classify and Look inside', async take(walk) {
    const { screen } = walk;
    const [{ name, files }] = await twoKinds();
    await go(walk, 'Classify');
    await screen.drop([files[0]]);
    await screen.click(question, ['button', 'My classes']);
    const line = await screen.said(new RegExp(`^${name}`), question, ['list', 'What it says']);
    await go(walk, 'Look inside');
    await screen.said(new RegExp(`^${name}`), question, ['list', 'What it says']);
    await screen.select('Last block (CAM)', where, ['combobox', 'Map']);
    await screen.said(/counted most for the class, as the last block sees it/, where);
    await screen.click(question, ['button', '1,000 ImageNet classes']);
    return line;
  } },

  { name: 'Many photos become a table', anyMemory: true, async take(walk) {
    const { screen } = walk;
    await go(walk, 'Classify');
    await screen.drop(await mixture());
    const done = await screen.said(/^Done: all 30 are answered/, table);
    await screen.click(table, ['button', 'Save as CSV']);
    const { path } = await saved(walk, /\.csv$/);
    assert.equal((await readFile(path, 'utf8')).trim().split('\r\n').length, 1 + 30);
    await screen.click(table, ['button', 'Put away']);
    await screen.click(['dialog', 'Put the table away?'], ['button', 'Put it away']);
    await screen.gone(/^Done: all 30/);
    return done;
  } },

  { name: 'A model of one\'s own', async take(walk) {
    const { screen } = walk;
    await go(walk, 'Classify');
    await screen.drop([join(root, 'resnet', 'modelfile', 'testdata', 'torchvision-basic.safetensors')]);
    await screen.said(/^torchvision-basic$/, ['button', 'torchvision-basic']);
    await screen.drop([alp]);
    await screen.atLeast(5, question, ['list', 'What is it?'], ['listitem']);
    await backToResNet50(walk, 'torchvision-basic');
    await screen.drop([barn]);
    await answer(screen, 'barn');
    return 'it answers, and ResNet-50 after it';
  } },

  { name: 'Chinese', async take({ screen }) {
    await screen.click(['button', '中文']);
    const title = await screen.said('这是什么');
    assert.equal(await screen.tab.evaluate(() => document.documentElement.lang, null), 'zh-Hans');
    const english = await screen.says('What is it?');
    assert.equal(english, null);
    await screen.click(['button', 'English']);
    await screen.said('What is it?');
    return title;
  } },

  { name: 'Dark', async take({ screen }) {
    const brightness = () => screen.tab.evaluate(() => getComputedStyle(document.body).backgroundColor, null);
    const before = await brightness();
    for (let i = 0; i < 3 && await screen.count(['button', 'Theme: dark']) === 0; i++) {
      await screen.click(['button', /^Theme: /]);
    }
    const dark = await brightness();
    assert.notEqual(dark, before);
    await screen.click(['button', 'Theme: dark']);
    return dark;
  } },

  { name: 'Phone size', async take(walk) {
    const { screen } = walk;
    await screen.tab.resize(390, 844);
    /** @type {string[]} */
    const widths = [];
    for (const room of /** @type {const} */ (['Teach', 'Look inside', 'Classify'])) {
      await go(walk, room);
      const { inner, scroll } = await screen.tab.evaluate(
        () => ({ inner: innerWidth, scroll: document.documentElement.scrollWidth }),
        null,
      );
      assert.ok(scroll <= inner, `${room}: ${scroll} pixels wide in a window of ${inner}`);
      widths.push(String(inner));
    }
    await screen.tab.resize(1280, 800);
    return `nothing sticks out at ${widths[0]} pixels`;
  } },

  { name: 'Without the server', async take({ screen, proxy, browser }) {
    const line = await screen.said(new RegExp([
      /^Works without a network from now on\./,
      /could be kept for a visit without a network/,
      /keeps no files for a visit without a network/,
      /^This browser did not keep the model/,
    ].map(({ source }) => source).join('|')));
    proxy.setFault(() => 'cut');
    if (line.startsWith('Works')) {
      await screen.tab.reload();
      await screen.said('The model is here.', model);
      await screen.drop([barn]);
      await answer(screen, 'barn');
      proxy.release();
      return 'loads and answers';
    }
    assert.equal(browser.name, 'WebKitGTK', line);
    // What is here goes on.
    await screen.drop([alp]);
    await answer(screen, 'alp');
    proxy.release();
    return `says: ${line}`;
  } },
];
