// Unit tests of the table of many photos: labels of folders, figures, filters and order, files, and the run.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createClassIndex, synsetsOf } from '../static/page/classify/bulk/classindex.js';
import { arrange, byName, noFilter, rankNames } from '../static/page/classify/bulk/rows.js';
import { createRunner } from '../static/page/classify/bulk/runner.js';
import { cell, toCSV, toJSON } from '../static/page/classify/bulk/save.js';
import { rateOf, scoreOf } from '../static/page/classify/bulk/score.js';
import { fromFiles } from '../static/page/classify/bulk/sources.js';
import { readTruth } from '../static/page/classify/bulk/truth.js';
import { filesIn } from '../static/page/folders.js';
import { root } from './lib.mjs';
import { zipOf } from './teachstore/zip.mjs';

/** @typedef {import('../static/page/classify/bulk/row.js').Row} Row */

const i18n = join(root, 'web', 'static', 'i18n');
/** @type {string[]} */
const synsetRows = JSON.parse(await readFile(join(i18n, 'imagenet-synsets.json'), 'utf8'));
/** @type {[string, string][]} */
const pairs = JSON.parse(await readFile(join(i18n, 'imagenet-zh.json'), 'utf8'));
const imageNet = { labels: pairs.map(([label]) => label), outputs: 1000 };
const synsets = synsetsOf(imageNet, synsetRows);
const index = createClassIndex(imageNet, synsets, pairs.map(([, chinese]) => chinese));

/** @param {Partial<Row> & { path: string }} row @returns {Row} */
const rowOf = row => ({ id: 0, open: async () => new Blob(), truth: -1, ...row });
/** @param {...[number, number]} guesses */
const answer = (...guesses) => guesses.map(([index, probability]) => ({ index, probability }));

test('the synsets are those of ImageNet 2012, in its order', () => {
  assert.equal(synsetRows.length, 1000);
  const wnids = synsetRows.map(row => row.slice(0, 9));
  // The challenge numbers its classes in the order of their wnids.
  assert.deepEqual(wnids, [...new Set(wnids)].sort());
  for (const [i, row] of synsetRows.entries()) {
    assert.match(row, /^n\d{8} \S/);
    assert.ok(row.slice(10).toLowerCase().split(', ').includes(imageNet.labels[i].toLowerCase()), `${i}: ${row}`);
  }
});

test('classes that are not ImageNet\'s have no synsets', () => {
  assert.equal(synsets.length, 1000);
  assert.deepEqual(synsetsOf({ labels: ['cat', 'dog'], outputs: 2 }, synsetRows), []);
  assert.deepEqual(synsetsOf({ labels: imageNet.labels.toReversed(), outputs: 1000 }, synsetRows), []);
  assert.deepEqual(synsetsOf(imageNet, undefined), []);
  const long = synsetRows.map(row => row.slice(10)); // as Hugging Face has the labels
  assert.equal(synsetsOf({ labels: long, outputs: 1000 }, synsetRows).length, 1000);
});

for (const [folder, want] of /** @type {const} */ ([
  ['tench', 0], ['Tinca tinca', 0], ['tinca_tinca', 0], ['n01440764', 0], ['n02085620-Chihuahua', 151], ['丁鲷', 0],
  ['Great White Shark', 2], ['crane', 'ambiguous'], ['n02012849', 134], ['起重机', 517], ['missile', 657],
  ['holiday', 'unknown'], ['n99999999', 'unknown'], ['', 'unknown'],
])) test(`a folder called “${folder}”`, () => assert.equal(index.find(folder), want));

test('right answers from folders, at any depth', () => {
  const truth = readTruth(['val/tench/a.jpg', 'val/n01443537/x/b.jpg', 'val/junk/c.jpg', 'd.jpg'], index);
  assert.deepEqual(truth, {
    classes: [0, 1, -1, -1], folders: 3, matched: 2, others: [{ name: 'junk', count: 1, why: 'unknown' }],
    byNumber: false,
  });
  assert.equal(readTruth(['holiday/a.jpg', 'holiday/b.jpg'], index), undefined);
  const none = readTruth(['x1/a.jpg', 'x2/b.jpg'], index);
  assert.equal(none?.matched, 0);
  assert.deepEqual(readTruth(['set/crane/a.jpg', 'set/tench/b.jpg'], index)?.others,
    [{ name: 'crane', count: 1, why: 'ambiguous' }]);
});

