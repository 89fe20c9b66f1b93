// What the tests of the room Look inside share: the way in, its controls, its engine, and another engine to compare
// with.

import { setTimeout as sleep } from 'node:timers/promises';
import { clickSample, readAnswer } from '../person.mjs';
import { settled } from '../view/settled.mjs';
import { decode } from './pictures.mjs';
import { proxy } from './harness.mjs';

/** @typedef {import('playwright-core').Page} Page */

export const slow = { timeout: 60_000 };

/** The 16 blocks: stage, and block of it, from 1. */
export const blocksOf = [3, 4, 6, 3].flatMap((n, stage) => Array.from({ length: n }, (_, i) => [stage + 1, i + 1]));

/** @param {Page} page */
export const rows = page => page.getByRole('region', { name: 'In numbers' }).getByRole('row');
/** @param {Page} page @param {string} name */
export const button = (page, name) => page.getByRole('button', { name, exact: true });
/** @param {Page} page @param {string} name */
export const choice = (page, name) => page.getByRole('combobox', { name, exact: true });
/** The part of the room beside the photo. @param {Page} page */
export const where = page => page.getByRole('region', { name: 'Where it looked' });
/** @param {Page} page */
export const room = page => page.getByRole('region', { name: 'The way through the network' });
/** The field for the class of the map. @param {Page} page */
export const classField = page => where(page).getByRole('combobox', { name: 'Class', exact: true });
/** The map over the photo. @param {Page} page */
export const heat = page => page.locator('canvas.heat');
/** @param {Page} page */
export const sweepCells = page =>
  page.getByRole('group', { name: /^With (all blocks|what is taken out now), / }).getByRole('button');

/** What has the keyboard, by its name. @param {Page} page */
export const focused = page => page.evaluate(() => {
  const element = /** @type {HTMLInputElement} */ (document.activeElement);
  const label = element.labels?.[0];
  const name = element.ariaLabel ?? (label ? label.querySelector('span') ?? label : element).textContent;
  return name?.trim() || element.title;
});

/**
 * Opens the room with the barn in it, and with what an address says.
 * @param {Page} page
 * @param {string} [choices] more of the address; nothing chosen is the room as it begins
 * @returns {Promise<Awaited<ReturnType<typeof readAnswer>>>} what the whole network says to the barn
 */
export async function lookInside(page, choices = '') {
  await clickSample(page, 'Dust Bowl');
  const answer = await readAnswer(page, 'barn');
  await page.goto(`${proxy.origin}/#room=look${choices}`); // the same document
  await page.locator('#numbers tr').nth(16).waitFor({ state: 'attached', ...slow }); // a phone has them folded
  return answer;
}

/** Waits until the canvas shows the whole network with the barn in it. @param {Page} page @returns its picture */
export async function showsBarn(page) {
  await page.locator('iframe').contentFrame().getByText('barn', { exact: true }).waitFor(slow);
  return settled(page);
}

/** Waits until the map over the photo is the one that is asked for. @param {Page} page */
export async function mapped(page) {
  await where(page).and(page.locator('[aria-busy="false"]')).waitFor(slow);
  await heat(page).waitFor(slow);
}

