// @ts-check
/**
 * The models in the browser's cache. The engine puts them there and takes them out (wasm/engine/store.go, own.go have the same names);
 * this is the one place of the page that counts and deletes them.
 *
 * A model is a folder with a manifest, which names the shards. Those of a person's own are in a folder of that name, which no server has, and have
 * a file that says more about them.
 */
import { cacheStorage } from '../../common/platform.js';

/** @typedef {import('../../zproto.js').About} About */
/**
 * A model's folder, and how much of it is here.
 * @typedef {{ folder: string, name: string, bytes: number, total: number, about: About | null }} Kept  about: of a person's own
 */

const cacheName = 'residua-models-1';
const ownPrefix = 'own-';
const ownFolder = 'own/';

/**
 * The address of a model's folder.
 * @param {string | URL} models  of the folder of all models, with a slash at its end
 * @param {string} name
 */
export const folderOf = (models, name) => new URL(`${name.startsWith(ownPrefix) ? ownFolder : ''}${name}/`, new URL(models, document.baseURI)).href;

/** The cache, if there is one: nothing may be kept outside of secure contexts, and where a person forbids it. */
async function open() {
  const caches = cacheStorage();
  return await caches?.has(cacheName).catch(() => false) ? caches?.open(cacheName) : undefined;
}

/** All models of which something is here, a person's own by when they came. @returns {Promise<Kept[]>} */
export async function keptModels() {
  const cache = await open();
  if (!cache) return [];
  const urls = new Set((await cache.keys()).map(({ url }) => url));
  const read = async (/** @type {string} */ url) => (await cache.match(url))?.json();
  /** @type {Kept[]} */
  const found = [];
  for (const url of urls) {
    if (!url.endsWith('/manifest.json')) continue;
    const { model, size, shards } = await read(url);
    let bytes = 0;
    for (const shard of shards) if (urls.has(new URL(shard.name, url).href)) bytes += shard.size;
    const aside = new URL('about.json', url).href;
    found.push({ folder: new URL('.', url).href, name: model, bytes, total: size, about: urls.has(aside) ? await read(aside) : null });
  }
  return found;
}

/** Deletes a model's files. One that is in use stays in use. @param {string} folder its address */
export async function deleteModel(folder) {
  const cache = await open();
  for (const { url } of await cache?.keys() ?? []) if (url.startsWith(folder)) await cache?.delete(url);
}

/** Deletes all models that can be downloaded again. */
export async function deleteDownloaded() {
  const models = await keptModels();
  if (!models.some(({ about }) => about)) return void await cacheStorage()?.delete(cacheName); // with what belongs to no whole model
  for (const { folder, about } of models) if (!about) await deleteModel(folder);
}
