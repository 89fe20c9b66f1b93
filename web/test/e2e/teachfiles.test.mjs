// What is taken along from Teach, and brought back: through the page's API, and as a person does it.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InferenceSession, Tensor, env } from 'onnxruntime-web';
import { barePath } from '../apipage.mjs';
import { inputOf } from '../exportedinput.mjs';
import { barn, rgbPNG } from '../fixtures.mjs';
import { headFile, headParts, tensor } from '../head.mjs';
import { clickSample, dropFiles, readAnswer } from '../person.mjs';
import { filesOf, zipOf } from '../teachstore/zip.mjs';
import { scratch, visit } from './harness.mjs';
import {
  classesSaid, looked, openFile, openTeach, part, picturesOf, slow, startOver, teach, tryIt, twoClasses, unfold,
} from './teaching.mjs';

env.wasm.numThreads = 1;

/** A picture's side: the shorter side to which the page would scale it, so that no pixel is changed. */
const side = 256;

/**
 * Soft clouds of colour: pixels that are alike in a neighbourhood, as in photos. There are two kinds, each with a good
 * part of the other, so that answers are not so certain that a probability vanishes in float32.
 * @param {number} kind
 * @param {number} number each has clouds of its own
 */
function pixelsOf(kind, number) {
  const seeds = createHash('sha256').update(`${kind} ${number}`).digest();
  const share = kind ? 0.6 : 0.4;
  return Uint8Array.from({ length: side * side * 3 }, (_, at) => {
    const [c, x, y] = [at % 3, Math.floor(at / 3) % side, Math.floor(at / 3 / side)];
    const dots = Math.sin((x + seeds[c]) / 9) * Math.sin((y + seeds[c + 3]) / 9);
    const stripes = Math.sin((x + y + seeds[c + 6]) / 30);
    return 128 + 100 * (share * dots + (1 - share) * stripes);
  });
}

/**
 * By how much the first of two classes is ahead, in logits divided by the temperature: it tells answers apart that are
 * all but certain, as those of the few pictures here.
 * @param {number[]} probabilities
 */
const lead = ([p, q]) => Math.log(p / q);

