// Times Residua, onnxruntime-web and tfjs-backend-wasm in Chromium, interleaved, and prints a table:
//
//   node web/test/bench.mjs [--rounds 20] [--layers] [--model resnet50|resnet18|resnet152] [--threads 1|2]
//
// ./build.sh bench calls it, with what it needs built. It writes dist/bench.json, an array of { model, threads, engine,
// median, min } in ms.
import './needs.mjs';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { dist, launchBrowser, root } from './lib.mjs';

const { default: wabt } = await import('wabt');
if (!fs.existsSync(path.join(root, 'web/test/bench/node_modules')) || !fs.existsSync(path.join(dist, 'bench'))) {
  console.error('Run ./build.sh bench: it makes what the benchmark needs, and starts it');
  process.exit(1);
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    layers: { type: 'boolean', default: false },
    model: { type: 'string', multiple: true, default: ['resnet50', 'resnet18', 'resnet152'] },
    threads: { type: 'string', multiple: true, default: ['1', '2'] },
  },
});
const rounds = Number(options.rounds);

const folders = {
  '/bench/': path.join(dist, 'bench'),
  '/peers/': path.join(root, 'web/test/bench/node_modules'),
  '/page.js': path.join(root, 'web/test/bench/page.js'),
  '/': dist,
};
const types = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};
const page_html = `<!doctype html><title>Benchmark</title><link rel=icon href=data:,>
<script src="/peers/onnxruntime-web/dist/ort.wasm.min.js"></script>
<script src="/peers/@tensorflow/tfjs/dist/tf.min.js"></script>
<script src="/peers/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js"></script>`;

/** The file behind a path of the benchmark's own server. @param {string} url */
function fileOf(url) {
  const [prefix, folder] = /** @type {[string, string]} */ (Object.entries(folders).find(([p]) => url.startsWith(p)));
  return path.join(folder, url.slice(prefix.length));
}

