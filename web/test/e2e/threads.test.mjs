// Threads: the same answer for any number, and a helper that dies is replaced.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useRealWeights, visit } from './harness.mjs';

useRealWeights(); // passes that take long, so that a thread is at work when it dies

const engineOnly = '/static/residua.js'; // an address of the site without the page's own engine

const models = ['resnet50', 'resnet50-int8'];
for (const model of models) test(`one thread and several give the same answer, to the bit: ${model}`, async t => {
  const page = await visit(t, { path: engineOnly });
  const { threads, answers } = await page.evaluate(async model => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const photo = await (await fetch('/samples/nagasaki-boats.jpg')).blob();
    const threads = [];
    const answers = [];
    for (const wanted of [1, 2, 4]) {
      const net = await Residua.load({ model, threads: wanted });
      threads.push(net.info.threads);
      answers.push(JSON.stringify((await net.classify(photo, { topK: 1000 })).predictions));
      net.close();
    }
    return { threads, answers };
  }, model);
  assert.deepEqual(threads, [1, 2, 4]);
  assert.equal(answers[0].length > 1000, true);
  assert.equal(answers[1], answers[0]);
  assert.equal(answers[2], answers[0]);
});

test('a helper that dies at work is replaced, and no answer is lost or changed', async t => {
  const page = await visit(t, { path: engineOnly });
  const { before, answers, replaced } = await page.evaluate(async () => {
    /** @type {Worker[]} */
    const helpers = [];
    globalThis.Worker = class extends Worker {
      /** @param {string | URL} url  @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        if (options?.name === 'residua helper') helpers.push(this);
      }
    };
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const file = await (await fetch('/samples/march-pastoral.jpg')).blob();
    const bitmap = await createImageBitmap(file, { resizeWidth: 224, resizeHeight: 224 });
    const canvas = /** @type {any} */ (new OffscreenCanvas(224, 224).getContext('2d'));
    canvas.drawImage(bitmap, 0, 0);
    const photo = canvas.getImageData(0, 0, 224, 224); // so small that the engine computes nearly all the time
    let before = '';
    const answers = [];
    let replaced = 0;
    // One that dies while it waits for work is not missed. So three of four die, one after the other, and it may take
    // several times all the same.
    for (let i = 0; i < 30 && replaced === 0; i++) {
      helpers.length = 0;
      const net = await Residua.load({ threads: 5 });
      const classify = async () => JSON.stringify((await net.classify(photo)).predictions);
      before ||= await classify();
      const start = performance.now();
      const busy = Array.from({ length: 8 }, classify); // so many that the engine never rests
      await busy[0];
      const doomed = helpers.slice(1);
      // Chromium lets a worker's script run on for two seconds: only then it dies, in the midst of a pass.
      while (helpers.length === 4 && performance.now() - start < 4000) {
        doomed.pop()?.terminate();
        answers.push(await busy.shift());
        busy.push(classify());
      }
      answers.push(...(await Promise.all(busy)));
      replaced = helpers.length - 4;
      net.close();
    }
    return { before, answers, replaced };
  });
  for (const answer of answers) assert.equal(answer, before);
  assert.equal(replaced, 4, 'the lost helpers and their neighbour were not replaced');
});
