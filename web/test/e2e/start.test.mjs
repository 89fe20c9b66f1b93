// Starting the engine: each message of the handshake between page, engine and helpers gets lost in turn, and no step
// waits for ever.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { barn } from '../fixtures.mjs';
import { root } from '../lib.mjs';
import { dropFiles, modelIsHere, readAnswer } from '../person.mjs';
import { site, visit } from './harness.mjs';

/** @typedef {import('playwright-core').BrowserContext} BrowserContext */
/** @typedef {import('playwright-core').Page} Page */

/**
 * Messages between the page and its workers, by what they are.
 * @typedef {'to engine: load' | 'to engine: helper' | 'to helper: port' | 'alive' | 'helpers' | 'helpers-end'
 *   | 'progress' | 'done'} PageMessage
 */
/** Messages between a helper and the engine, through their port. @typedef {'ask' | 'help' | 'ready'} PortMessage */

/**
 * Makes the page lose messages. `lost` says of which kind and how many; `seen` counts what was lost.
 * @param {BrowserContext} context
 */
const loseInPage = context => context.addInitScript(() => {
  const scope = /** @type {any} */ (globalThis);
  if (!scope.Worker) return;
  scope.lost = {};
  scope.seen = {};
  /** @type {Worker[]} */
  scope.engines = [];
  const loses = (/** @type {string} */ kind) => {
    if (!(scope.lost[kind] > 0)) return false;
    scope.lost[kind]--;
    scope.seen[kind] = (scope.seen[kind] ?? 0) + 1;
    return true;
  };
  scope.Worker = class extends Worker {
    /** @param {string | URL} url  @param {WorkerOptions} [options] */
    constructor(url, options) {
      super(url, options);
      this.helper = options?.name === 'residua helper';
      if (!this.helper) scope.engines.push(this);
      super.addEventListener('message', event => {
        if (loses(event.data?.kind)) event.stopImmediatePropagation();
      });
    }

    /** @param {any} message  @param {any} given */
    postMessage(message, given) {
      if (loses(this.helper ? 'to helper: port' : `to engine: ${message?.op}`)) return;
      super.postMessage(message, given);
    }
  };
});

/**
 * Serves a script of the engine with lines in front of it that lose a message of a port.
 * @param {BrowserContext} context
 * @param {string} script
 * @param {string} condition on `message`
 */
const loseInWorker = async (context, script, condition) => {
  const source = await readFile(join(site, 'static', 'engine', script), 'utf8');
  const lines = `{ let left = 1; const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (message, ...rest) {
    if (left > 0 && (${condition})) return void left--;
    return postMessage.call(this, message, ...rest);
  }; }\n`;
  await context.route(`**/static/engine/${script}`, route => route.fulfill({
    contentType: 'text/javascript',
    body: source + lines,
    headers: {
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
    },
  }));
};

/**
 * In the engine every file waits, before it is stored in the Cache, until the page says so through a channel.
 * @param {BrowserContext} context
 */
