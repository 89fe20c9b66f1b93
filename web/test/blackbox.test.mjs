// One suite of requests against the native server and against the Worker under workerd: each answer must be the
// expected one, and the two must be the same. Run with: node --test blackbox.test.mjs, after ./build.sh edge has built
// both.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { edgeBuild, startEdge } from './edge.mjs';
import { headFile, headParts, hostileFiles, maxUpload, soundHead } from './head.mjs';
import { launchBrowser, startServer } from './lib.mjs';

/** @typedef {{ status: number, headers: Record<string, string>, body: Buffer }} Answer */
/** @typedef {{ method?: string, headers?: Record<string, string>, body?: Buffer }} Options */

/** @type {{ origin: string, close: () => Promise<void> }[]} native, then edge */
let hosts = [];

// On the platform it writes the client's address into this header; wrangler leaves it to the client, and the native
// server can be told to read it. So each test has an address of its own, and a limit of its own.
const addressHeader = 'CF-Connecting-IP';

before(async () => {
  hosts = await Promise.all([startServer({ args: ['-client-header', addressHeader] }), startEdge()]);
});
after(() => Promise.all(hosts.map(host => host.close())));

/**
 * Sends a request as it stands: no address is cleaned, and nothing decoded.
 * @param {string} origin
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<Answer>}
 */
function ask(origin, path, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((answered, failed) => {
    const { hostname, port } = new URL(origin);
    const options = { hostname, port, path, method, headers: { 'Accept-Encoding': 'identity', ...headers } };
    const request = http.request(options, response => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', chunk => chunks.push(chunk));
      response.on('end', () => answered({
        status: response.statusCode ?? 0,
        headers: /** @type {Record<string, string>} */ (response.headers),
        body: Buffer.concat(chunks),
      }));
      response.on('error', failed);
    });
    request.on('error', failed);
    request.end(body);
  });
}

/** The answers' headers that belong to a connection or a host and not to what is served. All others are compared. */
const ofTheHost = {
  date: 'the time',
  connection: 'of this connection',
  'keep-alive': 'of this connection',
  'transfer-encoding': 'of this connection; HTTP/2 has none',
  'content-length': 'left away where the platform sends chunks; the bodies are compared',
  'cf-cache-status': 'the platform tells whether it had the file',
};

/** Of files these also: the platform keeps, compresses and names contents in its own way. */
const ofTheFiles = {
  ...ofTheHost,
  etag: 'another hash of the same file; that it works is tested below',
  vary: 'the platform compresses by itself',
  'accept-ranges': 'the platform answers ranges of files that its cache has; wrangler has no such cache',
};

/** @param {Answer} answer @param {Record<string, string>} without */
const comparable = ({ headers }, without) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !(name in without)));

/** The safety headers, at the least their presence: the Go tests hold their values. @param {Answer} answer */
function assertSafe({ headers }) {
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(headers['cross-origin-embedder-policy'], 'require-corp');
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(headers['content-security-policy'], /^default-src 'none';.*require-trusted-types-for 'script'/);
}

/** A body that has a time of its own in it, made equal. @param {Answer} answer */
function timeless({ headers, body }) {
  if (headers['content-type'] !== 'application/json' || !body.includes('"expires"')) return body;
  return Buffer.from(body.toString().replace(/"expires":"([^"]+)"/, (_, time) => {
    const days = (Date.parse(time) - Date.now()) / 86_400_000;
    assert.ok(days > 89.99 && days <= 91, `it expires in ${days} days`);
    return '"expires":"after 90 days"';
  }));
}

/**
 * Asks both hosts the same, and holds them to each other.
 * @param {string} path
 * @param {Options} [options]
 * @param {Record<string, string>} [without] headers that are not compared
 * @returns {Promise<Answer>} the native server's
 */
async function both(path, options, without = ofTheHost) {
  const [native, edge] = await Promise.all(hosts.map(({ origin }) => ask(origin, path, options)));
  assertSafe(native);
  assertSafe(edge);
  assert.equal(edge.status, native.status, path);
  assert.deepEqual(comparable(edge, without), comparable(native, without), path);
  const digest = (/** @type {Answer} */ answer) => (answer.body.length > 2000
    ? createHash('sha256').update(answer.body).digest('hex')
    : timeless(answer).toString());
  assert.equal(digest(edge), digest(native), path);
  return native;
}

