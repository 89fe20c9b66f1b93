// The Chinese names of ImageNet's classes. Run with: node --test unit-classnames.mjs

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './lib.mjs';

/** @type {[string, string][]} */
const names = JSON.parse(await readFile(join(root, 'web', 'static', 'i18n', 'imagenet-zh.json'), 'utf8'));
const chinese = names.map(([, name]) => name);

/** The characters of GB 2312 level 1 and 2: simplified ones, and what Chinese has in only one form. */
function simplifiedCharacters() {
  const decoder = new TextDecoder('gbk'); // GB 2312 with more around it
  const bytes = Array.from({ length: 72 * 94 }, (_, i) => [0xb0 + Math.floor(i / 94), 0xa1 + i % 94]);
  const characters = [...decoder.decode(Uint8Array.from(bytes.flat()))];
  return new Set(characters.filter(character => /\p{Script=Han}/u.test(character))); // five places are empty
}

/** Characters of animals' names that came after GB 2312: they have no other form, or these are the simplified ones. */
const later = new Set('鹀鸮鹟䴕鳽狆獴羱鲉');

test('every class of ImageNet has a Chinese name, beside the label that networks give it', async () => {
  const labels = await readFile(join(root, 'resnet', 'modelfile', 'imagenet.txt'), 'utf8');
  assert.deepEqual(names.map(([label]) => label), labels.trim().split('\n'));
  assert.equal(chinese.length, 1000);
});

test('no two classes have the same Chinese name, though the two cranes have the same label', () => {
  assert.deepEqual(chinese.filter((name, i) => chinese.indexOf(name) !== i), []);
  assert.equal(names[134][0], names[517][0]);
  assert.deepEqual([chinese[134], chinese[517]], ['鹤', '起重机']);
});

test('the Chinese names are in simplified characters, and nothing stands round them', () => {
  const simplified = simplifiedCharacters();
  assert.equal(simplified.size, 6763);
  assert.ok(simplified.has('鸟') && !simplified.has('鳥'));
  for (const [label, name] of names) {
    assert.equal(name, name.trim(), label);
    assert.match(name, /\p{Script=Han}/u, label);
    const others = [...name].filter(character => !simplified.has(character) && !later.has(character));
    assert.match(others.join(''), /^(CD|T|iPod)?$/, `${label}: ${name}`); // letters that Chinese writes in them too
  }
});
