// What is no photo is refused with its cause and its cure, and the next photo works.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { barePath } from '../apipage.mjs';
import { alp, badInputs, barn } from '../fixtures.mjs';
import { root } from '../lib.mjs';
import { clickSample, dropFiles, messages, readAnswer } from '../person.mjs';
import { zipOf } from '../teachstore/zip.mjs';
import { scratch, sharedPage, visit } from './harness.mjs';

const shared = sharedPage();

test('bad files and a folder', async t => {
  const page = await shared(t);
  for (const { file, cause, cure } of await badInputs(scratch)) {
    await t.test(basename(file), async () => {
      await dropFiles(page, [file]);
      const message = messages(page).filter({ hasText: cause });
      await message.waitFor({ timeout: 10_000 });
      assert.match(await message.innerText(), cure);
      assert.equal(await messages(page).count(), 2, 'the file\'s name, and one sentence');
      assert.equal(await messages(page).first().innerText(), basename(file));

      await dropFiles(page, [alp]);
      assert.equal((await readAnswer(page, 'alp'))[0].label, 'alp');
      assert.equal(await messages(page).count(), 0, 'the message of the last photo is still there');
      await clickSample(page, 'Dust Bowl');
      await readAnswer(page, 'barn');
    });
  }
});

test('a photo whose name ends as a text\'s does is a photo all the same', async t => {
  const page = await shared(t);
  const file = join(scratch, 'alp.jpg.txt');
  await writeFile(file, await readFile(alp));
  await dropFiles(page, [file]);
  assert.equal((await readAnswer(page, 'alp'))[0].label, 'alp');
});

test('archives that cannot be opened', async t => {
  const page = await shared(t);
  for (const [name, bytes, words] of /** @type {const} */ ([
    ['pets.rar', 'Rar!\x1A\x07\x01\0', 'Unpack the archive, then drop the folder.'],
    ['pets.tar.gz', '\x1F\x8B\x08\0', 'Unpack the archive, then drop the folder.'],
    ['letters.zip', zipOf([{ name: 'letter.txt', data: Buffer.from('Dear Sir') }]), 'there are no pictures'],
    ['cut.zip', zipOf([{ name: 'a.jpg', data: Buffer.alloc(99) }]).subarray(0, 90), 'cut off or damaged'],
  ])) {
    const file = join(scratch, name);
    await writeFile(file, bytes);
    await dropFiles(page, [file]);
    await messages(page).filter({ hasText: words }).waitFor();
    assert.equal(await messages(page).first().innerText(), name);
    await page.getByRole('button', { name: 'Dismiss this message' }).click();
  }
  assert.equal((await readAnswer(page))[0].label, 'ram', 'the photo went');
});

