// The sheet of keys is true: each key of the table is taken by the module that it names, each module that takes keys is
// in the table, and there are words for all.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyTable } from '../static/page/keytable.js';
import { root } from './lib.mjs';

const rows = keyTable.flatMap(({ rows }) => rows);
const read = (/** @type {string} */ file) => readFile(join(root, file), 'utf8');

test('each module takes the keys that the sheet lists', async () => {
  for (const { keys, file } of rows) {
    if (!file) continue;
    const source = await read(file);
    for (const key of keys) {
      const bare = key.replace(/^Ctrl\+/, '').replace(/^[A-Z]$/, letter => letter.toLowerCase());
      assert.ok([`'${bare}'`, `"${bare}"`, `${bare}:`].some(written => source.includes(written)), `${file}: ${key}`);
    }
  }
});

test('the sheet lists each module of the page that takes keys', async () => {
  const listed = new Set(rows.map(({ file }) => file));
  const files = await readdir(join(root, 'web/static/page'), { recursive: true });
  for (const name of files.filter(file => file.endsWith('.js'))) {
    const file = `web/static/page/${name}`;
    if ((await read(file)).includes("addEventListener('keydown'")) assert.ok(listed.has(file), file);
  }
});

test('there are words for each key, in both languages', async () => {
  for (const language of ['en', 'zh']) {
    const table = JSON.parse(await read(`web/static/i18n/${language}.json`));
    const needed = [...rows.map(({ does }) => does), ...keyTable.map(({ where }) => where), 'title', 'open'];
    for (const name of needed) assert.ok(table[`keys.${name}`], `${language}: keys.${name}`);
  }
});