test('the exported network gives the same answer in onnxruntime-web, and every file comes back as it was', async t => {
  const page = await visit(t, { path: barePath });
  const pictures = Array.from({ length: 6 }, (_, i) => rgbPNG(side, side, pixelsOf(i % 2, i)).toString('base64'));
  const pixels = pixelsOf(1, 6);
  await page.evaluate(async ({ pictures, asked }) => {
    const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
    const blobOf = (/** @type {string} */ base64) =>
      new Blob([Uint8Array.from(atob(base64), sign => sign.charCodeAt(0))], { type: 'image/png' });
    const net = await Residua.load();
    const teacher = net.teach();
    for (const name of ['stripes', 'dots']) await teacher.addClass(name);
    await Promise.all(pictures.map((picture, i) => teacher.add(['stripes', 'dots'][i % 2], blobOf(picture))));
    Object.assign(globalThis, { net, teacher, pictures: pictures.map(blobOf), asked: blobOf(asked), files: {} });
  }, { pictures, asked: rgbPNG(side, side, pixels).toString('base64') });

  /** Exports what was taught, and hands it to a person. @param {string} format */
  async function exported(format) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.evaluate(async format => {
      const { teacher, files } = /** @type {any} */ (globalThis);
      files[format] = await teacher.export(format);
      const href = URL.createObjectURL(files[format]);
      const link = Object.assign(document.createElement('a'), { href, download: format });
      document.documentElement.append(link);
      link.click();
    }, format)]);
    const path = join(scratch, `exported-${format}`);
    await download.saveAs(path);
    return path;
  }

  for (const [method, augmentations] of /** @type {const} */ ([['head', 0], ['last-block', 2]])) {
    const { answer, learnt, again, temperature } = await page.evaluate(async ({ method, augmentations }) => {
      const { teacher, pictures, asked } = /** @type {any} */ (globalThis);
      const run = await teacher.train({ method, augmentations, epochs: 1 });
      const predict = async (/** @type {Blob} */ picture) => {
        const { predictions } = await teacher.predict(picture);
        return predictions.sort((/** @type {any} */ a, /** @type {any} */ b) => a.index - b.index)
          .map((/** @type {any} */ { probability }) => probability);
      };
      const known = run.sides.indexOf(1);
      return {
        answer: await predict(asked),
        learnt: run.answers[known].probabilities,
        again: await predict(pictures[known]),
        temperature: run.temperature,
      };
    }, { method, augmentations });
    // A picture gets the answer that training gave it. The last block's inputs were kept in float16, whose numbers are
    // off by up to 2⁻¹¹ each: in logits of a few units that is less than 1e-2, before they are divided by the
    // temperature.
    assert.ok(Math.abs(lead(learnt) - lead(again)) < 2e-2 / temperature, `${method}: ${learnt} and ${again}`);
    // Of the same input logits differ by up to 1e-3 between two ways to compute in float32: Winograd's convolutions, or
    // a last layer into which mean, deviation and temperature are multiplied.
    const near = (/** @type {number} */ other) =>
      assert.ok(Math.abs(other - lead(answer)) < 2e-3 / temperature, `${method}: a lead of ${other}, and ${answer}`);
    // Each form of the whole network once: the safetensors of a head, the ONNX of a last block.
    const whole = augmentations > 0 ? 'onnx' : 'safetensors';
    const network = await readFile(await exported(whole));
    if (augmentations > 0) {
      // As the file says: an answer goes by the mean of the logits of both sides.
      assert.match(network.toString('latin1'),
        /residua\.onepass.+mean of y for the picture and y for its mirror image/s);
      const session = await InferenceSession.create(network, { executionProviders: ['wasm'] });
      const leads = [];
      for (const mirrored of [false, true]) {
        const { data, dims } = inputOf(network, { pixels, width: side, height: side }, { mirrored });
        const { y } = await session.run({ x: new Tensor('float32', data, dims) });
        leads.push(Number(y.data[0]) - Number(y.data[1]));
      }
      await session.release();
      const [ours, theirs] = leads;
      assert.ok(Math.abs(ours - theirs) > 1e-2 / temperature, 'the sides differ');
      near((ours + theirs) / 2);
    }

    // Each file of weights, opened by a teacher that knows nothing, gives the answer again.
    await exported(method);
    const back = await page.evaluate(async ({ method, whole }) => {
      const { net, files, asked } = /** @type {any} */ (globalThis);
      /** @type {any[]} */
      const out = [];
      for (const format of [method, whole]) {
        const other = net.teach();
        const { kind, run } = await other.import(files[format]);
        const { predictions } = await other.predict(asked);
        out.push({
          kind,
          method: run.method,
          names: other.classes.map((/** @type {any} */ { name }) => name),
          probabilities: predictions.sort((/** @type {any} */ a, /** @type {any} */ b) => a.index - b.index)
            .map((/** @type {any} */ { probability }) => probability),
        });
      }
      return out;
    }, { method, whole });
    for (const { probabilities, ...rest } of back) {
      assert.deepEqual(rest, { kind: 'weights', method, names: ['stripes', 'dots'] });
      near(lead(probabilities));
    }
  }

  // A project brings the pictures, too; and what is no such file is refused without a change.
  const rest = await page.evaluate(async () => {
    const { net, teacher, files } = /** @type {any} */ (globalThis);
    const other = net.teach();
    const { kind, total } = await other.import(await teacher.export('project'));
    const counts = other.classes.map((/** @type {any} */ { pictures }) => pictures.length);
    const head = new Uint8Array(await files.head.arrayBuffer());
    const changed = (/** @type {(bytes: Uint8Array) => void} */ change) => {
      const copy = head.slice();
      change(copy);
      return new Blob([copy]);
    };
    const text = (/** @type {string} */ from, /** @type {string} */ to) => {
      const at = new TextDecoder('latin1').decode(head).indexOf(from);
      return changed(bytes => bytes.set(new TextEncoder().encode(to), at));
    };
    const refusals = [];
    for (const file of [
      new Blob([]),
      new Blob(['Hello, this is a text file.']),
      new Blob([head.slice(0, head.length / 2)]),
      new Blob([new Uint8Array([255, 255, 255, 255, 255, 255, 255, 127, 123])]),
      text('resnet50', 'resnet18'),
      changed(bytes => bytes.fill(255, bytes.length - 64)),
      files.onnx.slice(0, 1000),
      new Blob([new Uint8Array([0x50, 0x4B, 3, 4, 0, 0])]),
    ]) {
      refusals.push(await other.import(file).then(
        () => 'taken',
        (/** @type {any} */ error) => `${error.name} ${error.code}: ${error.message}`));
    }
    const after = other.classes.map((/** @type {any} */ { pictures }) => pictures.length);
    return { kind, total, counts, refusals, after, history: other.history.length };
  });
  assert.deepEqual([rest.kind, rest.total, rest.counts, rest.after], ['project', 6, [3, 3], [3, 3]]);
  assert.equal(rest.history, 2);
  for (const [i, says] of [
    /bad-weights.+the file is empty/,
    /bad-weights.+48 65 6c 6c/,
    /bad-weights/,
    /bad-weights/,
    /bad-weights.+"resnet18", and "resnet50" is here/,
    /bad-weights/,
    /bad-weights/,
    /bad-project.+cut off/,
  ].entries()) assert.match(rest.refusals[i], new RegExp(`^ResiduaError .*${says.source}`), String(i));
});

