// Knowledge across domains by the page's API: what blocks know, how far two sets of pictures are apart, classifiers
// that fit another domain, and what is kept of it all. The small network knows nothing, so that the tests are about
// what goes where; web/test/domains.mjs shows what the real one reaches.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { answersOf } from '../exportedinput.mjs';
import { filesOf, zipOf } from '../teachstore/zip.mjs';
import { computesMuch, sharedTab, visit } from './harness.mjs';
import { openTeach, part, pictures, slow, teach, tryIt, twoClasses, unfold } from './teaching.mjs';

computesMuch();

/** What the calls are about, as text for the page: filled forms to learn from, outlined ones as the other domain. */
const scene = `
  const { Residua } = await import('/static/residua.js');
  const net = globalThis.net ??= await Residua.load();
  const fill = async (teacher, each) => {
    const filled = await teacher.drawShapes({ task: 'form', count: 6 * each, size: 64, seed: 1 });
    const outlined = await teacher.drawShapes({ task: 'form', domain: 'outlined', count: 12, size: 64, seed: 2 });
    for (const name of filled.classes.slice(0, 2)) await teacher.addClass(name);
    for (const { label, image } of filled.pictures) {
      if (label < 2) await teacher.add(filled.classes[label], image, { domain: 'filled' });
    }
    for (const { image } of outlined.pictures) await teacher.addUnlabelled(image, { domain: 'outlined' });
    return teacher;
  };
  const teacher = globalThis.taught ??= await fill(net.teach(), 10);
  const learnt = teacher.classes.flatMap(({ pictures }) => pictures.map(({ id }) => id));
  const others = teacher.unlabelled.map(({ id }) => id);
  const { image } = (await teacher.drawShapes({ task: 'form', count: 1, size: 64, seed: 9 })).pictures[0];
  const refusal = async call => {
    try {
      await call();
      return { code: 'none', message: '' };
    } catch (error) {
      return { code: error.code, message: error.message };
    }
  };
  const said = async (teacher, picture = image) => (await teacher.predict(picture)).predictions
    .sort((a, b) => a.index - b.index).map(({ probability }) => probability);
  const textOf = bytes => Array.from(bytes, byte => String.fromCharCode(byte)).join('');
  const exported = async teacher => {
    const drawn = await teacher.drawShapes({ task: 'form', count: 1, size: 256, seed: 9 }); // as the network wants it
    const picture = drawn.pictures[0].image;
    const onnx = new Uint8Array(await (await teacher.export('onnx')).arrayBuffer());
    return { onnx: textOf(onnx), rgba: textOf(picture.data), said: await said(teacher, picture) };
  };`;

const shared = sharedTab({ path: '/static/residua.js' });

/**
 * Runs code in the page beside the scene: all tests have one teacher.
 * @param {import('node:test').TestContext} t
 * @param {string} code
 * @returns {Promise<any>}
 */
async function inPage(t, code) {
  const page = await shared(t);
  return page.evaluate(`(async () => {${scene} {${code}} })()`);
}

/**
 * Whether another program gives the page's answer to a picture.
 * @param {{ onnx: string, rgba: string, said: number[] }} exported
 */
async function isSameElsewhere({ onnx, rgba, said }) {
  const pixels = Buffer.from(rgba, 'latin1').filter((_, i) => i % 4 < 3);
  const [answer] = await answersOf(Buffer.from(onnx, 'latin1'), [{ pixels, width: 256, height: 256 }]);
  return near(answer, said, 1e-4);
}

/** @param {number[]} a  @param {number[]} b  @param {number} most */
const near = (a, b, most) => a.length === b.length && a.every((value, i) => Math.abs(value - b[i]) <= most);

