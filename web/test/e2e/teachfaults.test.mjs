// Teach when things go wrong: a full disk, an engine that stops, a tab that crashes. Nothing that was added is lost,
// and work goes on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barePath } from '../apipage.mjs';
import { barn } from '../fixtures.mjs';
import { proxy, visit } from './harness.mjs';
import {
  addClass, card, choose, looked, openTeach, part, pictures, picturesOf, ready, slow, teach, twoClasses,
} from './teaching.mjs';

/** @typedef {import('playwright-core').Page} Page */

/**
 * Lets each engine of the page stop as by a fault of its code when it is asked to look at a certain picture: the worker
 * is gone, and the page hears of an error.
 * @param {number[]} at  which picture, for each engine: 4 for its fourth
 */
const stopEngines = at => {
  const stops = [...at];
  globalThis.Worker = class extends Worker {
    left = Infinity;
    /** @param {string | URL} url  @param {WorkerOptions} [options] */
    constructor(url, options) {
      super(url, options);
      if (options?.name === 'residua engine') this.left = stops.shift() ?? Infinity;
    }

    /** @param {any} message  @param {any} [transfer] */
    postMessage(message, transfer) {
      super.postMessage(message, transfer);
      if (message?.op !== 'prepare' || --this.left > 0) return;
      this.terminate();
      this.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
    }
  };
};

test('an engine that stops is started again, and the pictures that waited for it are looked at then', async t => {
  // Never twice at the same picture, which would then be taken away as the one to blame.
  const page = await visit(t, { before: context => context.addInitScript(stopEngines, [4, 7]) });
  const made = await pictures(page);
  await openTeach(page);
  await addClass(page, 'barn');
  await addClass(page, 'alp');
  await choose(page, 'alp', made.alp);
  await choose(page, 'barn', made.barn);
  await page.getByText(/^The engine stopped, perhaps .+ It is starting again; nothing that was added is lost\.$/)
    .waitFor(slow);
  // One that stops again soon is not started for ever: then the person says when.
  await page.getByText('The engine stopped again. Nothing that was added is lost.').waitFor(slow);
  await part(page, 'Teach it').getByText('The model is not here yet.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText(/^The model (is on its way|did not come)/).waitFor({ state: 'hidden', ...slow });
  await card(page, 'barn').getByText('6 pictures').waitFor(slow);
  await card(page, 'alp').getByText('6 pictures').waitFor(slow);
  await looked(page);
  assert.equal(await picturesOf(page, 'barn').count(), 6);
  assert.equal(await picturesOf(page, 'alp').count(), 6);
  assert.equal(await teach(page), '4 of 4 right');
});

test('when the disk is full that is said, what was added stays, and teaching goes on', async t => {
  // The browser remembers for half a minute how much room a site has: it is told before the site is there.
  const origin = `${proxy.origin}/`;
  const page = await visit(t, {
    before: async context => {
      const blank = await context.newPage();
      const session = await context.newCDPSession(blank);
      await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 6e6 });
    },
  });
  await openTeach(page);
  await twoClasses(page, 3);
  await choose(page, 'barn', Array(30).fill(barn));
  await page.getByText(/^This browser has no room left for this page\. What was added before is kept\./).waitFor(slow);
  await looked(page);
  const kept = await card(page, 'barn').getByText(/^\d+ pictures$/).innerText();
  assert.ok(parseInt(kept) > 3 && parseInt(kept) < 33, kept);
  await teach(page);
  await page.reload();
  await ready(page);
  assert.equal(await picturesOf(page, 'barn').count(), parseInt(kept));
  await card(page, 'alp').getByText('3 pictures').waitFor();
  // Where nothing more goes in, something can still go.
  await picturesOf(page, 'barn').last().focus();
  await page.keyboard.press('Delete');
  await card(page, 'barn').getByText(`${parseInt(kept) - 1} pictures`, { exact: true }).waitFor(slow);
});

/** Has each training take so many steps that a person can stop it, though the small network takes each in no time. */
const trainLong = () => {
  globalThis.Worker = class extends Worker {
    /** @param {any} message  @param {any} [transfer] */
    postMessage(message, transfer) {
      if (message?.op === 'train') message.json = JSON.stringify({ ...JSON.parse(message.json), epochs: 200 });
      super.postMessage(message, transfer);
    }
  };
};

