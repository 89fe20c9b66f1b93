// Unit tests of what Teach computes without a browser: which pictures the network looks at, what a training is given,
// which runs out of foreign files are shown, when a test is sure, and where a map and an axis begin and end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSure, morePictures, picturesForSure, roundUp } from '../static/page/teach/certainty.js';
import { limitsOf, scaleOf } from '../static/page/teach/maplimits.js';
import { ticksTo } from '../static/page/teach/ticks.js';
import { intervalOf } from '../static/page/wilson.js';

/** residua.js asks where it is: it has no page here, and needs none. */
const { ResiduaError } = await import('../static/api/errors.js');
const { Inspection } = await import('../static/api/teach/inspection.js');
const { TrainingData, sizesOf } = await import('../static/api/teach/trainingdata.js');
const { BlockMeans } = await import('../static/api/teach/blockmeans.js');
const { FeatureExtraction } = await import('../static/api/teach/extraction.js');
const { MemoryStore } = await import('../static/api/teach/memorystore.js');
const { sampledPair } = await import('../static/api/teach/domains.js');
const { ProjectState } = await import('../static/api/teach/state.js');
const { revert } = await import('../static/api/teach/adaptation.js');
const { Teacher } = await import('../static/api/teach/teacher.js');
const { stratified } = await import('../static/api/teach/sample.js');
const { importedRun, isRun, storedRun, runFromStored, withoutAnswers } = await import('../static/api/teach/run.js');

/** @typedef {import('../static/api/teach/memorystore.js').PictureRecord} PictureRecord */

/** A network whose features are three numbers, and whose last block gets 2 × 2 × 4. */
const info = /** @type {any} */ ({
  model: 'small',
  blocks: [
    { height: 9, width: 9, channels: 9 },
    { height: 2, width: 2, channels: 4 },
    { height: 2, width: 2, channels: 3 },
  ],
});

/** @param {string} id @returns {PictureRecord} */
const recordOf = id => ({
  id,
  classId: 'c1',
  name: `${id}.png`,
  hash: id,
  dhash: '',
  format: '',
  width: 0,
  height: 0,
  domain: '',
  test: false,
  side: 0,
  added: 0,
});

/**
 * A store with pictures, and an engine that answers by a function; a picture's file holds its id.
 * @param {string[]} ids
 * @param {(id: string, args: any) => any} answer
 */
async function arrange(ids, answer) {
  const store = new MemoryStore();
  const pictures = new Map(ids.map(id => [id, recordOf(id)]));
  for (const record of pictures.values()) await store.putPicture(record, { blob: new Blob([record.id]) });
  /** @type {string[]} */
  const asked = [];
  const engine = /** @type {any} */ ({
    info,
    askAbout: async (/** @type {Blob} */ blob, /** @type {string} */ _op, /** @type {any} */ args) => {
      const id = await blob.text();
      asked.push(id);
      return answer(id, args);
    },
  });
  return { store, pictures, engine, asked };
}

/** What the engine says of a picture. @param {string} id @param {{ augmentations: number }} args */
const good = (id, { augmentations }) => ({
  json: JSON.stringify({ image: { format: 'PNG', width: 4, height: 3 }, dhash: '00ff' }),
  buffers: {
    features: new Float32Array(3 * (1 + augmentations)).fill(Number(id.slice(1))),
    small: new Uint8Array(4).fill(Number(id.slice(1))),
    inputs: new Uint16Array(16 * (1 + augmentations)).fill(Number(id.slice(1))),
  },
});

test('looking: a picture that is none is told and taken away, and the others are looked at', async () => {
  const { store, pictures, engine, asked } = await arrange(['p1', 'p2', 'p3'], (id, args) => {
    if (id === 'p2') throw new ResiduaError('not-an-image', 'It is none.');
    return good(id, args);
  });
  /** @type {string[]} */
  const faults = [];
  const extraction = new FeatureExtraction(engine, store, pictures, {
    onBroken: async id => { pictures.delete(id); await store.removePictures([id]); },
    onChange: () => {},
  });
  extraction.onFault = ({ id }, error) => faults.push(`${id} ${/** @type {any} */ (error).code}`);
  await extraction.allMissing();
  assert.equal(extraction.waiting.size, 3);
  await Promise.allSettled(extraction.waiting.values());
  assert.deepEqual(asked, ['p1', 'p2', 'p3']);
  assert.deepEqual(faults, ['p2 not-an-image']);
  assert.deepEqual([...pictures.keys()], ['p1', 'p3']);
  assert.deepEqual(await store.missing(), []);
  assert.deepEqual([...await store.features(['p3', 'p1'])], [3, 3, 3, 1, 1, 1]);
  assert.equal(pictures.get('p1')?.dhash, '00ff');
});

