// The project file in Chromium: all of a project goes into it and comes back to the bit, and a file that is broken or
// evil does no harm.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as projectFile from './teachstore/projectfile.mjs';
import { startSite } from './teachstore/site.mjs';
import { crcOf, filesOf, zipOf } from './teachstore/zip.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./teachstore/zip.mjs').File} File */

/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;
/** @type {Page} */
let page;
/** A good project file: three pictures, of which p1 has no features, inputs and weights. @type {File[]} */
let good;

before(async () => {
  site = await startSite();
  page = await site.open();
  await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.open({ name: 'project' });
    await lab.store.saveHeader(lab.head());
    await lab.add(0, 1);
    await lab.add(1, 2, { features: 0 });
    await lab.add(2, 3);
    await lab.store.putWeights('head', new Uint8Array([1, 2, 3]).buffer);
    await lab.store.putWeights('last-block', new Uint8Array([4, 5]).buffer);
  });
  good = filesOf(await write({ inputs: true }));
});

after(() => site?.close());

const write = (/** @type {object} */ options = {}) => projectFile.write(page, options);
const read = (/** @type {Buffer} */ zip) => projectFile.read(page, zip);
const expected = (/** @type {{ inputs?: boolean }} */ options = {}) => projectFile.expected(page, options);

/** The good file with one of its files changed. @param {string | RegExp} name  @param {Partial<File>} change */
function changed(name, change) {
  const files = good.map(file => (file.name.match(name) ? { ...file, ...change } : file));
  assert.notDeepEqual(files, good, `nothing is named ${name}`);
  return zipOf(files);
}

/**
 * The good file with another project.json.
 * @param {(project: any) => any} edit  what it returns, if anything, takes its place
 */
function edited(edit) {
  const project = JSON.parse(String(good.find(({ name }) => name === 'project.json')?.data));
  return changed('project.json', { data: Buffer.from(JSON.stringify(edit(project) ?? project)) });
}

/** The good file with one more in it. @param {Partial<File>} file */
const withFile = file => zipOf([...good, { name: 'more', data: Buffer.from('more'), ...file }]);

test('a project comes back to the bit, with the last block\'s inputs or without', async () => {
  assert.deepEqual(await read(await write({ inputs: true })), await expected());
  assert.deepEqual(await read(await write()), await expected({ inputs: false }));
});

test('a file from before there were block means opens; they are computed again', async () => {
  const old = good.filter(({ name }) => !name.startsWith('blocks/')).map(file => {
    if (file.name !== 'project.json') return file;
    const { blocksSize, ...project } = JSON.parse(String(file.data));
    for (const listed of project.pictures) delete listed.blocks;
    return { ...file, data: Buffer.from(JSON.stringify(project)) };
  });
  const { pictures, ...rest } = await expected();
  assert.deepEqual(await read(zipOf(old)), {
    ...rest,
    pictures: pictures.map((/** @type {any} */ picture) => ({ ...picture, blocks: null })),
  });
});

test('pictures without a class are in a folder of their own', async () => {
  const got = await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    const { header: head, pictures } = await lab.store.load();
    const records = pictures.map((/** @type {any} */ record) =>
      ({ ...record, classId: record.id === 'p0' ? '' : 'c0' }));
    const blob = await lab.writeProject(lab.store, head, records);
    const names = [...(await lab.openZip(blob, { maxSize: 100e6 })).keys()];
    const read = await lab.readAll(blob);
    return {
      folders: names.filter(name => name.startsWith('pictures/')).map(name => name.split('/')[1]),
      classes: read.pictures.map((/** @type {any} */ { record }) => record.classId),
      faults: read.faults,
    };
  });
  assert.deepEqual(got, { folders: ['unlabelled', 'cats', 'cats'], classes: ['', 'c0', 'c0'], faults: [] });
});