test('a tab that crashes while it learns loses nothing, and goes on from where it stood', async t => {
  const page = await visit(t, { before: context => context.addInitScript(trainLong) });
  await openTeach(page);
  await twoClasses(page, 3);
  await page.getByRole('radio', { name: /^Thorough/ }).check();
  await page.getByRole('button', { name: /^Teach it/ }).click();
  const step = (/** @type {Page} */ on) => on.getByText(/^Step \d+ of \d+ ·/);
  const stepOf = async (/** @type {Page} */ on) => Number(/^Step (\d+)/.exec(await step(on).innerText())?.[1]);
  await page.getByText(/^Step (?:[89]|\d\d+) of \d+ ·/).waitFor(slow);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText(/^Stopped after/).waitFor(slow);
  await page.getByRole('button', { name: 'Go on where it stopped' }).click();
  await step(page).waitFor(slow);
  assert.ok(await stepOf(page) > 8, 'it began anew');
  const context = page.context();
  const session = await context.newCDPSession(page);
  const crashed = new Promise(done => page.once('crash', done));
  session.send('Page.crash').catch(() => {}); // nobody is left to answer
  await crashed;
  await page.close();

  const other = await context.newPage();
  await other.goto(`${proxy.origin}/#room=teach`);
  await ready(other);
  assert.equal(await picturesOf(other, 'barn').count(), 3);
  assert.equal(await picturesOf(other, 'alp').count(), 3);
  await other.getByText('A training was interrupted. It can go on where it stood.').waitFor(slow);
  await other.getByRole('button', { name: 'Go on where it stopped' }).click();
  await step(other).waitFor(slow);
  assert.ok(await stepOf(other) > 8, 'it began anew');
  await other.getByText(/^Done in .+\.$/).waitFor({ timeout: 120_000 });
});

test('a stop keeps what was learnt, and a cancel and a bad argument have their own codes', async t => {
  const page = await visit(t, { path: barePath });
  const { stopped, answers, evaluated, codes } = await page.evaluate(async () => {
    /** What becomes of a request to train on its way to the engine. @type {(request: any, engine: Worker) => void} */
    let onTrain = () => {};
    globalThis.Worker = class extends Worker {
      /** @param {any} message  @param {any} [transfer] */
      postMessage(message, transfer) {
        if (message?.op === 'train') onTrain(message, this);
        super.postMessage(message, transfer);
      }
    };
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const net = await Residua.load({ model: 'resnet50-int8' });
    const teacher = net.teach();
    for (const [kind, name] of ['red', 'blue'].entries()) {
      await teacher.addClass(name);
      for (let i = 0; i < 4; i++) {
        const pixels = new ImageData(64, 64);
        pixels.data.forEach((_, at) => { pixels.data[at] = at % 4 === 3 ? 255 : at % 4 === 2 * kind ? 200 : 40 * i; });
        await teacher.add(name, pixels);
      }
    }
    const code = () => teacher.train({ method: 'last-block' })
      .then(() => 'none', (/** @type {any} */ error) => error.code);
    const codes = [];
    for (const method of ['deep', 'last-block']) { // one that there is not, and one whose labels are missing
      onTrain = request => { request.json = JSON.stringify({ ...JSON.parse(request.json), method, labels: [] }); };
      codes.push(await code());
    }
    const cancel = (/** @type {any} */ { version, id }) =>
      ({ version, id: 1e6, op: 'cancel', json: JSON.stringify({ id }) });
    onTrain = (request, engine) => { setTimeout(() => engine.postMessage(cancel(request))); };
    codes.push(await code());
    const stop = new AbortController();
    onTrain = () => { setTimeout(() => stop.abort()); };
    const run = await teacher.train({ method: 'last-block', signal: stop.signal });
    net.close();
    return { stopped: run.stopped, answers: run.answers.length, evaluated: run.validation.accuracy.n, codes };
  });
  assert.deepEqual(codes, ['bad-argument', 'bad-argument', 'cancelled']);
  assert.deepEqual({ stopped, answers, evaluated }, { stopped: true, answers: 8, evaluated: 2 });
});
