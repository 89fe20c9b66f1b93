// Drives the page in Chromium with people's own files, a folder for each case, and prints what it says to each input:
//
//	node web/test/cases.mjs DIR [CASE | CASE/FILE…]
//
// DIR has folders such as 02-one-output; CASE is the beginning of a folder's name, and FILE one of the files that are
// dropped: only these are driven. An expected.json in a folder has the probabilities that PyTorch gives for its photos:
// {"labels": […] or null, "photos": {"a.jpg": {"probabilities": […]}}}
// A folder that caseinputs.mjs does not know is driven by its inputs.json, a list of inputs as they are written there:
// [{"drop": ["a.onnx"], "answers": true}, {"drop": ["cut.onnx"], "says": "cut short"}]. The page is the small site,
// anew for each input. Its shares must be within a tenth of a percent of PyTorch's, and what net.classify gives within
// 0.001; an input that is answered or refused in other words than it should be is WRONG, and the exit status then 1.

import './needs.mjs';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { barePath } from './apipage.mjs';
import { table } from './caseinputs.mjs';
import { launchBrowser, small, startServer } from './lib.mjs';
import { dropFiles, modelIsHere } from './person.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./caseinputs.mjs').Input} Input */
/** @typedef {{ labels: string[] | null, photos: Record<string, { probabilities: number[] }> }} Expected */

/** What must never be said to anybody: exceptions. */
const nonsense = /Something went wrong|TypeError|Cannot read|undefined|NaN ?%|runtime error|goroutine|0x[0-9a-f]{6}/;

/** What the page says at the moment. @param {Page} page */
const saidBy = page => page.evaluate(() => {
  const visible = (/** @type {string} */ selector) => [.../** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll(selector))].filter(element => element.checkVisibility());
  const texts = (/** @type {string} */ selector) =>
    visible(selector).map(({ innerText }) => innerText.replace(/\s+/g, ' ').trim()).filter(Boolean);
  return {
    answer: texts('.guesses li'),
    alerts: texts('#models-fault, [role="alert"] .notice, .notice, dialog[open], .teach-messages'),
    notes: texts('#model-notes li'),
    model: document.querySelector('#model-name span')?.textContent ?? '',
    classes: visible('[role="listitem"][aria-label^="Class "], li[aria-label^="Class "]').map(card =>
      `${card.ariaLabel?.slice(6)} ${card.querySelectorAll('[role="option"]').length}`),
    isBusy: visible('[aria-busy="true"], [role="progressbar"], progress').length > 0,
  };
});

/** Waits until nothing on the page moves any more. @param {Page} page */
async function settled(page) {
  let before = '';
  let calm = 0;
  for (let tries = 0; tries < 300; tries++) {
    const state = await saidBy(page);
    const now = JSON.stringify(state);
    calm = now === before && !state.isBusy ? calm + 1 : 0;
    if (calm === 4) return state;
    before = now;
    await sleep(150);
  }
  return saidBy(page);
}

/** The share in percent that a line of an answer says. @param {string} line */
const shareOf = line => Number(/([\d.]+)\s*%/.exec(line)?.[1]);

/**
 * By how much the shares that the page shows differ from PyTorch's, in percent. Those of one output are its own and
 * that of the opposite.
 * @param {string[]} answer @param {number[]} probabilities
 */
function differenceShown(answer, probabilities) {
  const all = probabilities.length === 1 ? [...probabilities, 1 - probabilities[0]] : probabilities;
  const best = all.toSorted((a, b) => b - a).slice(0, answer.length);
  return answer.length === 0 ? NaN : Math.max(...answer.map((line, i) => Math.abs(shareOf(line) - 100 * best[i])));
}

/**
 * Asks a network for photos through the API.
 * @param {Page} page @param {string[]} files @param {Record<string, string>} photos  paths by name
 * @returns {Promise<{ labels: string[], found: Record<string, number[]> } | { error: string }>}
 */
async function throughAPI(page, files, photos) {
  const input = await page.evaluateHandle(() => document.body.appendChild(
    Object.assign(document.createElement('input'), { type: 'file', multiple: true })));
  await input.setInputFiles([...files, ...Object.values(photos)]);
  return page.evaluate(async ({ input, count, names }) => {
    try {
      const all = [...(input.files ?? [])];
      const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
      const net = await Residua.load({ file: all.slice(0, count) });
      /** @type {Record<string, number[]>} */
      const found = {};
      for (const [i, name] of names.entries()) {
        found[name] = [];
        for (const { index, probability } of (await net.classify(all[count + i], { topK: 1000 })).predictions) {
          found[name][index] = probability;
        }
      }
      const { labels } = net.info;
      net.close();
      return { labels, found };
    } catch (error) {
      return { error: String(error) };
    }
  }, { input, count: files.length, names: Object.keys(photos) });
}

/**
 * Asks a model that is on the page for the photos of a case.
 * @param {Page} page @param {string} folder @param {string[]} files  the model's
 * @param {Expected} expected @returns {Promise<{ says: string, isRight: boolean }>}
 */
