// That every API which a browser may lack is asked for in one place, web/static/common/platform.js, and what stands in
// for some of them there.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from './lib.mjs';

const folder = join(root, 'web', 'static');

/** What only platform.js may name. */
const guarded = {
  'navigator.storage': /\bnavigator\??\.storage\b/,
  'navigator.locks': /\bnavigator\??\.locks\b/,
  'navigator.serviceWorker': /(?<!')\bnavigator\??\.serviceWorker\b|\{[^}]*\bserviceWorker\b[^}]*\} = navigator/,
  'navigator.mediaDevices': /\bnavigator\??\.mediaDevices\b/,
  'navigator.clipboard': /\bnavigator\??\.clipboard\b/,
  'navigator.share': /\bnavigator\??\.(share|canShare)\b/,
  'something of navigator': /\} = (?:\/\*.*\*\/ \()?navigator\b/,
  crypto: /(?<![\w'])crypto\??\./,
  caches: /(?<![\w.])caches\.|globalThis\.caches/,
  indexedDB: /(?<!')\bindexedDB\b(?!')/,
  localStorage: /\blocalStorage\b/,
  sessionStorage: /\bsessionStorage\b/,
  createImageBitmap: /\bcreateImageBitmap\(/,
  OffscreenCanvas: /new OffscreenCanvas\b|instanceof OffscreenCanvas\b/,
  'WebGL 2': /'webgl2'/,
  popovers: /\b(showPopover|hidePopover|togglePopover)\b|:popover-open/,
  'methods of 2023 and later':
    /\b(toSorted|toReversed|toSpliced|toWellFormed|isWellFormed|withResolvers|groupBy|fromAsync)\(|AbortSignal\.any\b/,
};

/** Who else names them, and why. @type {Record<string, Record<string, string>>} */
const exceptions = {
  'page/early.js': { localStorage: 'a classic script, which runs before any module can' },
  'page/models/datasaver.js': {
    'something of navigator': 'connection and deviceMemory are hints, which most browsers do not give',
  },
  'engine/program.js': { crypto: 'getRandomValues, which all have; it runs in the worker, for Go' },
};

test('APIs that a browser may lack are named in platform.js only, but for exceptions that have a reason', async () => {
  const all = await readdir(folder, { recursive: true });
  const names = all.filter(name => name.endsWith('.js') && !/^vendor|^common\/platform\.js|wasm_exec\.js$/.test(name));
  assert.ok(names.length > 80, 'the search finds too few scripts');
  /** @type {string[]} */
  const found = [];
  const used = new Set();
  for (const name of names) {
    const source = await readFile(join(folder, name), 'utf8');
    for (const [i, line] of source.split('\n').entries()) {
      if (/^\s*(\*|\/\/|\/\*\*)/.test(line)) continue; // a comment may
      const code = line.replace(/ \/\/ .*$/, '');
      for (const [api, pattern] of Object.entries(guarded)) {
        if (!pattern.test(code)) continue;
        if (exceptions[name]?.[api]) used.add(`${name} ${api}`);
        else found.push(`${name}:${i + 1} ${api}`);
      }
    }
  }
  assert.deepEqual(found, []);
  const excepted = Object.entries(exceptions).flatMap(([name, apis]) => Object.keys(apis).map(api => `${name} ${api}`));
  assert.deepEqual(excepted.filter(one => !used.has(one)), [], 'exceptions that nobody needs any more');
});

// The build lays the library beside the page's scripts; here it is where npm has put it.
const library = pathToFileURL(join(root, 'web', 'vendor', 'node_modules', '@noble', 'hashes')).href;
register(`data:text/javascript,${encodeURIComponent(`export const resolve = (specifier, context, next) =>
  next(specifier.replace('../vendor/noble-hashes', '${library}'), context);`)}`);
const { missingFeatures, sha256, uniqueName, wellFormed } = await import('../static/common/platform.js');

/**
 * Runs something while a property is away.
 * @template T
 * @param {any} of
 * @param {string} name
 * @param {() => T | Promise<T>} run
 */
async function without(of, name, run) {
  const kept = Object.getOwnPropertyDescriptor(of, name);
  assert.ok(kept, `there is no ${name}`);
  Object.defineProperty(of, name, { value: undefined, configurable: true });
  try {
    return await run();
  } finally {
    Object.defineProperty(of, name, kept);
  }
}

test('SHA-256 is the same with the browser\'s and with the library', async () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 1000, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 2654435761) >>> 24);
    const want = createHash('sha256').update(bytes).digest('hex');
    assert.equal(await sha256(bytes), want);
    assert.equal(await without(Crypto.prototype, 'subtle', () => sha256(bytes)), want, `${length} bytes`);
    assert.equal(await without(Crypto.prototype, 'subtle', () => sha256(bytes.buffer)), want, `${length} bytes`);
  }
});

test('names are different, and text becomes well formed, with and without the newer methods', async () => {
  for (const make of [async () => uniqueName(), () => without(Crypto.prototype, 'randomUUID', uniqueName)]) {
    assert.equal(new Set(await Promise.all(Array.from({ length: 100 }, make))).size, 100);
  }
  for (const text of ['cat', '\u{1f408}', 'a\ud800b', '\udc00\ud800', '']) {
    const want = text.toWellFormed();
    assert.equal(wellFormed(text), want);
    assert.equal(await without(String.prototype, 'toWellFormed', () => wellFormed(text)), want);
  }
});

test('a missing feature is reported with its effect', () => {
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  // Node has neither a page nor storage.
  const missing = Object.fromEntries(missingFeatures().map(({ api, effect }) => [api, effect]));
  assert.equal(missing.indexedDB, 'project');
  assert.equal(missing['navigator.mediaDevices'], 'camera');
  assert.ok(!('crypto.subtle' in missing));
});
