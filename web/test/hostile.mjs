// Sends a server hostile uploads, and prints how it refuses them:
//
//	node web/test/hostile.mjs [10000 [20]]
//
// Oversized, of the wrong type, cut off, every file of head.mjs that is wrong, and at the end twenty slow ones. Each
// must be refused with 413, 415, 422 or 429 and JSON that says why. One server has the usual limit of uploads, where
// nearly all end with 429; the other admits them all, so that the checks behind it have to stand. It ends with 1 if one
// is not refused so, or if nothing sound is taken at the end.

import './needs.mjs';
import http from 'node:http';
import net from 'node:net';
import { hostileFiles, maxUpload, soundHead } from './head.mjs';
import { startServer } from './lib.mjs';
import { createMeter, tally } from './meter.mjs';

const count = Number(process.argv[2] ?? 10000);
const asBytes = { 'Content-Type': 'application/octet-stream' };
const files = Object.entries(hostileFiles);
const types = [
  'text/html', 'image/svg+xml', 'image/jpeg', 'application/json', 'multipart/form-data; boundary=x',
  'text/plain', ';',
];

/** @typedef {{ status: number, text: string }} Answer */

/**
 * Posts a body; chunks come without a length.
 * @param {string} origin
 * @param {Record<string, string>} headers
 * @param {Buffer | Buffer[]} body
 * @returns {Promise<Answer>}
 */
function post(origin, headers, body) {
  return new Promise((answered, failed) => {
    let done = false;
    const length = Array.isArray(body) ? {} : { 'Content-Length': body.length };
    const options = { method: 'POST', headers: { ...headers, ...length } };
    const request = http.request(`${origin}/api/share`, options, response => {
      let text = '';
      response.setEncoding('utf8').on('data', chunk => { text += chunk; });
      response.on('end', () => {
        done = true;
        request.destroy(); // what is left of the body has no reader any more
        answered({ status: response.statusCode ?? 0, text });
      });
      response.on('error', failed);
    });
    request.on('error', error => { if (!done) failed(error); });
    for (const part of Array.isArray(body) ? body : [body]) request.write(part);
    request.end();
  });
}

/**
 * Promises more than it sends, over a bare connection, and then waits: either half closed (cut off) or open (slow).
 * @param {string} origin @param {Buffer} body @param {boolean} slow @returns {Promise<Answer>}
 */
function stall(origin, body, slow) {
  const { hostname, port } = new URL(origin);
  return new Promise((answered, failed) => {
    let text = '';
    const socket = net.connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () => {
      socket.write(`POST /api/share HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/octet-stream\r\n`
        + `Content-Length: ${body.length + 1000}\r\n\r\n`);
      if (slow) socket.write(body.subarray(0, 100));
      else socket.end(body);
    });
    const drip = slow ? setInterval(() => socket.write('x'), 1000) : undefined;
    socket.setEncoding('utf8').on('data', chunk => {
      text += chunk;
      const [head, rest] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? NaN);
      if (rest === undefined || Buffer.byteLength(rest) < length) return;
      clearInterval(drip);
      socket.destroy();
      answered({ status: Number(head.split(' ')[1]), text: rest });
    });
    socket.on('end', () => { clearInterval(drip); failed(new Error('no answer')); });
    socket.on('error', error => { clearInterval(drip); failed(error); });
  });
}

const slow = Number(process.argv[3] ?? 20);
const large = Buffer.alloc(maxUpload + 1);

/** The i-th hostile upload. @param {string} origin @param {number} i @returns {[string, Promise<Answer>]} */
function hostile(origin, i) {
  switch (i % 10) {
    case 0: return ['oversized', post(origin, asBytes, large)];
    case 1: return ['oversized, of unknown length', post(origin, asBytes, [large, large.subarray(1)])];
    case 2: return ['wrong type', post(origin, { 'Content-Type': types[i % types.length] }, soundHead({ seed: i }))];
    case 3: return ['cut off', stall(origin, soundHead({ seed: i }), false)];
    default: {
      const [name, { file }] = files[i % files.length];
      return [`file: ${name}`, post(origin, asBytes, file(i))];
    }
  }
}

/**
 * @param {string} title
 * @param {string[]} args of the server
 * @param {number} n
 * @param {number} atOnce as many at once
 */
async function attack(title, args, n, atOnce) {
  const server = await startServer({ args });
  const meter = createMeter(server.pid);
  const answers = tally();
  let wrong = 0, next = 0;
  const check = (/** @type {string} */ name, /** @type {Answer} */ { status, text }) => {
    answers.add(`${status} ${name}`);
    const error = text.startsWith('{') ? JSON.parse(text).error : undefined;
    if (![413, 415, 422, 429].includes(status)
      || typeof error?.code !== 'string'
      || typeof error?.message !== 'string') {
      wrong++;
      console.error(`${name}: ${status} ${text}`);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < n) {
      const [name, answer] = hostile(server.origin, next++);
      check(name, await answer);
    }
  }));
  // A slow one takes the server's patience, half a minute; while two of an address are under way, no other of that
  // address is read.
  await Promise.all(Array.from({ length: slow }, async (_, i) =>
    check('slow', await stall(server.origin, soundHead({ seed: i }), true))));
  const seconds = (performance.now() - began) / 1000;
  console.log(`\n${title}: ${n} uploads, then ${slow} slow ones, ${atOnce} at once, in ${seconds.toFixed(0)} s; `
    + `${wrong} were not refused as they should be`);
  console.log(answers.lines());
  const memory = meter.stop();
  console.log(`the server's resident memory: at most ${(memory / 1e6).toFixed(0)} MB`);
  const sound = args.length > 0 ? (await post(server.origin, asBytes, soundHead())).status : 0;
  await server.close();
  if (sound) console.log(`a sound upload after them: ${sound}`);
  if (wrong > 0 || (sound && sound !== 201)) process.exitCode = 1;
}

await attack('the usual limit', [], Math.ceil(count / 10), 16);
await attack('every upload is admitted', ['-uploads', '100000000'], count, 2);