test('the archive is one that others read too, with names that every system takes', async () => {
  const { bytes, ...back } = await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    const classes = ['../..', 'CON', '猫 🐈', ' . ', 'x'.repeat(500)].map((name, i) => ({ id: `c${i}`, name }));
    const head = { ...lab.head(), classes };
    const { record, content } = await lab.picture(0);
    const names = ['a.png', '../../etc/passwd', 'nul.txt', 'e\u0301\u202Egnp.exe', `${'长'.repeat(300)}.jpeg`];
    const records = names.map((name, i) => ({ ...record, id: `q${i}`, classId: `c${i}`, name }));
    const nothing = {
      missing: async () => records.map(({ id }) => id),
      features: async () => new Float32Array(),
      small: async () => new Uint8Array(),
      blocks: async (/** @type {string[]} */ ids) => ids.map(() => null),
      weights: async () => null,
    };
    const blob = await lab.writeProject({ ...nothing, blob: async () => content.blob }, head, records);
    const read = await lab.readAll(blob);
    const readRecords = read.pictures.map((/** @type {any} */ picture) => picture.record);
    return {
      bytes: [...await lab.contentOf(blob)],
      head: JSON.stringify(read.head) === JSON.stringify(head),
      records: JSON.stringify(readRecords) === JSON.stringify(records),
      faults: read.faults,
    };
  });
  const files = filesOf(Buffer.from(bytes));
  assert.deepEqual(files.map(({ name }) => name), [
    'pictures/_/q0-a.png',
    'pictures/_CON/q1-_.._etc_passwd',
    'pictures/猫 🐈/q2-_nul.txt',
    'pictures/_/q3-é_gnp.exe',
    `pictures/${'x'.repeat(60)}/q4-${'长'.repeat(18)}.jpeg`,
    'project.json',
  ]);
  assert.deepEqual(files.map(({ deflate }) => deflate), [false, false, false, false, false, true]);
  assert.deepEqual(back, { head: true, records: true, faults: [] });
});

test('an archive that was unpacked and packed again by something else is as good', async () => {
  const again = [
    ...['pictures/', 'features/'].map(name => ({ name, data: Buffer.alloc(0), mode: 0o40755 })),
    ...good.map((file, i) => ({ ...file, deflate: i % 3 !== 1, descriptor: i % 2 === 0 })).reverse(),
    { name: '__MACOSX/._pictures', data: Buffer.from('what a Mac adds') },
  ];
  const { weights, ...rest } = await expected();
  assert.deepEqual(await read(zipOf(again, { comment: 'made by hand' })), { ...rest, weights });
});

test('more files than a plain zip archive can name', async () => {
  const { files, wrong } = await page.evaluate(async () => {
    const { ZipWriter, stored, openZip, readEntry } = /** @type {any} */ (globalThis).lab;
    const writer = new ZipWriter();
    const contents = await Promise.all([0, 1, 2].map(byte => stored(new Uint8Array([byte]))));
    for (let i = 0; i < 70_000; i++) writer.add(`${i}`, contents[i % 3]);
    const zip = await writer.finish();
    const entries = await openZip(zip, { maxSize: 10 });
    let wrong = 0;
    for (const i of [0, 65_534, 65_535, 65_536, 69_999]) {
      const [byte] = await readEntry(zip, entries.get(`${i}`));
      wrong += Number(byte !== i % 3);
    }
    return { files: entries.size, wrong };
  });
  assert.deepEqual([files, wrong], [70_000, 0]);
});

test('an archive of more than 4 GB', async () => {
  const { size, files, last } = await page.evaluate(async () => {
    const { ZipWriter, stored, openZip, readEntry } = /** @type {any} */ (globalThis).lab;
    const blob = new Blob([new Uint8Array(40e6).fill(7)]);
    const content = await stored(new Uint8Array(await blob.arrayBuffer()), { blob });
    const writer = new ZipWriter();
    for (let i = 0; i < 110; i++) writer.add(`${i}`, content);
    const zip = await writer.finish(); // 110 times the same Blob: it takes no more memory than once
    const entries = await openZip(zip, { maxSize: 100e6 });
    const last = await readEntry(zip, entries.get('109'));
    return {
      size: zip.size,
      files: entries.size,
      last: [last.length, last.every((/** @type {number} */ byte) => byte === 7)],
    };
  });
  assert.ok(size > 2 ** 32);
  assert.deepEqual([files, last], [110, [40e6, true]]);
});

