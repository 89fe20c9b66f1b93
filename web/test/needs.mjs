// What every command for people in this folder imports first: on a fresh clone it says in one sentence what is missing,
// where Node would say that it cannot find a module. So nothing of npm may be imported statically by these commands:
// Node looks for such modules before it runs this one.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = process.env.RESIDUA_DIST ?? join(here, '..', '..', 'dist');

const missing = [
  { file: join(dist, 'index.html'), command: './build.sh' },
  { file: join(here, 'node_modules', 'playwright-core'), command: 'npm ci --prefix web/test --ignore-scripts' },
].filter(({ file }) => !existsSync(file));

if (missing.length > 0) {
  console.error(`Run this first, at the top of the repository: ${missing.map(({ command }) => command).join(' && ')}`);
  process.exit(1);
}
