// The store of Teach in Chromium: nothing that was added is lost, whatever happens to the tab, the browser or the disk.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { counted, differences, numbers, openTab } from './teachstore/checks.mjs';
import { startSite, visit } from './teachstore/site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;

before(async () => { site = await startSite(); });
after(() => site?.close());

test('what was put is there in a new page, to the bit and in order', async t => {
  const name = 'again';
  const first = await openTab(site, t, { name });
  assert.equal(first.readOnly, false);
  const began = await first.page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    const began = await lab.store.load();
    await lab.store.saveHeader(lab.head());
    await lab.add(8, 11); // p10 before p9, were they sorted
    // A large one whose file takes longer to read than that of the next.
    const [large, next] = [await lab.picture(11, { bytes: 300_000 }), await lab.picture(12)];
    await Promise.all([large, next].map(({ record, content }) => lab.store.putPicture(record, content)));
    await lab.add(3, 4, { features: 0 });
    await lab.add(0, 1, { input: 0 });
    await lab.store.putWeights('last-block', new Uint8Array([1, 2, 3, 4, 5]).buffer);
    await lab.store.putWeights('checkpoint', new ArrayBuffer(3));
    await lab.store.putWeights('checkpoint', new ArrayBuffer(9));
    return began;
  });
  assert.equal(began, null);
  await first.page.close();

  const { page, readOnly } = await openTab(site, t, { name });
  assert.equal(readOnly, false);
  assert.deepEqual(await numbers(page), [8, 9, 10, 11, 12, 3, 0]);
  assert.deepEqual(await differences(page, [8, 9, 10, 12]), []);
  assert.deepEqual(await differences(page, [11], { bytes: 300_000 }), []);
  assert.deepEqual(await differences(page, [3], { features: 0 }), []);
  assert.deepEqual(await differences(page, [0], { input: 0 }), []);
  const kept = await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    const [p8, p11] = [await lab.picture(8), await lab.picture(11)];
    return {
      head: JSON.stringify((await lab.store.load()).header) === JSON.stringify(lab.head()),
      rows: (await lab.store.features(['p11', 'p8'])).join() ===
        [...p11.content.features, ...p8.content.features].join(),
      none: [(await lab.store.features([])).length, (await lab.store.small([])).length],
      missing: await lab.store.missing(),
      weights: [
        [...new Uint8Array(await lab.store.weights('last-block'))],
        (await lab.store.weights('checkpoint')).byteLength,
        await lab.store.weights('head'),
      ],
      unready: (await lab.refusal(() => lab.store.features(['p8', 'p3']))).message,
      unknown: (await lab.refusal(() => lab.store.blob('p77'))).message,
    };
  });
  assert.deepEqual(kept, {
    head: true,
    rows: true,
    none: [0, 0],
    missing: ['p3'],
    weights: [[1, 2, 3, 4, 5], 9, null],
    unready: 'The call cannot be carried out: the features of picture p3 were not computed.',
    unknown: 'The call cannot be carried out: there is no picture p77.',
  });
  const { weightBytes } = await counted(page, name);
  assert.equal(weightBytes, 14);
});