test('pictures without a class: nothing counts, inspects or learns them until they get one', async t => {
  const got = await inPage(t, `
    const teacher = net.teach();
    await teacher.addClass('a');
    const stored = [];
    const first = await teacher.addUnlabelled(image, { name: 'x.png', onStored: ({ id }) => stored.push(id) });
    await teacher.addUnlabelled(image);
    const before = {
      ids: teacher.unlabelled.map(({ id }) => id), same: teacher.unlabelled === teacher.unlabelled,
      record: [first.classId, first.name, first.domain, first.width],
      classes: teacher.classes.map(({ pictures }) => pictures.length),
      warnings: (await teacher.inspect()).flatMap(({ pictures }) => pictures),
      map: (await teacher.map()).points.length,
      train: await refusal(() => teacher.train()),
      probes: await refusal(() => teacher.probes()),
    };
    await teacher.move([first.id], 'a');
    const moved = [teacher.unlabelled.length, teacher.classes[0].pictures.length];
    const notAPicture = await refusal(() => teacher.addUnlabelled(new Blob(['x'])));
    await teacher.remove(teacher.unlabelled.map(({ id }) => id));
    return { stored, before, moved, notAPicture, left: teacher.unlabelled.length, model: teacher.model,
      blocks: teacher.blocks.length === net.info.blocks.length };`);
  assert.deepEqual(got.stored, [got.before.ids[0]]);
  assert.equal(got.before.ids.length, 2);
  assert.equal(got.before.same, true);
  assert.deepEqual(got.before.record, ['', 'x.png', '', 64]);
  assert.deepEqual(got.before.classes, [0]);
  assert.deepEqual([got.before.warnings, got.before.map], [[], 0]);
  assert.equal(got.before.train.code, 'cannot-teach');
  assert.equal(got.before.probes.code, 'cannot-teach');
  assert.deepEqual(got.moved, [1, 1]);
  assert.equal(got.notAPicture.code, 'not-an-image');
  assert.deepEqual([got.left, got.model, got.blocks], [0, 'resnet50', true]);
});

test('probes, ranks and distances of the blocks, all or some, with progress', async t => {
  const got = await inPage(t, `
    const steps = [];
    const probes = await teacher.probes({ onProgress: ({ blocks }) => steps.push(blocks.length) });
    const some = await teacher.probes({ only: [15, 3] });
    const rank = await teacher.rank();
    const half = await teacher.rank({ ids: learnt.filter((_, i) => i % 2) });
    const heard = [];
    const apart = await teacher.distance(learnt, others, {
      permutations: 50, onProgress: distances => heard.push(distances.length),
    });
    const within = await teacher.distance(learnt.slice(0, 10), learnt.slice(10), { only: [15], permutations: 50 });
    return { learnt: learnt.length, others: others.length, probes, steps, some, rank, half, apart, heard, within };`);
  assert.deepEqual(got.probes.map((/** @type {any} */ { block }) => block), [...Array(16).keys()]);
  for (const { accuracy, test: tested, folds, l2 } of got.probes) {
    assert.deepEqual([accuracy.n, tested], [got.learnt, null]);
    assert.ok(accuracy.low <= accuracy.k / accuracy.n && accuracy.k / accuracy.n <= accuracy.high);
    assert.ok(folds.loss > 0 && l2 > 0);
  }
  assert.ok(got.steps.length > 1 && got.steps.every((/** @type {number} */ n) => n <= 16), got.steps.join());
  assert.deepEqual(got.some, [got.probes[3], got.probes[15]]);
  assert.equal(got.rank.scores.length, 16);
  assert.equal(got.rank.scores[got.rank.best], Math.max(...got.rank.scores));
  assert.equal(got.rank.pictures, got.learnt);
  assert.equal(got.half.pictures, Math.floor(got.learnt / 2));
  assert.equal(got.apart.length, 16);
  for (const { a, aLow, aHigh, p, verdict, pictures, different } of got.apart) {
    assert.ok(aLow <= a && a <= aHigh && p > 0 && p <= 1);
    assert.ok(['far', 'near', 'same', 'few'].includes(verdict));
    assert.deepEqual(pictures, [got.learnt, got.others]);
    // For a network that knows nothing, some of the drawn forms are nearly the same.
    assert.ok(different.every((/** @type {number} */ n, /** @type {number} */ i) => n > 0 && n <= pictures[i]));
  }
  assert.ok(got.heard.length > 1, got.heard.join());
  assert.deepEqual([got.within.length, got.within[0].block], [1, 15]);
  // Drawn filled and drawn as outlines are further apart than two halves of the same.
  assert.ok(got.apart[15].mmd2 > got.within[0].mmd2, `${got.apart[15].mmd2} ${got.within[0].mmd2}`);
});