async function compare(page, folder, files, expected) {
  let shown = 0;
  const photos = Object.fromEntries(Object.keys(expected.photos).map(name => [name, join(folder, name)]));
  for (const [name, path] of Object.entries(photos)) {
    await dropFiles(page, [path]);
    await page.getByRole('img', { name: `Your photo ${name}` }).waitFor({ timeout: 10_000 }).catch(() => {});
    const difference = differenceShown((await settled(page)).answer, expected.photos[name].probabilities);
    shown = Math.max(shown, difference);
  }
  const onPage = `off by ${shown.toFixed(2)} % on the page`;
  if (files.some(file => file.endsWith('.zip'))) return { says: onPage, isRight: shown < 0.11 }; // the API takes none
  const api = await throughAPI(apiPage, files, photos);
  if ('error' in api) return { says: `the API: ${api.error}`, isRight: false };
  const apart = Object.entries(expected.photos).flatMap(([name, { probabilities }]) =>
    probabilities.map((one, i) => Math.abs(one - (api.found[name][i] ?? NaN))));
  const most = apart.some(Number.isNaN) ? NaN : Math.max(...apart);
  const hasLabels = !expected.labels || String(expected.labels) === String(api.labels);
  return {
    says: `${onPage}, ${most.toExponential(1)} in the API; ${api.labels.join(', ')}`,
    isRight: shown < 0.11 && most < 1e-3 && hasLabels,
  };
}

/** Goes where an input is dropped. @param {Page} page @param {Input} input */
async function goTo(page, { room = 'Classify' }) {
  await modelIsHere(page);
  if (room === 'Classify') return;
  await page.getByRole('tab', { name: 'Teach' }).click();
  await page.getByText('The model is on its way.').waitFor({ state: 'hidden' });
  if (room === 'Teach') return;
  await page.getByRole('button', { name: 'Make the first class' }).click();
  await page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.activeElement).selectionEnd);
  await page.keyboard.type('mine');
  await page.keyboard.press('Enter');
}

/**
 * Drives one input.
 * @param {Page} page  at its start
 * @param {string} folder @param {Input} input
 * @returns {Promise<{ says: string, isRight: boolean }>}
 */
async function drive(page, folder, input) {
  await goTo(page, input);
  const paths = (/** @type {string[]} */ names = []) => names.flatMap(name =>
    name === '.' ? readdirSync(folder).map(one => join(folder, one)) : [join(folder, name)]);
  for (const files of [paths(input.drop), paths(input.beside)]) {
    if (files.length === 0) continue;
    await dropFiles(page, files);
    await sleep(300);
    await settled(page);
  }
  const state = await settled(page);
  const more = await input.does?.(page, folder, settled, input.drop);
  const { alerts, notes, answer, classes, model } = state;
  const said = [...alerts, ...notes, ...answer].join(' | ');
  const isRight = !nonsense.test(said) && !more?.startsWith('WRONG')
    && (!input.never || !new RegExp(input.never).test(said)) && (!input.says || new RegExp(input.says).test(said))
    && (!input.classes || input.classes.toSorted().join() === classes.toSorted().join());
  const says = [more, model, ...alerts, ...notes.map(note => `note: ${note}`), classes.join(', ')]
    .filter(Boolean).join(' | ');
  if (!input.answers) return { says: `${says} | ${answer.slice(0, 2).join(', ')}`, isRight };
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  const compared = await compare(page, folder, paths([...input.drop, ...input.beside ?? []]), expected);
  return { says: `${compared.says} | ${says}`, isRight: isRight && compared.isRight };
}

/** The inputs of a folder. @param {string} folder @param {string} name @returns {Input[]} */
function inputsOf(folder, name) {
  const list = join(folder, 'inputs.json');
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : table[name] ?? [];
}

const [given, ...wanted] = process.argv.slice(2);
if (!given || !existsSync(given)) {
  console.error('usage: node web/test/cases.mjs DIR [CASE | CASE/FILE…]');
  process.exit(2);
}
const dir = resolve(given);
const server = await startServer({ dir: small, args: ['-shares', ''] });
const browser = await launchBrowser({ args: [
  '--host-resolver-rules=MAP school.test 127.0.0.1', '--js-flags=--liftoff-only',
] });
const apiPage = await browser.newPage();
await apiPage.goto(server.origin + barePath);
for (const name of readdirSync(dir).toSorted()) {
  for (const input of inputsOf(join(dir, name), name)) {
    const files = [...input.drop, ...input.beside ?? []];
    const isWanted = wanted.map(one => one.split('/')).some(([folder, file]) =>
      name.startsWith(folder) && (!file || files.includes(file)));
    if (wanted.length > 0 && !isWanted) continue;
    const context = await browser.newContext({ locale: 'en-US', serviceWorkers: 'block' });
    /** @type {string[]} */
    const thrown = [];
    context.on('weberror', error => thrown.push(String(error.error())));
    const page = await context.newPage();
    await page.goto(input.origin ? server.origin.replace('127.0.0.1', input.origin) : server.origin);
    const { says, isRight } = await drive(page, join(dir, name), input)
      .catch(error => ({ says: String(error), isRight: false }));
    const isOK = isRight && thrown.length === 0;
    if (!isOK) process.exitCode = 1;
    const dropped = files.join(' + ') || 'a link';
    const where = input.room ? ` (${input.room})` : '';
    console.log([name, dropped + where, [...thrown, says].join(' | '), isOK ? 'ok' : 'WRONG'].join(' | '));
    await context.close();
  }
}
await Promise.all([browser.close(), server.close()]);