test('pictures are replaced, renamed, moved and removed; what cannot be done changes nothing', async t => {
  const name = 'changes';
  const { page } = await openTab(site, t, { name });
  const changed = await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    const { store } = lab;
    await store.saveHeader(lab.head());
    await lab.add(0, 6);
    await store.putFeatures('p5', { blocks: (await lab.picture(5, { blocks: 33 })).content.blocks });
    await store.updatePictures([{ ...(await lab.picture(1)).record, classId: 'c0', name: 'renamed' }]);
    await store.removePictures(['p2', 'p2', 'p99']);
    // Another picture in the place of p3.
    await store.putPicture((await lab.picture(3)).record, (await lab.picture(40)).content);
    await store.putFeatures('p4', { input: (await lab.picture(5, { input: 30 })).content.input });
    await store.putWeights('last-block', new ArrayBuffer(7));
    await store.putTaught({ head: new ArrayBuffer(7), 'last-block': new ArrayBuffer(7) }, () => lab.head());
    await store.removeWeights('head');
    const refusals = [];
    for (const call of [
      async () => store.updatePictures([{ ...(await lab.picture(0)).record, name: 'lost' }, { id: 'p2' }]),
      async () => store.putFeatures('p2', (await lab.picture(2)).content),
      async () => store.putFeatures('p0', { features: new Float32Array(8) }),
      async () => store.putPicture((await lab.picture(50)).record, { blob: 'no blob' }),
      async () => {
        const { record, content } = await lab.picture(51);
        return store.putPicture({ ...record, added: () => {} }, content);
      },
      async () => store.putWeights('head', new Uint8Array(8)),
      async () => store.setInputBudget(NaN),
    ]) refusals.push((await lab.refusal(call)).message);
    const { pictures } = await store.load();
    return {
      names: pictures.map((/** @type {any} */ { name, classId }) => `${name} ${classId}`), refusals,
      hash: await lab.sha256(await lab.contentOf(await store.blob('p3'))) === (await lab.picture(40)).record.hash,
      weights: [await store.weights('head'), (await store.weights('last-block'))?.byteLength],
      input: (await store.inputs(['p4', 'p2'])).map((/** @type {any} */ input) => input?.length ?? null),
      blocks: (await store.blocks(['p5', 'p4', 'p2'])).map((/** @type {any} */ blocks) => blocks?.length ?? null),
    };
  });
  assert.deepEqual(changed.names, [
    'picture 0.png c0',
    'renamed c0',
    'picture 3.png c1',
    'picture 4.png c0',
    'picture 5.png c1',
  ]);
  assert.equal(changed.hash, true);
  assert.deepEqual(changed.input, [30, null]);
  assert.deepEqual(changed.blocks, [33, 20, null]);
  assert.deepEqual(changed.weights, [null, 7]);
  for (const [i, want] of [
    'no picture p2',
    'no picture p2',
    'come together',
    'is a Blob',
    'could not be cloned',
    'are an ArrayBuffer',
    'a number of bytes',
  ].entries()) {
    assert.ok(changed.refusals[i]?.includes(want), `"${changed.refusals[i]}" lacks "${want}"`);
  }
  assert.equal((await counted(page, name)).pictures, 5);
  await page.evaluate(async () => {
    const { store } = /** @type {any} */ (globalThis).lab;
    await store.setInputBudget(1000);
    await store.putWeights('checkpoint', new ArrayBuffer(4));
    await store.clear();
  });
  assert.deepEqual(await counted(page, name), {
    pictures: 0,
    bytes: 0,
    inputBytes: 0,
    blockBytes: 0,
    weightBytes: 0,
    inputBudget: 1000,
  });
  assert.equal(await numbers(page), null);
});

/** What can happen to a tab that is adding pictures. @type {Record<string, (page: Page) => Promise<void>>} */
const ends = {
  'is closed': page => page.close(),
  'crashes': async page => {
    const session = await page.context().newCDPSession(page);
    const crashed = new Promise(done => page.once('crash', done));
    session.send('Page.crash').catch(() => {}); // nobody is left to answer
    await crashed;
    await page.close();
  },
  'goes down with the browser': () => site.kill(),
};

for (const [what, end] of Object.entries(ends)) {
  test(`a tab that ${what} while it adds pictures loses none that was added`, async () => {
    const name = what;
    const page = await site.open();
    /** @type {number[]} */
    const kept = [];
    let enough = () => {};
    const some = new Promise(done => { enough = () => done(undefined); });
    await page.exposeFunction('kept', (/** @type {number} */ i) => {
      kept.push(i);
      if (kept.length === 25) enough();
    });
    await page.evaluate(async name => {
      const { lab } = /** @type {any} */ (globalThis);
      await lab.open({ name });
      await lab.store.saveHeader(lab.head());
      void lab.addForEver(0);
    }, name);
    await some;
    await end(page);

    const again = await site.open();
    try {
      const opened = await again.evaluate(name => /** @type {any} */ (globalThis).lab.open({ name }), name);
      assert.deepEqual(opened, { readOnly: false });
      const there = await numbers(again) ?? [];
      assert.deepEqual(kept.filter(i => !there.includes(i)), [], 'pictures are lost');
      for (const i of there) assert.deepEqual(await differences(again, [i], { bytes: 60_000 + 1000 * i }), []);
      await counted(again, name);
      await again.evaluate(from => /** @type {any} */ (globalThis).lab.add(from, from + 1), there.length);
      assert.equal((await numbers(again))?.length, there.length + 1);
    } finally {
      await again.close();
    }
  });
}

