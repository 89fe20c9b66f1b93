// Look inside, by the API: traces, maps, ablations and sweeps of one photo, and the port to the view.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxy, useRealWeights, visit } from './harness.mjs';

useRealWeights();

const last = 15;

test('look inside, by the API', async t => {
  const page = await visit(t);
  await page.goto(`${proxy.origin}/static/residua.js`); // an address of the site without the page's own engine
  await page.evaluate(async () => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const photo = await (await fetch('/samples/dust-bowl-home.jpg')).blob();
    Object.assign(globalThis, { net: await Residua.load(), photo });
  });

  await t.test('a trace tells what its own maps say', async () => {
    const { blocks, infos, of, plain } = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      const norm = (/** @type {Float32Array} */ x) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
      const of = [];
      let blocks;
      for (const block of [0, 1, 7, 15]) {
        const trace = await net.trace(photo, { block });
        const { x, f, y } = trace.maps;
        blocks = trace.blocks;
        of.push({
          block, length: x.length, normX: norm(x), normF: norm(f), normY: norm(y), cosine: x.reduce((/** @type {number} */ sum, /** @type {number} */ v, /** @type {number} */ i) => sum + v * f[i], 0) / norm(x) / norm(f),
          wrong: y.reduce((/** @type {number} */ n, /** @type {number} */ v, /** @type {number} */ i) => n + (v === Math.max(0, Math.fround(x[i] + f[i])) ? 0 : 1), 0),
        });
      }
      return { blocks, infos: net.info.blocks, of, plain: await net.trace(photo) };
    });
    assert.equal(blocks.length, last + 1);
    assert.deepEqual(plain, { blocks, maps: null });
    for (const { block, length, wrong, ...numbers } of of) {
      assert.equal(length, infos[block].height * infos[block].width * infos[block].channels);
      assert.equal(wrong, 0, `y of block ${block} is ReLU(x + F)`);
      for (const [name, want] of Object.entries(numbers)) {
        assert.ok(Math.abs(blocks[block][name] - want) < 1e-4 * Math.abs(want), `${name} of block ${block}: ${blocks[block][name]}, want ${want}`);
      }
    }
  });

  await t.test('maps of all kinds, and the CAM adds up to the logit', async () => {
    const { cam, other, grad, occlusion, steps, best } = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      const plain = (/** @type {any} */ map) => ({ ...map, data: [...map.data] });
      const cam = plain(await net.cam(photo));
      const other = plain(await net.cam(photo, { classIndex: 7 }));
      const grad = [];
      for (const source of ['x', 'f', 'sum', 'y']) grad.push(plain(await net.cam(photo, { method: 'grad-cam', block: 12, source })));
      /** @type {any[]} */
      const steps = [];
      const occlusion = plain(await net.cam(photo, { method: 'occlusion', size: 112, stride: 75, onProgress: (/** @type {any} */ step) => steps.push(step) }));
      return { cam, other, grad, occlusion, steps, best: (await net.classify(photo, { topK: 1 })).predictions[0] };
    });
    for (const map of [cam, other, ...grad, occlusion]) {
      assert.equal(map.data.length, map.width * map.height);
      assert.equal(Math.min(...map.data), 0);
      assert.equal(Math.max(...map.data), 1);
      assert.ok(map.max > map.min);
    }
    assert.equal(cam.classIndex, best.index);
    assert.equal(other.classIndex, 7);
    const mean = (/** @type {any} */ map) => map.min + (map.max - map.min) * map.data.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b) / map.data.length;
    assert.ok(mean(cam) > mean(other) + 5, 'the best class has no larger logit than another');
    assert.deepEqual([cam.width, cam.height, grad[0].width, grad[0].height, occlusion.width, occlusion.height], [7, 7, 14, 14, 3, 3]);
    assert.notDeepEqual(grad[0].data, grad[1].data);
    assert.deepEqual(steps.map(step => step.done), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.ok(occlusion.max <= best.probability);
  });

  await t.test('the sweep is what cutting each block by itself gives, and nothing cut is the whole network', async () => {
    const { swept, cut, whole, back, shortcut } = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      const whole = await net.classify(photo, { topK: 1000 });
      const index = whole.predictions[0].index;
      const of = (/** @type {any} */ answer) => answer.predictions.find((/** @type {any} */ p) => p.index === index).probability;
      const cut = [];
      for (const block of net.info.blocks.keys()) cut.push(of(await net.classify(photo, { topK: 1000, ablate: { [block]: 'residual' } })));
      const shortcut = of(await net.classify(photo, { topK: 1000, ablate: { 1: 'shortcut', 4: 'residual' } }));
      const back = await net.classify(photo, { topK: 1000, ablate: {} });
      return { swept: await net.sweep(photo), cut, whole: whole.predictions, back: back.predictions, shortcut };
    });
    assert.deepEqual(swept, { classIndex: whole[0].index, probability: whole[0].probability, without: cut });
    assert.deepEqual(back, whole);
    assert.equal(new Set(cut).size, last + 1, 'some blocks make no difference');
    assert.ok(shortcut < whole[0].probability);
  });

  await t.test('the stem has 64 filters of 7×7 in colour', async () => {
    const { data, ...shape } = await page.evaluate(async () => {
      const filters = await /** @type {any} */ (globalThis).net.filters();
      return { ...filters, data: [...filters.data] };
    });
    assert.deepEqual(shape, { count: 64, height: 7, width: 7 });
    assert.equal(data.length, 64 * 7 * 7 * 3);
    assert.ok(Math.max(...data) > 0.1 && Math.min(...data) < -0.1);
  });

  await t.test('what cannot be is refused with a reason, and the next question is answered', async () => {
    const refusals = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      /** @type {Record<string, () => Promise<unknown>>} */
      const calls = {
        'there is no block 16': () => net.trace(photo, { block: 16 }),
        'block must be a whole number': () => net.trace(photo, { block: -1 }),
        'there is no class 1000': () => net.cam(photo, { classIndex: 1000 }),
        'there is no class 2000': () => net.sweep(photo, { classIndex: 2000 }),
        'there is no block 99': () => net.cam(photo, { method: 'grad-cam', block: 99 }),
        'not "z"': () => net.cam(photo, { method: 'grad-cam', source: 'z' }),
        'no method "magic"': () => net.cam(photo, { method: 'magic' }),
        '1 to 224 pixels': () => net.cam(photo, { method: 'occlusion', size: 225 }),
        'is a projection': () => net.classify(photo, { ablate: { 3: 'shortcut' } }),
        'not "norm"': () => net.classify(photo, { ablate: { 3: 'norm' } }),
        '"conv" is none': () => net.classify(photo, { ablate: { conv: 'residual' } }),
        'wants a MessagePort': () => net.connectView({}),
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

  await t.test('a long question can be cancelled', async () => {
    const { code, ms } = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      await net.classify(photo);
      const control = new AbortController();
      const asked = net.cam(photo, { method: 'occlusion', stride: 4, signal: control.signal, onProgress: () => control.abort() });
      const { code } = await asked.catch((/** @type {any} */ error) => error);
      const start = performance.now();
      await net.classify(photo);
      return { code, ms: performance.now() - start };
    });
    assert.equal(code, 'cancelled');
    assert.ok(ms < 5000, `the engine went on with 3,136 passes for ${ms} ms`);
  });

  await t.test('a second question about a photo costs no decoding; a changed picture is looked at anew', async () => {
    const { first, second, again, white, black } = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      const { ms: first } = await net.classify(photo);
      const { ms: second } = await net.classify(photo, { ablate: {} });
      const { ms: again } = await net.classify(photo);
      const canvas = document.createElement('canvas');
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.fillStyle = 'white';
      context.fillRect(0, 0, 300, 150);
      const white = (await net.classify(canvas, { ablate: {} })).predictions;
      context.clearRect(0, 0, 300, 150);
      context.fillStyle = 'black';
      context.fillRect(0, 0, 300, 150);
      return { first, second, again, white, black: (await net.classify(canvas, { ablate: {} })).predictions };
    });
    assert.ok(first.decode > 0 && again.decode > 0 && again.forward > 1);
    assert.deepEqual([second.decode, second.preprocess], [0, 0]);
    assert.ok(second.forward < first.forward / 4, `${second.forward} ms after ${first.forward} ms`);
    assert.notDeepEqual(white, black);
  });

  await t.test('the view is told of each photo soon after its answer, and gets the pages that it asks for', async t => {
    const { traces, waits, passes, kinds, pages, sizes, infos } = await page.evaluate(async () => {
      const { net, photo } = /** @type {any} */ (globalThis);
      const { port1, port2 } = new MessageChannel();
      /** @type {DataView[]} */
      const got = [];
      let heard = () => {};
      port1.onmessage = ({ data }) => { got.push(new DataView(data)); heard(); };
      const next = async () => {
        while (got.length === 0) await new Promise(done => { heard = () => done(null); });
        return /** @type {DataView} */ (got.shift());
      };
      await net.classify(photo);
      await net.connectView(port2);
      const overviews = [await next()];
      const waits = [];
      const passes = [];
      for (const ablate of [undefined, undefined, { 5: 'residual' }, undefined]) {
        passes.push((await net.classify(photo, { ablate })).ms.forward);
        const answered = performance.now();
        overviews.push(await next());
        waits.push(performance.now() - answered);
      }
      const traces = overviews.map(m => m.getUint32(2, true));

      // Another question about another photo, and then pages of the one that is shown.
      await net.trace(new Blob([await (await fetch('/samples/nagasaki-boats.jpg')).blob()]));
      const ask = (/** @type {number} */ trace, /** @type {number} */ block, /** @type {number} */ sort, /** @type {number} */ count) => {
        const m = new DataView(new ArrayBuffer(27));
        [1, 5].forEach((byte, i) => m.setUint8(i, byte));
        m.setUint32(2, trace, true);
        m.setUint32(6, block, true);
        m.setUint8(10, sort);
        m.setUint32(11, 425, true);
        m.setUint32(19, count, true);
        port1.postMessage(m.buffer, [m.buffer]);
      };
      ask(traces[0], 15, 0, 8); // a trace that is shown no more gets no answer
      const pages = [];
      for (const [block, sort] of [[15, 0], [0, 0], [12, 1]]) {
        ask(traces[4], block, sort, 8);
        const m = await next();
        pages.push({ kind: m.getUint8(1), trace: m.getUint32(2, true), block: m.getUint32(6, true), length: m.byteLength });
      }
      await net.sweep(photo);
      const sweep = await next();
      return {
        traces, waits, passes, pages, kinds: [...overviews.map(m => m.getUint8(1)), sweep.getUint8(1)], sizes: overviews.map(m => m.byteLength), infos: net.info.blocks,
      };
    });
    assert.deepEqual(kinds, [1, 1, 1, 1, 1, 4]);
    assert.ok(traces.every((trace, i) => i === 0 || trace > traces[i - 1]), `the traces are ${traces}`);
    assert.ok(sizes.every(size => size < 400e3), `overviews of ${sizes} bytes`);
    // It takes a pass for x, F(x) and y, and as much again to boil them down. Where a pass takes less than 75 ms this is within 300 ms.
    const told = `overviews came ${waits.map(Math.round).join(', ')} ms after answers that took a pass of ${passes.map(Math.round).join(', ')} ms`;
    assert.ok(Math.min(...waits) <= 4 * Math.min(passes[0], passes[1]), told);
    t.diagnostic(told);
    for (const [i, block] of [15, 0, 12].entries()) {
      const { height, width } = infos[block];
      assert.deepEqual(pages[i], { kind: 2, trace: traces[4], block, length: 27 + 8 + 4 + 8 * 4 + 4 * (8 + 8 * height * width) });
    }
  });
});
