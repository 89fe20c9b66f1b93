// Look inside, by the API: traces, maps, ablations and sweeps of one photo.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visit } from './harness.mjs';

const last = 15;
/** The barn, as the network has it among its classes, and another. */
const [barn, cock] = [425, 7];

test('look inside, by the API', async t => {
  const page = await visit(t, { path: '/static/residua.js' }); // an address of the site without the page's own engine
  await page.evaluate(async () => {
    /** What the engine says, also to questions that were given up. @type {string[]} */
    const said = [];
    globalThis.Worker = class extends Worker {
      /** @param {ConstructorParameters<typeof Worker>} args */
      constructor(...args) {
        super(...args);
        this.addEventListener('message', ({ data }) => said.push(data.kind));
      }
    };
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const [photo, other] = await Promise.all(['dust-bowl-home', 'nagasaki-boats'].map(async name =>
      (await fetch(`/samples/${name}.jpg`)).blob()));
    Object.assign(globalThis, { net: await Residua.load(), photo, other, said });
  });

  await t.test('a trace tells what its own maps say', async () => {
    const { blocks, infos, of, plain } = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      const dot = (/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) =>
        a.reduce((sum, v, i) => sum + v * b[i], 0);
      const norm = (/** @type {Float32Array} */ x) => Math.sqrt(dot(x, x));
      const of = [];
      let blocks;
      for (const block of [0, 1, 7, 15]) {
        const trace = await net.trace(photo, { block });
        const { x, f, y } = trace.maps;
        blocks = trace.blocks;
        of.push({
          block, length: x.length,
          normX: norm(x), normF: norm(f), normY: norm(y), cosine: dot(x, f) / norm(x) / norm(f),
          wrong: [...y].filter((v, i) => v !== Math.max(0, Math.fround(x[i] + f[i]))).length,
        });
      }
      return { blocks, infos: net.info.blocks, of, plain: await net.trace(photo) };
    });
    assert.equal(blocks.length, last + 1);
    assert.deepEqual(plain, { blocks, maps: null, classification: null });
    for (const { block, length, wrong, ...numbers } of of) {
      assert.equal(length, infos[block].height * infos[block].width * infos[block].channels);
      assert.equal(wrong, 0, `y of block ${block} is ReLU(x + F)`);
      for (const [name, want] of Object.entries(numbers)) {
        // The engine adds the squares up in float32, in parts.
        const got = blocks[block][name];
        assert.ok(Math.abs(got - want) < 1e-4 * Math.abs(want), `${name} of block ${block}: ${got}, want ${want}`);
      }
    }
  });

  await t.test('a trace with its answer says what classify does, and decodes nothing again', async () => {
    const { traced, answer } = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      const answer = await net.classify(photo, { topK: 3 });
      return { answer, traced: (await net.trace(photo, { topK: 3 })).classification };
    });
    assert.deepEqual(traced, { ...answer, ms: { decode: 0, preprocess: 0, forward: traced.ms.forward } });
  });

  await t.test('maps of all kinds, between 0 and 1', async () => {
    const { cam, other, grad, occlusion, steps, best } = await page.evaluate(async cock => {
      const { net, photo } = /** @type {any} */ (globalThis);
      const plain = (/** @type {any} */ map) => ({ ...map, data: [...map.data] });
      const cam = plain(await net.cam(photo));
      const other = plain(await net.cam(photo, { classIndex: cock }));
      const grad = [];
      for (const source of ['x', 'f', 'sum', 'y']) {
        grad.push(plain(await net.cam(photo, { method: 'grad-cam', block: 12, source })));
      }
      /** @type {any[]} */
      const steps = [];
      const onProgress = (/** @type {any} */ step) => steps.push(step);
      const occlusion = plain(await net.cam(photo, { method: 'occlusion', size: 112, stride: 75, onProgress }));
      return { cam, other, grad, occlusion, steps, best: (await net.classify(photo, { topK: 1 })).predictions[0] };
    }, cock);
    for (const map of [cam, other, ...grad, occlusion]) {
      assert.equal(map.data.length, map.width * map.height);
      assert.equal(Math.min(...map.data), 0);
      assert.equal(Math.max(...map.data), 1);
      assert.ok(map.max > map.min);
    }
    assert.deepEqual([cam, other, occlusion].map(map => map.classIndex), [barn, cock, barn]);
    const sizes = [cam, ...grad, occlusion].map(({ width, height }) => `${width}×${height}`);
    assert.deepEqual(sizes, ['7×7', '14×14', '14×14', '14×14', '14×14', '3×3']);
    assert.equal(new Set(grad.map(({ data }) => data.join())).size, 4, 'x, F, their sum and y have maps of their own');
    assert.deepEqual(steps, [1, 2, 3, 4, 5, 6, 7, 8, 9].map(done => ({ done, total: 9 })));
    assert.ok(occlusion.max <= best.probability, 'no more can be lost than there is');
  });

  await t.test('the means of CAMs are what the photo adds to the logits', async () => {
    const [barnHere, cockHere, barnThere, cockThere] = await page.evaluate(async classes => {
      const { net, photo, other } = /** @type {any} */ (globalThis);
      const all = [];
      for (const image of [photo, other]) {
        const { predictions } = await net.classify(image, { topK: 1000 });
        for (const classIndex of classes) {
          const { min, max, data } = await net.cam(image, { classIndex });
          let mean = 0;
          for (const v of data) mean += (min + (max - min) * v) / data.length;
          const { probability } = predictions.find((/** @type {any} */ { index }) => index === classIndex);
          all.push({ mean, log: Math.log(probability) });
        }
      }
      return all;
    }, [barn, cock]);
    // Of two classes and two photos, what the softmax divides by and the biases cancel out.
    const logits = barnHere.log - cockHere.log - (barnThere.log - cockThere.log);
    const means = barnHere.mean - cockHere.mean - (barnThere.mean - cockThere.mean);
    // Maps and logits are float32, and a logit is some ten; each of the four is wrong by a few of its last digits.
    assert.ok(Math.abs(logits - means) < 1e-4, `the logits differ by ${logits}, the maps by ${means}`);
  });

  await t.test('the sweep is what cutting each block by itself gives; nothing cut is the whole network', async () => {
    const { swept, cut, whole, back, shortcut, steps } = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      const whole = await net.classify(photo, { topK: 1000 });
      const index = whole.predictions[0].index;
      const of = async (/** @type {object} */ ablate) => (await net.classify(photo, { topK: 1000, ablate }))
        .predictions.find((/** @type {any} */ p) => p.index === index).probability;
      const cut = [];
      for (const block of net.info.blocks.keys()) cut.push(await of({ [block]: 'residual' }));
      const shortcut = await of({ 1: 'shortcut', 4: 'residual' });
      const back = await net.classify(photo, { topK: 1000, ablate: {} });
      /** @type {number[]} */
      const steps = [];
      const swept = await net.sweep(photo, { onProgress: (/** @type {any} */ { done }) => steps.push(done) });
      return { swept, cut, whole: whole.predictions, back: back.predictions, shortcut, steps };
    });
    assert.deepEqual(swept, { classIndex: whole[0].index, probability: whole[0].probability, without: cut });
    assert.deepEqual(back, whole);
    assert.equal(new Set(cut).size, last + 1, 'some blocks make no difference');
    assert.notEqual(shortcut, whole[0].probability);
    assert.deepEqual(steps, Array.from({ length: last + 1 }, (_, i) => i + 1));
  });

  await t.test('the stem has its filters of 7×7 in colour', async () => {
    const { length, spread, ...shape } = await page.evaluate(async () => {
      const { data, ...filters } = await /** @type {any} */ (globalThis).net.filters();
      return { ...filters, length: data.length, spread: new Set(data).size };
    });
    assert.deepEqual(shape, { count: 8, height: 7, width: 7 });
    assert.equal(length, 8 * 7 * 7 * 3);
    assert.ok(spread > length / 2, 'they are not weights');
  });

  await t.test('what cannot be is refused with a reason, and the next question is answered', async () => {
    const refusals = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      /** @type {Record<string, () => Promise<unknown>>} */
      const calls = {
        'there is no block 16': () => net.trace(photo, { block: 16 }),
        'block of trace must be a whole number from 0, and not -1': () => net.trace(photo, { block: -1 }),
        'there is no class 1000': () => net.cam(photo, { classIndex: 1000 }),
        'there is no class 2000': () => net.sweep(photo, { classIndex: 2000 }),
        'there is no block 99': () => net.cam(photo, { method: 'grad-cam', block: 99 }),
        'source of cam must be "x", "f", "sum" or "y", and not "z"':
          () => net.cam(photo, { method: 'grad-cam', source: 'z' }),
        'method of cam must be "cam", "grad-cam" or "occlusion", and not "magic"':
          () => net.cam(photo, { method: 'magic' }),
        '1 to 224 pixels': () => net.cam(photo, { method: 'occlusion', size: 225 }),
        'is a projection': () => net.classify(photo, { ablate: { 3: 'shortcut' } }),
        'ablate of classify must be an object that maps blocks\' indices':
          () => net.classify(photo, { ablate: { 3: 'norm' } }),
        'ablate of trace must be an object that maps blocks\' indices':
          () => net.trace(photo, { ablate: { conv: 'residual' } }),
        'port of connectView must be a MessagePort': () => net.connectView({}),
      };
      const out = [];
      for (const [want, call] of Object.entries(calls)) {
        const error = await call().then(() => null, error => error);
        out.push({ want, name: error?.name, code: error?.code, message: error?.message });
      }
      await net.trace(photo);
      return out;
    });
    for (const { want, name, code, message } of refusals) {
      assert.equal(name, 'ResiduaError', `"${want}" was not refused`);
      assert.equal(code, 'bad-argument');
      assert.ok(message.includes(want), `"${message}" lacks "${want}"`);
    }
  });

  await t.test('a long question can be cancelled, and the engine goes no further with it', async () => {
    const { code, steps, next } = await page.evaluate(async () => {
      const { net, photo, said } = /** @type {any} */ (globalThis);
      const control = new AbortController();
      said.length = 0;
      const { signal } = control;
      const asked = net.cam(photo, { method: 'occlusion', stride: 4, signal, onProgress: () => control.abort() });
      const { code } = await asked.catch((/** @type {any} */ error) => error);
      const next = await net.classify(photo, { topK: 1 });
      const steps = said.filter((/** @type {string} */ kind) => kind === 'progress').length;
      return { code, next: next.predictions[0].index, steps };
    });
    assert.equal(code, 'cancelled');
    assert.equal(next, barn);
    // Some steps are done before it hears; but answers come in their order: by the next one it would have done all.
    assert.ok(steps < 56 * 56, 'the engine went on to the end');
  });

  await t.test('a second question about a photo costs no decoding; a changed picture is looked at anew', async () => {
    const { second, white, black } = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      await net.classify(photo);
      const { ms: second } = await net.classify(photo, { ablate: {} });
      const canvas = document.createElement('canvas');
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      const filled = async (/** @type {string} */ colour) => {
        context.fillStyle = colour;
        context.fillRect(0, 0, 300, 150);
        return (await net.classify(canvas, { ablate: {} })).predictions;
      };
      return { second, white: await filled('white'), black: await filled('black') };
    });
    assert.deepEqual([second.decode, second.preprocess], [0, 0]);
    assert.notDeepEqual(white, black);
  });
});