test('changes happen in the order in which they were asked for, as they were then', async t => {
  const name = 'order';
  const { page } = await openTab(site, t, { name });
  const got = await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    const { store } = lab;
    const head = lab.head('first');
    const [large, small, gone] = [await lab.picture(0, { bytes: 300_000 }), await lab.picture(1), await lab.picture(2)];
    const done = [
      store.saveHeader(head),
      store.putPicture(gone.record, gone.content),
      store.removePictures(['p2']),
      store.putPicture(small.record, small.content),
      store.putPicture(large.record, large.content),
      store.putWeights('checkpoint', new ArrayBuffer(3)),
      store.removeWeights('checkpoint'),
    ];
    head.name = 'changed since';
    small.record.name = 'changed since';
    await Promise.all(done);
    const before = await store.load();
    const last = [
      store.putPicture(gone.record, gone.content),
      store.clear(),
      store.saveHeader(head),
      store.putPicture(large.record, large.content),
    ];
    await store.close(); // after what was asked for
    await Promise.all(last);
    await lab.open({ name: 'order' });
    const names = (/** @type {any} */ { header, pictures }) =>
      [header.name, ...pictures.map((/** @type {any} */ { name }) => name)];
    return [names(before), names(await lab.store.load())];
  });
  assert.deepEqual(got, [['first', 'picture 1.png', 'picture 0.png'], ['changed since', 'picture 0.png']]);
  assert.equal((await counted(page, name)).weightBytes, 0);
});

test('what was computed goes in one step, with more pictures than are read at once, and never half of it', async t => {
  const name = 'along';
  const { page: first } = await openTab(site, t, { name });
  await first.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.store.saveHeader(lab.head());
    await lab.add(0, 300);
    await lab.store.putWeights('head', new ArrayBuffer(7));
    // The change is under way when the tab goes.
    void lab.store.forgetComputed({ ...lab.head('along'), model: 'other', history: [] });
  });
  await first.close();
  const { page } = await openTab(site, t, { name });
  const found = () => page.evaluate(async () => {
    const { store } = /** @type {any} */ (globalThis).lab;
    const { header, pictures } = await store.load();
    return {
      model: header.model, history: header.history.length, missing: (await store.missing()).length,
      head: (await store.weights('head'))?.byteLength ?? 0,
      sides: pictures.filter((/** @type {any} */ { side }) => side !== 0).length,
    };
  });
  const before = { model: 'resnet50', history: 1, missing: 0, head: 7, sides: 200 };
  const after = { model: 'other', history: 0, missing: 300, head: 0, sides: 0 };
  const cut = await found();
  assert.deepEqual(cut, cut.model === 'other' ? after : before);
  await counted(page, name);

  const other = { model: 'other', classes: [], history: [] };
  await page.evaluate(header => /** @type {any} */ (globalThis).lab.store.forgetComputed(header), other);
  assert.deepEqual(await found(), after);
  const { bytes, ...others } = await counted(page, name);
  assert.deepEqual(others, { pictures: 300, inputBytes: 0, inputBudget: 256e6, blockBytes: 0, weightBytes: 0 });
  assert.deepEqual(await numbers(page), Array.from({ length: 300 }, (_, i) => i));
  const blobs = await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    let bytes = 0;
    for (let i = 0; i < 300; i++) bytes += (await lab.store.blob(`p${i}`)).size;
    await lab.store.putFeatures('p7', (await lab.picture(7)).content);
    return bytes;
  });
  assert.equal(bytes, blobs);
  assert.equal((await counted(page, name)).inputBytes, 32);
});

test('a page that is loaded again has its store again', async t => {
  const name = 'reload';
  const { page } = await openTab(site, t, { name });
  for (let i = 0; i < 5; i++) {
    await page.evaluate(i => /** @type {any} */ (globalThis).lab.add(i, i + 1), i);
    await visit(page, site.origin);
    const opened = await page.evaluate(name => /** @type {any} */ (globalThis).lab.open({ name }), name);
    assert.deepEqual(opened, { readOnly: false });
  }
  assert.equal((await counted(page, name)).pictures, 5);
});

