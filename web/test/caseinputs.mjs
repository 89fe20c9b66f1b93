// What is right for the cases that cases.mjs drives, by the names of their folders.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropFiles } from './person.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {(page: Page) => Promise<{ answer: string[] }>} Settled  what the page says once it is at rest */
/**
 * One input. drop: the files that are dropped together. beside: files that are dropped after them. answers: they are a
 * model, which is asked for the photos of expected.json. says, never: what must stand on the page in the end, and what
 * must not. classes: what the room Teach must have then, such as "birds 10". room: where it is dropped, Classify by
 * default; card is on a class of Teach. origin: another host's name. does: more to do, which tells what it found.
 * @typedef {{
 *   drop: string[], beside?: string[], answers?: boolean, says?: string, never?: string, classes?: string[],
 *   room?: 'Classify' | 'Teach' | 'card', origin?: string,
 *   does?: (page: Page, folder: string, settled: Settled, drop: string[]) => Promise<string>,
 * }} Input
 */

const noPicture = 'not a picture|no picture';

/** @param {...string} files @returns {Input[]} */
const answered = (...files) => files.map(file => ({ drop: file.split(' '), answers: true, never: noPicture }));
/** @param {string} says @param {...string} files @returns {Input[]} */
const refused = (says, ...files) => files.map(file => ({ drop: file.split(' '), says, never: 'This file is not a' }));

const shards = 'model-00001-of-00002.safetensors model-00002-of-00002.safetensors';
const described = 'config.json preprocessor_config.json';
const plain = { drop: ['plain'], room: /** @type {const} */ ('Teach'), classes: ['birds 6', 'dogs 6'] };
const learnt = 'residua-learnt.safetensors';
const gifs = ['no-trailer', 'anim-no-trailer', 'zero-before-trailer', 'zeros-instead-of-trailer', 'whole'];
const foreign = ['model.keras', 'converted_keras.zip', 'model.tflite', 'model.json weights.bin',
  'renamed.safetensors', 'old.pt', 'checkpoint.pth', 'last.ckpt', 'pytorch_model.bin'];

/** What is right, by the name of the folder. @type {Record<string, Input[]>} */
export const table = {
  '01-dataset-with-splits': [
    { drop: ['birds-and-dogs'], room: 'Teach', classes: ['birds 10', 'dogs 10'] },
    { drop: ['birds-and-dogs/train'], room: 'Teach', classes: ['birds 6', 'dogs 6'] },
  ],
  '02-one-output': answered('is-it-a-dog.safetensors', 'is-it-a-dog.onnx'),
  '03-multi-label': [
    ...answered(`model.safetensors ${described}`, `with-sigmoid.onnx ${described}`),
    { drop: ['with-sigmoid.onnx'], says: 'a probability of its own' },
  ],
  '04-onnx-not-square': [
    ...answered('reid-256x128.onnx'),
    { drop: ['wide-192x320.onnx'], says: '192 × 320', never: 'assumed.*224' }, // expected.json is for the other
  ],
  '05-http-lan': [{ drop: ['dog.jpg'], origin: 'school.test', says: '%' }, { ...plain, origin: 'school.test' }],
  '06-orig-mod': answered('compiled.safetensors', 'compiled-of-ddp.safetensors', 'ddp-of-compiled.safetensors',
    'lightning-compiled.safetensors', 'plain.safetensors'),
  '07-onnx-external-data': [
    ...answered('tiny.onnx tiny.onnx.data', 'one-file.onnx'), ...refused('tiny\\.onnx\\.data', 'tiny.onnx'),
    ...refused('weights of an ONNX model', 'tiny.onnx.data'),
  ],
  '08-sharded': [
    ...answered(`${shards} model.safetensors.index.json ${described}`, `${shards} ${described}`),
    ...refused('00002', `${shards.split(' ')[0]} model.safetensors.index.json`, shards.split(' ')[0]),
    ...refused('two models', '../06-orig-mod/plain.safetensors ../10-labels-as-text/fruit.safetensors'),
  ],
  '09-gif-endings': [
    ...gifs.map(name => ({ drop: [`${name}.gif`], does: likeWhole })), ...refused('cut|incomplete', 'cut-in-half.gif'),
    { drop: ['.'], room: 'card', classes: ['mine 7'] },
  ],
  '10-labels-as-text': [
    ...answered(...['labels.txt', 'tm-labels.txt', 'class_indices.json', 'metadata.json', 'labels.json']
      .map(labels => `model.onnx ${labels}`)),
    { drop: ['model.onnx'], beside: ['labels.txt'], answers: true },
  ],
  '11-share-link': [{ drop: [], does: links }],
  '12-not-really-a-model': [
    ...refused('Git LFS', 'lfs/model.safetensors', 'lfs/model.onnx'),
    ...refused('web page|text', 'page/model.safetensors', 'page/resnet50.onnx', 'page/denied.safetensors'),
    ...refused('cut short', 'cut/model.safetensors', 'cut/model.onnx', 'cut/head-only.safetensors'),
  ],
  '13-archives': [
    ...['birds.zip', 'dataset.zip', 'my-project.tm'].map(name => ({ drop: [name], says: 'holds \\d+ pictures' })),
    { drop: ['dataset.zip'], room: 'Teach', classes: ['birds 6', 'dogs 6'] },
    { drop: ['birds.zip'], room: 'card', classes: ['mine 6'] },
    ...['birds.zip', 'my-project.tm'].map(name => ({ drop: [name], room: /** @type {const} */ ('Teach') })),
    ...refused('Keras|TensorFlow|PyTorch|ONNX', ...foreign), { drop: ['onnx-export-of-custom-vision.zip'] },
  ],
  '14-paste-text': [{ drop: ['dog.jpg'], does: pastes }],
};


