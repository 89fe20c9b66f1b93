// @ts-check
/**
 * The service worker. With it the site works without a network after the first visit. It also adds the headers that
 * isolate the page, so that threads run on hosts that cannot send these headers.
 *
 * Command offline writes `site` in front of this file: the site's files with their SHA-256. Each build has a cache of
 * its own, so a page never gets files of two versions. An update is fetched beside the old version, which serves until
 * its pages are closed or the user asks for the new one. The engine caches models by itself. Nothing of /api is cached.
 */

/**
 * @typedef {object} Site
 * @property {string} version  a hash of the other fields
 * @property {Record<string, string>} headers  of every answer
 * @property {Record<string, string>} types  content types by a name's ending
 * @property {Record<string, string>} files  SHA-256 by path
 */
/** @type {Site} */
const { version, headers, types, files } = /** @type {any} */ (globalThis).residuaSite;

/** @type {any} */
const scope = globalThis;
/** @type {string} */
const base = scope.registration.scope;

const cachePrefix = 'residua-site-';
const cacheName = cachePrefix + version;

/** How many files are fetched at a time. */
const lanes = 4;

scope.addEventListener('install', (/** @type {any} */ event) => {
  // The first worker is active at once, because it isolates the page; it fills its cache when the page asks for that.
  // A later one may take over only when all of its files are here.
  event.waitUntil(scope.registration.active ? fill(() => {}) : scope.skipWaiting());
});

scope.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(Promise.all([scope.clients.claim(), sweep()]));
});

scope.addEventListener('message', (/** @type {any} */ event) => {
  const { op } = event.data;
  /** @param {object} word */
  const tell = word => event.ports[0]?.postMessage(word);
  if (op === 'take-over') scope.skipWaiting();
  if (op === 'fill') {
    const work = fill((done, total) => tell({ done, total }));
    event.waitUntil(work.then(kept => tell({ outcome: kept ? 'ready' : 'nothing-kept' }), error => {
      console.warn(error);
      tell({ outcome: 'failed' });
    }));
  }
});

scope.addEventListener('fetch', (/** @type {any} */ event) => {
  /** @type {Request} */
  const request = event.request;
  const path = pathOf(request.url);
  if (request.method !== 'GET' || path === null) return;
  const navigation = request.mode === 'navigate';
  const answer = files[path] ? listed(path) : navigation ? fetch(request).then(withHeaders) : undefined;
  // A browser may show an error that is thrown here as the page.
  if (answer) event.respondWith(answer.catch(() => (navigation ? unreachable() : Response.error())));
});

/**
 * A file's path from the site's root; null if the address is outside the site or under /api.
 * @param {string} url
 */
function pathOf(url) {
  const { href } = Object.assign(new URL(url), { hash: '', search: '' });
  if (!href.startsWith(base)) return null;
  const path = href.slice(base.length);
  return path.startsWith('api/') ? null : path || 'index.html';
}

/**
 * A file of the site: from the cache, or else from the network. It enters the cache only if it is of this version.
 * @param {string} path
 * @returns {Promise<Response>}
 */
async function listed(path) {
  const cache = await caches.open(cacheName).catch(() => null); // a browser may allow workers but no caches
  const kept = await cache?.match(base + path);
  if (kept) return kept;
  const response = await fetch(base + path, { cache: 'no-cache' });
  if (!response.ok || !cache) return withHeaders(response);
  const body = await response.arrayBuffer();
  const answer = made(path, body);
  if (await digest(body) === files[path]) {
    await cache.put(base + path, answer.clone()).catch(() => {}); // a full disk is no error: the page works online
  }
  return answer;
}

/**
 * Fills this version's cache. A file that another version's cache has with the same content is copied from there.
 * @param {(done: number, total: number) => void} onStep
 * @returns {Promise<boolean>} whether all files are in it now: some private windows accept files and keep none
 */
async function fill(onStep) {
  const cache = await caches.open(cacheName);
  const here = new Set((await cache.keys()).map(({ url }) => pathOf(url)));
  const missing = Object.keys(files).filter(path => !here.has(path));
  const total = Object.keys(files).length;
  let done = total - missing.length;
  onStep(done, total);
  const lane = async () => {
    for (let path = missing.pop(); path !== undefined; path = missing.pop()) {
      const body = await inOthers(path) ?? await fetched(path);
      await cache.put(base + path, made(path, body));
      onStep(++done, total);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const kept = new Set((await (await caches.open(cacheName)).keys()).map(({ url }) => pathOf(url)));
  return Object.keys(files).every(path => kept.has(path));
}

/** @param {string} path  @returns {Promise<ArrayBuffer | null>} */
async function inOthers(path) {
  const body = await (await caches.match(base + path))?.arrayBuffer();
  return body && await digest(body) === files[path] ? body : null;
}

/** @param {string} path  @returns {Promise<ArrayBuffer>} */
async function fetched(path) {
  const response = await fetch(base + path, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`HTTP ${response.status} for ${path}`);
  const body = await response.arrayBuffer();
  // Other content is of another version: the site is being replaced right now. The browser tries again later.
  if (await digest(body) !== files[path]) throw new Error(`${path} is of another version`);
  return body;
}

/** The page that is shown without a network while the site is not in the cache. */
function unreachable() {
  const words = [
    ['en', 'Residua cannot be reached, and this device has not kept it yet. '
      + 'Check the connection, then load the page again.'],
    ['zh', '无法连接 Residua，这台设备也还没有保存它。请检查网络连接，然后重新加载页面。'],
  ];
  const paragraphs = words.map(([language, text]) => `<p lang="${language}">${text}</p>`);
  const body = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>Residua</title><h1>Residua</h1>${paragraphs.join('')}`;
  return new Response(body, { status: 503, headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8' } });
}

/** Deletes the caches of other versions. */
async function sweep() {
  const names = await caches.keys();
  const old = names.filter(name => name.startsWith(cachePrefix) && name !== cacheName);
  await Promise.all(old.map(name => caches.delete(name)));
}

/** @param {ArrayBuffer} body */
async function digest(body) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * An answer with a file and the headers that our own server gives it.
 * @param {string} path
 * @param {ArrayBuffer} body
 */
function made(path, body) {
  const type = types[path.slice(path.lastIndexOf('.'))] ?? 'application/octet-stream';
  const length = String(body.byteLength);
  return new Response(body, { headers: { ...headers, 'Content-Type': type, 'Content-Length': length } });
}

/**
 * Adds our headers to an answer of a host that may not send them. An answer that followed a redirect stays as it is.
 * @param {Response} response
 */
function withHeaders(response) {
  if (response.type !== 'basic' || response.redirected) return response;
  const all = new Headers(response.headers);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers: all });
}