/** The map over the photo, as it was painted. @param {Page} page */
export async function overlay(page) {
  const url = await heat(page).evaluate(element => /** @type {HTMLCanvasElement} */ (element).toDataURL());
  return decode(page, Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
}

/** What the room says about something that takes long. @param {Page} page @param {string | RegExp} words */
export const task = (page, words) => page.locator('.task').filter({ hasText: words });

/** The worker of the page's engine. @param {Page} page */
function engineOf(page) {
  const engine = page.workers().find(worker => worker.url().endsWith('/engine/worker.js'));
  if (!engine) throw new Error('the page has no engine');
  return engine;
}

/**
 * Has the page's engine refuse the next maps: it is asked for a block that no network has.
 * @param {Page} page
 * @returns {Promise<() => Promise<void>>} lets them be computed again
 */
export async function breakMaps(page) {
  const engine = engineOf(page);
  await engine.evaluate(() => {
    const world = /** @type {any} */ (globalThis);
    const receive = world.onmessage;
    world.mendMaps = () => { world.onmessage = receive; };
    world.onmessage = (/** @type {MessageEvent} */ event) => {
      const { data } = event;
      if (data.op === 'cam') data.json = data.json.replace(/"block":-?\d+/, '"block":99');
      receive(event);
    };
  });
  return () => engine.evaluate(() => /** @type {any} */ (globalThis).mendMaps());
}

/** Has the page's engine stop when it is asked about the next photo, as one without memory. @param {Page} page */
export async function stopEngineAtPhoto(page) {
  await engineOf(page).evaluate(() => {
    const scope = /** @type {any} */ (globalThis);
    const receive = scope.onmessage;
    scope.onmessage = (/** @type {MessageEvent} */ event) => {
      if (event.data.op !== 'classify') return receive(event);
      setTimeout(() => { throw new Error('the test has stopped this engine'); });
    };
  });
}

/** What the worker of an engine waits for, and does nothing else before it is here: a file that the proxy holds. */
const held = '/held';

const hold = () => proxy.setFault(path => (path === held ? 'hold' : 'pass'));

/** Waits until the engine waits: a minute at most. It is polled, for the proxy tells nobody. */
async function waits() {
  for (let i = 0; proxy.held === 0; i++) {
    if (i === 6000) throw new Error('the engine does not ask for what it is to wait for');
    await sleep(10);
  }
}

/**
 * Keeps the page's engine from answering, as one that computes for long.
 * @param {Page} page
 * @returns {Promise<() => void>} lets it go on
 */
export async function holdEngine(page) {
  hold();
  await engineOf(page).evaluate(held => {
    setTimeout(() => {
      const request = new XMLHttpRequest();
      request.open('GET', held, false);
      request.send();
    });
  }, held);
  await waits();
  return () => proxy.release();
}

/**
 * Asks the page's engine for something of many steps, and keeps it from going on after the first ones.
 * @param {Page} page
 * @param {() => Promise<unknown>} start what a person does
 * @returns {Promise<() => Promise<void>>} lets it go on
 */
export async function holdEngineAtStep(page, start) {
  const engine = engineOf(page);
  hold();
  // It waits each time that a step, or anything else, lets other events in.
  await engine.evaluate(held => {
    const scope = /** @type {any} */ (globalThis);
    scope.waits = true;
    const turn = () => {
      const request = new XMLHttpRequest();
      request.open('GET', held, false);
      request.send();
      if (scope.waits) setTimeout(turn);
    };
    setTimeout(turn);
  }, held);
  await start();
  const steps = page.locator('.task-count').filter({ hasText: /\d of \d/ });
  for (;;) {
    await waits();
    if (await steps.count() > 0) break;
    proxy.release();
    hold();
  }
  return async () => {
    proxy.release();
    await engine.evaluate(() => { /** @type {any} */ (globalThis).waits = false; });
  };
}

/**
 * Writes down what the page's engine is asked from now on.
 * @param {Page} page
 * @returns {Promise<() => Promise<{ op: string, args: any }[]>>} what it was asked until then
 */
export async function questionsTo(page) {
  const engine = engineOf(page);
  await engine.evaluate(() => {
    const scope = /** @type {any} */ (globalThis);
    scope.heard = [];
    if (scope.hears) return;
    scope.hears = true;
    addEventListener('message', ({ data: { op, json } }) => scope.heard.push({ op, args: JSON.parse(json ?? 'null') }));
  });
  return () => engine.evaluate(() => /** @type {any} */ (globalThis).heard);
}

/**
 * Asks an engine of the test's own about the barn: what the page shows must be what it says.
 * @param {Page} page
 * @param {'classify' | 'trace' | 'cam' | 'sweep'} method of Residua
 * @param {object} [options]
 */
export function ask(page, method, options = {}) {
  return page.evaluate(async ([method, options]) => {
    const scope = /** @type {any} */ (globalThis);
    scope.oracle ??= (async () => {
      const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
      return { net: await Residua.load(), photo: await (await fetch('/samples/dust-bowl-home.jpg')).blob() };
    })();
    const { net, photo } = await scope.oracle;
    const answer = await net[/** @type {string} */ (method)](photo, options);
    // Arrays of numbers cross to the test as plain ones.
    const plain = (/** @type {any} */ value) => (ArrayBuffer.isView(value) ? [.../** @type {any} */ (value)] : value);
    return JSON.parse(JSON.stringify(answer, (_, value) => plain(value)));
  }, /** @type {const} */ ([method, options]));
}
