// The parts of the page that need no browser, and its tables of words. Run with: node --test unit.mjs

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './lib.mjs';
import { addressOf, defaults, readAddress } from '../static/page/address.js';
import { coloursOf } from '../static/page/heat.js';
import { createLoader } from '../static/page/loader.js';
import { percentIn } from '../static/common/percent.js';
import { createQueue } from '../static/page/classify/queue.js';
import { capacity } from '../static/page/photos.js';
import { isCut, isMultiLabel, many, shownOf, topOf } from '../static/page/predictions.js';
import { sortFiles } from '../static/page/sortfiles.js';
import { createRate } from '../static/page/models/rate.js';
import { namesOf, search } from '../static/page/look/search.js';

const staticFolder = join(root, 'web', 'static');

/** @param {string} language @returns {Promise<Record<string, string>>} */
const tableOf = async language => JSON.parse(await readFile(join(staticFolder, 'i18n', `${language}.json`), 'utf8'));

const [en, zh, html] = await Promise.all([tableOf('en'), tableOf('zh'), readFile(join(root, 'index.html'), 'utf8')]);

/** The keys that stand as such in the scripts and in index.html, and the beginnings of those that are put together. */
async function usedKeys() {
  const scripts = (await readdir(staticFolder, { recursive: true })).filter(name => name.endsWith('.js'));
  const sources = await Promise.all(scripts.map(name => readFile(join(staticFolder, name), 'utf8')));
  const families = new Set(Object.keys(en).map(key => key.split('.')[0]));
  const inFamily = (/** @type {string} */ key) => families.has(key.split('.')[0]) && !/\.(json|html)$/.test(key);
  const script = sources.join('\n');
  const whole = [
    ...script.matchAll(/'([a-z]+(?:\.[a-z-]+)+)'/g),
    ...html.matchAll(/data-i18n(?:-\w+)?="([^"]+)"/g),
  ].map(match => match[1]).filter(inFamily);
  const beginnings = [...script.matchAll(/`([a-z]+(?:\.[a-z-]+)*\.)\$\{/g)].map(match => match[1]).filter(inFamily);
  const view = await viewKeys();
  return { whole: new Set([...whole, ...view.whole]), beginnings: new Set([...beginnings, ...view.beginnings]) };
}

/**
 * The keys that the view's program asks for. It adds ".short" to some where room is short, and the name of a thing to
 * some that end with a dot.
 */
async function viewKeys() {
  const folder = join(root, 'wasm', 'paint');
  const names = (await readdir(folder)).filter(name => name.endsWith('.go') && !name.endsWith('_test.go'));
  const sources = await Promise.all(names.map(name => readFile(join(folder, name), 'utf8')));
  const keys = sources.flatMap(source => [...source.matchAll(/"(view\.[a-z.]+)"/g)].map(match => match[1]));
  assert.ok(keys.length > 20, 'the search for the keys of the view finds too few');
  const whole = keys.filter(key => !key.endsWith('.'));
  return {
    whole: [...whole, ...whole.map(key => `${key}.short`).filter(key => key in en)],
    beginnings: keys.filter(key => key.endsWith('.')),
  };
}

test('both languages have the same keys, the same placeholders, and no empty sentence', () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  const placeholders = (/** @type {string} */ sentence) => [...sentence.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const key of Object.keys(en)) {
    assert.deepEqual(placeholders(zh[key]), placeholders(en[key]), key);
    assert.ok(en[key].trim() && zh[key].trim(), key);
  }
});

test('every key in use is in the tables, and every key of the tables is in use', async () => {
  const { whole, beginnings } = await usedKeys();
  assert.ok(whole.size > 30 && beginnings.size > 2, 'the search for keys finds too few');
  for (const key of whole) assert.ok(key in en || `${key}.other` in en, `${key} is in no table`);
  for (const key of Object.keys(en)) {
    // A glossary has KEY and KEY.text.
    const used = whole.has(key) || whole.has(key.replace(/\.(one|other|text)$/, ''))
      || [...beginnings].some(beginning => key.startsWith(beginning));
    assert.ok(used, `${key} is not in use`);
  }
});

test('every error code has a sentence', async () => {
  const declared = await readFile(join(staticFolder, 'zproto.js'), 'utf8');
  const codes = [...(/@typedef \{(.+)\} Code/.exec(declared)?.[1] ?? '').matchAll(/'([a-z-]+)'/g)]
    .map(match => match[1]);
  assert.ok(codes.length > 10, 'the codes were not found');
  for (const code of codes) assert.ok(en[`error.${code}`], `error.${code} is missing`);
});

test('every note about a person\'s own model has a sentence', async () => {
  const sources = await Promise.all(['modelfile/modelfile.go', 'statedict/statedict.go'].map(name =>
    readFile(join(root, 'resnet', name), 'utf8')));
  const constant = /\b(?:Note|Assumed)\w+\s*= "([a-z-]+)"/g;
  const codes = sources.flatMap(source => [...source.matchAll(constant)].map(match => match[1]));
  assert.ok(codes.length > 8, 'the codes were not found');
  for (const code of codes) {
    assert.ok(Object.keys(en).some(key => new RegExp(`^models\\.note\\.${code}(-|$)`).test(key)), code);
  }
});

test('the English of index.html is that of the table', () => {
  const elements = [...html.matchAll(/data-i18n="([^"]+)"[^>]*>([^<]*)</g)];
  const labels = [...html.matchAll(/(?:aria-label|title)="([^"]+)" data-i18n-(?:label|title)="([^"]+)"/g)]
    .map(([, label, key]) => ['', key, label]);
  assert.ok(elements.length > 15 && labels.length > 2);
  for (const [, key, words] of [...elements, ...labels]) assert.equal(words, en[key], key);
});

test('the speed of a download is that of its last seconds', () => {
  let now = 0;
  const rate = createRate(() => now);
  assert.equal(rate.perSecond(), undefined);
  for (let second = 0; second <= 10; second++) {
    now = second * 1000;
    rate.add(second * 1e6);
  }
  assert.equal(rate.perSecond(), 1e6);
  for (let second = 1; second <= 5; second++) {
    now += 1000;
    rate.add(10e6 + second * 3e6);
  }
  assert.equal(rate.perSecond(), 3e6, 'the slow beginning still counts');
  for (let second = 1; second <= 5; second++) {
    now += 1000;
    rate.add(25e6);
  }
  assert.equal(rate.perSecond(), undefined, 'it stands still');
});

/** @param {string} name */
const photo = name => ({ key: name, name, blob: new Blob([name]) });

/** A network that answers when told to, and a queue that writes down what happens. */
function queueOnFake() {
  /** @type {{ name: Promise<string>, signal: AbortSignal, answer: () => void, fail: (error: Error) => void }[]} */
  const calls = [];
  const net = /** @type {import('../static/residua.js').Residua} */ (/** @type {unknown} */ ({
    info: { activation: 'softmax', outputs: 5 },
    classify: (
      /** @type {Blob} */ blob, /** @type {{ signal: AbortSignal }} */ { signal },
    ) => new Promise((resolve, reject) => {
      calls.push({ name: blob.text(), signal, answer: () => resolve({}), fail: reject });
    }),
  }));
  /** @type {string[]} */
  const log = [];
  const queue = createQueue({
    onAnswer: photo => log.push(`answer ${photo.name}`),
    onFail: (photo, error) => log.push(`fail ${photo.name}: ${error}`),
    onLength: waiting => log.push(`waiting ${waiting}`),
  });
  const heard = () => log.splice(0).filter(line => !line.startsWith('waiting'));
  return { queue, net, calls, log, heard, settled: () => new Promise(done => setTimeout(done)) };
}

test('queue: photos wait for the model, and the first of a batch goes first', async () => {
  const { queue, net, calls, log, heard, settled } = queueOnFake();
  queue.put([photo('a'), photo('b'), photo('c')]);
  await settled();
  assert.equal(calls.length, 0);
  assert.equal(log.at(-1), 'waiting 2');
  queue.serve(net);
  for (const name of ['a', 'b', 'c']) {
    await settled();
    assert.equal(await calls.at(-1)?.name, name);
    calls.at(-1)?.answer();
  }
  await settled();
  assert.deepEqual(heard(), ['answer a', 'answer b', 'answer c']);
});

test('queue: the newest wins, and an answer that comes too late is not heard', async () => {
  const { queue, net, calls, heard, settled } = queueOnFake();
  queue.serve(net);
  queue.put([photo('old')]);
  queue.put([photo('new')]);
  assert.ok(calls[0].signal.aborted);
  calls[0].answer();
  await settled();
  calls[1].answer();
  await settled();
  assert.deepEqual(heard(), ['answer new']);
  assert.equal(calls.length, 2);
});

test('queue: a new photo goes before the rest of a batch, and the rest is answered after it', async () => {
  const { queue, net, calls, heard, settled } = queueOnFake();
  queue.serve(net);
  queue.put([photo('a'), photo('b'), photo('c')]);
  calls[0].answer();
  await settled(); // b is in work now
  queue.put([photo('new')]);
  for (let i = 1; i <= 4; i++) {
    calls[i]?.fail(new Error('cancelled'));
    if (i > 1) calls[i]?.answer();
    await settled();
  }
  assert.deepEqual((await Promise.all(calls.map(call => call.name))).join(' '), 'a b new b c');
  assert.equal(heard()[0], 'answer a');
});

test('queue: a failure is told, and the next photo is answered; cancel is told as nothing', async () => {
  const { queue, net, calls, heard, settled } = queueOnFake();
  queue.serve(net);
  queue.put([photo('bad'), photo('good')]);
  calls[0].fail(new Error('no picture'));
  await settled();
  calls[1].answer();
  await settled();
  assert.deepEqual(heard(), ['fail bad: Error: no picture', 'answer good']);
  queue.put([photo('x'), photo('y')]);
  queue.cancel();
  calls[2].fail(new Error('cancelled'));
  await settled();
  assert.deepEqual(heard(), []);
  assert.equal(calls.length, 3);
});

test('queue: no more photos stand in line than fit', () => {
  const { queue, log } = queueOnFake();
  for (let i = 0; i < 3; i++) queue.put(Array.from({ length: 20 }, (_, k) => photo(`${i} ${k}`)));
  assert.equal(log.at(-1), `waiting ${capacity - 1}`);
});

test('loader: stop keeps how much is here; a late model is closed; a failure can be tried again', async () => {
  /**
   * @type {{
   *   onProgress: (progress: any) => void,
   *   resolve: (net: any) => void,
   *   reject: (error: Error) => void,
   *   signal: AbortSignal,
   * }[]}
   */
  const loads = [];
  /** @type {string[]} */
  const states = [];
  const loader = createLoader({
    load: ({ onProgress, signal }) => new Promise((resolve, reject) =>
      loads.push({ onProgress, signal, resolve, reject })),
    onChange: state => states.push(state.name),
  });
  const settled = () => new Promise(done => setTimeout(done));
  let closed = 0;
  const net = { close: () => closed++ };

  void loader.start();
  void loader.start(); // a second one changes nothing
  assert.equal(loads.length, 1);
  loads[0].onProgress({ phase: 'download', loaded: 20, total: 51, cached: 0 });
  loader.stop();
  assert.ok(loads[0].signal.aborted);
  assert.deepEqual(loader.state,
    { name: 'stopped', progress: { phase: 'download', loaded: 20, total: 51, cached: 0 } });
  loads[0].resolve(net);
  await settled();
  assert.equal(closed, 1);
  assert.equal(loader.state.name, 'stopped');

  void loader.start();
  loads[1].reject(new Error('offline'));
  await settled();
  assert.equal(loader.state.name, 'failed');
  void loader.start();
  loads[2].resolve(net);
  await settled();
  assert.equal(loader.state.name, 'ready');
  loader.fail(new Error('crashed'));
  assert.equal(closed, 2);
  assert.deepEqual(states, ['loading', 'loading', 'stopped', 'loading', 'failed', 'loading', 'ready', 'failed']);
});

test('address: a choice comes back as it was, and what makes no sense is at its default', () => {
  assert.equal(addressOf({ ...defaults }), '');
  assert.deepEqual(readAddress(''), defaults);
  /** @type {import('../static/page/address.js').Look} */
  const look = {
    room: 'look', scene: 'block', block: 7, channel: 12, tensor: 'f', order: 'class', class: 425, map: 'magma',
    where: 'grad-cam', source: 'x', opacity: 0.35, ablate: { 1: 'residual', 14: 'shortcut' },
    classes: 'own', lab: '',
  };
  assert.deepEqual(readAddress(addressOf(look)), look);
  for (const hash of [
    '#room=kitchen', '#classes=everybody', '#block=-1', '#block=1e9', '#class=x', '#without=3.all',
    '#without=residual', '#opacity=-5', '#%%%',
  ]) {
    assert.deepEqual(readAddress(hash), defaults, hash);
  }
});

test('a class is found by the beginning of its name, of a word in it, by any part, and by its number; '
  + 'no two have one name', () => {
  const names = namesOf([
    'crane', 'goldfish', 'gold coin', 'crane', 'old golden lamp', 'marigold', 'tow-truck', '12-inch ruler',
  ]);
  assert.deepEqual(names, [
    'crane (0)', 'goldfish', 'gold coin', 'crane (3)', 'old golden lamp', 'marigold', 'tow-truck', '12-inch ruler',
  ]);
  const found = (/** @type {string} */ typed) => search(names, typed).map(i => names[i]);
  assert.deepEqual(found('GOLD'), ['gold coin', 'goldfish', 'old golden lamp', 'marigold']);
  assert.deepEqual(found(' gold  lamp '), ['old golden lamp']);
  assert.deepEqual(found('truck'), ['tow-truck']);
  assert.deepEqual(found('crane'), ['crane (0)', 'crane (3)']);
  assert.deepEqual(found('3'), ['crane (3)'], 'a number is the class that has it');
  assert.deepEqual(found('12'), ['12-inch ruler']);
  assert.deepEqual(found('silver'), []);
  assert.deepEqual(found(''), [...names].sort((a, b) => a.localeCompare(b, 'en')),
    'nothing typed: all, by the alphabet');
});

test('a class is found in either language: the better match counts, and the order is that of the shown names', () => {
  const names = ['鹤', '金毛寻回犬', '金鱼', '起重机', '金刚鹦鹉'];
  const others = ['crane', 'golden retriever', 'goldfish', 'crane', 'macaw'];
  const found = (/** @type {string} */ typed) =>
    search(names, typed, { others, locale: 'zh-Hans' }).map(i => names[i]).join(' ');
  assert.equal(found('金'), '金刚鹦鹉 金毛寻回犬 金鱼', 'by pinyin: gang, mao, yu');
  assert.equal(found('寻回'), '金毛寻回犬');
  assert.equal(found('Crane'), '鹤 起重机');
  assert.equal(found('retriever gold'), '金毛寻回犬');
  assert.equal(found('fish'), '金鱼');
  assert.equal(found('3'), '起重机');
  assert.equal(found('银'), '');
});

test('a map over the photo has the colours of the canvas: the published ends, '
  + 'and zero in the middle where there are both signs', () => {
  const ends = (/** @type {Uint8Array} */ colours) =>
    [0, 255].map(i => Buffer.from(colours.subarray(3 * i, 3 * i + 3)).toString('hex'));
  assert.deepEqual(ends(coloursOf({ min: 0, max: 3 }, 'viridis', false)), ['440154', 'fde725']);
  assert.deepEqual(ends(coloursOf({ min: 0.5, max: 3 }, 'magma', true)), ['000004', 'fcfdbf']);
  for (const [dark, middle] of /** @type {const} */ ([[false, [0xf7, 0xf7, 0xf7]], [true, [0x1b, 0x1b, 0x1b]]])) {
    // The value 0 is at 51 of 255: there, and with values of one sign only at the end, is the middle's colour. Of 256
    // colours none is the middle itself: the nearest is a 510th of the scale beside it, which is at most one of 255.
    const colours = coloursOf({ min: -1, max: 4 }, 'viridis', dark);
    const far = (/** @type {Uint8Array} */ rgb) => Math.max(...rgb.map((value, k) => Math.abs(value - middle[k])));
    assert.ok(far(colours.subarray(3 * 51, 3 * 52)) <= 1, `zero is ${colours.subarray(3 * 51, 3 * 52)}`);
    assert.ok(far(coloursOf({ min: 0, max: 4 }, 'diverging', dark).subarray(0, 3)) <= 1);
    // From −1 to 4 it is not the whole of the blue half, but all of the orange one.
    assert.equal(ends(colours)[1], ends(coloursOf({ min: -4, max: 4 }, 'magma', dark))[1]);
    assert.notEqual(ends(colours)[0], ends(coloursOf({ min: -4, max: 4 }, 'magma', dark))[0]);
  }
  const zeros = Buffer.from(coloursOf({ min: 0, max: 0 }, 'diverging', false)).toString('hex');
  assert.equal(zeros.replaceAll('f7f7f6', ''), '', 'all is zero');
});

test('a probability is written with one digit, and never as none or all where it is not', () => {
  const percents = [0, 0.0004, 0.0005, 0.123456, 0.9994, 0.9995, 1].map(p => percentIn('en', p));
  assert.deepEqual(percents, ['< 0.1%', '< 0.1%', '0.1%', '12.3%', '99.9%', '> 99.9%', '> 99.9%']);
});

test('predictions: of classes that may all be right, all that are likely are shown, and five at least', () => {
  const info = (/** @type {'softmax' | 'sigmoid'} */ activation, /** @type {number} */ outputs) =>
    ({ activation, outputs });
  const kinds = [info('softmax', 6), info('sigmoid', 1), info('sigmoid', 6)];
  assert.deepEqual(kinds.map(isMultiLabel), [false, false, true]);
  assert.deepEqual(kinds.map(topOf), [5, 5, many]);
  const predictions = (/** @type {number[]} */ ...list) =>
    list.map((probability, index) => ({ index, label: `class ${index}`, probability }));
  const count = (/** @type {number[]} */ ...list) => shownOf(predictions(...list)).length;
  assert.equal(count(0.99, 0.9, 0.8, 0.7, 0.6, 0.5, 0.49, 0.1), 6);
  assert.equal(count(0.9, 0.4, 0.3, 0.2, 0.1, 0.05, 0), 5);
  assert.equal(count(0.9, 0.1), 2);
  const cut = (/** @type {number} */ probability, /** @type {number} */ classes) =>
    isCut(predictions(...Array(many).fill(probability)), { classes });
  assert.deepEqual([cut(0.6, 51), cut(0.4, 51), cut(0.6, 50)], [true, false, false]);
});

test('a camera that does not say which way it faces is told by its name', async () => {
  const { isFront } = await import(new URL('../static/page/camerafacing.js', import.meta.url).href);
  const front = ['FaceTime HD Camera', 'Integrated Camera (04f2:b6be)', 'Logitech BRIO', 'HD Pro Webcam C920', '',
    'camera2 1, facing front', 'USB2.0 HD UVC WebCam', 'USB Video Device'];
  const away = ['camera2 0, facing back', 'Back Camera', 'Cam Link 4K', 'USB Video Capture', 'OBS Virtual Camera',
    'iPhone Desk View Camera', 'IPEVO V4K', 'USB Digital Microscope', 'HDMI to USB', '后置摄像头'];
  assert.deepEqual([...front, ...away].filter(label => isFront(undefined, label)), front);
  assert.equal(isFront('environment', 'Front'), false);
  assert.equal(isFront('user', 'Back'), true);
});

test('every reason why a file is no model has a sentence in both languages', async () => {
  const source = await readFile(join(root, 'resnet', 'modelfile', 'refusal.go'), 'utf8');
  const reasons = [...source.matchAll(/\bWhy\w+\s+Why = "([a-z0-9-]+)"\s+\/\/ (.+)/g)];
  assert.equal(reasons.length, [...source.matchAll(/^\tWhy\w+\s+Why = /gm)].length, 'a reason lacks its values');
  assert.ok(reasons.length > 30, 'the reasons were not found');
  for (const table of [en, zh]) {
    for (const [, why, values] of reasons) {
      const sentence = table[`error.bad-model-file.${why}`];
      assert.ok(sentence, why);
      // The detail is in English, and stands below the sentence.
      const names = values.split(':')[0].split(', ').filter(name => name !== 'none' && name !== 'detail');
      assert.deepEqual(placeholders(sentence), names.sort(), why);
    }
  }
});

/** The names of a sentence's values. @param {string} sentence */
const placeholders = sentence => [...new Set([...sentence.matchAll(/\{(\w+)\}/g)].map(match => match[1]))].sort();

test('a sentence with a reason ends with one full stop, and a reason that has one loses it', async () => {
  const { clause } = await import(new URL('../static/common/clause.js', import.meta.url).href);
  const { badArgument, badWeights } = await import(new URL('../static/api/errors.js', import.meta.url).href);
  for (const reason of ['it is damaged', 'it is damaged.', 'it is damaged..', 'it is damaged。', 'it is damaged. \n']) {
    assert.equal(clause(reason), 'it is damaged');
    for (const make of [badArgument, badWeights]) {
      const { message } = make(reason);
      assert.match(message, /it is damaged\.( |$)/);
      assert.doesNotMatch(message, /[.。]{2}|\{|undefined/);
    }
  }
  for (const [language, table, stop] of /** @type {const} */ ([['en', en, '.'], ['zh', zh, '。']])) {
    for (const [key, sentence] of Object.entries(table)) {
      if (!key.startsWith('error.')) continue;
      const said = sentence.replace('{reason}', clause('it is damaged.'));
      assert.doesNotMatch(said, /[.。]\s?[.。]/, `${language} ${key}`);
      assert.ok(said.endsWith(stop), `${language} ${key} does not end with ${stop}`);
    }
  }
});

/**
 * Why nothing can be taught, or a file with weights cannot be used: each reason with the names of its values.
 * @param {'taught' | 'weights'} part
 */
async function whysOf(part) {
  const source = await readFile(join(root, 'resnet', 'transfer', 'why.go'), 'utf8');
  const parts = source.split('// Why a file with weights');
  assert.equal(parts.length, 2);
  return [...parts[part === 'taught' ? 0 : 1].matchAll(/\bWhy\w+\s+Why = "([a-z-]+)"\s+\/\/ (.+)/g)]
    .map(([, why, values]) => /** @type {const} */ ([why, values.split(', ').filter(name => name !== 'none')]));
}

test('why nothing can be taught, and why weights cannot be used, has words in both languages', async () => {
  const [taught, ofWeights] = [await whysOf('taught'), await whysOf('weights')];
  assert.ok(taught.length > 10 && ofWeights.length > 5, 'the reasons were not found');
  for (const table of [en, zh]) {
    for (const [prefix, list] of /** @type {const} */ ([['error.cannot-teach', taught], ['reason', ofWeights]])) {
      for (const [why, values] of list) {
        const words = table[`${prefix}.${why}`];
        assert.ok(words, why);
        assert.deepEqual([...words.matchAll(/\{(\w+)\}/g)].map(match => match[1]).sort(), [...values].sort(), why);
      }
    }
  }
});

test('what is wrong with an archive or a project has a clause in the tables, and its values in the error', async () => {
  const { reasons, badArchive, badPart, badProject } =
    await import(new URL('../static/api/teach/projecterror.js', import.meta.url).href);
  const inTable = Object.keys(en).filter(key => key.startsWith('reason.')).map(key => key.slice('reason.'.length));
  const ofWeights = (await whysOf('weights')).map(([why]) => why);
  assert.deepEqual(inTable.sort(), [...new Set([...Object.keys(reasons), ...ofWeights])].sort());
  for (const [why, clause] of /** @type {[string, string][]} */ (Object.entries(reasons))) {
    assert.equal(en[`reason.${why}`].replace(/[“”]/g, '"'), clause);
    const values = Object.fromEntries([...clause.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, `a ${name}`]));
    for (const make of [badArchive, badPart, badProject]) {
      const { message, details } = make(why, values);
      assert.deepEqual(details, { ...values, why, reason: details.reason });
      assert.ok(message.includes(`: ${details.reason}.`), message);
      assert.doesNotMatch(message, /[{}]|undefined/);
      for (const value of Object.values(values)) assert.ok(details.reason.includes(value), message);
    }
  }
});

test('files that come in together are sorted: beside a network all that is no picture is the network\'s', () => {
  const sorted = (/** @type {string[]} */ ...names) => {
    const given = names.map(name => new File(['x'], name, { type: name.endsWith('.jpg') ? 'image/jpeg' : '' }));
    const { model, dataAlone, files, photos } = sortFiles(given);
    return [model?.name ?? '', dataAlone?.name ?? '', files.map(({ name }) => name).join(' '),
      photos.map(({ name }) => name).join(' ')];
  };
  const shards = ['m-00002-of-00002.safetensors', 'm-00001-of-00002.safetensors', 'm.safetensors.index.json'];
  assert.deepEqual(sorted('a.onnx', 'a.onnx.data', 'barn.jpg', 'labels.txt'),
    ['a.onnx', '', 'a.onnx a.onnx.data labels.txt', 'barn.jpg']);
  assert.deepEqual(sorted('layer1.0.conv1.weight', 'onnx__Conv_497', 'A.ONNX', 'cat.HEIC'),
    ['A.ONNX', '', 'layer1.0.conv1.weight onnx__Conv_497 A.ONNX', 'cat.HEIC']);
  assert.deepEqual(sorted(...shards), [shards[0], '', shards.join(' '), '']);
  assert.deepEqual(sorted('pytorch_model.bin', 'model.safetensors', 'README.md'),
    ['model.safetensors', '', 'pytorch_model.bin model.safetensors README.md', '']);
  for (const name of ['a.onnx.data', 'a.onnx_data']) {
    assert.deepEqual(sorted(name, 'barn.jpg'), ['', name, name, 'barn.jpg']);
  }
  for (const name of ['labels.txt', 'classes.csv', 'coco.names', 'class_indices.json', 'README.md']) {
    assert.deepEqual(sorted(name, 'barn.jpg'), ['', '', name, 'barn.jpg']);
  }
  assert.deepEqual(sorted('weights.pb', 'a.onnx'), ['a.onnx', '', 'weights.pb a.onnx', '']);
  assert.deepEqual(sorted('film.mov', 'barn.jpg'), ['', '', '', 'film.mov barn.jpg']);
});
