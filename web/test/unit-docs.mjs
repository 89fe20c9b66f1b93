// That the files which the documents name are there: a document that leads nowhere is worse than none.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { root } from './lib.mjs';

const listing = ['ls-files', '--cached', '--others', '--exclude-standard'];
const files = execFileSync('git', listing, { cwd: root, encoding: 'utf8' }).split('\n').filter(name => name !== '');
const folders = new Set(files.flatMap(name =>
  name.split('/').slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join('/'))));

/** Files that only a build or a server has. */
const made = new Set(['sw.js', 'app.wasm', 'bench.json', 'project.json', 'about.json', 'manifest.json', 'config.json',
  'wasm_exec.js', 'engine.wasm', 'view.wasm', 'preprocessor_config.json']);

/** @param {string} name  as a document has it: the end of a path is enough */
function isThere(name) {
  const plain = name.replace(/\/$/, '');
  if (made.has(path.posix.basename(plain))) return true;
  if (/^(dist|web\/edge\/build)(\/|$)/.test(plain) || /[*{}…<>]/.test(plain)) return true;
  return folders.has(plain) || files.some(file => file === plain || file.endsWith(`/${plain}`)) ||
    [...folders].some(folder => folder.endsWith(`/${plain}`));
}

/** The names of files and folders in a document: what is set as code, and looks like one. @param {string} text */
function namesIn(text) {
  const codes = [...text.matchAll(/`([^`\s]+)`/g)].map(match => match[1]);
  return codes.filter(code => /^[\w.-]+(\/[\w.-]+)*\.(go|js|mjs|html|css|sh|md)$/.test(code)
    || /^(web|wasm|resnet|weights|internal)\/[\w./-]+$/.test(code));
}

for (const document of ['README.md', ...files.filter(name => /^docs\/.*\.md$/.test(name))]) {
  test(`${document} names only files that are there`, async () => {
    const names = namesIn(await readFile(path.join(root, document), 'utf8'));
    assert.deepEqual([...new Set(names)].filter(name => !isThere(name)), []);
  });
}