test('the last good answer stays while another photo fails, and the message can be dismissed', async t => {
  const page = await shared(t);
  const [empty] = await badInputs(scratch);
  await dropFiles(page, [barn]);
  await readAnswer(page, 'barn');
  await dropFiles(page, [empty.file]);
  await messages(page).filter({ hasText: empty.cause }).waitFor();
  assert.equal((await readAnswer(page))[0].label, 'barn');
  await page.getByRole('img', { name: 'Your photo dust-bowl-home.jpg' }).waitFor();
  await page.getByRole('button', { name: 'Dismiss this message' }).click();
  assert.equal(await messages(page).count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Choose another');
});

test('a bad file among good ones is told by its name, and the others are answered', async t => {
  const page = await shared(t);
  const letter = (await badInputs(scratch))[1];
  await dropFiles(page, [barn, letter.file, alp]);
  await messages(page).filter({ hasText: 'letter.jpg' }).waitFor({ timeout: 60_000 });
  await messages(page).filter({ hasText: letter.cause }).waitFor();
  const session = page.getByRole('region', { name: 'This session' });
  await session.getByRole('button', { name: /french-alpine-landscape\.jpg$/ }).waitFor({ timeout: 60_000 });
  assert.equal((await readAnswer(page, 'barn'))[0].label, 'barn');
});

test('things that are no files', async t => {
  const page = await shared(t);
  /** @param {Record<string, string>} data */
  const drop = data => page.evaluate(data => {
    const dataTransfer = new DataTransfer();
    for (const [type, value] of Object.entries(data)) dataTransfer.setData(type, value);
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, data);
  await drop({ 'text/plain': 'barn' });
  await messages(page).filter({ hasText: 'not a photo file' }).waitFor();
  await drop({ 'text/uri-list': 'https://example.com/cat.jpg' });
  await messages(page).filter({ hasText: 'fetches nothing from elsewhere' }).waitFor();
  await page.evaluate(() => document.body.dispatchEvent(
    new ClipboardEvent('paste', { clipboardData: new DataTransfer(), bubbles: true })));
  await messages(page).filter({ hasText: 'no picture on the clipboard' }).waitFor();
  // A picture of this very site is taken.
  await drop({ 'text/uri-list': new URL('samples/dust-bowl-home.jpg', page.url()).href });
  assert.equal((await readAnswer(page, 'barn'))[0].label, 'barn');
});

/** A BMP file of 8×8 colours that 5 bits can tell, in 16 or 24 bits a pixel. @param {16 | 24} bits */
function bmpOf(bits) {
  const header = Buffer.alloc(54);
  header.write('BM');
  for (const [at, value] of [[10, 54], [14, 40], [18, 8], [22, 8]]) header.writeUInt32LE(value, at);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  const pixels = Array.from({ length: 64 }, (_, i) => {
    const colours = [i % 32, (3 * i) % 32, 31 - i % 32]; // blue, green, red
    const word = colours[0] | colours[1] << 5 | colours[2] << 10;
    return bits === 16 ? [word & 255, word >> 8] : colours.map(colour => Math.round(colour * 255 / 31));
  });
  return Buffer.concat([header, Buffer.from(pixels.flat())]);
}

/**
 * Pictures that end, or are written, in another way than their format says.
 * @returns {Promise<{ name: string, base: Buffer, file: Buffer, code?: string }[]>} code: of the refusal; without one
 *   it is the picture base
 */
async function endings() {
  /** @type {{ cases: { name: string, file: string }[] }} */
  const { cases } = JSON.parse(await readFile(join(root, 'resnet', 'imageio', 'testdata', 'decode.json'), 'utf8'));
  const golden = (/** @type {string} */ name) =>
    Buffer.from(cases.find(one => one.name === name)?.file ?? '', 'base64');
  const jpeg = await readFile(barn);
  const [still, film, png, bmp, webp, scans] =
    ['GIF', 'GIF animated', 'PNG RGB', 'BMP', 'WebP lossy', 'JPEG progressive'].map(golden);
  const zeros = Buffer.alloc(40);
  const zero = Buffer.alloc(1);
  const end = 12; // IEND, of PNG
  const data = png.indexOf('IDAT') - 4;
  /** @type {[string, Buffer, (Buffer | string)[], string?][]} */
  const table = [
    ['GIF without trailer', still, [still.subarray(0, -1)]],
    ['GIF with a zero before the trailer', still, [still.subarray(0, -1), zero, '\x3b']],
    ['GIF with zeros for a trailer', still, [still.subarray(0, -1), zeros]],
    ['GIF without the end of its data', still, [still.subarray(0, -2)]],
    ['GIF cut in half', still, [still.subarray(0, still.length - 40)], 'truncated-image'],
    ['GIF film without trailer', film, [film.subarray(0, -1)]],
    ['GIF film cut in its second frame', film, [film.subarray(0, -20)]],
    ['JPEG without an end', jpeg, [jpeg.subarray(0, -2)]],
    ['JPEG with zeros for an end', jpeg, [jpeg.subarray(0, -2), zeros]],
    ['JPEG with bytes behind', jpeg, [jpeg, zeros]],
    ['JPEG with a note of no length', jpeg, [jpeg.subarray(0, 2), Buffer.from('ffed0001', 'hex'), jpeg.subarray(2)]],
    ['JPEG cut in half', jpeg, [jpeg.subarray(0, jpeg.length / 2)], 'truncated-image'],
    ['JPEG cut by some bytes', jpeg, [jpeg.subarray(0, -6)], 'truncated-image'],
    ['JPEG whose second half is zeros', jpeg, [jpeg.subarray(0, jpeg.length / 2), Buffer.alloc(jpeg.length / 2)],
      'truncated-image'],
    ['JPEG of many scans without an end', scans, [scans.subarray(0, -2)]],
    ['JPEG of many scans cut by some bytes', scans, [scans.subarray(0, -6)], 'truncated-image'],
    ['PNG without an end', png, [png.subarray(0, -end)]],
    ['PNG with zeros for an end', png, [png.subarray(0, -end), zeros]],
    ['PNG with bytes behind', png, [png, zeros]],
    ['PNG with a wrong checksum of a text', png,
      [png.subarray(0, data), Buffer.from('0000000174455874', 'hex'), 'a', 'none', png.subarray(data)]],
    ['PNG with a wrong checksum of its data', png, [png.subarray(0, -end - 4), 'none', png.subarray(-end)]],
    ['PNG cut in its data', png, [png.subarray(0, -end - 9)], 'truncated-image'],
    ['WebP with bytes behind', webp, [webp, zeros]],
    ['WebP cut in half', webp, [webp.subarray(0, webp.length / 2)], 'truncated-image'],
    ['BMP with bytes behind', bmp, [bmp, zeros]],
    ['BMP of 16 bits', bmpOf(24), [bmpOf(16)]],
    ['BMP cut in its last row', bmp, [bmp.subarray(0, -9)], 'truncated-image'],
  ];
  return table.map(([name, base, parts, code]) =>
    ({ name, base, file: Buffer.concat(parts.map(part => Buffer.from(/** @type {string} */ (part)))), code }));
}

test('what the browser shows whole is answered as the whole picture, and nothing else is', async t => {
  const page = await visit(t, { path: barePath });
  const table = await endings();
  const results = await page.evaluate(async table => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const net = await Residua.load();
    const blobOf = (/** @type {string} */ base64) => new Blob([Uint8Array.from(atob(base64), c => c.charCodeAt(0))]);
    /** @param {Blob} blob */
    const answer = blob => net.classify(blob).then(
      (/** @type {any} */ { predictions }) => JSON.stringify(predictions),
      (/** @type {any} */ error) => error.code,
    );
    /** @param {Blob} blob @returns {Promise<Uint8ClampedArray | undefined>} */
    async function pixels(blob) {
      try {
        const bitmap = await createImageBitmap(blob);
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        context?.drawImage(bitmap, 0, 0);
        return context?.getImageData(0, 0, bitmap.width, bitmap.height).data;
      } catch {
        return undefined;
      }
    }
    /** @type {Map<string, { whole: string, expected?: Uint8ClampedArray }>} */
    const bases = new Map();
    const results = [];
    for (const [base, file] of table) {
      const known = bases.get(base) ?? { whole: await answer(blobOf(base)), expected: await pixels(blobOf(base)) };
      bases.set(base, known);
      const shown = await pixels(blobOf(file));
      results.push({
        whole: known.whole,
        answer: await answer(blobOf(file)),
        isShown: shown?.every((value, i) => value === known.expected?.[i]) ?? false,
      });
    }
    net.close();
    return results;
  }, table.map(({ base, file }) => [base.toString('base64'), file.toString('base64')]));
  for (const [i, { name, code }] of table.entries()) {
    const { whole, answer, isShown } = results[i];
    assert.match(whole, /probability/, name);
    assert.equal(answer, code ?? whole, name);
    if (code) assert.ok(!isShown, `${name}: the browser shows it whole`);
  }
  assert.ok(results.filter(({ isShown }) => isShown).length > 10, 'the browser shows too few to compare with');
});