test('what cannot be asked is refused in words, and what is cancelled leaves the engine as it was', async t => {
  const got = await inPage(t, `
    const cancelling = async call => {
      const controller = new AbortController();
      return (await refusal(() => call(controller.signal, () => controller.abort()))).code;
    };
    const adapted = { methods: [], source: [], target: [], weights: {} };
    const calls = {
      'no block 16: this network has 16, from 0 to 15': () => teacher.probes({ only: [16] }),
      'only of probes must be a list': () => teacher.probes({ only: 3 }),
      'rank has no option "only"': () => teacher.rank({ only: [1] }),
      'has no class, so nothing can suit it': () => teacher.rank({ ids: others }),
      'the second set has no picture': () => teacher.distance(learnt, []),
      'are the same pictures': () => teacher.distance(learnt, [...learnt].reverse()),
      'picture is in both sets': () => teacher.distance(learnt, [learnt[0], others[0]]),
      'there is no picture p999': () => teacher.distance(learnt, ['p999']),
      'must be a list of texts': () => teacher.distance(learnt, 'p1'),
      'permutations of distance must be': () => teacher.distance(learnt, others, { permutations: 0 }),
      'target of adapt must be a list of texts, and not undefined': () => teacher.adapt(),
      'target has no picture': () => teacher.adapt({ target: [] }),
      'in source has no class': () => teacher.adapt({ source: others.slice(0, 3), target: others.slice(3) }),
      'source and target are the same': () => teacher.adapt({ source: learnt, target: learnt }),
      'methods of adapt must be a list of "none"': () => teacher.adapt({ target: others, methods: ['dann'] }),
      'no block 20': () => teacher.adapt({ target: others, blocks: [20] }),
      'an answer of adapt': () => teacher.useAdapted({}, 'coral'),
      'none of the methods that were tried': () => teacher.useAdapted(adapted, 'coral'),
      'a run of train': () => teacher.revert({}),
      'nothing has moved yet': () => teacher.moved(),
      'blocks are for the methods': () => teacher.train({ method: 'last-block', blocks: [3] }),
      'depth is for the method': () => teacher.train({ depth: 2 }),
      'the last 3 blocks can be trained': () => teacher.train({ method: 'last-block', depth: 4 }),
      'noMirror goes without augmentations': () => teacher.train({ noMirror: true, augmentations: 1 }),
      'task of drawShapes must be': () => teacher.drawShapes({ task: 'beauty', count: 1 }),
      'difficulty of drawShapes must be a number from 0 to 1':
        () => teacher.drawShapes({ task: 'form', count: 1, difficulty: 2 }),
    };
    const wrong = [];
    for (const [says, call] of Object.entries(calls)) {
      const { code, message } = await refusal(call);
      if (code !== 'bad-argument' || !message.includes(says)) wrong.push([says, code, message]);
    }
    const cancelled = [
      await cancelling(signal => teacher.rank({ signal: AbortSignal.abort() })),
      await cancelling((signal, abort) => teacher.probes({ signal, onProgress: abort })),
      await cancelling((signal, abort) => teacher.distance(learnt, others, { signal, onProgress: abort })),
      await cancelling(async (signal, abort) => {
        setTimeout(abort);
        await teacher.adapt({ target: others, methods: ['norms'], signal });
      }),
    ];
    return { wrong, cancelled, after: (await teacher.rank()).scores.length };`);
  assert.deepEqual(got.wrong, []);
  assert.deepEqual(got.cancelled, Array(4).fill('cancelled'));
  assert.equal(got.after, 16);
});