test('looking: the picture at which the engine stops waits for the others, '
  + 'and the second time it is to blame', async () => {
  const stopped = new ResiduaError('engine-crashed', 'It stopped.', { reason: 'out of memory' });
  let dead = false;
  const { store, pictures, engine, asked } = await arrange(['p1', 'p2', 'p3'], (id, args) => {
    if (id === 'p1') dead = true;
    if (dead) throw stopped;
    return good(id, args);
  });
  /** @type {string[]} */
  const faults = [];
  // Each engine has a FeatureExtraction of its own.
  const session = async () => {
    dead = false;
    const extraction = new FeatureExtraction(engine, store, pictures, {
      onBroken: async id => { pictures.delete(id); await store.removePictures([id]); },
      onChange: () => {},
    });
    extraction.onFault = ({ id }, error) => faults.push(`${id} ${/** @type {any} */ (error).code}`);
    await extraction.allMissing();
    await Promise.allSettled(extraction.waiting.values());
  };
  await session();
  const crashes = [...pictures.values()].map(({ crashes = 0 }) => crashes);
  assert.deepEqual(crashes, [1, 0, 0], 'those behind it are not to blame');
  await session();
  assert.deepEqual(asked, ['p1', 'p2', 'p3', 'p2', 'p3', 'p1']);
  assert.deepEqual(faults, ['p1 engine-crashed', 'p2 engine-crashed', 'p3 engine-crashed', 'p1 broken-image']);
  assert.deepEqual([...pictures.keys()], ['p2', 'p3']);
});

test('a project of another model is refused, or its classes and pictures are taken over, and looked at anew; '
  + 'that can be stopped', async () => {
  const { store, pictures, engine, asked } = await arrange(['p1', 'p2', 'p3'], good);
  const [p1, p2, p3] = pictures.values();
  Object.assign(p1, { side: 2, test: true, name: 'first', added: 17, crashes: 1 });
  Object.assign(p2, { side: 1, domain: 'drawing' });
  Object.assign(p3, { classId: '' });
  await store.updatePictures([p1, p2, p3]);
  const old = { features: new Float32Array([9, 9, 9]), small: new Uint8Array(4), blocks: new Uint16Array([9]) };
  for (const id of ['p1', 'p2', 'p3']) await store.putFeatures(id, old);
  for (const name of /** @type {const} */ (['head', 'last-block', 'checkpoint', 'previous-head'])) {
    await store.putWeights(name, new ArrayBuffer(4));
  }
  const header = /** @type {const} */ ({
    version: 1, model: 'another', name: 'Mine', seed: 5, classes: [{ id: 'c1', name: 'cat' }], settings: {},
  });
  const history = /** @type {any} */ ([{ method: 'head' }]);
  await store.saveHeader({ ...header, classes: [...header.classes], history });

  const refused = await new Teacher(engine, store).restore().catch(error => error);
  assert.deepEqual([refused.code, refused.details.why, refused.details.model],
    ['bad-project', 'other-network', 'another']);
  assert.equal((await store.load())?.header.model, 'another');
  assert.deepEqual(await store.missing(), []);

  const stop = new AbortController();
  const teacher = new Teacher(engine, store);
  teacher.addEventListener('change', () => { if (asked.length === 1) stop.abort(); });
  /** @type {string[]} */ const faults = [];
  const onFault = (/** @type {PictureRecord} */ { id }) => faults.push(id);
  assert.equal(await teacher.restore({ fromOtherModel: true, signal: stop.signal, onFault }), true);
  await teacher.ready();
  assert.deepEqual([asked, teacher.waiting, teacher.missing, faults], [['p1'], 0, 2, []]);
  assert.deepEqual((await store.load())?.header, { ...header, model: 'small', history: [] });
  for (const name of /** @type {const} */ (['head', 'last-block', 'checkpoint', 'previous-head'])) {
    assert.equal(await store.weights(name), null, name);
  }
  const { pictures: [first] } = teacher.classes[0];
  assert.deepEqual([first.name, first.test, first.added, first.side, first.crashes], ['first', true, 17, 0, undefined]);
  assert.equal(teacher.classes[0].pictures[1].domain, 'drawing');
  assert.deepEqual(teacher.unlabelled.map(({ id }) => id), ['p3']);

  await teacher.computeMissing();
  await teacher.ready();
  assert.deepEqual([asked, teacher.missing], [['p1', 'p2', 'p3'], 0]);
  assert.deepEqual([...await store.features(['p1', 'p2', 'p3'])], [1, 1, 1, 2, 2, 2, 3, 3, 3]);
  assert.deepEqual(await store.blocks(['p1']), [null], 'the engine gave none');

  // A tab that only reads leaves the looking to the one that writes.
  await store.forgetComputed(/** @type {any} */ ({ ...header, model: 'small', classes: [], history: [] }));
  store.readOnly = true;
  const reader = new Teacher(engine, store);
  await reader.restore();
  assert.deepEqual([asked.length, reader.waiting, reader.missing], [3, 0, 3]);
});

