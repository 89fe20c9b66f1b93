// @ts-check
/**
 * The models in the browser's Cache. The engine writes and reads them (wasm/engine/modelcache.go and own.go use the
 * same names). The page counts and deletes them, and does so only here.
 *
 * A model is a folder with a manifest, which lists the shards. Models that the user has brought along are under own/,
 * an address that no server has, and each has an about.json beside its manifest.
 */
import { cacheStorage } from '../../common/platform.js';
import { folderAt } from '../arguments.js';

/** @typedef {import('../../zproto.js').About} About */
/**
 * A model of which at least the manifest is cached.
 * @typedef {object} CachedModel
 * @property {string} folder  its address
 * @property {string} name
 * @property {number} bytes  of the shards that are cached
 * @property {number} total  bytes of all its shards
 * @property {About | null} about  only of a model that the user has brought along
 */

const cacheName = 'residua-models-1';
const ownPrefix = 'own-';
const ownFolder = 'own/';

/**
 * The address of a model's folder.
 * @param {string | URL} models  the address of the folder of all models
 * @param {string} name
 */
export function folderOf(models, name) {
  return new URL(`${name.startsWith(ownPrefix) ? ownFolder : ''}${name}/`, folderAt('models', models)).href;
}

/** Opens the cache, if there is one. Outside secure contexts, and where the user forbids it, nothing can be cached. */
async function openCache() {
  const caches = cacheStorage();
  return await caches?.has(cacheName).catch(() => false) ? caches?.open(cacheName) : undefined;
}

/**
 * All models in the cache, complete or not, in the order in which they were added.
 * @returns {Promise<CachedModel[]>}
 */
export async function cachedModels() {
  const cache = await openCache();
  if (!cache) return [];
  const urls = new Set((await cache.keys()).map(({ url }) => url));
  const read = async (/** @type {string} */ url) => (await cache.match(url))?.json();
  /** @type {CachedModel[]} */
  const found = [];
  for (const url of urls) {
    if (!url.endsWith('/manifest.json')) continue;
    const { model, size, shards } = await read(url);
    let bytes = 0;
    for (const shard of shards) if (urls.has(new URL(shard.name, url).href)) bytes += shard.size;
    const aboutURL = new URL('about.json', url).href;
    const about = urls.has(aboutURL) ? await read(aboutURL) : null;
    found.push({ folder: new URL('.', url).href, name: model, bytes, total: size, about });
  }
  return found;
}

/** Deletes a model's files. A network that has it loaded is not affected. @param {string} folder its address */
export async function deleteModel(folder) {
  const cache = await openCache();
  for (const { url } of await cache?.keys() ?? []) if (url.startsWith(folder)) await cache?.delete(url);
}

/** Deletes all models that can be downloaded again. */
export async function deleteDownloaded() {
  const models = await cachedModels();
  if (!models.some(({ about }) => about)) {
    await cacheStorage()?.delete(cacheName); // which also removes shards without a manifest
    return;
  }
  for (const { folder, about } of models) if (!about) await deleteModel(folder);
}
