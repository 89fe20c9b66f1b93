// Runs a Go test binary for js/wasm in a worker in Chromium, once for each way to compute: with each variant of the SIMD kernels on one
// thread, and on shared memory with two helpers:
//
//   GOOS=js GOARCH=wasm go test -exec 'node ABSOLUTE/web/test/gotest.mjs' ./resnet/kernel
//
// KERNELS=relaxed, simd or relaxed_shared runs one only. The tests can read files, as they would natively,
// and see the environment variables that begin with RESIDUA_; RESIDUA_KERNELS is how they compute.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { launchBrowser, root } from './lib.mjs';

const ways = ['relaxed', 'simd', 'relaxed_shared'];
const [binary, ...args] = process.argv.slice(2);
const native = { ...process.env, GOOS: '', GOARCH: '' };

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'gotest-'));
const program = path.join(work, 'program.wasm');
const shared = path.join(work, 'program_shared.wasm');
execFileSync('go', ['run', './wasm/sharemem', path.resolve(binary), program], { cwd: root, env: native, stdio: 'inherit' });
execFileSync('go', ['run', './wasm/sharemem', '-shared', path.resolve(binary), shared], { cwd: root, env: native, stdio: 'inherit' });

/** @type {Record<string, string>} */
const files = {
  '/program.wasm': program,
  '/program_shared.wasm': shared,
  '/gotest-worker.js': path.join(root, 'web/test/gotest-worker.js'),
  '/program.js': path.join(root, 'web/static/engine/program.js'),
  '/helper.js': path.join(root, 'web/static/engine/helper.js'),
  '/pool.js': path.join(root, 'web/static/engine/pool.js'),
  '/helpers.js': path.join(root, 'web/static/api/helpers.js'),
  '/wasm_exec.js': path.join(execFileSync('go', ['env', 'GOROOT'], { env: native }).toString().trim(), 'lib/wasm/wasm_exec.js'),
  ...Object.fromEntries(ways.map(way => [`/kernels_${way}.wasm`, path.join(root, `resnet/kernel/zkernels_${way}.wasm`)])),
};
/** @type {Record<string, string>} */
const types = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const server = http.createServer((request, response) => {
  const url = request.url ?? '/';
  const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
  if (url === '/') {
    response.writeHead(200, { ...headers, 'content-type': 'text/html' }).end('<!doctype html><title>Go tests</title><link rel=icon href=data:,>');
    return;
  }
  const file = url.startsWith('/file/') ? decodeURIComponent(url.slice('/file'.length)) : files[url];
  if (!file || !fs.statSync(file, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { ...headers, 'content-type': types[path.extname(url)] ?? 'application/octet-stream' });
  fs.createReadStream(file).pipe(response);
});
await /** @type {Promise<void>} */ (new Promise(done => server.listen(0, '127.0.0.1', done)));

const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('RESIDUA_'))),
  // A shared memory ends at 1 GiB. Some tests load the network several times over: what is no longer used has to go in time.
  GOMEMLIMIT: '600MiB',
};
const browser = await launchBrowser();
let failed = false;
for (const way of process.env.KERNELS ? [process.env.KERNELS] : ways) {
  const page = await browser.newPage();
  page.on('console', message => console.log(message.text()));
  await page.goto(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`);
  const code = await page
    .evaluate(
      async task => {
        const { Helpers } = await import(/** @type {any} */ ('/helpers.js'));
        const helpers = new Helpers(() => new Worker('/helper.js', { type: 'module' }));
        return new Promise(done => {
          const worker = new Worker('/gotest-worker.js', { type: 'module' });
          worker.onerror = event => done(event.message || 'the worker failed');
          worker.onmessage = ({ data }) => {
            if (data.line !== undefined) console.log(data.line);
            else if (data.kind === 'helpers') helpers.start(data.count, (/** @type {number} */ number, /** @type {MessagePort} */ port) => worker.postMessage({ team: data.team, number }, [port]));
            else if (data.kind === 'helpers-end') done(`helpers ${data.numbers} did not start`);
            else done(data.code);
          };
          worker.postMessage(task);
        });
      },
      { way, args, env: { ...env, RESIDUA_KERNELS: way }, cwd: process.cwd() },
    )
    .catch(error => error.message);
  if (code !== 0) {
    console.log(`FAIL with the ${way} kernels: ${code}`);
    failed = true;
  }
  await page.close();
}
await browser.close();
server.close();
fs.rmSync(work, { recursive: true });
process.exit(failed ? 1 : 0);