test('a classifier that is fitted to the other domain is used, kept, and undone', async t => {
  const got = await inPage(t, `
    const run = await teacher.train();
    const plain = await said(teacher);
    const phases = new Set();
    const adapted = await teacher.adapt({
      target: others, methods: ['mean', 'standardise', 'coral', 'norms', 'priors'],
      onProgress: ({ phase, done, total }) => { if (done >= 0 && done <= total) phases.add(phase); },
    });
    const [source, target] = [learnt.filter((_, i) => i % 2), learnt.filter((_, i) => i % 2 === 0)];
    const judged = await teacher.adapt({ source, target, methods: ['coral'] });
    const blind = await teacher.adapt({ source, target, judge: false });
    const coral = await teacher.useAdapted(adapted, 'coral');
    const [asCoral, history] = [await said(teacher), teacher.history.map(({ adapted }) => adapted?.method ?? '')];
    const norms = await teacher.useAdapted(adapted, 'norms');
    const asNorms = await said(teacher);
    const elsewhere = await exported(teacher);
    const can = [run, coral, norms].map(one => teacher.canRevert(one));
    const refused = await refusal(() => teacher.revert(coral));
    const back = await teacher.revert(run);
    const again = await said(teacher);
    const redone = await teacher.revert(norms);
    const asNormsAgain = await said(teacher);
    await teacher.revert(back);
    return {
      half: target.length, ids: [adapted.source, learnt, adapted.target, others], phases: [...phases],
      chosen: adapted.chosen,
      methods: adapted.methods.map(({ method, answers, accuracy }) => [method, answers.length, accuracy]),
      judged: [judged.judged, judged.methods[1].accuracy.n, judged.methods[1].against.n], blind: blind.judged,
      blindMethods: blind.methods.map(({ method }) => method),
      coral: [coral.method, coral.adapted.method, coral.adapted.source, coral.adapted.target, coral.classes],
      plain, asCoral, asNorms, again, asNormsAgain, elsewhere, history, can, refused,
      back: [back.when === run.when, back.answers.length, redone.when === norms.when],
    };`);
  const [source, learnt, target, others] = got.ids;
  assert.deepEqual([source.toSorted(), target], [learnt.toSorted(), others]);
  assert.deepEqual(got.methods.map((/** @type {any[]} */ [method]) => method).sort(),
    ['coral', 'mean', 'none', 'norms', 'priors', 'standardise']);
  for (const [, answers, accuracy] of got.methods) assert.deepEqual([answers, accuracy], [others.length, null]);
  assert.ok(got.phases.includes('norms'), got.phases.join());
  assert.deepEqual([got.judged.slice(0, 2), got.blind], [Array(2).fill(got.half), 0]);
  // Some of the drawn forms are nearly the same for a network that knows nothing, and count as one in the comparison.
  assert.ok(got.judged[2] > 0 && got.judged[2] <= got.half, got.judged.join());
  assert.equal(got.blindMethods.includes('norms'), false, 'two passes over all pictures are asked for');
  assert.deepEqual(got.coral.slice(0, 4), ['head', 'coral', learnt.length, others.length]);
  assert.deepEqual(got.history, ['', 'coral']);
  assert.equal(near(got.plain, got.asCoral, 1e-4), false);
  assert.equal(near(got.asCoral, got.asNorms, 1e-4), false);
  assert.ok(await isSameElsewhere(got.elsewhere), 'the norms are in the network');
  // What was taught is kept, and not the classifier in between.
  assert.deepEqual(got.can, [true, false, true]);
  assert.match(got.refused.message, /no longer kept; train again/);
  assert.deepEqual(got.again, got.plain);
  assert.deepEqual(got.asNormsAgain, got.asNorms);
  assert.deepEqual(got.back, [true, learnt.length, true]);
});

