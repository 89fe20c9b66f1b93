// The tables of what the API's methods take: they have every method, and each knows the options that it has.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './lib.mjs';
import { errorCodes } from './readme.mjs';
import * as signatures from '../static/api/signatures.js';

const { files, Lab, Residua, sharing, Teacher, ...rest } = await import('../static/residua.js');

/** The names of a class's own methods. @param {object} target */
const methodsOf = target => Object.entries(Object.getOwnPropertyDescriptors(target))
  .filter(([name, { value }]) => typeof value === 'function' && !/^(constructor|prototype)$/.test(name))
  .map(([name]) => name).sort();

/** The methods of a teacher, some of which are its parts'. */
function methodsOfTeacher() {
  const all = new Set();
  for (let at = Teacher.prototype; at !== EventTarget.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of methodsOf(at)) all.add(name);
  }
  return [...all].sort();
}

test('the API: every public method says what it takes', () => {
  assert.deepEqual(Object.keys(signatures.ofResidua).sort(), methodsOf(Residua));
  assert.deepEqual(Object.keys(signatures.ofNetwork).sort(), methodsOf(Residua.prototype));
  assert.deepEqual(Object.keys(signatures.ofTeacher).sort(), methodsOfTeacher());
  assert.deepEqual(Object.keys(signatures.ofLabClass).sort(), methodsOf(Lab));
  assert.deepEqual(Object.keys(signatures.ofLab).sort(), methodsOf(Lab.prototype));
  // They take anything.
  const unchecked = ['isEngineFault', 'isPictureFault', 'ResiduaError', 'isForeign', 'isShareID', 'shareIDIn'];
  const functions = (/** @type {object} */ module) => methodsOf(module).filter(name => !unchecked.includes(name));
  assert.deepEqual(Object.keys(signatures.ofModule).sort(), functions(rest));
  assert.deepEqual(Object.keys(signatures.ofFiles).sort(), functions(files));
  assert.deepEqual(Object.keys(signatures.ofSharing).sort(), functions(sharing));
});

test('the API: every option that a method documents is in its table', async () => {
  const sources = [
    { name: 'residua.js', tables: [signatures.ofResidua, signatures.ofNetwork] },
    { name: 'api/teach/teacher.js', tables: [signatures.ofTeacher] },
    { name: 'api/teach/collection.js', tables: [signatures.ofTeacher] },
    { name: 'api/teach/acrossdomains.js', tables: [signatures.ofTeacher] },
    { name: 'api/lab/lab.js', tables: [signatures.ofLabClass, signatures.ofLab] },
  ];
  let seen = 0;
  for (const { name, tables } of sources) {
    const source = await readFile(join(root, 'web', 'static', name), 'utf8');
    for (const [method, { options = {} }] of tables.flatMap(table => Object.entries(table))) {
      // The comment right before the method.
      const comment = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s+(?:static )?(?:async )?${method}\\(`);
      const head = comment.exec(source)?.[1] ?? '';
      const inline = [.../@param \{\{([^]*?)\}\} \[?options\]?/.exec(head)?.[1].matchAll(/(\w+)\??:/g) ?? []];
      const documented = [...inline, ...head.matchAll(/\[options\.(\w+)\]/g)].map(match => match[1]);
      for (const option of documented) assert.ok(option in options, `${method}: ${option}`);
      seen += documented.length;
    }
  }
  assert.ok(seen > 30, `only ${seen} options were found`);
});

test('the API: README.md has every code of an error', async () => {
  const source = await readFile(join(root, 'web', 'static', 'zproto.js'), 'utf8');
  const codes = [...(/@typedef \{(.+)\} Code/.exec(source)?.[1] ?? '').matchAll(/'([a-z-]+)'/g)].map(match => match[1]);
  assert.ok(codes.length > 20, 'the codes were not found');
  assert.deepEqual([...errorCodes].sort(), codes.sort());
});