test('folders of numbers are classes, and those of a calendar are not', () => {
  assert.deepEqual(readTruth(['v/0/a.jpg', 'v/007/b.jpg'], index)?.classes, [0, 7]);
  assert.equal(readTruth(['2023/01/a.jpg', '2023/02/b.jpg'], index)?.matched, 0);
  assert.equal(readTruth(['v/0/a.jpg', 'v/1000/b.jpg'], index)?.matched, 0, 'there is no class 1,000');
  assert.equal(readTruth(['v/0/a.jpg', 'v/other/b.jpg'], index)?.matched, 0);
});

test('own classes are found by their names', () => {
  const own = createClassIndex({ labels: ['My Cat', '狗'], outputs: 2 }, [], []);
  assert.deepEqual(readTruth(['t/my_cat/1.jpg', 't/狗/2.jpg'], own)?.classes, [0, 1]);
  assert.equal(own.wnid(0), '');
});

test('Wilson\'s interval', () => {
  // Newcombe's comparison (Statistics in Medicine, 1998, table I, method 3), which gives four digits.
  for (const [k, n, low, high] of [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611]]) {
    const rate = rateOf(k, n);
    assert.ok(Math.abs(rate.low - low) < 5e-5 && Math.abs(rate.high - high) < 5e-5, JSON.stringify(rate));
  }
  assert.deepEqual(rateOf(0, 0), { k: 0, n: 0, low: 0, high: 1 });
  assert.equal(rateOf(5, 5).high, 1);
});

test('the figures count what is labelled and answered', () => {
  const { top1, top5, confusions } = scoreOf([
    rowOf({ path: 'a', truth: 1, guesses: answer([1, 0.9]) }),
    rowOf({ path: 'b', truth: 1, guesses: answer([2, 0.5], [1, 0.4]) }),
    rowOf({ path: 'c', truth: 1, guesses: answer([2, 0.5], [3, 0.1], [4, 0.1], [5, 0.1], [6, 0.1], [1, 0.1]) }),
    rowOf({ path: 'd', truth: 3, guesses: answer([1, 0.6]) }),
    rowOf({ path: 'e', truth: -1, guesses: answer([1, 0.6]) }),
    rowOf({ path: 'f', truth: 1 }),
  ]);
  assert.deepEqual([top1.k, top1.n, top5.k, top5.n], [1, 4, 2, 4]);
  assert.deepEqual(confusions, [{ truth: 1, guess: 2, count: 2 }, { truth: 3, guess: 1, count: 1 }]);
});

const fault = { name: 'ResiduaError', code: 'not-an-image', message: '', details: {} };
const table = [
  rowOf({ path: 'd/10.jpg', guesses: answer([5, 0.9]), truth: 5 }), rowOf({ path: 'd/2.jpg', fault }),
  rowOf({ path: 'd/1.jpg', guesses: answer([3, 0.2]), truth: 5 }), rowOf({ path: 'e/B.jpg' }),
].map((row, id) => ({ ...row, id }));

test('filters and orders', async () => {
  const ranks = await rankNames(table);
  const ids = (/** @type {object} */ filter, by = 'arrival', descending = false) =>
    arrange(table, { ...noFilter, ...filter }, { by: /** @type {any} */ (by), descending }, {
      nameRank: ({ id }) => ranks[id], classRank: index => index,
    }).map(({ id }) => id).join('');
  assert.equal(ids({}), '0123');
  assert.equal(ids({}, 'name'), '2103');
  assert.equal(ids({}, 'name', true), '3012');
  assert.equal(ids({}, 'class'), '2013', 'those without an answer are last');
  assert.equal(ids({}, 'probability', true), '0213');
  assert.equal(ids({ text: ' b.JPG' }), '3');
  assert.equal(ids({ below: 0.5 }), '2');
  assert.equal(ids({ guess: 5 }), '0');
  assert.equal(ids({ truth: 5, guess: 3 }), '2');
  assert.equal(['failed', 'waiting', 'right', 'wrong'].map(kind => ids({ kind })).join(' '), '1 3 0 2');
});

test('many names are sorted as few are', async () => {
  const paths = Array.from({ length: 1501 }, (_, i) => ({ path: `p/${(i * 7919) % 1501}.jpg` }));
  assert.deepEqual((await byName(paths)).map(({ path }) => path), paths.map((_, i) => `p/${i}.jpg`));
});