test('a head on several blocks answers the same as a file, as a whole network and in a project', async t => {
  const got = await inPage(t, `
    const run = await teacher.train({ blocks: [13, 3] });
    const last = await teacher.train({ method: 'class-means', blocks: [15] });
    const now = await said(teacher);
    const answers = {};
    for (const format of ['head', 'safetensors', 'onnx']) {
      const file = await teacher.export(format);
      const other = net.teach();
      const read = format === 'onnx'
        ? await Residua.load({ file: new File([file], 'taught.onnx') })
        : await other.import(file);
      answers[format] = format === 'onnx'
        ? (await read.classify(image, { topK: 2 })).predictions.sort((a, b) => a.index - b.index)
          .map(({ probability }) => probability)
        : await said(other);
      if (format === 'onnx') read.close();
      else answers[format].push(...read.run.blocks);
    }
    const elsewhere = await exported(teacher);
    const project = await teacher.export('project');
    const back = net.teach();
    const imported = await back.import(project);
    const runs = back.history.map(({ method, blocks, depth }) => [method, blocks, depth]);
    const augmented = await teacher.train({ blocks: [3], augmentations: 1 });
    const most = [[], [0], [3, 13]].map(blocks => teacher.maxPictures({ blocks }));
    return {
      blocks: [run.blocks, last.blocks, augmented.blocks], now, answers, elsewhere, faults: imported.faults.length,
      kept: (await back.store.blocks(back.unlabelled.map(({ id }) => id))).every(row => row?.length > 100),
      counts: [back.unlabelled.length, teacher.unlabelled.length], runs, asBack: await said(back), most,
      file: textOf(new Uint8Array(await project.arrayBuffer())),
    };`);
  assert.deepEqual(got.blocks, [[3, 13], [], [3]]);
  assert.ok(near(got.answers.head.slice(0, 2), got.now, 0));
  assert.deepEqual(got.answers.head.slice(2), [3, 13]);
  // The head is folded into a layer of the network.
  assert.ok(near(got.answers.safetensors.slice(0, 2), got.now, 1e-4), JSON.stringify(got.answers));
  assert.deepEqual(got.answers.safetensors.slice(2), [3, 13]);
  assert.ok(near(got.answers.onnx, got.now, 1e-4), JSON.stringify(got.answers));
  assert.ok(await isSameElsewhere(got.elsewhere));
  assert.deepEqual([got.faults, got.kept], [0, true]);
  assert.equal(got.counts[0], got.counts[1]);
  assert.deepEqual(got.runs.at(-2), ['head', [3, 13], 1]);
  assert.ok(near(got.asBack, got.now, 0));
  assert.ok(got.most[0] > got.most[1] && got.most[1] >= got.most[2] && got.most[2] > 1000, got.most.join());

  // As files were before there were block means and pictures without a class.
  const files = filesOf(Buffer.from(got.file, 'latin1')).filter(({ name }) => !name.startsWith('blocks/'));
  const json = files.find(({ name }) => name === 'project.json');
  const { blocksSize, ...project } = JSON.parse(String(json?.data));
  project.pictures = project.pictures.filter((/** @type {any} */ { record }) => record.classId !== '')
    .map((/** @type {any} */ { blocks, ...listed }) => listed);
  for (const run of project.head.history) for (const field of ['blocks', 'trainedBlocks']) delete run[field];
  const older = Buffer.from(JSON.stringify(project));
  const old = zipOf(files.map(file => (file === json ? { ...file, data: older } : file)));
  const opened = await inPage(t, `
    const bytes = Uint8Array.from(atob('${old.toString('base64')}'), sign => sign.charCodeAt(0));
    const old = net.teach();
    const { faults } = await old.import(new Blob([bytes]));
    await old.ready();
    const [steps, again] = [[], []];
    const rank = await old.rank({ onPrepared: ({ done, total }) => steps.push(done + '/' + total) });
    const other = await old.rank({ onPrepared: step => again.push(step) });
    return {
      faults: faults.length, runs: old.history.map(({ blocks, depth }) => [blocks.length, depth]), steps, again,
      same: [rank.scores, other.scores, (await teacher.rank()).scores].map(scores => scores.join()),
    };`);
  assert.equal(opened.faults, 0);
  assert.ok(opened.runs.every((/** @type {number[]} */ [blocks, depth]) => blocks === 0 && depth === 1));
  const { length } = opened.steps;
  assert.equal(opened.steps.at(-1), `${length}/${length}`);
  assert.deepEqual([length, opened.again.length], [project.pictures.length, 0], 'they are computed once');
  assert.equal(new Set(opened.same).size, 1, 'what is computed later is the same');
});