const holdDisk = async context => {
  const source = await readFile(join(site, 'static', 'engine', 'worker.js'), 'utf8');
  const lines = `{ const disk = new BroadcastChannel('disk'); const { put } = Cache.prototype;
  Cache.prototype.put = async function (...file) {
    const turn = new Promise(done => disk.addEventListener('message', done, { once: true }));
    disk.postMessage('put');
    await turn;
    return put.apply(this, file);
  }; }\n`;
  await context.route('**/static/engine/worker.js', route => route.fulfill({
    contentType: 'text/javascript',
    body: lines + source,
    headers: { 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-resource-policy': 'same-origin' },
  }));
};

/**
 * The pool waits for helpers only a moment where one is known not to come. Where two threads shall compute it waits as
 * ever, for a slow machine needs that.
 * @param {BrowserContext} context
 * @param {() => boolean} short
 */
const shortWait = async (context, short = () => true) => {
  const source = await readFile(join(site, 'static', 'engine', 'pool.js'), 'utf8');
  assert.match(source, /timeoutMs = 10_000/);
  await context.route('**/static/engine/pool.js', route => route.fulfill({
    contentType: 'text/javascript',
    body: short() ? source.replace('timeoutMs = 10_000', 'timeoutMs = 100') : source,
    headers: { 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-resource-policy': 'same-origin' },
  }));
};

/**
 * Loads the network with two threads, and asks it about the barn.
 * @param {Page} page
 * @param {Partial<Record<PageMessage, number>>} lost
 */
const load = (page, lost) => page.evaluate(async lost => {
  const scope = /** @type {any} */ (globalThis);
  Object.assign(scope, { lost, seen: {} });
  const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
  const net = await Residua.load({ threads: 2 });
  const [best] = (await net.classify('/samples/dust-bowl-home.jpg')).predictions;
  const { threads } = net.info;
  net.close();
  return { threads, best: best.label, seen: scope.seen };
}, lost);

/** Waits until so many messages of a kind were lost. @param {Page} page @param {string} kind @param {number} times */
const lostSoMany = (page, kind, times) => page.waitForFunction(
  ([kind, times]) => /** @type {any} */ (globalThis).seen[kind] >= times,
  /** @type {[string, number]} */ ([kind, times]), { timeout: 60_000, polling: 100 });

/**
 * Lets the time of a page go by, second by second, until it has made another engine, or done says so.
 * @param {Page} page
 * @param {() => boolean | Promise<boolean>} done
 */
async function giveUp(page, done) {
  const made = () => page.evaluate(() => /** @type {any} */ (globalThis).engines.length);
  for (const before = await made(); await made() === before && !await done();) await page.clock.runFor(1000);
}

const engineOnly = '/static/residua.js'; // an address of the site without the page's own engine

test('a lost message costs a thread at most', async t => {
  let expected = 1;
  const page = await visit(t, { path: engineOnly, before: async context => {
    await loseInPage(context);
    await shortWait(context, () => expected === 1);
  } });
  for (const [kind, threads] of /** @type {[PageMessage, number][]} */ ([
    ['alive', 2],
    ['progress', 2],
    ['helpers', 1],
    ['to engine: helper', 1],
    ['to helper: port', 1],
  ])) {
    expected = threads;
    const answer = await load(page, { [kind]: 1 });
    assert.deepEqual(answer, { threads, best: 'barn', seen: { [kind]: 1 } }, kind);
  }
  // The helper that the engine does without is not ended: it computes along, and does no harm.
  const answer = await load(page, { 'to helper: port': 1, 'helpers-end': 1 });
  assert.deepEqual(answer, { threads: 1, best: 'barn', seen: { 'to helper: port': 1, 'helpers-end': 1 } });
});

for (const [name, script, condition, threads] of /** @type {const} */ ([
  ['the helper\'s question', 'helper.js', 'message === "ask"', 2],
  ['the engine\'s answer', 'pool.js', 'message?.kernels', 2],
  ['that the helper is ready', 'helper.js', 'message === "ready"', 1],
])) test(`of the messages through a helper's port ${name} is lost`, async t => {
  const page = await visit(t, { path: engineOnly, before: async context => {
    await loseInPage(context);
    if (threads === 1) await shortWait(context);
    await loseInWorker(context, script, condition);
  } });
  assert.deepEqual(await load(page, {}), { threads, best: 'barn', seen: {} });
});

test('an engine that does not answer is started anew once, and then explained', async t => {
  const page = await visit(t, {
    path: engineOnly,
    before: async context => {
      await loseInPage(context);
      await context.clock.install();
    },
  });
  /**
   * Loses messages, and lets the time go by second by second until the page has given the engine up.
   * @param {string} kind
   * @param {number} times
   */
  const loseAndWait = async (kind, times) => {
    let settled = false;
    const answer = load(page, /** @type {any} */ ({ [kind]: times })).finally(() => { settled = true; });
    answer.catch(() => {}); // it is told below
    for (let i = 1; i <= times; i++) {
      await lostSoMany(page, kind, i);
      await giveUp(page, () => settled);
    }
    return answer;
  };
  for (const kind of ['to engine: load', 'done']) {
    assert.deepEqual(await loseAndWait(kind, 1), { threads: 2, best: 'barn', seen: { [kind]: 1 } }, kind);
  }
  await assert.rejects(loseAndWait('done', 2),
    /The engine does not answer .+ Close other tabs and programs, then reload the page/);
});

test('an engine that keeps a model on a slow disk is not held for dead', async t => {
  const page = await visit(t, { path: engineOnly, before: async context => {
    await loseInPage(context);
    await holdDisk(context);
    await context.clock.install();
  } });
  const model = await readFile(join(root, 'resnet', 'modelfile', 'testdata', 'torchvision-basic.safetensors'));
  const loaded = page.evaluate(async bytes => {
    const scope = /** @type {any} */ (globalThis);
    const disk = scope.disk = new BroadcastChannel('disk');
    Object.assign(scope, { lost: {}, seen: {}, puts: 0 });
    disk.onmessage = () => { scope.puts++; };
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const net = await Residua.load({ file: new File([new Uint8Array(bytes)], 'slow.safetensors'), threads: 1 });
    net.close();
    return { kept: net.info.kept, engines: scope.engines.length };
  }, [...model]);
  // The weights, what is known of them, and the manifest: 100 seconds each, and 120 may be silent.
  for (let file = 1; file <= 3; file++) {
    await page.waitForFunction(file => /** @type {any} */ (globalThis).puts === file, file,
      { timeout: 60_000, polling: 100 });
    await page.clock.runFor(100_000);
    await page.evaluate(() => /** @type {any} */ (globalThis).disk.postMessage('go'));
  }
  assert.deepEqual(await loaded, { kept: true, engines: 1 });
});

test('a question that cannot be read ends the wait at once, and the page starts another engine', async t => {
  const page = await visit(t, { before: loseInPage });
  await modelIsHere(page);
  await page.evaluate(() => { /** @type {any} */ (globalThis).lost = { 'to engine: classify': 1 }; });
  await dropFiles(page, [barn]);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).seen['to engine: classify'] === 1);
  // What a browser does with a message whose content it cannot make again.
  await page.evaluate(() => {
    const scope = /** @type {any} */ (globalThis);
    scope.engines.at(-1).dispatchEvent(new MessageEvent('messageerror'));
  });
  await page.getByRole('region', { name: 'The model' }).getByText('The engine does not answer.').waitFor();
  await dropFiles(page, [barn]);
  assert.equal((await readAnswer(page))[0].label, 'barn');
});

