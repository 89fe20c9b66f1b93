// @ts-check
/**
 * The service worker. After the first visit the site works without a network. On hosts that cannot send headers, the
 * service worker adds the ones that isolate the page, so that threads work.
 *
 * The command web/offline puts `residuaSite` in front of this file: the list of the site's files with their SHA-256.
 * All files of one build are in one cache, so that a page never mixes two versions. An update is downloaded beside the
 * old version, which is served until its pages are closed or the user asks for the new one. Models are not cached here
 * but by the engine, in a cache of its own. /api is never cached.
 *
 * Whoever uses residua.js in a page of their own may put this file beside it, for hosts that cannot send headers. Their
 * pages are isolated and nothing else: they get no policy of ours, and nothing of their site is cached.
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

/** The headers that isolate a page and its workers. */
const isolating = ['Cross-Origin-Opener-Policy', 'Cross-Origin-Embedder-Policy'];

/** A script of Residua's page, in every version. An index.html without it is somebody else's. */
const ourScript = 'static/page/app.js';

/** How many files are fetched at a time. */
const parallelFetches = 4;

scope.addEventListener('install', (/** @type {any} */ event) => {
  // The first worker takes over at once, because it isolates the page. It caches files when the page asks for that. A
  // later worker is installed only when all of its files are cached.
  const update = async () => { if (await isOurSite()) await fill(() => {}); };
  event.waitUntil(scope.registration.active ? update() : scope.skipWaiting());
});

scope.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(Promise.all([scope.clients.claim(), deleteOldCaches()]));
});

scope.addEventListener('message', (/** @type {any} */ event) => {
  const { op } = event.data;
  /** @param {object} message */
  const reply = message => event.ports[0]?.postMessage(message);
  if (op === 'take-over') scope.skipWaiting();
  if (op === 'fill') {
    const filling = fill((done, total) => reply({ done, total }));
    event.waitUntil(filling.then(complete => reply({ outcome: complete ? 'ready' : 'nothing-kept' }), error => {
      console.warn(error);
      reply({ outcome: 'failed' });
    }));
  }
});

scope.addEventListener('fetch', (/** @type {any} */ event) => {
  /** @type {Request} */
  const request = event.request;
  const path = pathOf(request.url);
  if (request.method !== 'GET' || path === null) return;
  const isPage = request.mode === 'navigate';
  if (!files[path] && !isPage && !isWorker(request)) return;
  const response = answer(request, path);
  // Without this, a browser may show the error itself as the page.
  event.respondWith(response.catch(() => (isPage && files[path] ? unreachable() : Response.error())));
});

/** @param {Request} request */
const isWorker = ({ destination }) => destination === 'worker' || destination === 'sharedworker';

/**
 * @param {Request} request
 * @param {string} path
 */
async function answer(request, path) {
  // If it cannot be told now, what is asked for is taken for the file of that name.
  if (!files[path] || !await isOurSite().catch(() => true)) return withHeaders(await fetch(request), { isOurs: false });
  const response = await siteFile(path);
  if (!isWorker(request)) return response;
  // A worker has the policy of its own script's response. Ours would bind the engine of somebody else's page. Our pages
  // send no referrer. (Firefox never answers clients.get here, and the worker never starts.)
  return !request.referrer || files[pathOf(request.referrer) ?? ''] ? response : withoutPolicies(response);
}

/** @type {Promise<boolean> | undefined} */
let ours;

/** Whether the site beside this file is Residua. Rejects if that cannot be told. */
function isOurSite() {
  ours ??= lookForOurs();
  ours.catch(() => { ours = undefined; });
  return ours;
}

async function lookForOurs() {
  const index = `${base}index.html`;
  const cache = await caches.open(cacheName).catch(() => null);
  if (await cache?.match(index)) return true;
  const response = await fetch(index, { cache: 'no-cache' });
  if (response.ok) return (await response.text()).includes(ourScript);
  if (response.status === 404) return false;
  throw new Error(`HTTP ${response.status} for ${index}`);
}

/**
 * The path of an address relative to the site's root; null if it is outside the site or below /api.
 * @param {string} url
 */
function pathOf(url) {
  const { href } = Object.assign(new URL(url), { hash: '', search: '' });
  if (!href.startsWith(base)) return null;
  const path = href.slice(base.length);
  return path.startsWith('api/') ? null : path || 'index.html';
}

/**
 * A file of the site, from the cache or else from the network. It is cached if it belongs to this version.
 * @param {string} path
 * @returns {Promise<Response>}
 */