/**
 * Files that are refused as a whole, and what the refusal says.
 * @type {Record<string, [make: () => Buffer, says: RegExp]>}
 */
const refused = {
  'cut in half': [() => zipOf(good).subarray(0, zipOf(good).length / 2), /end is missing/],
  'without its last byte': [() => zipOf(good).subarray(0, -1), /end is missing/],
  'empty': [() => Buffer.alloc(0), /no project file/],
  'a text': [() => Buffer.from('Dear Sir or Madam,'), /no project file/],
  'another zip archive': [
    () => zipOf([{ name: 'letter.txt', data: Buffer.from('Dear Sir') }]),
    /without a project\.json/,
  ],
  'a name that climbs out': [() => withFile({ name: '../evil' }), /leads out of the archive: "\.\.\/evil"/],
  'a name that climbs out later': [() => withFile({ name: 'pictures/../../evil' }), /leads out/],
  'an absolute name': [() => withFile({ name: '/etc/passwd' }), /leads out/],
  'a drive\'s name': [() => withFile({ name: 'C:evil' }), /leads out/],
  'a name with a backslash': [() => withFile({ name: '..\\evil' }), /impossible name/],
  'a name with a zero': [() => withFile({ name: 'pictures/a\0.png' }), /impossible name/],
  'no name': [() => withFile({ name: '' }), /impossible name/],
  'a name of 300 letters': [() => withFile({ name: 'x'.repeat(300) }), /300 letters/],
  'a name twice': [() => withFile({ name: 'project.json' }), /"project\.json" twice/],
  'a name twice, written differently': [
    () => zipOf([...good, { name: 'e\u0301', data: Buffer.alloc(1) }, { name: '\u00E9', data: Buffer.alloc(1) }]),
    /twice/,
  ],
  'a link': [() => withFile({ mode: 0o120777, data: Buffer.from('/etc/passwd') }), /is a link/],
  'a device': [() => withFile({ mode: 0o60644 }), /or a device/],
  'a file of 4 GB': [() => withFile({ size: 4294967290 }), /says that it has 4295 MB/],
  'a file of a terabyte': [() => withFile({ size: 1e12 }), /says that it has 1000000 MB/],
  'a project.json of 65 MB': [() => changed('project.json', { size: 65e6 }), /project\.json says that it has 65 MB/],
  'two files in one place': [() => withFile({ offset: 0 }), /in the same place/],
  'a file that reaches beyond the archive': [() => withFile({ offset: 0xFFFFFFF0 }), /in the same place/],
  'more files than there are': [() => zipOf(good, { count: good.length + 1 }), /list of its files is damaged/],
  'fewer files than there are': [() => zipOf(good, { count: good.length - 1 }), /list of its files is damaged/],
  'its list elsewhere': [() => zipOf(good, { start: 7 }), /list of its files is damaged/],
  'its list beyond the end': [() => zipOf(good, { start: 0xFFFFFFF0 }), /list of its files is damaged/],
  'a damaged project.json': [() => changed('project.json', { crc: 7 }), /"project\.json" is damaged/],
  'a project.json that grows': [
    () => changed('project.json', { data: Buffer.alloc(200e6, 32), deflate: true, size: 1000, crc: 0 }),
    /longer than it says/,
  ],
  'a project.json in the wrong place': [
    () => changed('project.json', { localName: 'project.jsox' }),
    /not where the list says/,
  ],
  'a project.json that is encrypted': [() => changed('project.json', { flags: 1 }), /encrypted/],
  'a project.json that is no text': [
    () => changed('project.json', { data: Buffer.from([0x22, 0xFF, 0x22]) }),
    /no JSON/,
  ],
  'a project.json that is no JSON': [() => changed('project.json', { data: Buffer.from('{') }), /no JSON/],
  'a project.json of nothing': [() => edited(() => []), /of something else/],
  'a project.json of something else': [() => edited(project => { project.format = 'essay'; }), /of something else/],
  'a newer version': [() => edited(project => { project.version = 2; }), /version "2"/],
  'a newer head': [() => edited(project => { project.head.version = 2; }), /head is of version "2"/],
  'no head': [() => edited(project => { delete project.head; }), /no proper "head"/],
  'classes that are none': [() => edited(project => { project.head.classes = { id: 'c0' }; }), /no proper "classes"/],
  'a class twice': [() => edited(project => { project.head.classes[1].id = 'c0'; }), /names "c0" twice/],
  'a picture of no class': [
    () => edited(project => { project.pictures[2].record.classId = 'c7'; }),
    /"picture 2\.png" is of a class that is not there/,
  ],
  'an id that is a path': [
    () => edited(project => { project.pictures[0].record.id = '../../p0'; }),
    /"picture 0\.png" has no proper "id"/,
  ],
  'an id twice': [() => edited(project => { project.pictures[1].record.id = 'p0'; }), /names "p0" twice/],
  'two pictures in one file': [
    () => edited(project => { project.pictures[1].file = project.pictures[0].file; }),
    /names "pictures.* twice/,
  ],
  'a record that is none': [() => edited(project => { project.pictures[1].record = 'p1'; }), /no proper "record"/],
  'a picture that is none': [() => edited(project => { project.pictures[1] = null; }), /something else/],
  'a width below nothing': [() => edited(project => { project.pictures[1].record.width = -4; }), /no proper "width"/],
  'a hash that is none': [() => edited(project => { project.pictures[1].record.hash = 'x'; }), /no proper "hash"/],
  'a record whose fields are inherited': [
    () => changed('project.json', {
      data: Buffer.from(String(good.at(-1)?.data)
        .replace('"record":{', '"record":{"__proto__":{"id":"p9"},')
        .replace('"id":"p0"', '"ip":"p0"')),
    }),
    /no proper "id"/,
  ],
  'a picture of a gigabyte': [() => edited(project => { project.pictures[1].bytes = 1e9; }), /no proper "bytes"/],
  'a type with a script in it': [
    () => edited(project => { project.pictures[1].type = 'image/png\nrefresh: 0'; }),
    /no proper "type"/,
  ],
  'features beyond measure': [() => edited(project => { project.featureSize = 1e9; }), /no proper "featureSize"/],
  'block means beyond measure': [() => edited(project => { project.blocksSize = 1e9; }), /no proper "blocksSize"/],
  'weights of unknown name': [() => edited(project => { project.weights.push('../evil'); }), /no proper "weights"/],
};