test('Cancel and Resume work while the engine is silent, and what stays silent is explained', async t => {
  const page = await visit(t, { before: async context => {
    await loseInPage(context);
    await context.addInitScript(() => { /** @type {any} */ (globalThis).lost = { 'to engine: load': 1 }; });
  } });
  const model = page.getByRole('region', { name: 'The model' });
  // Not even the question reaches the engine.
  await page.waitForFunction(() => /** @type {any} */ (globalThis).seen['to engine: load'] === 1);
  await model.getByText('Starting the engine…').waitFor();
  await model.getByRole('button', { name: 'Cancel' }).click();
  await model.getByText('The download is stopped.').waitFor();
  // The engine is at work, and nothing that it says arrives.
  await page.evaluate(() => { /** @type {any} */ (globalThis).lost = { done: 1 }; });
  await model.getByRole('button', { name: 'Get the model' }).click();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).seen.done === 1, undefined, { timeout: 60_000 });
  await model.getByRole('button', { name: 'Cancel' }).click();
  await model.getByText('The download is stopped.').waitFor();
  await page.clock.install();
  await page.evaluate(() => { /** @type {any} */ (globalThis).lost = { done: 2 }; });
  await model.getByRole('button', { name: /^Resume download \((\d+) of \1 MB are here\)$/ }).click();
  const explained = model.getByText('The engine does not answer. Close other tabs and programs, then try again');
  for (const lost of [2, 3]) {
    await lostSoMany(page, 'done', lost);
    await giveUp(page, () => explained.isVisible());
  }
  await explained.waitFor();
  await page.clock.resume();
  await model.getByRole('button', { name: 'Try again' }).click();
  await modelIsHere(page);
  await dropFiles(page, [barn]);
  assert.equal((await readAnswer(page))[0].label, 'barn');
});