/** @type {import('../static/page/classify/bulk/save.js').Described} */
const described = {
  model: 'Net', label: i => ['plain', 'with, comma', '=SUM(A1)'][i], wnid: i => (i === 0 ? 'n00000000' : ''),
  reason: ({ code }) => `fault ${code}`, hasTruth: false,
};

test('a table as CSV: for Excel, and without formulas', async () => {
  const rows = [
    rowOf({ path: 'd/猫.jpg', guesses: answer([0, 0.75], [1, 1e-9]) }),
    rowOf({ path: '=cmd|x.jpg', guesses: answer([2, 1]) }), rowOf({ path: 'a"b.jpg', fault }), rowOf({ path: 'w' }),
  ];
  const bytes = Buffer.from(await (await toCSV(rows, described)).arrayBuffer());
  assert.deepEqual([...bytes.subarray(0, 3)], [0xEF, 0xBB, 0xBF]);
  assert.deepEqual(bytes.subarray(3).toString().split('\r\n'), [
    'file,state,model,index_1,label_1,wnid_1,probability_1,index_2,label_2,wnid_2,probability_2,error',
    'd/猫.jpg,answered,Net,0,plain,n00000000,0.75,1,"with, comma",,1e-9,',
    '\'=cmd|x.jpg,answered,Net,2,\'=SUM(A1),,1,,,,,',
    '"a""b.jpg",failed,Net,,,,,,,,,fault not-an-image',
    'w,waiting,Net,,,,,,,,,', '',
  ]);
  for (const begin of ['=', '+', '-', '@', '\t', '\r', ' =', '＝']) {
    assert.match(cell(`${begin}1`), /^"?'/, JSON.stringify(begin));
  }
  assert.equal(cell('1-2'), '1-2');
  const labelled = await (await toCSV([rowOf({ path: 'x', truth: 0, guesses: answer([0, 0.5]) })],
    { ...described, hasTruth: true })).text();
  assert.match(labelled, /\r\nx,answered,Net,0,plain,n00000000,true,0,plain,n00000000,0.5,\r\n$/);
});

test('a table as JSON', async () => {
  const rows = [rowOf({ path: 'a', guesses: answer([0, 0.75]), truth: 1 }), rowOf({ path: 'b', fault })];
  const file = JSON.parse(await (await toJSON(rows, { ...described, hasTruth: true }, { version: 1 })).text());
  assert.deepEqual(file, {
    version: 1,
    pictures: [
      {
        file: 'a', state: 'answered', right: { index: 1, label: 'with, comma' },
        guesses: [{ index: 0, label: 'plain', wnid: 'n00000000', probability: 0.75 }],
      },
      { file: 'b', state: 'failed', error: { code: 'not-an-image', message: 'fault not-an-image' } },
    ],
  });
});

test('files of folders: pictures, others, and what nobody put there', async () => {
  const file = (/** @type {string} */ path, type = '') => ({ path, file: new File(['x'], path, { type }) });
  const { sources, left, networks } = await fromFiles([
    file('d/a.jpg', 'image/jpeg'), file('d/b.HEIC'), file('d/notes.txt', 'text/plain'), file('d/.DS_Store'),
    file('d/__MACOSX/a.jpg', 'image/jpeg'), file('d/Thumbs.db'), file('d/net.ONNX'),
  ]);
  assert.deepEqual(sources.map(({ path }) => path), ['d/a.jpg', 'd/b.HEIC']);
  assert.equal(left, 2);
  assert.deepEqual(networks, ['d/net.ONNX']);
});

test('an archive in a folder is read as a folder of its name, and one that cannot be opened is named', async () => {
  const zip = (/** @type {string[]} */ ...names) => zipOf(names.map(name => ({ name, data: Buffer.from(name) })));
  const files = Object.entries({
    'd/tench.zip': zip('1.jpg', 'in/2.jpg', 'notes.txt', 'more.zip'), 'd/val.zip': zip('val/crane/3.jpg'),
    'd/texts.zip': zip('a.txt'), 'd/cut.zip': zip('4.jpg').subarray(0, -1), 'd/e/old.rar': 'Rar!\x1A\x07',
  }).map(([path, data]) => ({ path, file: new File([data], path.slice(path.lastIndexOf('/') + 1)) }));
  const { sources, left, packed } = await fromFiles(files);
  assert.deepEqual(sources.map(({ path }) => path), ['d/tench/1.jpg', 'd/tench/in/2.jpg', 'd/val/crane/3.jpg']);
  assert.deepEqual(await Promise.all(sources.map(async ({ open }) => (await open()).text())),
    ['1.jpg', 'in/2.jpg', 'val/crane/3.jpg']);
  assert.deepEqual(packed, ['d/tench.zip/more.zip', 'd/cut.zip', 'd/e/old.rar']);
  assert.equal(left, 5, 'two in an archive, and three archives');
  const stopped = new AbortController();
  stopped.abort();
  assert.deepEqual((await fromFiles(files, { signal: stopped.signal })).sources, []);
});

test('folders are read at all depths, past what cannot be read', async () => {
  /** @param {string} name @param {any[]} inside  a string is a file, null one that cannot be read @returns {any} */
  const folder = (name, inside) => ({
    name, isFile: false,
    createReader() {
      const batches = [inside.slice(0, 2), inside.slice(2), []];
      return { readEntries: (/** @type {any} */ done) => done(batches.shift()?.map(entry)) };
    },
  });
  const entry = (/** @type {any} */ one) => (typeof one === 'object' && one !== null ? one : {
    name: one ?? 'gone', isFile: true,
    file: (/** @type {any} */ done, /** @type {any} */ failed) => (one ? done(new File([], one)) : failed(new Error())),
  });
  const tree = () => [folder('top', ['a', folder('in', ['b', folder('deep', ['c'])]), 'd', null])];
  /** @type {string[]} */
  const faults = [];
  const found = await filesIn(tree(), { onFault: path => faults.push(path) });
  assert.deepEqual(found.map(({ path }) => path).sort(), ['top/a', 'top/d', 'top/in/b', 'top/in/deep/c']);
  assert.deepEqual(faults, ['top/gone']);
  await assert.rejects(filesIn(tree()));
  const control = new AbortController();
  const few = await filesIn(tree(), { signal: control.signal, onFound: () => control.abort() });
  assert.deepEqual(few.map(({ path }) => path), ['top/a']);
});

test('a run stops at once, goes on where it stopped, and passes what is broken', async () => {
  /** @type {string[]} */
  const asked = [];
  /** @type {((value: any) => void)[]} */
  const held = [];
  let ended = 0;
  const rows = ['a', 'b', 'bad', 'c'].map((path, id) => rowOf({ id, path, open: async () => new Blob([path]) }));
  /** @type {Row[]} */
  const finished = [];
  const runner = createRunner({
    onRow: row => finished.push(row), onEnd: () => { ended++; }, onEngineFault: error => { throw error; },
  });
  const turn = () => new Promise(done => setTimeout(done));
  /** @type {import('../static/page/classify/bulk/runner.js').Ask} */
  const ask = async blob => {
    const path = await blob.text();
    asked.push(path);
    if (path === 'bad') throw Object.assign(new Error('bad'), { name: 'ResiduaError', code: 'broken-image' });
    await new Promise(done => held.push(done));
    return { predictions: answer([path.charCodeAt(0), 0.5]) };
  };
  runner.set(rows);
  runner.start(ask);
  await turn();
  assert.deepEqual(asked, ['a', 'b'], 'two at once');
  runner.stop();
  assert.ok(!runner.isRunning && runner.left === 4);
  held.splice(0).forEach(release => release(undefined));
  await turn();
  assert.equal(finished.length, 0, 'an answer after the stop does not count');
  runner.start(ask);
  for (let i = 0; i < 8; i++) {
    await turn();
    held.splice(0).forEach(release => release(undefined));
  }
  assert.deepEqual(asked.slice(2), ['a', 'b', 'bad', 'c']);
  assert.deepEqual(rows.map(({ guesses, fault }) => guesses?.[0].index ?? fault?.code), [97, 98, 'broken-image', 99]);
  assert.deepEqual([ended, runner.left], [1, 0]);
});

test('a picture at which the engine stops twice is a row with a reason', async () => {
  const rows = ['a', 'b'].map((path, id) => rowOf({ id, path }));
  let stops = 0;
  const runner = createRunner({ onRow() {}, onEnd() {}, onEngineFault() { stops++; } });
  runner.set(rows);
  const crash = async () => { throw Object.assign(new Error(), { name: 'ResiduaError', code: 'engine-crashed' }); };
  for (let i = 0; i < 6 && runner.left > 0; i++) {
    runner.start(crash);
    await new Promise(done => setTimeout(done, 0));
    assert.ok(!runner.isRunning);
  }
  assert.deepEqual(rows.map(({ fault }) => fault?.code), ['engine-crashed', 'engine-crashed']);
  assert.ok(stops >= 2);
});