test('training data: rows come in the order that was asked for, inputs that were not kept are computed again, '
  + 'augmentations only once', async () => {
  const { store, engine, asked } = await arrange(['p1', 'p2', 'p3'], good);
  for (const id of ['p1', 'p2', 'p3']) {
    const { features, small, inputs } = good(id, { augmentations: 0 }).buffers;
    // That of p2 was not kept, that of p3 is another network's.
    const kept = id === 'p3' ? inputs.subarray(3) : inputs;
    await store.putFeatures(id, { features, small, input: id === 'p2' ? null : kept });
  }
  const trainingData = new TrainingData(engine, store, new BlockMeans(engine, store));
  const some = (/** @type {string[]} */ ...ids) => ids.map(id => ({ id, test: id === 'p3' }));
  const head = await trainingData.buffers(some('p3', 'p1'), { method: 'head', augmentations: 0, seed: 1 });
  assert.deepEqual([...head.features], [3, 3, 3, 1, 1, 1]);
  assert.deepEqual(asked, []);
  const block = await trainingData.buffers(some('p3', 'p1', 'p2'), { method: 'last-block', augmentations: 0, seed: 1 });
  assert.deepEqual([...block.inputs], [3, 1, 2].flatMap(value => Array(16).fill(value)));
  assert.deepEqual(asked, ['p3', 'p2']);
  const scratch = await trainingData.buffers(some('p2'), { method: 'scratch', augmentations: 0, seed: 1 });
  assert.deepEqual([...scratch.small], [2, 2, 2, 2]);
  asked.length = 0;
  for (let i = 0; i < 2; i++) {
    const head = await trainingData.buffers(some('p1', 'p2'), { method: 'head', augmentations: 2, seed: 1 });
    assert.equal(head.features.length, 2 * 3 * 3);
  }
  assert.deepEqual(asked, ['p1', 'p2']);
  trainingData.forget(['p2']);
  await trainingData.buffers(some('p1', 'p2'), { method: 'head', augmentations: 2, seed: 1 });
  assert.deepEqual(asked, ['p1', 'p2', 'p2']);
  // p3 is for testing: of its augmentations only the mirror image comes along.
  const copied = await trainingData.buffers(some('p3', 'p1'), { method: 'last-block', augmentations: 2, seed: 1 });
  assert.deepEqual([...copied.features], [3, 3, 1, 1, 1].flatMap(value => Array(3).fill(value)));
  assert.deepEqual([...copied.inputs], [3, 3, 1, 1, 1].flatMap(value => Array(16).fill(value)));
});