/** What whole GIFs are said to be, by their names. @type {Map<string, string>} */
const ofWhole = new Map();

/**
 * Whether a GIF is answered as the whole one, which is anim.gif for an animated one.
 * @param {Page} page @param {string} folder @param {Settled} settled @param {string[]} drop
 */
async function likeWhole(page, folder, settled, [name]) {
  const answer = (await settled(page)).answer[0] ?? 'no answer';
  const whole = name.startsWith('anim') ? 'anim.gif' : 'whole.gif';
  if (!ofWhole.has(whole)) {
    await dropFiles(page, [join(folder, whole)]);
    ofWhole.set(whole, (await settled(page)).answer[0]);
  }
  return answer === ofWhole.get(whole) ? '' : `WRONG: ${answer}, and ${whole} is ${ofWhole.get(whole)}`;
}

/** Opens a link as people hand it on. @param {Page} page @param {string} folder */
async function links(page, folder) {
  const { origin } = new URL(page.url());
  const sent = await fetch(`${origin}/api/share`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: new Uint8Array(readFileSync(join(folder, learnt))),
  });
  const { id } = await sent.json();
  if (!id) return `WRONG: the file was not taken, ${sent.status}`;
  const wrong = [];
  const ways = ['', '.', ',', ')', '"', '%E2%80%8B', '%20look'].map(end => `/#share=${id}${end}`)
    .concat(`/#share=${id.toUpperCase()}`, `/?fbclid=x#share=${id}`, `/#share=${id.slice(0, -4)}`);
  for (const way of ways) {
    await page.goto('about:blank');
    await page.goto(origin + way);
    const dialog = page.locator('dialog[open]');
    await dialog.filter({ hasNotText: 'Fetching what' }).waitFor({ timeout: 20_000 }).catch(() => {});
    const text = await dialog.innerText({ timeout: 100 }).catch(() => 'nothing');
    const says = way.endsWith(id.slice(0, -4)) ? /leads nowhere/ : /Käfer/;
    if (!says.test(text)) wrong.push(`${way}: ${text.replace(/\s+/g, ' ').slice(0, 120)}`);
  }
  return wrong.length > 0 ? `WRONG: ${wrong.join('; ')}` : `${ways.length} links`;
}

/** Pastes a word into the field of Look inside. @param {Page} page */
async function pastes(page) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('tab', { name: 'Look inside' }).click();
  const field = page.getByRole('combobox', { name: 'Class', exact: true });
  await field.waitFor({ timeout: 60_000 });
  await page.evaluate(() => navigator.clipboard.writeText('Labrador'));
  await field.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('ControlOrMeta+V');
  const value = await field.inputValue();
  return value === 'Labrador' ? '' : `WRONG: the field has "${value}"`;
}
