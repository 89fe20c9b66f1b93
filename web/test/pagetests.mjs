// Runs the tests of the page in Chromium, Firefox and WebKitGTK; ./build.sh test page calls it. It prints a line a
// test, and what failed once more at the end: build servers keep the last lines.
//
//   node web/test/pagetests.mjs [NAME…]
//
// runs only some of the processes, by their names: walk.test, much, small-0, unit-keys, share.test, …

import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { run } from 'node:test';
import { spec as Spec } from 'node:test/reporters';
import { inspect } from 'node:util';
import { root } from './lib.mjs';

/** These belong to the tests of the edge. */
const ofEdge = ['blackbox.test.mjs', 'vite.test.mjs'];
/** These wait for helpers that come late, or fill the server: nothing runs beside them. */
const alone = ['start.test.mjs', 'strain.test.mjs'];

/**
 * Which files of tests run in one process, each process by its name. Files on the small site share a browser and a
 * server: to start these takes two seconds of the processor.
 * @returns {Promise<Map<string, string[]>>} paths
 */
async function processes() {
  const here = join(root, 'web', 'test');
  const files = [
    ...(await readdir(here)).filter(name => /^unit.*\.mjs$|\.test\.mjs$/.test(name)),
    ...(await readdir(join(here, 'e2e'))).filter(name => name.endsWith('.test.mjs')).map(name => `e2e/${name}`),
  ].sort();
  /** @type {Map<string, string[]>} */
  const filesOf = new Map();
  let small = 0;
  for (const file of files.filter(file => !ofEdge.includes(file))) {
    const source = await readFile(join(here, file), 'utf8');
    let name = basename(file, '.mjs');
    if (file.startsWith('view')) name = 'view'; // they share a site and its browsers
    else if (/^computesMuch\(\)/m.test(source)) name = 'much'; // they need V8's optimising compiler
    else if (file.startsWith('e2e/') && !/^useRealWeights\(\)/m.test(source) && !alone.includes(basename(file))) {
      name = `small-${small++ % 4}`;
    }
    filesOf.set(name, [...filesOf.get(name) ?? [], join(here, file)]);
  }
  return filesOf;
}

/** The longest come first, so that no processor is without work at the end. */
const longest = ['walk.test', 'much', 'small-0', 'small-1', 'small-2', 'small-3', 'view'];

/** @param {string} name */
const rank = name => (longest.includes(name) ? longest.indexOf(name) : longest.length);

/**
 * @param {string[]} files
 * @param {number} concurrency how many processes at a time
 * @returns {Promise<string[]>} what failed, each with its file and its error
 */
async function failuresOf(files, concurrency) {
  /** @type {string[]} */
  const failures = [];
  if (files.length === 0) return failures;
  const tests = run({ files, concurrency });
  tests.on('test:fail', ({ name, file, details, skip, todo }) => {
    const error = /** @type {Error & { failureType?: string, cause?: unknown }} */ (details.error);
    if (skip || todo || error.failureType === 'subtestsFailed') return; // subtests are named themselves
    failures.push(`${file ? `${relative(root, file)}: ` : ''}${name}\n${inspect(error.cause ?? error)}`);
  });
  const lines = tests.compose(new Spec());
  lines.pipe(process.stdout);
  await new Promise((done, failed) => { lines.once('end', done).once('error', failed); });
  return failures;
}

const folder = await mkdtemp(join(tmpdir(), 'residua-pagetests-'));
try {
  /** @type {{ together: string[], alone: string[] }} */
  const paths = { together: [], alone: [] };
  const filesOf = await processes();
  const names = process.argv.length > 2 ? process.argv.slice(2) : [...filesOf.keys()];
  for (const name of names.sort((a, b) => rank(a) - rank(b))) {
    const files = filesOf.get(name);
    if (!files) throw new Error(`There is no ${name}, but ${[...filesOf.keys()].join(', ')}.`);
    const path = join(folder, `${name}.mjs`);
    await writeFile(path, files.map(file => `import ${JSON.stringify(file)};\n`).join(''));
    paths[alone.includes(`${name}.mjs`) ? 'alone' : 'together'].push(path);
  }
  const failures = [...await failuresOf(paths.together, 2), ...await failuresOf(paths.alone, 1)];
  if (failures.length > 0) {
    console.error(`\n${failures.length} failed:\n\n${failures.join('\n\n')}`);
    process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true });
}