test('inspection: only new pictures are compared, and only the features that are wanted are read', async () => {
  const { store, pictures } = await arrange(['p1', 'p2', 'p3'], good);
  for (const id of pictures.keys()) {
    await store.putFeatures(id, { ...good(id, { augmentations: 0 }).buffers, input: null });
  }
  /** @type {any[]} */
  const asked = [];
  const engine = /** @type {any} */ ({
    ask: async (/** @type {string} */ _, /** @type {any} */ args, /** @type {any} */ { buffers }) => {
      const { known, pairs, rows, pictures: { length } } = args;
      asked.push([length, known, pairs, rows, buffers.features ? [...buffers.features] : null]);
      const news = known < length && rows.length === 0;
      const [wants, found] = news ? [[0, length - 1], []] : [[], [{ a: 0, b: length - 1, exact: false }]];
      return { json: JSON.stringify({ wants, warnings: [], pairs: found }) };
    },
  });
  const inspection = new Inspection(engine, store);
  const look = async (/** @type {string[]} */ ...ids) => {
    await inspection.warnings([{ id: 'c1', name: 'a' }], ids.map(id => /** @type {any} */ (pictures.get(id))));
    return asked.splice(0);
  };
  assert.deepEqual(await look('p1', 'p2'), [[2, 0, [], [], null], [2, 0, [], [0, 1], [1, 1, 1, 2, 2, 2]]]);
  // p3 stands before the others, but is new; that p1 and p2 are a pair is known.
  assert.deepEqual((await look('p3', 'p1', 'p2'))[1],
    [3, 2, [{ a: 0, b: 1, exact: false }], [0, 2], [1, 1, 1, 3, 3, 3]]);
  assert.deepEqual(await look('p3', 'p1'),
    [[2, 2, [{ a: 0, b: 1, exact: false }], [], null]], 'p2 is gone, and nothing is new');
  inspection.forget();
  assert.deepEqual((await look('p3', 'p1'))[0], [2, 0, [], [], null]);
});

test('training data: what a training takes is bounded by its memory', async () => {
  const { store, engine } = await arrange([], good);
  assert.deepEqual(sizesOf(info), { features: 3, inputs: 16, blocks: 16 });
  assert.equal(sizesOf(info, 2).inputs, 9 * 9 * 9);
  assert.deepEqual(sizesOf({ ...info, blocks: info.blocks.slice(0, 1) }), { features: 9, inputs: 0, blocks: 9 });
  // ResNet-50: 2,048 features of 4 bytes, inputs of 7 × 7 × 2,048 of 2 bytes.
  const resnet50 = { blocks: [{ height: 7, width: 7, channels: 2048 }, { height: 7, width: 7, channels: 2048 }] };
  const real = { ...engine, info: resnet50 };
  const trainingData = new TrainingData(real, store, new BlockMeans(real, store));
  assert.ok(trainingData.maxPictures({ method: 'head', augmentations: 0 }) >= 10_000);
  for (const options of /** @type {const} */ ([
    { method: 'head', augmentations: 0 },
    { method: 'head', augmentations: 4 },
    { method: 'last-block', augmentations: 0 },
    { method: 'last-block', augmentations: 4 },
  ])) {
    const each = 4 * 2048 + (options.method === 'last-block' ? 2 * 7 * 7 * 2048 : 0);
    assert.ok(trainingData.maxPictures(options) * (1 + options.augmentations) * each < 450e6, JSON.stringify(options));
    assert.ok(trainingData.maxPictures(options) >= 264, 'the starter sets have room');
    // Test pictures bring one copy along at most.
    const tests = 200;
    const views = (trainingData.maxPictures({ ...options, tests }) - tests) * (1 + options.augmentations)
      + tests * (1 + Math.min(options.augmentations, 1));
    const without = trainingData.maxPictures(options) * (1 + options.augmentations);
    assert.ok(views * each < 450e6 && views >= without - options.augmentations, JSON.stringify(options));
    assert.equal(trainingData.maxPictures({ ...options, tests: 1e6 }) > 1e6, false, 'no room for so many tests');
  }
});

