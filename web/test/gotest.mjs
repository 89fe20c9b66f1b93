// Runs a Go test binary for js/wasm in Chromium, once with each variant of the SIMD kernels:
//
//   GOOS=js GOARCH=wasm go test -exec 'node ABSOLUTE/web/test/gotest.mjs' ./resnet/kernel
//
// KERNELS=relaxed or KERNELS=simd runs one variant only. The tests can read files, as they would natively,
// and see the environment variables that begin with RESIDUA_.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { variants } from '../static/engine/program.js';

const [binary, ...args] = process.argv.slice(2);
const root = path.resolve(import.meta.dirname, '../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'gotest-'));
const native = { ...process.env, GOOS: '', GOARCH: '' };
const program = path.join(work, 'program.wasm');
execFileSync('go', ['run', './wasm/sharemem', path.resolve(binary), program], { cwd: root, env: native, stdio: 'inherit' });

const files = {
  '/': Buffer.from('<!doctype html><title>Go tests</title><link rel=icon href=data:,>'),
  '/program.wasm': fs.readFileSync(program),
  '/program.js': fs.readFileSync(path.join(root, 'web/static/engine/program.js')),
  '/wasm_exec.js': fs.readFileSync(path.join(execFileSync('go', ['env', 'GOROOT'], { env: native }).toString().trim(), 'lib/wasm/wasm_exec.js')),
  ...Object.fromEntries(variants.map(v => [`/kernels_${v}.wasm`, fs.readFileSync(path.join(root, `resnet/kernel/zkernels_${v}.wasm`))])),
};
fs.rmSync(work, { recursive: true });
const readable = file => fs.existsSync(file) && fs.statSync(file).isFile();
const types = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const server = http.createServer((request, response) => {
  const file = request.url.startsWith('/file/') && decodeURIComponent(request.url.slice('/file'.length));
  const body = file ? readable(file) && fs.readFileSync(file) : files[request.url];
  response.writeHead(body ? 200 : 404, { 'content-type': types[path.extname(request.url)] ?? 'text/html' }).end(body);
});
await new Promise(done => server.listen(0, '127.0.0.1', done));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('RESIDUA_')));
let failed = false;
for (const variant of process.env.KERNELS ? [process.env.KERNELS] : variants) {
  const page = await browser.newPage();
  let problem = '';
  page.on('console', message => console.log(message.text()));
  page.on('pageerror', error => { problem = error.message; });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const code = await page.evaluate(async ({ variant, args, env, cwd }) => {
    // A file system to read from, in the form that Go's runtime wants: callbacks, as Node's fs has them.
    const open = new Map();
    const failure = (code, done) => done(Object.assign(new Error(code), { code }));
    globalThis.process = { cwd: () => cwd, pid: 1, ppid: 1, umask() { return 0; }, getuid: () => 0, getgid: () => 0, geteuid: () => 0, getegid: () => 0, getgroups: () => [] };
    let line = '';
    globalThis.fs = {
      constants: { O_WRONLY: -1, O_RDWR: -1, O_CREAT: -1, O_TRUNC: -1, O_APPEND: -1, O_EXCL: -1, O_DIRECTORY: -1 },
      writeSync(fd, bytes) {
        const lines = (line + new TextDecoder().decode(bytes.slice())).split('\n');
        line = lines.pop();
        lines.forEach(l => console.log(l));
        return bytes.length;
      },
      write(fd, bytes, offset, length, position, done) { done(null, this.writeSync(fd, bytes.subarray(offset, offset + length))); },
      async open(path, flags, mode, done) {
        const response = await fetch('/file' + encodeURI(path.startsWith('/') ? path : `${cwd}/${path}`));
        if (!response.ok) return failure('ENOENT', done);
        const fd = 100 + open.size;
        open.set(fd, { bytes: new Uint8Array(await response.arrayBuffer()), at: 0 });
        done(null, fd);
      },
      fstat(fd, done) {
        const size = open.get(fd)?.bytes.length ?? 0;
        done(null, { size, dev: 0, ino: fd, mode: 0o100444, nlink: 1, uid: 0, gid: 0, rdev: 0, blksize: 4096, blocks: 0, atimeMs: 0, mtimeMs: 0, ctimeMs: 0, isDirectory: () => false });
      },
      read(fd, buffer, offset, length, position, done) {
        const file = open.get(fd);
        const from = position ?? file.at;
        const piece = file.bytes.subarray(from, from + length);
        buffer.set(piece, offset);
        if (position === null) file.at += piece.length;
        done(null, piece.length);
      },
      close(fd, done) { done(null); },
      fsync(fd, done) { done(null); },
      stat(path, done) { failure('ENOSYS', done); },
      lstat(path, done) { failure('ENOSYS', done); },
    };
    await import('/wasm_exec.js');
    const { run } = await import('/program.js');
    const compile = url => WebAssembly.compileStreaming(fetch(url));
    const [program, kernels] = await Promise.all([compile('/program.wasm'), compile(`/kernels_${variant}.wasm`)]);
    const go = new globalThis.Go();
    go.argv = ['test', ...args];
    go.env = env;
    let code = 0;
    go.exit = c => { code = c; };
    await run(program, kernels, go);
    return code;
  }, { variant, args, env, cwd: process.cwd() }).catch(error => error.message);
  if (code !== 0) {
    console.log(`FAIL with the ${variant} kernels: ${problem || code}`);
    failed = true;
  }
  await page.close();
}
await browser.close();
server.close();
process.exit(failed ? 1 : 0);
