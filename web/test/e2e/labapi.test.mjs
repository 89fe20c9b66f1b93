// The Skip lab's part of residua.js: networks that are trained side by side in an engine of their own.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../lib.mjs';
import { computesMuch, sharedTab } from './harness.mjs';

computesMuch();

/** What the calls are about, as text for the page. */
const scene = `
  const { Lab, Residua } = await import('/static/residua.js');
  const network = (depth, join, norm, more) => ({
    depth, join, norm, preActivation: false, width: 8, activation: 'relu', init: 'he-out', zeroLast: false, ...more,
  });
  const digits = { name: 'digits', task: '', domain: '', size: 16, train: 2400, held: 600, difficulty: 0 };
  const arrows = { ...digits, name: 'shapes', task: 'direction', domain: 'filled', size: 8, train: 60, held: 30 };
  const settings = (data, networks, more) => ({
    data, networks, batch: 64, steps: 200, seed: 1, optimizer: 'sgd', rate: 0.05, momentum: 0.9, nesterov: false,
    warmup: 10, schedule: 'cosine', weightDecay: 1e-4, clip: 5, smoothing: 0,
    augment: { mirror: false, shift: 0, cut: 0 }, ...more,
  });
  const pair = (depth, norm) => [network(depth, 'add', norm), network(depth, 'none', norm)];
  const small = settings(arrows, pair(8, true).map(one => ({ ...one, width: 4 })), { batch: 16, steps: 10 });
  const lab = globalThis.lab ??= await Lab.open();
  const bytesOf = async blob => new Uint8Array(await blob.arrayBuffer()).toString();`;

const shared = sharedTab({ path: '/static/residua.js' });

/**
 * Runs code in the page beside the scene: all tests have one lab.
 * @param {import('node:test').TestContext} t
 * @param {string} code
 * @returns {Promise<any>}
 */
async function inPage(t, code) {
  const page = await shared(t);
  return page.evaluate(`(async () => {${scene} ${code} })()`);
}

// Orders of magnitude of PyTorch's, with another seed: with norms the plain network's gradient explodes on its way
// back, without norms it vanishes, and the residual one explodes forward.
test('before any training: how signal and gradient fare in deep networks', async t => {
  const signals = await inPage(t, `
    const signals = [];
    for (const norm of [true, false]) signals.push(await lab.signal(settings(digits, pair(56, norm))));
    return signals.map(({ networks }) => networks.map(({ layers, loss, parameters }) => ({
      depth: layers.length, loss, parameters, last: layers.at(-2).activation,
      gradients: [layers[0].weightGradient, layers.at(-2).weightGradient],
    })));`);
  const [[residual, plain], [residualBare, plainBare]] = signals;
  // The longest path has every layer but the projections: 55 convolutions and the linear layer.
  for (const one of [residual, plain, residualBare, plainBare]) assert.equal(one.depth, 56);
  // Of a projection 8 to 16 and 16 to 32, with its norm of two numbers a channel.
  assert.equal(residual.parameters - plain.parameters, 8 * 16 + 16 * 32 + 2 * 16 + 2 * 32);
  const ratio = (/** @type {any} */ { gradients: [first, last] }) => first / last;
  assert.ok(ratio(plain) > 100, `with norms the plain gradient grows ${ratio(plain)}-fold`);
  assert.ok(ratio(plain) > 10 * ratio(residual), `and the residual one ${ratio(residual)}-fold`);
  assert.ok(plainBare.gradients[0] < 0.01, `without norms the plain gradient comes back as ${plainBare.gradients[0]}`);
  assert.ok(residualBare.last > 20, `the residual signal grows to ${residualBare.last}`);
});

// 30 of the 200 steps that web/test/skiplab.mjs does. A network that learns nothing shows it in small batches too.
test('the lessons in short: a deep plain network with norms lags behind, one without norms learns nothing', async t => {
  const losses = await inPage(t, `
    const end = async (depth, norm, rate, batch) => {
      await lab.start(settings(digits, pair(depth, norm), { rate, batch, steps: 30 }));
      const steps = [];
      const { done } = await lab.run({ onStep: step => steps.push(step) });
      const mean = i => steps.slice(-5).reduce((sum, { networks }) => sum + networks[i].loss, 0) / 5;
      return { done, residual: mean(0), plain: mean(1), held: steps.at(-1).networks.map(({ held }) => held.n) };
    };
    return [await end(32, true, 0.05, 64), await end(20, false, 0.02, 16)];`);
  const [norm, bare] = losses;
  assert.ok(norm.done && bare.done);
  assert.ok(norm.residual < 0.7 * norm.plain, `with norms ${norm.residual} and ${norm.plain}`);
  const chance = Math.log(10);
  assert.ok(Math.abs(bare.plain - chance) <= 0.02 * chance, `without norms the plain network stays at ${bare.plain}`);
  assert.deepEqual(norm.held, [256, 256]); // it is scored on so many meanwhile
});

