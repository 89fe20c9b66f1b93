// The blocks of code in README.md that are for a browser: readme.test.mjs and vite.test.mjs run them.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './lib.mjs';

const readme = await readFile(join(root, 'README.md'), 'utf8');

/** @type {readonly { language: string, code: string }[]} */
export const blocks = [...readme.matchAll(/^```(js|html)\n([^]*?)^```$/gm)]
  .map(([, language, code]) => ({ language, code }));

/**
 * The block that a text occurs in.
 * @param {string} part
 */
export function blockWith(part) {
  const found = blocks.filter(({ code }) => code.includes(part));
  if (found.length !== 1) throw new Error(`${found.length} blocks of README.md have ${part}`);
  return found[0];
}

/** The codes in the table of errors. */
export const errorCodes = [...readme.matchAll(/^\| `([a-z-]+)` \| /gm)].map(match => match[1]);
