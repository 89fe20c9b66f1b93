// Loads a server with requests of files and shares from 64 connections, and prints what it answers and how much memory
// that takes:
//
//	node web/test/load.mjs [10000]
//
// It ends with 1 if an answer is a 5xx or otherwise not the expected one, or if the server takes more than 256 MB.

import './needs.mjs';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import { soundHead } from './head.mjs';
import { dist, startServer } from './lib.mjs';
import { createMeter, tally } from './meter.mjs';

const count = Number(process.argv[2] ?? 10000);
const connections = 64;
const mostMemory = 256e6;

// Every upload is admitted, so that there are shares to load it with.
const server = await startServer({ args: ['-uploads', '1000000'] });
const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
const { hostname, port } = new URL(server.origin);

/**
 * @param {http.RequestOptions} options
 * @param {Buffer} [body]
 * @returns {Promise<{ status: number, bytes: number, text: string }>}
 */
function ask(options, body) {
  return new Promise((answered, failed) => {
    const request = http.request({ hostname, port, agent, ...options }, response => {
      let bytes = 0, text = '';
      response.on('data', chunk => {
        bytes += chunk.length;
        if (bytes < 10_000) text += chunk;
      });
      response.on('end', () => answered({ status: response.statusCode ?? 0, bytes, text }));
      response.on('error', failed);
    });
    request.on('error', failed);
    request.end(body);
  });
}

/** @param {number} seed */
const share = seed => ask(
  { method: 'POST', path: '/api/share', headers: { 'Content-Type': 'application/octet-stream' } },
  soundHead({ seed, classes: ['cat', 'dog', `bird ${seed}`] }));

const files = (await readdir(dist, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile())
  .map(entry => `${entry.parentPath}/${entry.name}`.slice(dist.length))
  .filter(path => !path.includes('/.') && !path.startsWith('/bench'));
// The shards are 50 MB: one request in a hundred is for one of them, as each visitor's are only once.
const small = files.filter(path => !path.endsWith('.bin'));
const shards = files.filter(path => path.endsWith('.bin'));
/** @type {string[]} */
const shared = [];
for (let seed = 0; seed < 20; seed++) shared.push(JSON.parse((await share(seed)).text).path);

const meter = createMeter(server.pid);
const answers = tally();
let bytes = 0, wrong = 0, next = 0;
const began = performance.now();
await Promise.all(Array.from({ length: connections }, async () => {
  while (next < count) {
    const i = next++;
    /** @type {[string, number[], () => ReturnType<typeof ask>]} */
    const [kind, expected, send] =
      i % 20 === 1 ? ['POST share', [200, 201, 429], () => share(i % 500)] :
      i % 5 === 2 ? ['GET share', [200], () => ask({ path: shared[i % shared.length] })] :
      i % 100 === 3 ? ['GET shard', [200], () => ask({ path: shards[i % shards.length] })] :
      i % 10 === 4 ? ['GET nothing', [404], () => ask({ path: `/missing/${i}` })] :
      ['GET file', [200], () => ask({
        path: small[i % small.length],
        headers: { 'Accept-Encoding': ['br, gzip', 'gzip', ''][i % 3] },
      })];
    const answer = await send();
    answers.add(`${kind}: ${answer.status}`);
    bytes += answer.bytes;
    if (!expected.includes(answer.status)) wrong++;
  }
}));
const seconds = (performance.now() - began) / 1000;
const peak = meter.stop();
console.log(answers.lines());
console.log(`${count} requests by ${connections} connections in ${seconds.toFixed(1)} s, `
  + `${(count / seconds).toFixed(0)} a second, ${(bytes / 1e9).toFixed(2)} GB; ${wrong} unexpected answers`);
console.log(`the server's resident memory: at most ${(peak / 1e6).toFixed(0)} MB`);
agent.destroy();
await server.close();
if (wrong > 0 || peak > mostMemory) process.exitCode = 1;