async function siteFile(path) {
  const cache = await caches.open(cacheName).catch(() => null); // some browsers have service workers but forbid caches
  const cached = await cache?.match(base + path);
  if (cached) return cached;
  const fromNetwork = await fetch(base + path, { cache: 'no-cache' });
  if (!fromNetwork.ok || !cache) return withHeaders(fromNetwork, { isOurs: true });
  const body = await fromNetwork.arrayBuffer();
  const response = responseOf(path, body);
  if (await digest(body) === files[path]) {
    await cache.put(base + path, response.clone()).catch(() => {}); // with a full disk the site still works online
  }
  return response;
}

/**
 * Caches all files that are missing. Files that another version has with the same content are copied from its cache.
 * @param {(done: number, total: number) => void} onStep
 * @returns {Promise<boolean>} whether all files are cached; private windows of some browsers accept files but keep none
 */
async function fill(onStep) {
  const cache = await caches.open(cacheName);
  const cached = new Set((await cache.keys()).map(({ url }) => pathOf(url)));
  const missing = Object.keys(files).filter(path => !cached.has(path));
  const total = Object.keys(files).length;
  let done = total - missing.length;
  onStep(done, total);
  const cacheMissing = async () => {
    for (let path = missing.pop(); path !== undefined; path = missing.pop()) {
      const body = await fromOtherVersion(path) ?? await fetchFile(path);
      await cache.put(base + path, responseOf(path, body));
      onStep(++done, total);
    }
  };
  await Promise.all(Array.from({ length: parallelFetches }, cacheMissing));
  const now = new Set((await (await caches.open(cacheName)).keys()).map(({ url }) => pathOf(url)));
  return Object.keys(files).every(path => now.has(path));
}

/** @param {string} path  @returns {Promise<ArrayBuffer | null>} */
async function fromOtherVersion(path) {
  const body = await (await caches.match(base + path))?.arrayBuffer();
  return body && await digest(body) === files[path] ? body : null;
}

/** @param {string} path  @returns {Promise<ArrayBuffer>} */
async function fetchFile(path) {
  const response = await fetch(base + path, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`HTTP ${response.status} for ${path}`);
  const body = await response.arrayBuffer();
  // Other content means another version: the site is just being replaced. The browser tries again later.
  if (await digest(body) !== files[path]) throw new Error(`${path} is of another version`);
  return body;
}

/** The page that is shown if there is no network and the real page is not cached. */
function unreachable() {
  const words = [
    ['en', 'Residua cannot be reached, and this device has not kept it yet. ' +
      'Check the connection, then load the page again.'],
    ['zh', '无法连接 Residua，这台设备也还没有保存它。请检查网络连接，然后重新加载页面。'],
  ];
  const paragraphs = words.map(([language, text]) => `<p lang="${language}">${text}</p>`).join('');
  const body = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>Residua</title><h1>Residua</h1>${paragraphs}`;
  return new Response(body, { status: 503, headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8' } });
}

/** Deletes the caches of other versions. */
async function deleteOldCaches() {
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
 * A file's response, with the headers that Residua's own server sends.
 * @param {string} path
 * @param {ArrayBuffer} body
 */
function responseOf(path, body) {
  const type = types[path.slice(path.lastIndexOf('.'))] ?? 'application/octet-stream';
  const own = { 'Content-Type': type, 'Content-Length': String(body.byteLength) };
  return new Response(body, { headers: { ...headers, ...own } });
}

/**
 * A host's response with headers added. Responses after a redirect stay as they are.
 * @param {Response} response
 * @param {{ isOurs: boolean }} what  whether it is a file of Residua's, which gets all headers of the site. Others are
 *   isolated, unless their host does that in its own way
 */
function withHeaders(response, { isOurs }) {
  if (response.type !== 'basic' || response.redirected) return response;
  const all = new Headers(response.headers);
  if (isOurs) for (const [name, value] of Object.entries(headers)) all.set(name, value);
  else for (const name of isolating) if (!all.has(name)) all.set(name, headers[name]);
  return withAll(response, all);
}

/** A response of ours that only isolates. @param {Response} response */
function withoutPolicies(response) {
  const all = new Headers(response.headers);
  for (const name of Object.keys(headers)) if (!isolating.includes(name)) all.delete(name);
  return withAll(response, all);
}

/**
 * @param {Response} response
 * @param {Headers} all
 */
function withAll(response, all) {
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers: all });
}