test('a run is paused, kept, and goes on elsewhere to the very same end', async t => {
  const { isPaused, some, again, refused, ends, scores } = await inPage(t, `
    const long = settings(arrows, small.networks, { batch: 16, steps: 10_000 });
    await lab.start(long); // so long that it has not ended by itself, however late the pause is heard
    let heard = 0;
    const paused = await lab.run({ onStep: ({ step }) => { heard = step; lab.pause(); } });
    const isPaused = paused.step === heard && !paused.done;
    await lab.start(small);
    const some = await lab.run({ steps: 4 });
    const state = await lab.state();
    const one = await lab.run({ steps: 1 });
    await lab.run();
    const whole = await bytesOf(await lab.state());
    const scores = await lab.score();
    const other = await Lab.open({ threads: 1 });
    const again = await other.start(small, { state });
    await other.run();
    const ends = [whole === await bytesOf(await other.state()), one.step, whole.length > 1000];
    const refused = await other.start({ ...small, rate: 0.1 }, { state })
      .catch(({ code, details }) => [code, details.why]);
    other.close();
    const went = [again.step, again.steps, again.train, again.held, again.classes];
    return { isPaused, some, again: went, refused, ends, scores };`);
  assert.ok(isPaused, 'pause lets the present step end');
  assert.deepEqual(some, { step: 4, steps: 10, done: false, diverged: [-1, -1] });
  assert.deepEqual(again, [4, 10, 60, 30, ['left', 'right']]);
  assert.deepEqual(ends, [true, 5, true]);
  assert.deepEqual(refused, ['cannot-train', 'other-run']);
  assert.deepEqual(scores.map((/** @type {any} */ { learnt, held }) => [learnt.n, held.n]), [[60, 30], [60, 30]]);
});

test('what can be asked of trained networks, and the files that they become', async t => {
  const got = await inPage(t, `
    await lab.start(small);
    await lab.run();
    const { losses, side } = await lab.landscape({ network: 0, side: 5 });
    const paths = await lab.paths({ network: 0 });
    const transfer = await lab.transfer({ ...small, steps: 4 }, { from: { ...arrows, domain: 'outlined' }, seeds: 2 });
    const files = [];
    for (const format of ['safetensors', 'onnx']) {
      const file = await lab.export({ network: 1, format, title: 'Plain, 8 layers' });
      const net = await Residua.load({ file });
      const { pictures: [picture] } = await lab.samples(arrows, { count: 1 });
      const { predictions } = await net.classify(picture);
      files.push({ name: file.name, title: net.info.title, join: net.info.join, blocks: net.info.blocks.length,
        size: net.info.inputSize, 
        answers: Object.fromEntries(predictions.map(({ label, probability }) => [label, probability]).sort()) });
      net.close();
    }
    return { middle: losses[12], finite: losses.every(Number.isFinite), side, paths, transfer, files };`);
  assert.equal(got.side, 5);
  assert.ok(got.finite && got.middle > 0 && got.middle < 2, `the loss in the middle is ${got.middle}`);
  assert.deepEqual(got.paths.map((/** @type {any} */ { length, count }) => [length, count]),
    [[0, 1], [1, 3], [2, 3], [3, 1]]);
  assert.deepEqual(got.transfer.frozen.map((/** @type {any} */ { stages }) => stages), [0, 1, 2, 3, 4]);
  assert.equal(got.transfer.scratch.accuracies.length, 2);
  const [safetensors, onnx] = got.files;
  assert.equal(safetensors.name, 'Plain-8-layers.safetensors');
  assert.equal(onnx.name, 'Plain-8-layers.onnx');
  for (const file of got.files) {
    assert.deepEqual([file.join, file.blocks, file.size], ['none', 3, 8]);
    assert.deepEqual(Object.keys(file.answers), ['left', 'right']);
  }
  // The same network, written in two ways: float32 both, so only the order of sums differs.
  assert.ok(Math.abs(safetensors.answers.left - onnx.answers.left) < 1e-5);
});

