// The compressed twins of a site's files. Run with: node --test compress.test.mjs

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import zlib from 'node:zlib';
import { root } from './lib.mjs';

const folder = mkdtempSync(join(tmpdir(), 'residua-compress-'));
after(() => rmSync(folder, { recursive: true }));

const compress = () => execFileSync(process.execPath, [join(root, 'web', 'compress.mjs'), folder]);
const encoded = () => readdirSync(join(folder, '.encoded')).sort();
const digest = (/** @type {string | Buffer} */ content) => createHash('sha256').update(content).digest('hex');
const twins = (/** @type {string | Buffer} */ content) => [`${digest(content)}.br`, `${digest(content)}.gz`];

test('each file that is worth it has its twins, which are its content', () => {
  const text = 'export const words = "a residual block adds its input";\n'.repeat(100);
  const other = text.toUpperCase();
  const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => digest(String(i)).charCodeAt(0) ^ (i * 37)));
  mkdirSync(join(folder, 'static', '.hidden'), { recursive: true });
  /** @type {[string, string | Buffer][]} */
  const files = [
    ['index.html', text],
    ['static/same.js', text],
    ['static/other.js', other],
    ['static/small.js', 'x'.repeat(1000)],
    ['static/photo.jpg', `${text} `],
    ['static/.hidden/x.js', `${text}  `],
    ['static/noise.wasm', zlib.brotliCompressSync(noise)],
  ];
  for (const [name, content] of files) {
    writeFileSync(join(folder, name), content);
  }
  compress();
  assert.deepEqual(encoded(), [...twins(text), ...twins(other)].sort());
  for (const content of [text, other]) {
    const [br, gz] = twins(content).map(name => readFileSync(join(folder, '.encoded', name)));
    assert.equal(zlib.brotliDecompressSync(br).toString(), content);
    assert.equal(zlib.gunzipSync(gz).toString(), content);
  }

  // What is right stays as it is; what belongs to no file any more goes.
  const time = statSync(join(folder, '.encoded', twins(text)[0])).mtimeMs;
  writeFileSync(join(folder, 'static', 'other.js'), text);
  writeFileSync(join(folder, '.encoded', 'half.br.part'), 'of a build that was ended');
  compress();
  assert.deepEqual(encoded(), twins(text).sort());
  assert.equal(statSync(join(folder, '.encoded', twins(text)[0])).mtimeMs, time);
});
