// The commands that strain a server, in short, so that they stay right. Run with: node --test strain.test.mjs

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root } from './lib.mjs';

/** Runs a command, which fails if it ends with anything but 0. @param {string} name @param {number[]} args */
async function run(name, ...args) {
  const command = [join(root, 'web', 'test', name), ...args.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  return stdout;
}

test('load: a thousand requests by 64 connections', async () => {
  assert.match(await run('load.mjs', 1000), /\b0 unexpected answers/);
});

test('hostile uploads: three hundred, none of them slow', async () => {
  assert.match(await run('hostile.mjs', 300, 0), /300 uploads[^\n]*; 0 were not refused/);
});

test('kill -9 under load: no acknowledged share is lost', async () => {
  assert.match(await run('killed.mjs', 3), /\b0 shares lost, 0 checks not clean/);
});
