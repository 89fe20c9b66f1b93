// The length of the functions in web/static and web/test. internal/style is the same for Go. ./build.sh check measures
// lines and files.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { root } from './lib.mjs';

/** How long a function may be. A longer one does more than one thing, and does not fit on a screen. */
const maxLines = 120;

/** Functions that may be longer, as "path: name", each with its reason. @type {Record<string, string>} */
const exceptions = {};

/** @typedef {{ name: string, lines: number }} Measured */

/**
 * What a person would call a function: its own name, that of the variable or property that holds it, or the call that
 * it is an argument of.
 * @param {ts.SignatureDeclaration} node
 * @param {ts.SourceFile} source
 */
function nameOf(node, source) {
  if (node.name) return node.name.getText(source);
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) {
    return parent.name.getText(source);
  }
  if (ts.isBinaryExpression(parent)) return parent.left.getText(source);
  if (ts.isCallExpression(parent)) {
    const [first] = parent.arguments;
    const title = first && ts.isStringLiteralLike(first) ? first.getText(source) : '';
    return `${parent.expression.getText(source)}(${title})`;
  }
  return 'a function without a name';
}

/**
 * The functions, methods and arrow functions of a script with their lengths in lines. A function that has a name, and a
 * test with a title, count for themselves and not for the function around them, as a method does not count for its
 * class. Other callbacks are steps of the function that passes them.
 * @param {string} name
 * @param {string} text
 */
function functionsOf(name, text) {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  /** @type {Measured[]} */
  const found = [];
  /**
   * Measures the functions in a node, and gives how many lines of it belong to named ones.
   * @param {ts.Node} node
   * @returns {number}
   */
  const visit = node => {
    let inside = 0;
    ts.forEachChild(node, child => { inside += visit(child); });
    if (!ts.isFunctionLike(node) || !('body' in node)) return inside;
    const lineAt = (/** @type {number} */ at) => source.getLineAndCharacterOfPosition(at).line;
    const lines = lineAt(node.end) - lineAt(node.getStart(source)) + 1;
    found.push({ name: `${name}: ${nameOf(node, source)}`, lines: lines - inside });
    const { parent } = node;
    return ts.isCallExpression(parent) && !ts.isStringLiteralLike(parent.arguments[0]) ? inside : lines;
  };
  visit(source);
  return found;
}

/** The scripts that people wrote, by their paths from the root. */
async function scripts() {
  const folders = await Promise.all(['web/static', 'web/test'].map(async folder => {
    const names = await readdir(path.join(root, folder), { recursive: true });
    return names.map(name => path.posix.join(folder, name.split(path.sep).join('/')));
  }));
  return folders.flat().filter(name =>
    /\.m?js$/.test(name) && !/\/(node_modules|testdata|vendor)\//.test(name) && !/\/z\w+\.js$/.test(name));
}

test('no function is too long, and no exception is left over', async () => {
  const names = await scripts();
  assert.ok(names.length > 100, 'the search for scripts finds too few');
  const measured = await Promise.all(names.map(async name =>
    functionsOf(name, await readFile(path.join(root, name), 'utf8'))));
  const long = measured.flat().filter(({ lines }) => lines > maxLines);
  assert.deepEqual(long.filter(({ name }) => !(name in exceptions)), []);
  assert.deepEqual(Object.keys(exceptions).filter(name => !long.some(each => each.name === name)), []);
});

test('functions of every form are measured', () => {
  const text = 'function a() {\n}\nconst b = () => {\n  const inner = () => {\n  };\n};\n'
    + 'class C {\n  #d() { return 1; }\n  constructor() {\n  }\n}\n'
    + `test('e', async () => {\n  f.g(function () {\n  });\n});\n`;
  assert.deepEqual(functionsOf('x.js', text), [
    { name: 'x.js: a', lines: 2 },
    { name: 'x.js: inner', lines: 2 },
    { name: 'x.js: b', lines: 2 },
    { name: 'x.js: #d', lines: 1 },
    { name: 'x.js: constructor', lines: 2 },
    { name: 'x.js: f.g()', lines: 2 },
    { name: "x.js: test('e')", lines: 4 },
  ]);
});