/** Posts to both. @param {Buffer} body @param {string} address @param {Record<string, string>} [headers] */
const post = (body, address, headers = { 'Content-Type': 'application/octet-stream' }) =>
  both('/api/share', { method: 'POST', headers: { [addressHeader]: address, ...headers }, body });

/** @param {Answer} answer */
const errorOf = answer => JSON.parse(answer.body.toString()).error;

test('every file of the site', async () => {
  const names = (await readdir(`${edgeBuild}/site`, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile()).map(entry => `${entry.parentPath}/${entry.name}`.slice(`${edgeBuild}/site`.length))
    .filter(name => !/^\/_(headers|redirects)$/.test(name));
  assert.ok(names.length > 300, `only ${names.length} files`);
  for (const name of ['/', '/?a=b', ...names]) {
    const { status, headers } = await both(name, {}, ofTheFiles);
    assert.equal(status, 200, name);
    const immutable = /-[0-9a-f]{12}\.bin$/.test(name);
    assert.equal(headers['cache-control'], immutable ? 'public, max-age=31536000, immutable' : 'no-cache', name);
  }
});

test('HEAD, and files that the browser has', async () => {
  for (const name of ['/', '/static/page/app.js', '/static/engine/engine.wasm']) {
    const head = await both(name, { method: 'HEAD' }, ofTheFiles);
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    for (const { origin } of hosts) {
      const { headers } = await ask(origin, name);
      const again = await ask(origin, name, { headers: { 'If-None-Match': headers.etag } });
      assert.equal(again.status, 304, `${origin}${name}`);
      assert.equal(again.body.length, 0);
      assertSafe(again);
    }
  }
});

test('what is no file', async () => {
  for (const path of [
    '/missing', '/static', '/static/', '/static/missing.js', '/models/resnet50/', '/.env', '/.encoded/x.br',
    '/static/.hidden', '/index.html/', '/static/page/app.js/', '/static/page/app.js%00', '/apis',
    `/${'x'.repeat(5000)}`,
  ]) {
    const answer = await both(path);
    assert.equal(answer.status, 404, path);
    assert.equal(answer.body.toString(), 'There is no such file here.\n');
    assert.equal((await both(path, { method: 'HEAD' })).status, 404, path);
    assert.equal((await both(path, { method: 'POST', body: Buffer.from('x') })).status, 405, path);
  }
});

test('a file is not written', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    // The platform answers for a file that is there, in its own words and without Allow.
    for (const { origin } of hosts) {
      const answer = await ask(origin, '/static/page/app.js', { method });
      assert.equal(answer.status, 405, `${method} ${origin}`);
      assertSafe(answer);
    }
  }
});

test('health', async () => {
  const answer = await both('/api/health');
  assert.equal(answer.status, 200);
  const share = { days: 90, maxBytes: maxUpload, maxLabel: 64 };
  assert.deepEqual(JSON.parse(answer.body.toString()), { status: 'ok', share });
  assert.equal((await both('/api/health', { method: 'HEAD' })).status, 200);
});

test('addresses and methods of the API', async () => {
  const share = `/api/share/${'0'.repeat(32)}`;
  for (const path of [
    '/api', '/api/', '/api/nothing', '/api/health/', '/api/share/', '/api/share/x', `${share}0`, `${share}/`, share,
    `/api/share/${'A'.repeat(32)}`,
  ]) {
    const answer = await both(path);
    assert.equal(answer.status, 404, path);
    assert.equal(errorOf(answer).code, 'not-found');
    assert.equal((await both(path, { method: 'HEAD' })).body.length, 0);
  }
  for (const [method, path, allow] of [
    ['GET', '/api/share', 'POST'],
    ['HEAD', '/api/share', 'POST'],
    ['OPTIONS', '/api/share', 'POST'],
    ['DELETE', share, 'GET, HEAD'],
    ['PUT', share, 'GET, HEAD'],
    ['POST', '/api/health', 'GET, HEAD'],
  ]) {
    const answer = await both(path, { method });
    assert.equal(answer.status, 405, `${method} ${path}`);
    assert.equal(answer.headers.allow, allow);
    if (method !== 'HEAD') assert.equal(errorOf(answer).code, 'method');
  }
});