test('own pictures, and what nothing can be learnt from', async t => {
  const got = await inPage(t, `
    const canvas = colour => {
      const of = new OffscreenCanvas(20, 10);
      Object.assign(of.getContext('2d'), { fillStyle: colour }).fillRect(0, 0, 20, 10);
      return of;
    };
    const pictures = Array.from({ length: 20 }, (_, i) =>
      ({ image: canvas(['red', 'blue'][i % 2]), label: i % 2, domain: i < 12 ? 0 : 1 }));
    const own = { ...arrows, name: 'own', domain: '' };
    await lab.addPictures('own', pictures, { classes: ['r', 'b'], domains: ['a', 'z'], size: 12 });
    const { pictures: [first], labels, classes } = await lab.samples({ ...own, domain: 'z' }, { count: 50 });
    const colour = [...first.data.slice(0, 4)];
    const made = await lab.start({ ...small, data: own });
    const code = promise => promise.then(() => 'fine', ({ code, details }) => details.why ?? code);
    const refusals = [
      await code(lab.addPictures('one', pictures.slice(0, 1), { classes: ['r'] })),
      await code(lab.start({ ...small, data: { ...own, domain: 'q' } })),
      await code(lab.start({ ...small, data: { ...own, held: 0 } })),
      await code(lab.start({ ...small, data: { ...own, name: 'cats' } })),
      await code(lab.start({ ...small, networks: [] })),
      await code(lab.start({ ...small, networks: [network(9, 'add', true)] })),
      await code(lab.start({ ...small, rate: -1 })),
      await code(lab.start({ ...small, optimizer: 'lion' })),
      await code(lab.start({ ...small, batch: 512, data: { ...arrows, size: 64 },
        networks: [network(56, 'add', true, { width: 64 })] })),
      await code(lab.run()),
    ];
    const wild = settings(arrows, [network(8, 'none', false), network(8, 'add', true)],
      { rate: 1e20, clip: 0, steps: 30, schedule: 'constant', warmup: 0, batch: 16 });
    await lab.start(wild);
    const ran = await lab.run();
    lab.close();
    const closed = await code(lab.run());
    return { labels, classes, colour, train: made.train, held: made.held, refusals, ran, closed };`);
  assert.deepEqual(got.classes, ['r', 'b']);
  assert.deepEqual(got.colour, got.labels[0] === 0 ? [255, 0, 0, 255] : [0, 0, 255, 255]);
  assert.deepEqual([got.train, got.held], [14, 6]);
  assert.deepEqual(got.refusals, ['one-class', 'no-set', 'no-held-out', 'bad-argument', 'bad-argument', 'bad-argument',
    'bad-argument', 'bad-argument', 'too-much-memory', 'bad-argument']);
  assert.ok(got.ran.diverged[0] >= 0, 'at a rate of 1e20 a network without norms leaves the numbers');
  assert.equal(got.closed, 'closed');
});

test('two tabs keep a run each, and one that is under way is not offered', async t => {
  const page = await shared(t);
  // The build puts the page's modules into bundles. Here two of them are wanted by themselves.
  await page.route('**/static/page/lab/*.js', async route => route.fulfill({
    contentType: 'text/javascript',
    body: await readFile(join(root, 'web', new URL(route.request().url()).pathname)),
    headers: { 'cross-origin-resource-policy': 'same-origin' },
  }));
  const kept = await inPage(t, `
    const { createRunStore } = await import('/static/page/lab/runstore.js');
    const { createRunLock } = await import('/static/page/lab/runlock.js');
    const tabs = ['1-1', '2-2', '3-3'].map(name => {
      const lock = createRunLock(name);
      return { lock, store: createRunStore(name, lock.busy) };
    });
    const [first, second, third] = tabs;
    const run = (step, at) => ({ record: { step }, state: new Blob([new Uint8Array([step])]), at });
    const offered = async () => (await third.store.load())?.record.step;
    first.lock.set(true);
    await first.store.save(run(1, 100));
    await second.store.save(run(2, 200));
    const seen = [await offered()];
    second.lock.set(true);
    while (!(await second.lock.busy()).has('2-2')) await new Promise(done => { setTimeout(done, 10); });
    seen.push(await offered());
    first.lock.set(false);
    while ((await first.lock.busy()).has('1-1')) await new Promise(done => { setTimeout(done, 10); });
    seen.push(await offered());
    await third.store.save(run(3, 300)); // it goes on from the first, which is gone then
    second.lock.set(false);
    while ((await second.lock.busy()).has('2-2')) await new Promise(done => { setTimeout(done, 10); });
    await third.store.clear();
    seen.push(await offered());
    await second.store.clear();
    seen.push(await offered());
    return seen;`);
  assert.deepEqual(kept, [2, undefined, 1, 2, undefined]);
});