test('weights go out and come back in another session, and Classify answers with them', async t => {
  const page = await visit(t);
  await openTeach(page);
  await twoClasses(page, 3);
  await teach(page);
  const keep = part(page, 'Keep it');
  const save = async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'), keep.getByRole('button', { name: 'Save the network' }).click(),
    ]);
    return download;
  };
  await unfold(keep, 'Advanced');
  const weights = await save();
  assert.equal(weights.suggestedFilename(), 'residua-learnt.safetensors');
  const learnt = join(scratch, 'learnt.safetensors');
  await weights.saveAs(learnt);
  await keep.getByRole('combobox', { name: 'For what?' }).selectOption({ label: 'For other programs (ONNX)' });
  const whole = await save();
  assert.equal(whole.suggestedFilename(), 'residua-network.onnx');
  const session = await InferenceSession.create(await readFile(await whole.path()), { executionProviders: ['wasm'] });
  assert.deepEqual([session.inputNames, session.outputNames], [['x'], ['y']]);
  await session.release();
  const before = await tryIt(page, barn);
  const saving = page.waitForEvent('download');
  await keep.getByRole('button', { name: 'Save the project' }).click();
  const project = filesOf(await readFile(await (await saving).path()));

  // Of a project that another model was taught, the pictures can be taken.
  await startOver(page);
  const foreign = join(scratch, 'foreign.zip');
  const others = (/** @type {Buffer} */ data) => Buffer.from(String(data).replace('"resnet50"', '"resnet18"'));
  await writeFile(foreign, zipOf(project.map(({ data, ...file }) =>
    ({ ...file, data: file.name === 'project.json' ? others(data) : data }))));
  await openFile(page, foreign);
  await page.getByText('This project was taught on another model.').waitFor(slow);
  await page.getByRole('button', { name: 'Take the pictures', exact: true }).click();
  await picturesOf(page, 'alp').nth(2).waitFor(slow);
  await looked(page);
  assert.equal(await part(page, 'Is it any good?').isVisible(), false, 'nothing that was taught comes along');

  await startOver(page);
  const bad = join(scratch, 'bad.safetensors');
  await writeFile(bad, (await readFile(learnt)).subarray(0, -100));
  await openFile(page, bad);
  await page.getByText(/^These weights cannot be used: its end is missing.+ What you had is as it was\.$/)
    .waitFor(slow);
  // Dropped in another room, it comes here after a question.
  await page.getByRole('tab', { name: 'Classify' }).click();
  await dropFiles(page, [learnt]);
  await page.getByRole('dialog').getByText('learnt.safetensors was saved in Teach.').waitFor();
  await page.getByRole('button', { name: 'Open it in Teach' }).click();
  await keep.getByText('The weights are here, and answer from now on: barn, alp.').waitFor(slow);
  await page.getByText('What answers now came from a file.').waitFor();
  assert.deepEqual(await tryIt(page, barn), before);

  await page.getByRole('tab', { name: 'Classify' }).click();
  await clickSample(page, 'Alpine');
  await readAnswer(page, 'alp');
  await page.getByRole('button', { name: 'barn or alp' }).click();
  const question = page.getByRole('region', { name: 'What is it?' });
  assert.deepEqual(await classesSaid(question), ['alp', 'barn']);

  // A classifier to which everything is strange: nothing is within its limit, and no class is likely.
  const strange = join(scratch, 'strange.safetensors');
  const d = 256; // of the small network
  const { card, tensors } = headParts({ classes: ['alp', 'barn'], d });
  tensors[2] = tensor('head.weight', [2, d], () => 0);
  tensors[3] = tensor('head.bias', [2], i => 0.5 * i);
  tensors[4] = tensor('threshold.means', [2, d], () => 1 / Math.sqrt(d));
  await writeFile(strange, headFile({ card: { ...card, limit: 0, keep: 59 / 60, n: 59 }, tensors }));
  await dropFiles(page, [strange]);
  await page.getByRole('button', { name: 'Open it in Teach' }).click();
  await keep.getByText('The weights are here, and answer from now on: alp, barn.').waitFor(slow);
  await page.getByRole('tab', { name: 'Classify' }).click();
  await page.getByRole('button', { name: '1,000 ImageNet classes' }).click();
  await page.getByRole('button', { name: 'alp or barn' }).click();
  await question.getByText('Unlike anything it was shown.').waitFor(slow);
  await question.getByText('If it had to choose: barn (55.0%).').waitFor();
  await question.getByRole('button', { name: 'Add it in Teach' }).click();
  const tries = part(page, 'Try it');
  await tries.getByText('Are your new photos sharper, or taken differently? Add a few like this one.').waitFor(slow);
  await tries.getByRole('combobox', { name: 'Add this one to' }).selectOption('alp');
  await tries.getByRole('button', { name: 'Add it' }).click();
  await tries.getByText('Added to “alp”. Add a few more like it, then teach it again.').waitFor(slow);
  await page.getByRole('listbox').getByRole('option').waitFor(slow);
});
