// Compresses a built site for the native server:
//
//	node web/compress.mjs FOLDER
//
// Each file that gets smaller has a Brotli and a gzip twin in FOLDER/.encoded, named by the SHA-256 of the file, where
// web/encoding.go looks for it. Existing twins are kept, so that a build compresses only what has changed, and twins
// without a file are deleted.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

/** The file name extensions in the table `compressible` of web/static.go. A test there compares the two. */
const endings = ['.css', '.html', '.idx', '.js', '.json', '.mjs', '.svg', '.txt', '.wasm', '.webmanifest'];

/** Smaller files are not compressed: with their headers they fit one packet anyway. */
const smallest = 1024;

/** Brotli's two highest qualities take two to three times as long to save a tenth, so large files go without them. */
const quality = (/** @type {number} */ size) => (size < 1 << 20 ? 11 : 9);

const codings = [
  { ending: '.br', compress: (/** @type {Buffer} */ content) => brotli(content, { params: {
    [zlib.constants.BROTLI_PARAM_QUALITY]: quality(content.length),
    [zlib.constants.BROTLI_PARAM_LGWIN]: zlib.constants.BROTLI_MAX_WINDOW_BITS,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  } }) },
  { ending: '.gz', compress: (/** @type {Buffer} */ content) => gzip(content, { level: 9 }) },
];

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node web/compress.mjs FOLDER');
  process.exit(2);
}
const encoded = join(folder, '.encoded');
await mkdir(encoded, { recursive: true });

/**
 * All files below a folder that are worth compressing. Hidden files are not part of the site.
 * @param {string} folder
 * @returns {Promise<string[]>}
 */
async function filesOf(folder) {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(entry => !entry.name.startsWith('.'));
  const below = await Promise.all(entries.map(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesOf(path);
    return entry.isFile() && endings.includes(extname(entry.name)) ? [path] : [];
  }));
  return below.flat();
}

/** The names in .encoded that belong to a file of the site. @type {Set<string>} */
const wanted = new Set();
const sizes = { '.br': 0, '.gz': 0, plain: 0 };

/** Makes the twins of one file, unless they exist or would save less than a tenth. @param {string} path */
async function encode(path) {
  const content = await readFile(path);
  if (content.length < smallest) return;
  const digest = createHash('sha256').update(content).digest('hex');
  await Promise.all(codings.map(async ({ ending, compress }) => {
    const name = digest + ending;
    if (wanted.has(name)) return; // another file has the same content
    wanted.add(name);
    const known = await stat(join(encoded, name)).catch(() => null);
    let size = known?.size;
    if (size === undefined) {
      const packed = await compress(content);
      if (packed.length > 0.9 * content.length) {
        wanted.delete(name);
        return;
      }
      await writeFile(join(encoded, `${name}.part`), packed); // so that the name never has half a file
      await rename(join(encoded, `${name}.part`), join(encoded, name));
      size = packed.length;
    }
    sizes[/** @type {'.br' | '.gz'} */ (ending)] += size;
    if (ending === '.br') sizes.plain += content.length;
  }));
}

// The large files, which take the longest, go first, so that all of zlib's four threads stay busy.
const paths = await filesOf(folder);
const sizeOf = async (/** @type {string} */ path) => /** @type {const} */ ([path, (await stat(path)).size]);
const lengths = new Map(await Promise.all(paths.map(sizeOf)));
await Promise.all(paths.sort((a, b) => (lengths.get(b) ?? 0) - (lengths.get(a) ?? 0)).map(encode));
const unwanted = (await readdir(encoded)).filter(name => !wanted.has(name));
await Promise.all(unwanted.map(name => rm(join(encoded, name))));
const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
console.log(`compressed ${mb(sizes.plain)}: Brotli ${mb(sizes['.br'])}, gzip ${mb(sizes['.gz'])}`);