test('a broken or evil file is refused with a clear sentence', async t => {
  for (const [what, [make, says]] of Object.entries(refused)) {
    const answer = await read(make());
    assert.equal(answer.name, 'ResiduaError', `${what}: ${JSON.stringify(answer).slice(0, 300)}`);
    assert.equal(answer.code, 'bad-project', what);
    assert.match(answer.message, says, what);
    assert.ok(answer.message.length < 400 && answer.message.includes(answer.details.reason), what);
  }
  t.diagnostic(`${Object.keys(refused).length} files`);
});

/**
 * Files of which a part cannot be used: what of whom, and what is said.
 * @type {Record<string, [make: () => Buffer, part: string, id: string | null, says: RegExp]>}
 */
const broken = {
  'a damaged picture': [() => changed('p0-', { crc: 1 }), 'picture', 'p0', /p0-picture 0\.png" is damaged/],
  'another picture': [
    () => changed('p1-', { data: Buffer.alloc(101, 7) }),
    'picture', 'p1', /not the picture that was saved/,
  ],
  'a longer picture': [() => changed('p1-', { data: Buffer.alloc(102) }), 'picture', 'p1', /102 bytes in place of 101/],
  'a picture that says it is longer': [
    () => changed('p1-', { size: 102 }),
    'picture', 'p1', /102 bytes in place of 101/,
  ],
  'a picture that is not there': [
    () => zipOf(good.filter(({ name }) => !name.includes('p2-'))),
    'picture', 'p2', /is not in it/,
  ],
  'a picture that grows': [
    () => changed('p2-', { data: Buffer.alloc(50e6), deflate: true, size: 102 }),
    'picture', 'p2', /longer than it says/,
  ],
  'a picture that shrinks': [
    () => changed('p2-', { data: Buffer.alloc(50), deflate: true, size: 102, crc: crcOf(Buffer.alloc(102)) }),
    'picture', 'p2', /is damaged/,
  ],
  'a picture in the wrong place': [
    () => changed('p2-', { localName: 'elsewhere' }),
    'picture', 'p2', /not where the list says/,
  ],
  'a picture that is packed strangely': [
    () => changed('p2-', { method: 12 }),
    'picture', 'p2', /compressed in a way \(12\)/,
  ],
  'a picture that is not packed as it says': [() => changed('p2-', { method: 8 }), 'picture', 'p2', /is damaged/],
  'features that are no numbers': [
    () => changed('features/p0', { data: Buffer.from(new Float32Array(8).fill(NaN).buffer) }),
    'features', 'p0', /no number/,
  ],
  'features without end': [
    () => changed('features/p0', { data: Buffer.from(new Float32Array(8).fill(-Infinity).buffer) }),
    'features', 'p0', /no number/,
  ],
  'features of another size': [
    () => changed('features/p2', { data: Buffer.alloc(36) }),
    'features', 'p2', /36 bytes in place of 32/,
  ],
  'a small picture of another size': [
    () => changed('small/p2', { data: Buffer.alloc(12) }),
    'features', 'p2', /12 bytes in place of 3072/,
  ],
  'no features where they should be': [
    () => edited(project => { project.pictures[1].features = true; }),
    'features', 'p1', /"features\/p1\.f32" is not in it/,
  ],
  'inputs that are no numbers': [
    () => changed('inputs/p2', { data: Buffer.alloc(32, 0x7E) }),
    'input', 'p2', /no number/,
  ],
  'block means that are no numbers': [
    () => changed('blocks/p2', { data: Buffer.alloc(40, 0x7E) }),
    'blocks', 'p2', /no number/,
  ],
  'block means of another size': [
    () => changed('blocks/p0', { data: Buffer.alloc(38) }),
    'blocks', 'p0', /38 bytes in place of 40/,
  ],
  'weights that are damaged': [
    () => changed('weights/head', { crc: 3 }),
    'weights', null, /weights\/head\.safetensors" is damaged/,
  ],
  'weights that are not there': [
    () => edited(project => { project.weights.push('checkpoint'); }),
    'weights', null, /is not in it/,
  ],
};

test('one broken part is told by its name, and the others are there', async () => {
  const whole = await expected();
  for (const [what, [make, part, id, says]] of Object.entries(broken)) {
    const { faults, ...rest } = await read(make());
    assert.equal(faults?.length, 1, `${what}: ${JSON.stringify(rest)}`);
    const [{ message, code, ...fault }] = faults;
    assert.deepEqual([fault.part, fault.id, code], [part, id, 'bad-project'], what);
    assert.match(message, says, what);
    const pictures = whole.pictures.filter(({ record }) => part !== 'picture' || record.id !== id).map(picture => {
      if (picture.record.id !== id) return picture;
      if (part === 'features') return { ...picture, features: null, small: null, input: null, blocks: null };
      return { ...picture, [part]: null };
    });
    assert.deepEqual(rest.pictures, pictures, what);
    assert.deepEqual(rest.weights, whole.weights.filter(([name]) => part !== 'weights' || name !== fault.of), what);
  }
});

test('bytes at random change nothing that is read', async t => {
  const counts = await page.evaluate(async base64 => {
    const { lab } = /** @type {any} */ (globalThis);
    const bytes = Uint8Array.from(atob(base64), sign => sign.charCodeAt(0));
    const whole = await lab.readAll(new Blob([bytes]));
    const spelled = (/** @type {any} */ { record, hash, type }) => JSON.stringify([record, hash, type]);
    const pictures = new Set(whole.pictures.map(spelled));
    let seed = 1;
    // Park and Miller's generator
    const random = (/** @type {number} */ below) => {
      seed = seed * 48271 % 2147483647;
      return Math.floor(seed / 2147483647 * below);
    };
    const counts = { whole: 0, part: 0, refused: 0 };
    for (let round = 0; round < 400; round++) {
      const some = bytes.slice(0, round % 8 === 0 ? random(bytes.length) : bytes.length);
      // Where the directory and the JSON are, more than in the pixels.
      for (let n = 1 + random(3); n > 0 && some.length > 0; n--) {
        const at = round % 2 ? random(some.length) : Math.max(0, some.length - 1 - random(2000));
        some[at] = random(256);
      }
      try {
        const { pictures: read, faults } = await lab.readAll(new Blob([some]));
        for (const picture of read) {
          if (!pictures.has(spelled(picture))) {
            throw new Error(`round ${round}: ${picture.record.id} is another picture`);
          }
        }
        const lost = faults.filter((/** @type {any} */ { part }) => part === 'picture');
        if (read.length + lost.length !== 3) throw new Error(`round ${round}: a picture is gone`);
        counts[faults.length ? 'part' : 'whole']++;
      } catch (error) {
        if (/** @type {any} */ (error).code !== 'bad-project') throw error;
        counts.refused++;
      }
    }
    return counts;
  }, zipOf(good).toString('base64'));
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.refused > 50 && counts.part > 50, JSON.stringify(counts));
});

