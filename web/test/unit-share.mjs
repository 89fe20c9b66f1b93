// Unit tests of what is shared, without a browser or a server: which names go out, how a stranger's names are shown,
// and the file between.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headFile, headParts, hostileLabels, oddLabels, safetensors, soundHead } from './head.mjs';

const { fetchShare, refusalOf, isShareID, linkOf, shareIDIn } = await import('../static/api/teach/share.js');
const { Teacher } = await import('../static/api/teach/teacher.js');
const { sharedIn } = await import('../static/page/address.js');
const { describe, sanitizeName, nameFault, renameClasses } = await import('../static/api/teach/sharefile.js');

const limits = { maxBytes: 4 << 20, days: 90, maxLabel: 64 };

test('share: names that a server refuses are known before, and made safe to show', () => {
  for (const label of hostileLabels) assert.ok(nameFault(label), JSON.stringify(label));
  for (const label of oddLabels) assert.equal(nameFault(label), undefined, JSON.stringify(label));
  for (const [name, why] of /** @type {const} */ ([
    ['x'.repeat(65), 'long'],
    ['\u{1f408}'.repeat(64), undefined],
    ['a<b', 'markup'],
    ['\u202ecat', 'control'],
    ['cat\ud800', 'lost'],
    ['\u200b \u3000', 'invisible'],
  ])) assert.equal(nameFault(name), why, name);
  for (const [i, label] of [...hostileLabels, ...oddLabels].entries()) {
    const shown = sanitizeName(label, i);
    // Tags stay, as text; all that acts on what stands round it is gone, so that only they can be wrong with it.
    assert.ok([undefined, 'markup'].includes(nameFault(shown)), JSON.stringify(shown));
    if (!nameFault(label)) assert.equal(shown, label);
  }
  const shown = ['cat\u202egod', '', '\u200b', '\x00'].map(sanitizeName);
  assert.deepEqual(shown, ['cat[U+202E]god', '#2', '#3', '[U+0000]']);
  assert.equal([...sanitizeName('\u{1f408}'.repeat(100), 0)].length, 64);
});

test('share: a file says what it is, takes other names, and nothing else of it changes', async () => {
  const file = new Blob([new Uint8Array(soundHead({ classes: ['cat', 'dog'] }))]);
  assert.deepEqual({ ...await describe(file), header: 0 },
    { model: 'resnet50', classes: ['cat', 'dog'], bytes: file.size, header: 0 });
  const { card, tensors } = headParts({ classes: ['\u732b', 'a longer name'] });
  const other = new Uint8Array(await (await renameClasses(file, ['\u732b', 'a longer name'])).arrayBuffer());
  assert.deepEqual(other, new Uint8Array(headFile({ card, tensors })));
  assert.equal(other[0] % 8, 0, 'the tensors are aligned');
  await assert.rejects(renameClasses(file, ['one']), { code: 'bad-argument' });
});

test('share: what is no head is refused before anything large is read', async () => {
  const length = (/** @type {bigint} */ n) => new Uint8Array(new BigUint64Array([n]).buffer);
  const withCard = (/** @type {unknown} */ card) =>
    new Blob([new Uint8Array(safetensors({ 'residua.taught': JSON.stringify(card) }, []))]);
  for (const file of [
    new Blob([]),
    new Blob(['short']),
    new Blob([length(2n ** 63n), '{}']),
    new Blob([length(10n), '{}']),
    new Blob([length(2n), '[]']),
    new Blob([length(4n), 'null']),
    new Blob([new Uint8Array(safetensors({}, []))]),
    withCard(null),
    withCard({ model: '<script>', classes: ['a', 'b'] }),
    withCard({ model: 'resnet50', classes: [1, 2] }),
    withCard({ model: 'resnet50', classes: 'ab' }),
  ]) await assert.rejects(describe(file), { name: 'ResiduaError', code: 'bad-weights' });
  const long = new Blob([new Uint8Array(soundHead({ classes: ['a', 'b'.repeat(1 << 14)] }))]);
  await describe(long);
  await assert.rejects(describe(long, 1 << 14), { code: 'bad-weights' });
});

test('share: what is too large for a host is said, and which names it refuses', () => {
  const head = { model: 'resnet50', classes: ['cat', '<b>', 'dog'], bytes: 80_000, header: 600 };
  assert.deepEqual(refusalOf(head, limits), { why: '', names: [{ at: 1, name: '<b>', why: 'markup' }] });
  assert.deepEqual(refusalOf({ ...head, bytes: limits.maxBytes + 1 }, limits).why, 'too-large');
  assert.deepEqual(refusalOf({ ...head, header: (16 << 10) + 1, classes: ['cat', 'dog'] }, limits),
    { why: 'too-long', names: [] });
});

