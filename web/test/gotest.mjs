// Runs a Go test binary for js/wasm in a worker in Chromium, with the variants of the SIMD kernels one after the other:
//
//   GOOS=js GOARCH=wasm go test -exec 'node ABSOLUTE/web/test/gotest.mjs' ./resnet/kernel
//
// KERNELS=relaxed, simd, relaxed_shared or simd_shared runs one only. With plain SIMD some packages run only the tests
// that are named below, unless -run says which. The tests can read files, as they would natively,
// and see the environment variables that begin with RESIDUA_; RESIDUA_KERNELS is how they compute.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { launchBrowser, root } from './lib.mjs';

const everyVariant = ['relaxed', 'simd', 'relaxed_shared'];

/**
 * The variants that a package's tests run with, where it is not every one. resnet/kernel holds each variant's kernels
 * to the reference loops, alone and with helper threads. A package above it that starts no helpers computes the same
 * on shared memory as on other.
 * @type {Record<string, string[]>}
 */
const variantsOf = {
  'resnet': ['relaxed', 'simd'],
  'resnet/op': ['relaxed', 'simd'],
  'resnet/train': ['relaxed_shared', 'simd'],
  'resnet/transfer': ['relaxed_shared', 'simd'],
  'resnet/imageio': ['relaxed'], // it uses no kernels
  'resnet/shapes': ['relaxed'], // the same
};

/**
 * The tests that run with plain SIMD, where it is not every one. What stands above the convolutions is the same code
 * for every variant. What differs is the rounding of a whole network, and which kernels it gets.
 * @type {Record<string, string[]>}
 */
const plainTestsOf = {
  'resnet': [
    'TestSmallNetworks', 'TestInt8Networks', 'TestAblate/basic', 'TestGradient/bottleneck_v1', 'TestDispatch',
    'TestCompute', 'TestLabIsTorchs', 'TestPresetsAreTorchs/(resnet20|resnext50_32x4d)', 'TestGolden/float16',
  ],
  'resnet/train': ['TestStepsArePyTorchs', 'TestFileLoads', 'TestResumes'],
  'resnet/transfer': [
    'TestHeadIsPyTorchs', 'TestProbeEqualsPyTorch', 'TestTunerIsPyTorchs', 'TestLastBlocksArePyTorchs',
    'TestScratchIsPyTorchs', 'TestTeach', 'TestRecord', 'TestShorterNetwork', 'TestWithoutNorms',
  ],
};

const [binary, ...args] = process.argv.slice(2);
const tested = path.relative(root, process.cwd()); // go test runs a package's tests in its folder
const variants = process.env.KERNELS ? [process.env.KERNELS] : variantsOf[tested] ?? everyVariant;

/** The arguments for Go's test program: what plainTestsOf says, unless a person has said it. @param {string} variant */
function argsFor(variant) {
  const tests = plainTestsOf[tested];
  if (variant !== 'simd' || !tests || args.some(a => /^-test\.(run|bench)=/.test(a))) return args;
  const sources = fs.readdirSync('.').filter(f => f.endsWith('_test.go')).map(f => fs.readFileSync(f, 'utf8')).join('');
  const gone = tests.filter(t => !sources.includes(`func ${t.replace(/\/.*/, '')}(t `));
  if (gone.length) throw new Error(`${tested} has no tests ${gone}: their names stand in gotest.mjs`);
  return [...args, `-test.run=${tests.join('|')}`];
}

const native = { ...process.env, GOOS: '', GOARCH: '' };

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'gotest-'));
const program = path.join(work, 'program.wasm');
const shared = path.join(work, 'program_shared.wasm');
const importMemory = (/** @type {string[]} */ ...args) =>
  execFileSync('go', ['run', './wasm/sharemem', ...args], { cwd: root, env: native, stdio: 'inherit' });
if (variants.some(v => !v.endsWith('_shared'))) importMemory(path.resolve(binary), program);
if (variants.some(v => v.endsWith('_shared'))) importMemory('-shared', path.resolve(binary), shared);

const goroot = execFileSync('go', ['env', 'GOROOT'], { env: native }).toString().trim();

/** @type {Record<string, string>} */
const files = {
  '/program.wasm': program,
  '/program_shared.wasm': shared,
  '/gotest-worker.js': path.join(root, 'web/test/gotest-worker.js'),
  '/program.js': path.join(root, 'web/static/engine/program.js'),
  '/helper.js': path.join(root, 'web/static/engine/helper.js'),
  '/pool.js': path.join(root, 'web/static/engine/pool.js'),
  '/helpers.js': path.join(root, 'web/static/api/helpers.js'),
  '/wasm_exec.js': path.join(goroot, 'lib/wasm/wasm_exec.js'),
  ...Object.fromEntries(variants.map(v => [`/kernels_${v}.wasm`, path.join(root, `resnet/kernel/zkernels_${v}.wasm`)])),
};
/** @type {Record<string, string>} */
const types = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const server = http.createServer((request, response) => {
  const url = request.url ?? '/';
  const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
  if (url === '/') {
    response.writeHead(200, { ...headers, 'content-type': 'text/html' })
      .end('<!doctype html><title>Go tests</title><link rel=icon href=data:,>');
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
  // A shared memory ends at 1 GiB. Some tests load the network several times: what is unused has to go in time.
  GOMEMLIMIT: '600MiB',
};
const browser = await launchBrowser();
let failed = false;
for (const way of variants) {
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
            else if (data.kind === 'helpers') {
              helpers.start(data.count, (/** @type {number} */ number, /** @type {MessagePort} */ port) =>
                worker.postMessage({ generation: data.generation, number }, [port]));
            } else if (data.kind === 'helpers-end') done(`helpers ${data.numbers} did not start`);
            else done(data.code);
          };
          worker.postMessage(task);
        });
      },
      { way, args: argsFor(way), env: { ...env, RESIDUA_KERNELS: way }, cwd: process.cwd() },
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