const server = http.createServer((request, response) => {
  const url = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
  if (url === '/') return response.writeHead(200, { ...headers, 'content-type': 'text/html' }).end(page_html);
  const file = fileOf(url);
  if (!fs.existsSync(file)) return response.writeHead(404).end();
  const type = /** @type {Record<string, string>} */ (types)[path.extname(file)] ?? 'application/octet-stream';
  response.writeHead(200, { ...headers, 'content-type': type, 'content-length': fs.statSync(file).size });
  fs.createReadStream(file).pipe(response);
});
await /** @type {Promise<void>} */ (new Promise(done => server.listen(0, '127.0.0.1', done)));
const origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`;

/** A WebAssembly function that does nothing but 12 independent chains of fused multiply-adds. */
async function peakModule() {
  const chains = Array.from({ length: 12 }, (_, i) => i);
  const locals = chains.map(i => `(local $a${i} v128)`).join(' ');
  const steps = chains.map(i =>
    `(local.set $a${i} (f32x4.relaxed_madd (local.get $a${i}) (local.get $x) (local.get $x)))`);
  const sum = chains.slice(1).reduce((sum, i) => `(f32x4.add ${sum} (local.get $a${i}))`, '(local.get $a0)');
  const wat = `(module (func (export "spin") (param $n i32) (local $x v128) ${locals}
    (local.set $x (f32x4.splat (f32.const 0.5)))
    (loop $again
      ${steps.join('\n')}
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (if (f32.eq (f32x4.extract_lane 0 ${sum}) (f32.const 1)) (then unreachable))))`;
  return [...(await wabt()).parseWat('peak.wat', wat, { simd: true, relaxed_simd: true }).toBinary({}).buffer];
}

const browser = await launchBrowser();
const context = await browser.newContext();
async function open() {
  const page = await context.newPage();
  page.on('pageerror', error => console.error(error.message));
  await page.goto(origin);
  return page;
}

/** Runs a function of page.js. @param {string} name  @param {unknown[]} args @returns {Promise<any>} */
async function inPage(name, ...args) {
  const page = await open();
  const value = await page.evaluate(async ([name, args]) => {
    const functions = await import(/** @type {any} */ ('/page.js'));
    return functions[/** @type {string} */ (name)](.../** @type {any[]} */ (args));
  }, [name, args]);
  await page.close();
  return value;
}

const quantile = (/** @type {number[]} */ values, /** @type {number} */ q) =>
  values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1) + 0.5)];
const median = (/** @type {number[]} */ values) => quantile(values, 0.5);
const ms = (/** @type {number} */ x) => x.toFixed(1).padStart(7);

const peakBytes = await peakModule();
const peak = await inPage('peak', peakBytes);
console.log(`one core's peak in 128 bits: ${peak.toFixed(1)} GFLOP/s (fused multiply-adds on registers)`);

/** @type {{ model: string, threads: number, engine: string, median: number, min: number }[]} */
const rows = [];
for (const model of options.model) {
  for (const threads of options.threads.map(Number)) {
    const report = await inPage('race', model, threads, rounds, 5);
    const { profile } = report.residua;
    const gflop = profile.layers.reduce((/** @type {number} */ sum, /** @type {{ flop: number }} */ l) =>
      sum + l.flop, 0) / 1e9;
    console.log(`\n${model}, ${threads} thread${threads > 1 ? 's' : ''}, ${rounds} rounds; `
      + `${gflop.toFixed(1)} GFLOP by definition`);
    console.log('engine               median     min  quartiles        GFLOP/s  of peak');
    for (const [engine, { times, threads: used }] of Object.entries(report)) {
      const row = { model, threads, engine, median: median(times), min: Math.min(...times) };
      rows.push(row);
      const rate = gflop / row.median * 1e3;
      const quartiles = `${ms(quantile(times, 0.25))} …${ms(quantile(times, 0.75))}`;
      const ofPeak = `${(100 * rate / peak / threads).toFixed(0).padStart(7)} %`;
      console.log(`${engine.padEnd(18)} ${ms(row.median)} ${ms(row.min)}  ${quartiles} `
        + `${rate.toFixed(0).padStart(7)} ${ofPeak}${used === threads ? '' : `  it ran on ${used} threads`}`);
    }
    const peers = Object.keys(report).filter(engine => engine !== 'residua');
    /** @type {[string, (x: number[]) => number][]} */
    const averages = [['medians', median], ['minima', x => Math.min(...x)]];
    for (const [what, of] of averages) {
      const fastest = peers.toSorted((a, b) => of(report[a].times) - of(report[b].times))[0];
      const ratio = of(report.residua.times) / of(report[fastest].times);
      console.log(`ratio of ${what} to the fastest peer (${fastest}): ${ratio.toFixed(3)}`);
    }
    const perRound = report.residua.times.map((/** @type {number} */ t, /** @type {number} */ i) =>
      t / Math.min(...peers.map(p => report[p].times[i])));
    const [lower, upper] = [quantile(perRound, 0.25), quantile(perRound, 0.75)];
    console.log(`ratio round by round: quartiles ${lower.toFixed(3)} … ${upper.toFixed(3)}`);
    const ours = report.residua.top, theirs = report['onnxruntime-web'].top;
    console.log(`same picture: class ${ours.index} at ${ours.probability.toFixed(6)}, `
      + `onnxruntime-web ${theirs.index} at ${theirs.probability.toFixed(6)}`);
    console.log(`engine memory: ${(profile.memory / 1e6).toFixed(0)} MB`);
    if (options.layers) {
      console.log('layer                    algorithm      ms  GFLOP/s');
      for (const l of profile.layers) {
        const rate = l.flop / l.ms / 1e6;
        console.log(`${l.name.padEnd(24)} ${l.algorithm.padEnd(10)} ${l.ms.toFixed(2).padStart(6)} `
          + rate.toFixed(0).padStart(8));
      }
    }
  }
}
for (const model of options.model) {
  const of = (/** @type {number} */ threads) =>
    rows.find(r => r.model === model && r.engine === 'residua' && r.threads === threads);
  const one = of(1), two = of(2);
  if (one && two) {
    console.log(`\n${model}: two threads are ${(one.median / two.median).toFixed(2)} × one (medians), `
      + `${(one.min / two.min).toFixed(2)} × (minima)`);
  }
}
await inPage('loadTimes', 1); // fills the cache
const loads = await inPage('loadTimes', 5);
const each = loads.map((/** @type {number} */ t) => t.toFixed(0)).join(' ');
console.log(`\nfrom cached shards to ready: median ${median(loads).toFixed(0)} ms, ${each}`);
fs.writeFileSync(path.join(dist, 'bench.json'), `${JSON.stringify(rows, null, 2)}\n`);
await browser.close();
server.close();