test('share: a link holds an ID, and an ID is nothing else', () => {
  const id = '0123456789abcdef0123456789abcdef';
  assert.ok(linkOf(id).endsWith(`/#share=${id}`));
  assert.ok(isShareID(id));
  for (const wrong of [
    '', id.slice(1), `${id}0`, id.toUpperCase(), `../${id}`, `${id.slice(0, 30)}\n0`, `${id}\n`, '..%2f..%2fhealth',
  ]) assert.equal(isShareID(wrong), false, wrong);
});

test('share: what stands behind a link is no part of it, nor are capitals and what programs encode', async () => {
  const id = '0123456789abcdef0123456789abcdef';
  const opens = [
    ...['', '.', ',', ')', '"', '%22', '\u200b', '%E2%80%8B', ' ', '%20look', ' and then', '&fbclid=x', '?utm_source=m',
      '/', '>', '\u3002', '\uff09', '*', '_', '#top', '%2E', '%', '%E2%80', '0', 'feed', '%0A']
      .map(end => `share=${id}${end}`),
    `share=${id.toUpperCase()}`, `SHARE=${id}`, `share%3D${id}`, `share=%20${id}`, `share=\u200b${id}`, `/share=${id}`,
    `utm_source=m&share=${id}`, `share=${id.slice(0, 9)}\u00ad${id.slice(9)}`, `share="${id}"`,
  ];
  for (const hash of opens) assert.equal(sharedIn(`#${hash}`), id, hash);
  for (const link of [
    id, ` ${id}\n`, linkOf(id), `https://a.example/x/?fbclid=1#share=${id}).`,
    new URL(`https://a.example/#share=${id}`),
    `see <https://a.example/#share=${id}>`, `https://a.example/api/share/${id}`,
  ]) assert.equal(shareIDIn(link), id, String(link));
  // A link that was cut off still is one, so that the page can say that it leads nowhere.
  for (const [hash, rest] of [
    [`share=${id.slice(4)}`, id.slice(4)], ['share=', ''], ['share', ''], ['share=nonsense', 'nonsense'],
    [`share=g${id}`, `g${id}`],
  ]) assert.equal(sharedIn(`#${hash}`), rest, hash);
  for (const hash of ['', '#', '#room=teach', '#timeshare=no', '#class=3&map=magma', '#%%%']) {
    assert.equal(sharedIn(hash), null, hash);
  }
  for (const link of [id.slice(4), '', 'https://a.example/', `${linkOf(id).slice(0, -4)}.`]) {
    await assert.rejects(fetchShare(link), { name: 'ResiduaError', code: 'no-share' }, link);
  }
});

test('share: two teachers use one engine, and each answers by its own weights', async () => {
  let has = 0;
  let used = 0;
  const turn = () => new Promise(done => { setTimeout(done, 1); });
  // It answers one question after the other, as the real one does: by the weights that it has when it comes to it.
  let last = Promise.resolve();
  /** @param {() => object} answer */
  const inTurn = answer => {
    const mine = last.then(turn).then(answer);
    last = mine.then(() => {});
    return mine;
  };
  const engine = /** @type {any} */ ({
    info: { model: 'small', blocks: [{ height: 2, width: 2, channels: 4 }, { height: 2, width: 2, channels: 3 }] },
    ask: (/** @type {string} */ op, /** @type {any} */ _args, /** @type {any} */ { buffers }) => inTurn(() => {
      if (op === 'import') {
        const answer = { method: 'head', classes: [`class ${buffers.file[4]}`], l2: 1, temperature: 1 };
        return { json: JSON.stringify(answer), buffers: { weights: buffers.file } };
      }
      has = buffers.weights[4];
      used++;
      return { json: '{}', buffers: {} };
    }),
    askAbout: () => inTurn(() => ({
      json: JSON.stringify({ answer: { class: 0, best: 0, probabilities: [has] }, image: {}, ms: {} }),
      buffers: {},
    })),
  });
  const teachers = [new Teacher(engine), new Teacher(engine)];
  for (const [i, teacher] of teachers.entries()) await teacher.import(new Blob([new Uint8Array([0, 0, 0, 0, i + 1])]));
  const ask = async (/** @type {number} */ i) =>
    (await teachers[i].predict(new Blob())).predictions.map(({ label, probability }) => [label, probability]);
  assert.deepEqual(await ask(0), [['class 1', 1]]);
  assert.deepEqual(await ask(0), [['class 1', 1]]);
  assert.equal(used, 1, 'weights that the engine has are not given again');
  assert.deepEqual(await ask(1), [['class 2', 2]]);
  // At the same time: one's weights come between the other's weights and its question.
  assert.deepEqual(await Promise.all([ask(0), ask(1), ask(0)]), [[['class 1', 1]], [['class 2', 2]], [['class 1', 1]]]);
});