test('a run out of a file is shown only if all is there that the page shows of one', () => {
  const rate = { k: 1, n: 2, low: 0, high: 1 };
  const evaluation = {
    accuracy: rate,
    recall: [rate, rate],
    precision: [rate, rate],
    confusion: [[1, 0], [1, 0]],
    ece: 0.1,
    bins: [],
    outliers: 0,
  };
  const used = { classes: ['a', 'b'], l2: 1, temperature: 1, blocks: [], depth: 0, norms: false };
  const run = storedRun({
    ...importedRun({ ...used, method: 'head' }),
    imported: false,
    ids: ['p1', 'p2'],
    labels: [0, 1],
    sides: [1, 2],
    answers: [{ class: 0, best: 0, probabilities: [0.9, 0.1] }, { class: -1, best: 0, probabilities: [0.6, 0.4] }],
    validation: evaluation,
    curve: [{
      method: /** @type {const} */ ('head'),
      done: 1, total: 2,
      train: { n: 1, accuracy: 1, loss: 0 },
      validation: null,
    }],
  });
  assert.ok(isRun(JSON.parse(JSON.stringify(run))));
  // The names in stores and files that are out there.
  assert.deepEqual([run.depth, run.copies, run.strength, run.curve[0].depth], ['head', 0, 1, 'head']);
  const back = runFromStored(run);
  assert.deepEqual([back.method, back.augmentations, back.l2, back.curve[0].method], ['head', 0, 1, 'head']);
  assert.deepEqual(storedRun(back), run);
  // An old run's "none of these" had stood on any number of pictures.
  const old = runFromStored({ ...run, missingForNone: undefined, validation: { ...evaluation, outliers: 1 } });
  assert.deepEqual([old.answers[1].class, old.validation?.outliers, old.missingForNone], [0, 0, 0]);
  assert.equal(back.answers[1].class, -1);
  const bare = withoutAnswers(back);
  assert.ok(isRun(storedRun(bare)) && bare.answers.length === 0 && bare.validation === evaluation);
  assert.ok(isRun(storedRun(importedRun({ ...used, method: 'last-block' }))));
  for (const wrong of [
    null,
    [],
    {},
    { ...run, depth: 'deep' },
    { ...run, classes: 'ab' },
    { ...run, classes: ['a', 3] },
    { ...run, missingForNone: -1 },
    { ...run, labels: [0] },
    { ...run, labels: [0, 2] },
    { ...run, answers: run.answers.map(one => ({ ...one, best: 5 })) },
    { ...run, answers: run.answers.map(one => ({ ...one, probabilities: [1] })) },
    { ...run, validation: { ...evaluation, accuracy: 1 } },
    { ...run, validation: { ...evaluation, recall: [rate] } },
    { ...run, test: undefined },
    { ...run, validation: { ...evaluation, confusion: [[1, 0]] } },
    { ...run, curve: [{ done: '1' }] },
    { ...run, ms: NaN },
    { ...run, stopped: 0 },
  ]) assert.equal(isRun(wrong), false, JSON.stringify(wrong));
});

test('block means: those that are missing, or another network\'s, are computed once, and a full storage is no fault',
  async () => {
    const row = (/** @type {string} */ id) => new Uint16Array(16).fill(Number(id.slice(1)));
    const answer = (/** @type {string} */ id, /** @type {any} */ args) => {
      const { buffers, ...rest } = good(id, args);
      return { ...rest, buffers: { ...buffers, blocks: row(id) } };
    };
    const { store, engine, asked } = await arrange(['p1', 'p2', 'p3'], answer);
    for (const id of ['p1', 'p2', 'p3']) {
      const { features, small } = good(id, { augmentations: 0 }).buffers;
      const blocks = { p1: row('p1'), p2: null, p3: new Uint16Array(9) }[id] ?? null;
      await store.putFeatures(id, { features, small, blocks });
    }
    const means = new BlockMeans(engine, store);
    assert.deepEqual([means.size, means.maxPictures], [16, 164e6 / 32]);
    /** @type {string[]} */
    const steps = [];
    const onPrepared = (/** @type {any} */ { done, total }) => steps.push(`${done}/${total}`);
    const all = [3, 1, 2].flatMap(value => Array(16).fill(value));
    assert.deepEqual([...await means.rows(['p3', 'p1', 'p2'], { onPrepared })], all);
    assert.deepEqual([asked.splice(0), steps], [['p3', 'p2'], ['1/2', '2/2']]);
    assert.deepEqual([...await means.rows(['p3', 'p1', 'p2'])], all);
    assert.deepEqual(asked, []);
    await store.putFeatures('p1', { blocks: new Uint16Array(9) });
    store.putFeatures = async () => { throw new ResiduaError('storage-full', 'It is full.'); };
    for (let i = 0; i < 2; i++) assert.deepEqual([...await means.rows(['p1'])], Array(16).fill(1));
    assert.deepEqual(asked, ['p1', 'p1']);
    const aborted = { signal: AbortSignal.abort() };
    await assert.rejects(means.rows(['p1'], aborted), { code: 'cancelled' });
  });

