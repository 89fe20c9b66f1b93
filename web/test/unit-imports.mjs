// The borders in web/static: which folder may import which, each rule with its reason, and that no files import each
// other in a circle. Types that JSDoc names count as imports. internal/imports is the same for Go.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { root } from './lib.mjs';

/**
 * ownFolder: they may also import what lies in the same room, in its folders too.
 * @typedef {{ files: RegExp, may: RegExp, ownFolder?: boolean, why: string }} Rule
 */

const generated = 'z\\w+\\.js';
const rooms = '(classify|lab|look|models|teach)/';
/** What the page's scripts may import, but for the rooms. */
const shell = `page/(?!${rooms})|common/|residua\\.js$|${generated}$`;

/** The first rule whose pattern a file has is its own. @type {Rule[]} */
export const rules = [
  {
    files: /^common\//,
    may: /^(common|vendor)\//,
    why: 'common/ is what the browser offers. It is below everything else and knows nothing of Residua',
  },
  {
    files: /^engine\//,
    may: /^(engine|common)\//,
    why: "engine/ runs in workers, which load nothing of the page's",
  },
  {
    files: /^view\//,
    may: new RegExp(`^((view|common)/|${generated}$)`),
    why: 'view/ lives in an iframe of its own. The page reaches it by messages only',
  },
  {
    files: /^(api\/|residua\.js$)/,
    may: new RegExp(`^((api|common|vendor)/|engine/pool\\.js$|${generated}$)`),
    why: "the API serves other people's pages too, and knows none. Of engine/ it knows the messages of its thread pool",
  },
  {
    files: new RegExp(`^page/${rooms}`),
    may: new RegExp(`^(${shell})`),
    ownFolder: true,
    why: 'a room knows the page round it and the public API. It knows no other room: app.js ties them together',
  },
  {
    files: /^page\/app\.js$/,
    may: new RegExp(`^(page/|common/|residua\\.js$|${generated}$)`),
    why: 'app.js ties the rooms together',
  },
  {
    files: /^page\//,
    may: new RegExp(`^(${shell})`),
    why: 'what all rooms share knows no room, and of the engine only the public API',
  },
  { files: new RegExp(`^${generated}$`), may: /^$/, why: 'generated constants import nothing' },
];

/**
 * What a script imports, and the types that it names, as paths from web/static.
 * @param {string} name
 * @param {string} source
 */
export function importsOf(name, source) {
  const found = source.matchAll(/(?:\bfrom |\bimport ?\(|^import )(['"`])(\.[^'"`]+)\1/gm);
  return [...new Set([...found].map(match => path.posix.join(path.posix.dirname(name), match[2])))];
}

/**
 * What breaks a rule.
 * @param {string} name
 * @param {string[]} imports
 */
export function breaks(name, imports) {
  const rule = rules.find(({ files }) => files.test(name));
  if (!rule) return [`${name} is in no folder that has a rule`];
  const own = name.split('/', 2).join('/') + '/';
  return imports
    .filter(other => other !== name && !rule.may.test(other))
    .filter(other => !(rule.ownFolder && other.startsWith(own)))
    .map(other => `${name} imports ${other}: ${rule.why}`);
}

/**
 * The circles that files import each other in.
 * @param {Map<string, string[]>} graph
 */
export function circles(graph) {
  /** @type {string[]} */
  const found = [];
  const done = new Set();
  /** @param {string} name @param {string[]} way */
  const visit = (name, way) => {
    if (way.includes(name)) return void found.push([...way.slice(way.indexOf(name)), name].join(' → '));
    if (done.has(name)) return;
    for (const other of graph.get(name) ?? []) if (other !== name) visit(other, [...way, name]);
    done.add(name);
  };
  for (const name of graph.keys()) visit(name, []);
  return found;
}

const folder = path.join(root, 'web', 'static');
const names = (await readdir(folder, { recursive: true }))
  .map(name => name.split(path.sep).join('/'))
  .filter(name => name.endsWith('.js'));
const graph = new Map(await Promise.all(names.map(async name =>
  /** @type {const} */ ([name, importsOf(name, await readFile(path.join(folder, name), 'utf8'))]))));

test('every script imports only what the rule of its folder allows', () => {
  const [page, api, teach] = ['page/app.js', 'residua.js', 'api/teach/teacher.js'];
  assert.ok(graph.has(page) && graph.has(api) && graph.has(teach), 'the search finds too little');
  assert.deepEqual([...graph].flatMap(([name, imports]) => breaks(name, imports)), []);
});

test('no scripts import each other in a circle', () => assert.deepEqual(circles(graph), []));

test('a forbidden import and a circle are found', () => {
  const source = `import { Teacher } from '../../api/teach/teacher.js';\n`
    + `/** @typedef {import('../look/room.js').Look} Look */`;
  const imports = importsOf('page/teach/room.js', source);
  assert.deepEqual(imports, ['api/teach/teacher.js', 'page/look/room.js']);
  assert.equal(breaks('page/teach/room.js', imports).length, 2);
  assert.deepEqual(breaks('page/teach/room.js', ['page/teach/parts.js', 'page/dom.js', 'residua.js', 'zproto.js']), []);
  assert.equal(breaks('api/teach/teacher.js', ['page/dom.js']).length, 1);
  assert.deepEqual(circles(new Map([['a', ['b']], ['b', ['c']], ['c', ['a']]])), ['a → b → c → a']);
});