test('a head is shared, once and again, and comes back', async () => {
  const address = '192.0.2.1';
  const classes = ['cat & dog', '小鸟', '👨‍👩‍👧', 'x'.repeat(64)];
  const parts = headParts({ classes });
  const first = await post(headFile(parts), address);
  assert.equal(first.status, 201);
  const receipt = JSON.parse(first.body.toString());
  assert.deepEqual(receipt.classes, classes);
  assert.equal(first.headers.location, receipt.path);

  // The same head in another order is the same share.
  parts.tensors.reverse();
  const again = await post(headFile(parts), address);
  assert.equal(again.status, 200);
  assert.equal(JSON.parse(again.body.toString()).id, receipt.id);

  const got = await both(receipt.path);
  assert.equal(got.status, 200);
  assert.equal(got.body.length, receipt.bytes);
  assert.equal(createHash('sha256').update(got.body).digest('hex').slice(0, 32), receipt.id);
  assert.match(got.headers['content-disposition'], /^attachment; filename="residua-[0-9a-f]{8}\.safetensors"$/);
  assert.equal(got.headers['content-type'], 'application/octet-stream');
  assert.equal(got.headers['cache-control'], 'public, max-age=7776000, immutable');

  // What a server gives is canonical.
  assert.equal(JSON.parse((await post(got.body, address)).body.toString()).id, receipt.id);

  const head = await both(receipt.path, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-length'], String(receipt.bytes));
  assert.equal((await both(receipt.path, { headers: { 'If-None-Match': got.headers.etag } })).status, 304);
  assert.equal((await both(receipt.path, { headers: { 'If-None-Match': '"x"' } })).status, 200);
  const part = await both(receipt.path, { headers: { Range: 'bytes=0-7' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers['content-range'], `bytes 0-7/${receipt.bytes}`);
});

test('hostile uploads', async () => {
  let n = 0;
  for (const [name, { code, file }] of Object.entries(hostileFiles)) {
    const answer = await post(file(n), `198.51.100.${++n}`);
    assert.equal(answer.status, 422, name);
    assert.equal(errorOf(answer).code, code, `${name}: ${errorOf(answer).message}`);
  }
  for (const body of [Buffer.alloc(maxUpload + 1), Buffer.alloc(18_000_000)]) {
    const answer = await post(body, '203.0.113.1');
    assert.equal(answer.status, 413);
    assert.equal(errorOf(answer).code, 'too-large');
  }
  for (const type of ['text/html', 'image/jpeg', 'multipart/form-data; boundary=x', 'application/json', ';', '']) {
    const answer = await post(soundHead(), '203.0.113.2', type ? { 'Content-Type': type } : {});
    assert.equal(answer.status, 415, type);
    assert.equal(errorOf(answer).code, 'wrong-type');
  }
});

test('too many uploads from one address', async () => {
  for (const { origin } of hosts) {
    // The platform counts by the minute, so a new one may begin meanwhile.
    let refused, tries = 0;
    while (!refused && tries++ < 70) {
      const answer = await ask(origin, '/api/share', {
        method: 'POST',
        headers: { [addressHeader]: '203.0.113.99', 'Content-Type': 'text/plain' },
        body: Buffer.from('x'),
      });
      if (answer.status !== 415) refused = answer;
    }
    assert.ok(refused && tries > 30, `refused after ${tries} uploads`);
    assert.equal(refused.status, 429);
    assert.equal(errorOf(refused).code, 'too-many');
    assert.equal(refused.headers['retry-after'], '60');
    assertSafe(refused);
  }
});

test('the page computes on both, isolated and by the same rules', async () => {
  const browser = await launchBrowser();
  try {
    const answers = [];
    for (const { origin } of hosts) {
      const page = await browser.newPage();
      /** @type {string[]} */
      const complaints = [];
      page.on('console', message => { if (message.type() === 'error') complaints.push(message.text()); });
      await page.goto(origin);
      answers.push(await page.evaluate(async () => {
        const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
        const net = await Residua.load({ threads: 2 });
        const { predictions } = await net.classify('/samples/nagasaki-boats.jpg');
        net.close();
        return { isolated: crossOriginIsolated, threads: net.info.threads, predictions };
      }));
      assert.deepEqual(complaints, [], origin);
      await page.close();
    }
    assert.equal(answers[0].isolated, true);
    assert.equal(answers[0].threads, 2);
    assert.equal(answers[0].predictions.length, 5);
    assert.deepEqual(answers[1], answers[0]);
  } finally {
    await browser.close();
  }
});