test('weights and their run go into the store together, and where it is full it stays as it was', async () => {
  const store = new MemoryStore();
  const events = Object.assign(new EventTarget(), { remove: async () => {} });
  let full = 0;
  events.addEventListener('full', () => full++);
  const state = new ProjectState(/** @type {any} */ ({ info }), store, events);
  const bytes = (/** @type {number} */ value) => Uint8Array.of(value).buffer;
  const byteIn = async (/** @type {Promise<ArrayBuffer | null>} */ of) => new Uint8Array(await of ?? [])[0];
  const runOf = (/** @type {number} */ when, more = {}) => ({
    ...importedRun({ method: 'head', classes: ['a', 'b'], l2: 1, temperature: 1, blocks: [], depth: 0, norms: false }),
    when, ...more,
  });
  const kept = async () => [
    ((await store.load())?.header.history ?? []).map(({ when }) => when),
    await byteIn(store.weights('head')), await byteIn(store.weights('previous-head')),
  ];
  const inUse = async () => {
    const run = /** @type {NonNullable<ReturnType<typeof state.latestRun>>} */ (state.latestRun('head'));
    return [run.when, await byteIn(state.weights.of(run)), await byteIn(state.weights.previous())];
  };
  const taught = runOf(1);
  await state.addRun(taught, { weights: bytes(1), previous: null });
  assert.deepEqual(await kept(), [[1], 1, undefined]);

  const { putTaught } = store;
  store.putTaught = async () => { throw new ResiduaError('storage-full', 'It is full.'); };
  const fitted = runOf(2, { adapted: { method: 'coral' }, replaced: 1 });
  await state.addRun(fitted, { weights: bytes(2), previous: bytes(1) });
  assert.deepEqual([await inUse(), await kept()], [[2, 2, 1], [[1], 1, undefined]]);
  await revert(state, taught);
  assert.deepEqual([await inUse(), await kept()], [[1, 1, 2], [[1], 1, undefined]]);
  assert.equal(full, 2);

  store.putTaught = putTaught;
  await revert(state, fitted);
  assert.deepEqual([await inUse(), await kept()], [[2, 2, 1], [[1, 2], 2, 1]]);
});

test('a sample keeps each group\'s part, loses none, and is the same for the same seed', () => {
  const items = [...'a'.repeat(600), ...'b'.repeat(300), ...'c'.repeat(99), 'd'].map((group, i) => ({ group, i }));
  const groupOf = (/** @type {{ group: string }} */ { group }) => group;
  const draw = (/** @type {number} */ max, seed = 1) => stratified(items, max, groupOf, seed);
  assert.deepEqual(draw(1000), items);
  const some = draw(100);
  const count = (/** @type {string} */ name) => some.filter(({ group }) => group === name).length;
  assert.equal(some.length, 100);
  assert.deepEqual(['a', 'b', 'c', 'd'].map(count), [60, 30, 9, 1]);
  assert.deepEqual(some, some.toSorted((a, b) => a.i - b.i));
  assert.equal(new Set(some).size, 100);
  assert.deepEqual(draw(100), some);
  assert.notDeepEqual(draw(100, 2), some);
  for (const max of [0, 1, 3, 4, 5, 999]) assert.equal(draw(max).length, max);
  assert.equal(new Set(draw(4).map(groupOf)).size, 4, 'one of each');
});

