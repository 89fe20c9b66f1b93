// The Cloudflare Worker, run by wrangler under workerd on this machine, as ./build.sh edge does.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './lib.mjs';

const edge = join(root, 'web', 'edge');

/** What build.sh has made: the Worker and the files that the platform serves. */
export const edgeBuild = join(edge, 'build');

/** wrangler takes no port 0 and would not say which it got. @returns {Promise<number>} */
function freePort() {
  return new Promise((found, failed) => {
    const probe = createServer().once('error', failed).listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
      probe.close(() => found(port));
    });
  });
}

/**
 * Runs the Worker with an empty KV.
 * @returns {Promise<{ origin: string, close: () => Promise<void> }>} origin has no slash at its end
 */
export async function startEdge() {
  if (!existsSync(join(edgeBuild, 'app.wasm'))) {
    throw new Error(`${edgeBuild} holds no Worker; ./build.sh edge makes it`);
  }
  const state = await mkdtemp(join(tmpdir(), 'residua-edge-'));
  const port = await freePort();
  const args = [
    join(edge, 'node_modules', 'wrangler', 'bin', 'wrangler.js'), 'dev',
    '--config', join(edge, 'wrangler.toml'),
    '--local',
    '--ip', '127.0.0.1',
    '--port', String(port),
    '--inspector-port', '0',
    '--persist-to', state,
    '--show-interactive-dev-session=false',
  ];
  const env = {
    ...process.env,
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_LOG_PATH: state,
  };
  // It has children; a group of its own lets them all be ended.
  const child = spawn(process.execPath, args, { cwd: edge, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const kill = (/** @type {NodeJS.Signals} */ signal = 'SIGKILL') => {
    try {
      process.kill(-(/** @type {number} */ (child.pid)), signal);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error; // all have ended
    }
  };
  const killNow = () => kill();
  process.once('exit', killNow);
  const ended = new Promise(done => child.once('exit', done));
  let said = '';
  const ready = new Promise((done, failed) => {
    const listen = (/** @type {Buffer} */ chunk) => {
      said += chunk;
      if (said.includes('Ready on ')) done(undefined);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', failed);
    child.once('exit', status => failed(new Error(`wrangler ended with status ${status}:\n${said}`)));
  });
  await ready;
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      process.off('exit', killNow);
      kill('SIGTERM');
      await ended;
      killNow(); // what it has left behind
      await rm(state, { recursive: true, force: true });
    },
  };
}