test('what earlier versions saved opens, answers as it did then, and can be taught across domains', async t => {
  const [first, before, head] = ['project-first.zip', 'project-before-domains.zip', 'head-first.safetensors']
    .map(name => readFileSync(new URL(`../testdata/${name}`, import.meta.url)).toString('base64'));
  const got = await inPage(t, `
    const blobOf = text => new Blob([Uint8Array.from(atob(text), sign => sign.charCodeAt(0))]);
    const answers = async (teacher, blobs) => {
      const all = [];
      for (const blob of blobs) all.push(...await said(teacher, blob));
      return all;
    };
    const out = [];
    for (const [project, head] of [['${first}', '${head}'], ['${before}', '']]) {
      const old = net.teach();
      const { total, faults } = await old.import(blobOf(project));
      await old.ready();
      const [run] = old.history;
      // The classifier that is kept learnt from the validation pictures too, and not the one that answered for them.
      const chosen = run.ids.flatMap((_, i) => run.sides[i] === 2 ? [] : [i]);
      const blobs = [];
      for (const i of chosen) blobs.push(await old.blob(run.ids[i]));
      const files = [old];
      if (head) {
        const other = net.teach();
        await other.import(blobOf(head));
        files.push(other);
      }
      const now = [];
      for (const one of files) now.push(await answers(one, blobs));
      const target = chosen.filter(i => run.sides[i] === 3).map(i => run.ids[i]);
      out.push({
        total, faults, run: [run.method, run.l2, run.augmentations, run.blocks, run.depth, run.classes],
        then: chosen.flatMap(i => run.answers[i].probabilities), now,
        adapted: (await old.adapt({ target })).methods.length,
        counts: old.classes.map(({ pictures }) => pictures.length),
      });
    }
    return out;`);
  for (const { total, faults, run, then, now, adapted, counts } of got) {
    assert.deepEqual([total, faults, run], [8, [], ['head', 0.001, 0, [], 1, ['rows', 'columns']]]);
    assert.equal(then.length, 12);
    for (const answers of now) assert.ok(near(answers, then, 1e-4), JSON.stringify([then, answers]));
    assert.deepEqual([adapted, counts], [5, [4, 4]]);
  }
});

test('two blocks are taught, and what moved is told', async t => {
  const got = await inPage(t, `
    const prepared = [];
    const run = await teacher.train({
      method: 'last-block', depth: 2, epochs: 3, onPrepared: ({ done }) => prepared.push(done),
    });
    const { blocks, data, pictures } = await teacher.moved();
    const file = await teacher.export('last-block');
    const other = net.teach();
    const { run: imported } = await other.import(file);
    const same = [await said(teacher), await said(other)];
    const halt = new AbortController();
    const two = { method: 'last-block', depth: 2, epochs: 3 };
    const half = await teacher.train({
      ...two, signal: halt.signal, onStep: ({ method }) => { if (method === 'last-block') halt.abort(); },
    });
    const whole = await teacher.train({ ...two, resume: true });
    same.push(await said(teacher));
    return {
      stopped: [half.stopped, whole.stopped],
      run: [run.method, run.depth, run.blocks], prepared: prepared.length, blocks, pictures, learnt: learnt.length,
      diagonal: Array.from({ length: blocks }, (_, i) => data[i * blocks + i]), length: data.length,
      same, similarity: run.similarity, apart: data[15],
      imported: [imported.method, imported.depth],
    };`);
  assert.deepEqual(got.run, ['last-block', 2, []]);
  assert.equal(got.prepared, got.learnt);
  assert.deepEqual([got.blocks, got.length, got.pictures], [16, 256, got.learnt]);
  got.diagonal.forEach((/** @type {number} */ cka, /** @type {number} */ i) => {
    assert.ok(Math.abs(cka - 1) < 1e-3, `block ${i} was hardly taught, and its CKA is ${cka}`); // float16 rows
  });
  // Few steps hardly move the small network's last block, by less than float32 tells of the one before it.
  assert.ok(got.diagonal[15] < 1 && got.similarity < 1, `${got.diagonal[15]} ${got.similarity}`);
  assert.ok(got.apart < 0.99, `the first and the last block are as alike as ${got.apart}`);
  assert.deepEqual(got.same[0], got.same[1]);
  assert.deepEqual(got.same[0], got.same[2], 'stopped and taken up again, the training comes to the same');
  assert.deepEqual(got.stopped, [true, false]);
  assert.deepEqual(got.imported, ['last-block', 2]);
});