test('a sample of two domains keeps the classes of what is learnt from, and does not know those of the other', () => {
  const pictures = (/** @type {string} */ name, /** @type {(i: number) => string} */ classOf) =>
    Array.from({ length: 1000 }, (_, i) => ({ id: `${name}${i}`, classId: classOf(i), test: false, side: 1 }));
  const state = /** @type {any} */ ({ blockMeans: { maxPictures: 200 }, header: { seed: 1 } });
  const tenth = (/** @type {number} */ i) => (i % 10 === 0 ? 'rare' : 'common');
  const draw = (/** @type {(i: number) => string} */ classOf) =>
    sampledPair(state, /** @type {any} */ (pictures('a', tenth)), /** @type {any} */ (pictures('b', classOf)), 1);
  const [source, target] = draw(tenth);
  assert.equal(source.filter(({ classId }) => classId === 'rare').length, 10);
  assert.equal(source.length + target.length, 200);
  const ids = (/** @type {{ id: string }[]} */ of) => of.map(({ id }) => id.slice(1));
  assert.deepEqual(ids(draw(() => '')[1]), ids(target));
  // Nor does it take what may be pairs together: a tenth of them by chance.
  const both = ids(source).filter(id => ids(target).includes(id)).length;
  assert.ok(both < 25, `${both} of 100 pairs`);
});

test('a test is sure once its interval reaches 15 points to either side, and says how many are missing', () => {
  // All right: z²/(n+z²) ≤ 0.3 from n = 8.96 on. Half right: z/√(n+z²) ≤ 0.3 from n = 38.8 on.
  assert.deepEqual([1, 0, 0.5].map(picturesForSure), [9, 9, 39]);
  for (const [k, n] of [[9, 9], [20, 39]]) assert.ok(isSure(intervalOf(k / n, n)));
  for (const [k, n] of [[8, 8], [19, 38], [3, 4]]) assert.ok(!isSure(intervalOf(k / n, n)));
  // Five more of 9 are hidden: of three pictures one, or each where a person keeps them apart.
  assert.equal(morePictures({ k: 4, n: 4 }, 1 / 3, 2), 10);
  assert.equal(morePictures({ k: 4, n: 4 }, 1, 2), 5);
  // What is promised is enough: with so many more the test would be sure.
  for (let n = 2; n < 30; n++) {
    for (let k = 0; k <= n; k++) {
      if (isSure(intervalOf(k / n, n))) continue;
      const then = n + 3 * morePictures({ k, n }, 1 / 4, 3) / 4;
      assert.ok(isSure(intervalOf(k / n, then)), `${k} of ${n}`);
    }
  }
  assert.deepEqual([1, 5, 6, 51, 201].map(roundUp), [5, 5, 10, 60, 250]);
});

test('one picture far away does not push the map of all others into a corner, and two groups are both on it', () => {
  const near = Array.from({ length: 15 }, (_, i) => i);
  assert.deepEqual(limitsOf([...near, 1000]), { low: 0, high: 14, isTrimmed: true });
  assert.deepEqual(limitsOf([-1000, ...near]), { low: 0, high: 14, isTrimmed: true });
  assert.deepEqual(limitsOf([...near, 20]), { low: 0, high: 20, isTrimmed: false });
  // Two of sixteen are more than a stray picture: a small class.
  assert.equal(limitsOf([...near, 1000, 1001]).isTrimmed, false);
  // Too few to say which is the stray one.
  assert.equal(limitsOf([0, 1, 2, 1000]).isTrimmed, false);
  const axis = { length: 640, edge: 18, inset: 28 };
  const scale = scaleOf([...near, 1000], axis);
  assert.deepEqual([0, 14, 1000, -1000].map(scale), [
    { at: 46, beyond: 0 }, { at: 594, beyond: 0 }, { at: 622, beyond: 1 }, { at: 18, beyond: -1 },
  ]);
  assert.deepEqual([0, 14].map(scaleOf(near, axis)), [{ at: 18, beyond: 0 }, { at: 622, beyond: 0 }]);
  assert.deepEqual(scaleOf([3, 3], axis)(3), { at: 320, beyond: 0 });
});

test('the numbers at an axis are round, whole where steps are counted, and reach past the largest value', () => {
  assert.deepEqual(ticksTo(2.1), [0, 0.5, 1, 1.5, 2, 2.5]);
  assert.deepEqual(ticksTo(82, 1), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(ticksTo(2, 1), [0, 1, 2]);
  assert.deepEqual(ticksTo(1), [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
});