test('when the storage is full nothing is lost, and there is room again after pictures are removed', async t => {
  const name = 'full';
  const sizes = { bytes: 300_000 };
  const bare = { ...sizes, input: 0, blocks: 0 };
  const page = await site.open();
  t.after(() => page.close());
  // An address of the site where nothing was written yet: the browser remembers for half a minute how much room there
  // was.
  const origin = site.origin.replace('127.0.0.1', 'localhost');
  await visit(page, origin);
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: `${origin}/`, quotaSize: 5e6 });
  await page.evaluate(async name => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.open({ name });
    await lab.store.saveHeader(lab.head());
  }, name);
  const { kept, error } = await page.evaluate(async sizes => {
    const { lab } = /** @type {any} */ (globalThis);
    for (let i = 0; i < 100; i++) {
      const error = await lab.refusal(() => lab.add(i, i + 1, sizes));
      if (error.code) return { kept: i, error };
    }
    return { kept: 100, error: null };
  }, sizes);
  assert.equal(error?.code, 'storage-full');
  assert.equal(error?.name, 'ResiduaError');
  assert.match(error?.message, /remove pictures/);
  assert.ok(kept > 5 && kept < 20, `${kept} pictures of 0.3 MB went into 5 MB`);
  const all = [...Array(kept).keys()];
  assert.deepEqual(await numbers(page), all);
  assert.deepEqual(await differences(page, all, bare), [], 'what can be computed again, and only that, has made room');
  assert.equal((await counted(page, name)).pictures, kept);
  const { code } = await page.evaluate(() => {
    const { lab } = /** @type {any} */ (globalThis);
    // Of weights and the header that has their run, neither is stored.
    const weights = { 'previous-head': new ArrayBuffer(8), head: new ArrayBuffer(6e6) };
    return lab.refusal(() => lab.store.putTaught(weights, () => lab.head('taught')));
  });
  assert.equal(code, 'storage-full');
  assert.equal(await page.evaluate(async () =>
    (await /** @type {any} */ (globalThis).lab.store.load()).header.name), 'project');
  assert.equal((await counted(page, name)).weightBytes, 0);

  await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.store.updatePictures([(await lab.picture(0)).record]);
    await lab.store.removePictures(['p0', 'p1', 'p2', 'p3']);
  });
  // A file is there as long as a script may still hold its Blob, as this test did; and the browser counts anew in its
  // own time.
  for (let attempt = 0; attempt < 100; attempt++) {
    await session.send('HeapProfiler.collectGarbage');
    const { code } = await page.evaluate(([at, sizes]) => {
      const { lab } = /** @type {any} */ (globalThis);
      return lab.refusal(() => lab.add(at, at + 1, sizes));
    }, /** @type {const} */ ([kept, bare]));
    if (!code) break;
    await page.waitForTimeout(300); // nothing tells when the browser counts
  }
  await session.send('Storage.overrideQuotaForOrigin', { origin: `${origin}/` });
  assert.deepEqual(await numbers(page), [...all.slice(4), kept]);
  assert.deepEqual(await differences(page, [...all.slice(4), kept], bare), []);
  await counted(page, name);
});

test('the last block\'s inputs stay within their budget, and the oldest go first', async t => {
  const name = 'budget';
  const { page } = await openTab(site, t, { name });
  const kept = () => page.evaluate(async () => {
    const { store } = /** @type {any} */ (globalThis).lab;
    const ids = (await store.load()).pictures.map((/** @type {any} */ { id }) => id);
    const inputs = await store.inputs(ids);
    return inputs.flatMap((/** @type {any} */ input, /** @type {number} */ i) => (input ? ids[i] : []));
  });
  assert.equal((await counted(page, name)).inputBudget, 256e6);
  await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.store.saveHeader(lab.head());
    await lab.store.setInputBudget(5 * 200 + 199);
    await lab.add(0, 8, { input: 100 });
  });
  assert.deepEqual(await kept(), ['p3', 'p4', 'p5', 'p6', 'p7']);
  assert.equal((await counted(page, name)).inputBytes, 1000);
  await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.store.putFeatures('p0', (await lab.picture(0, { input: 100 })).content); // computed again
    await lab.store.putFeatures('p4', (await lab.picture(4, { input: 100 })).content);
    await lab.add(8, 9, { input: 600 }); // alone more than the budget
    await lab.store.removePictures(['p6']);
  });
  assert.deepEqual(await kept(), ['p0', 'p4', 'p5', 'p7']);
  await counted(page, name);
  await visit(page, site.origin);
  await page.evaluate(async name => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.open({ name });
    await lab.store.setInputBudget(400);
  }, name);
  assert.deepEqual(await kept(), ['p0', 'p4'], 'those of 5 and 7 are older');
  await page.evaluate(() => /** @type {any} */ (globalThis).lab.store.setInputBudget(0));
  assert.deepEqual(await counted(page, name), {
    pictures: 8,
    bytes: (await counted(page, name)).bytes,
    inputBytes: 0,
    blockBytes: 8 * 40,
    weightBytes: 0,
    inputBudget: 0,
  });
  assert.deepEqual(await differences(page, [0, 3, 7], { input: 0 }), []);
});