test('a map of pictures without a class too; and whoever waits for features can stop', async t => {
  const got = await inPage(t, `
    const all = await teacher.map();
    const both = await teacher.map({ ids: [...learnt.slice(0, 3), ...others.slice(0, 2)] });
    // Pictures that are still to be looked at.
    const other = await fill(net.teach(), 2);
    const controller = new AbortController();
    const adding = Array.from({ length: 40 }, () => other.addUnlabelled(image));
    await new Promise(resolve => { setTimeout(resolve, 50); });
    const ids = other.unlabelled.map(({ id }) => id);
    const asked = refusal(() => other.distance(other.classes[0].pictures.map(({ id }) => id), ids,
      { signal: controller.signal }));
    const waited = other.waiting;
    controller.abort();
    const refused = await asked;
    const left = other.waiting;
    await Promise.all(adding);
    return {
      learnt: learnt.length, all: all.points.length, both: both.points.map(({ id }) => id),
      wanted: [...learnt.slice(0, 3), ...others.slice(0, 2)], waited, refused: refused.code, left,
    };`);
  assert.equal(got.all, got.learnt);
  assert.deepEqual(got.both, got.wanted);
  assert.equal(got.refused, 'cancelled');
  assert.ok(got.waited > 0 && got.left > 0, `it waited until ${got.left} of ${got.waited} were left`);
});

test('the comparison teaches from the blocks that were chosen, and leaves a fitted classifier alone', async t => {
  const page = await visit(t);
  await openTeach(page);
  await twoClasses(page);
  await teach(page);
  const domains = part(page, 'Across domains');
  await domains.getByText('There is only one set of pictures yet.', { exact: false }).waitFor();
  await domains.getByRole('button', { name: 'Ask every block' }).click();
  await domains.getByText('All blocks, or several together').click(slow);
  for (const box of await domains.getByRole('checkbox', { name: /^Teach from block/ }).all()) await box.uncheck();
  await domains.getByRole('checkbox', { name: 'Teach from block 2.1' }).check();
  await domains.getByRole('button', { name: 'Teach from 2.1', exact: true }).click();
  const training = part(page, 'Teach it');
  await training.getByText(/^Learns from 2\.1 instead/).waitFor();
  await training.getByText(/^Done in .+\.$/).waitFor(slow);
  const made = await pictures(page);
  const plain = await tryIt(page, made.barn[0]);
  const worth = part(page, 'Was the transfer worth it?');
  await worth.getByRole('button', { name: 'Find out' }).click();
  await worth.getByText('The report').waitFor({ timeout: 120_000 });
  await unfold(worth, 'The report');
  await worth.getByText('New last layer (quick) (from 2.1)').waitFor();
  assert.deepEqual(await tryIt(page, made.barn[0]), plain);

  const adding = page.waitForEvent('filechooser');
  await domains.getByRole('button', { name: 'Add pictures without a class' }).click();
  await (await adding).setFiles(made.alp.slice(0, 1));
  await domains.getByText('One picture says too little of its kind.', { exact: false }).waitFor(slow);
  const more = page.waitForEvent('filechooser');
  await domains.getByRole('button', { name: 'Add pictures without a class' }).click();
  await (await more).setFiles(made.alp.slice(1));
  await domains.getByText('6 pictures without a class', { exact: true }).waitFor(slow);
  await domains.getByRole('button', { name: 'Try the ways' }).click();
  await domains.getByRole('row', { name: /CORAL/ }).getByRole('button', { name: 'Use this' }).click(slow);
  await worth.getByText('What answers now was fitted to other pictures.', { exact: false }).waitFor();
  assert.ok(await worth.getByRole('button', { name: 'Find out' }).isDisabled());
  assert.ok(await worth.getByRole('table').isHidden(), 'it compares what no longer answers');
  await domains.getByRole('button', { name: 'Put it back as it was' }).click();
  await domains.getByText('What you had taught answers again.').waitFor();
  assert.ok(await worth.getByRole('button', { name: 'Find out' }).isEnabled());
  assert.deepEqual(await tryIt(page, made.barn[0]), plain);
});