test('writing and reading can be cancelled, and tell how far they are', async () => {
  const got = await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    const { header: head, pictures } = await lab.store.load();
    /** @type {any[]} */
    const steps = [];
    const onProgress = (/** @type {any} */ step) => steps.push(step);
    const blob = await lab.writeProject(lab.store, head, pictures, { onProgress });
    await lab.readAll(blob, { onProgress });
    const codes = [];
    for (const run of [
      (/** @type {any} */ options) => lab.writeProject(lab.store, head, pictures, options),
      (/** @type {any} */ options) => lab.readAll(blob, options),
    ]) {
      for (const when of [0, 1]) {
        const control = new AbortController();
        if (when === 0) control.abort();
        let done = 0;
        const { code } = await lab.refusal(() => run({
          signal: control.signal,
          onProgress: (/** @type {any} */ step) => {
            done = step.done;
            control.abort();
          },
        }));
        codes.push(`${code} after ${done}`);
      }
    }
    return { steps: steps.map(({ done, total }) => `${done}/${total}`), codes };
  });
  assert.deepEqual(got.steps, ['1/3', '2/3', '3/3', '1/3', '2/3', '3/3']);
  assert.deepEqual(got.codes, ['cancelled after 0', 'cancelled after 1', 'cancelled after 0', 'cancelled after 1']);
});

test('a project file outlives the pictures that it was made of', async () => {
  const rest = await page.evaluate(async () => {
    const { lab } = /** @type {any} */ (globalThis);
    await lab.add(3, 4, { bytes: 300_000 });
    const { header: head, pictures } = await lab.store.load();
    const blob = await lab.writeProject(lab.store, head, pictures);
    await lab.store.clear();
    const { faults, pictures: read } = await lab.readAll(blob);
    const hashes = (/** @type {any[]} */ pictures) => pictures.map(({ hash }) => hash).join();
    return { faults, hashes: hashes(read) === hashes(pictures), count: read.length };
  });
  assert.deepEqual(rest, { faults: [], hashes: true, count: 4 });
});