test('a database from before there were block means opens with all that it has', async t => {
  const name = 'old';
  const page = await site.open();
  t.after(() => page.close());
  const got = await page.evaluate(async name => {
    const { lab } = /** @type {any} */ (globalThis);
    const { record, content: { blob, features, small, input } } = await lab.picture(4);
    const [head, own] = [lab.head(), Float32Array.from(features)];
    const sizes = {
      id: 'p4', blob: blob.size, features: own.byteLength, small: small.byteLength, input: input.byteLength,
    };
    const bytes = blob.size + sizes.features + sizes.small + sizes.input;
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      const { result: database } = request;
      database.createObjectStore('pictures', { keyPath: 'id' });
      database.createObjectStore('sizes', { keyPath: 'id' }).createIndex('age', 'age');
      for (const name of ['blobs', 'features', 'small', 'inputs', 'weights', 'state']) database.createObjectStore(name);
    };
    await new Promise(done => { request.onsuccess = done; });
    const { result: database } = request;
    const file = { bytes: await blob.arrayBuffer(), type: blob.type };
    const transaction = database.transaction([...database.objectStoreNames], 'readwrite');
    transaction.objectStore('pictures').put({ id: 'p4', order: 0, record });
    transaction.objectStore('sizes').put({ ...sizes, age: 0 });
    transaction.objectStore('blobs').put(file, 'p4');
    transaction.objectStore('features').put(own, 'p4');
    transaction.objectStore('small').put(small, 'p4');
    transaction.objectStore('inputs').put(input, 'p4');
    transaction.objectStore('state').put(head, 'head');
    transaction.objectStore('state').put({
      owner: 'another', order: 1, age: 1, pictures: 1, bytes, inputBytes: sizes.input, inputBudget: 256e6, weights: {},
    }, 'count');
    await new Promise(done => { transaction.oncomplete = done; });
    database.close();
    const { readOnly } = await lab.open({ name });
    const { header } = await lab.store.load();
    const isSame = JSON.stringify(header) === JSON.stringify(head);
    return { readOnly, isSame, blocks: await lab.store.blocks(['p4']) };
  }, name);
  assert.deepEqual(got, { readOnly: false, isSame: true, blocks: [null] });
  assert.deepEqual(await differences(page, [4], { blocks: 0 }), []);
  assert.equal((await counted(page, name)).blockBytes, 0);
  // From then on it keeps them.
  await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.store.putFeatures('p4', { blocks: (await lab.picture(4)).content.blocks });
  });
  assert.deepEqual(await differences(page, [4]), []);
  assert.equal((await counted(page, name)).blockBytes, 40);
});

test('more pictures than are read at once, and their rows in any order', async t => {
  // node web/test/many.mjs does it with ten thousand, in the room.
  const name = 'many';
  const { page } = await openTab(site, t, { name });
  await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.store.saveHeader(lab.head());
    for (let i = 0; i < 1200; i += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, k) => lab.add(i + k, i + k + 1, { features: 2048 })));
    }
  });
  await visit(page, site.origin);
  const got = await page.evaluate(async name => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.open({ name });
    const { pictures } = await lab.store.load();
    const ids = pictures.map((/** @type {any} */ { id }) => id).reverse();
    const features = await lab.store.features(ids);
    const small = await lab.store.small(ids);
    let wrong = 0;
    for (let row = 0; row < ids.length; row += 97) {
      const { content } = await lab.picture(1199 - row, { features: 2048 });
      wrong += Number(!content.features.every((/** @type {number} */ value, /** @type {number} */ k) =>
        value === features[row * 2048 + k]));
      wrong += Number(!content.small.every((/** @type {number} */ value, /** @type {number} */ k) =>
        value === small[row * content.small.length + k]));
    }
    const missing = (await lab.store.missing()).length;
    const before = await lab.store.usage();
    await lab.store.updatePictures(pictures);
    await lab.store.removePictures(ids.slice(0, 300)); // more than it removes in one transaction
    return { ids, features: features.length, wrong, missing, pictures: before.pictures };
  }, name);
  assert.deepEqual(got.ids, Array.from({ length: 1200 }, (_, i) => `p${1199 - i}`));
  assert.deepEqual([got.features, got.wrong, got.missing, got.pictures], [1200 * 2048, 0, 0, 1200]);
  assert.equal((await counted(page, name)).pictures, 900);
});
