// Kills a server again and again while it takes uploads, and looks whether every share that it has acknowledged is
// still there:
//
//	node web/test/killed.mjs [200]
//
// Each time bbolt's own check looks at the file, and the shares of that round are read from the next server; at the end
// all are. It ends with 1 if one is lost, or if the check finds anything.

import './needs.mjs';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { soundHead } from './head.mjs';
import { root, startServer } from './lib.mjs';

const run = promisify(execFile);
const rounds = Number(process.argv[2] ?? 200);
const clients = 8;

const folder = await mkdtemp(join(tmpdir(), 'residua-killed-'));
const file = join(folder, 'shares.db');
const start = () => startServer({ args: ['-shares', file, '-uploads', '100000000', '-client-header', 'X-Client'] });

// The checker is of the version that the server is built with.
const { stdout: version } = await run('go', ['list', '-m', '-f', '{{.Version}}', 'go.etcd.io/bbolt'], { cwd: root });
await run('go', ['install', `go.etcd.io/bbolt/cmd/bbolt@${version.trim()}`], {
  env: { ...process.env, GOBIN: folder },
});

/** Paths that were acknowledged. @type {string[]} */
const acknowledged = [];
let lost = 0, unclean = 0, seed = 0, cut = 0;

/** Reads shares back. @param {string} origin @param {string[]} paths */
async function look(origin, paths) {
  for (const path of paths) {
    const answer = await fetch(origin + path);
    const body = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 200 && path.endsWith(createHash('sha256').update(body).digest('hex').slice(0, 32))) continue;
    lost++;
    console.error(`lost: ${path} (${answer.status})`);
  }
}

for (let round = 0, fresh = 0; round < rounds; round++) {
  const server = await start();
  await look(server.origin, acknowledged.slice(fresh));
  fresh = acknowledged.length;
  let dead = false;
  const late = new AbortController();
  // Clients of addresses of their own, as the server takes two uploads at once from each.
  const uploading = Promise.all(Array.from({ length: clients }, async (_, i) => {
    while (!dead) {
      try {
        const answer = await fetch(`${server.origin}/api/share`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/octet-stream', 'X-Client': `192.0.2.${i}` },
          body: new Uint8Array(soundHead({ seed: seed++, classes: ['cat', `dog ${seed}`] })),
          signal: late.signal,
        });
        const receipt = await answer.json();
        if (answer.status !== 201) throw new Error(`${answer.status}: ${JSON.stringify(receipt)}`);
        acknowledged.push(receipt.path);
      } catch (error) {
        if (!dead) throw error;
        cut++; // it died first
      }
    }
  }));
  await new Promise(done => setTimeout(done, 20 + Math.random() * 200));
  dead = true;
  await server.close('SIGKILL');
  // Node's fetch may wait for ever for a server that died while it connected.
  const limit = setTimeout(() => late.abort(), 2000);
  await uploading;
  clearTimeout(limit);
  const checked = await run(join(folder, 'bbolt'), ['check', file]).catch(error => error);
  if (!/^OK\s*$/.test(checked.stdout)) {
    unclean++;
    console.error(`round ${round}: ${checked.stdout}${checked.stderr}`);
  }
  if ((round + 1) % 20 === 0) {
    console.log(`${String(round + 1).padStart(5)} kills, ${acknowledged.length} acknowledged, ${cut} cut, `
      + `${lost} lost, ${unclean} checks not clean`);
  }
}
const server = await start();
await look(server.origin, acknowledged);
await server.close();
const { size } = await stat(file);
console.log(`${rounds} kills: ${acknowledged.length} shares acknowledged, ${cut} uploads cut, ${lost} shares lost, `
  + `${unclean} checks not clean; the file has ${(size / 1e6).toFixed(0)} MB`);
await rm(folder, { recursive: true });
if (lost > 0 || unclean > 0) process.exitCode = 1;
