// The plainest of static hosts, for tests of what the page and the API do without a server of ours.

import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const types = /** @type {Record<string, string>} */ ({
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
});

/**
 * The plainest of static hosts: files and their types, no header more.
 * @param {() => string} folder  looked up at each request
 * @param {{
 *   base?: string, lose?: (path: string) => boolean, before?: Record<string, string>, headers?: Record<string, string>,
 * }} [options]
 *   base: the folder of the host that the site lies in; before: lines that a script begins with, by its path;
 *   headers: of every file
 */
export async function bareServer(folder, { base = '/', lose = () => false, before = {}, headers = {} } = {}) {
  /** @type {string[]} */
  const asked = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    asked.push(pathname);
    const path = pathname.startsWith(base) ? pathname.slice(base.length) || 'index.html' : '';
    const file = join(folder(), path);
    if (lose(path)) return void response.destroy();
    if (path === '' || !existsSync(file) || !statSync(file).isFile()) {
      return void response.writeHead(404).end('nothing here');
    }
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, ...headers });
    response.write(before[path] ?? '');
    createReadStream(file).pipe(response);
  });
  await new Promise(done => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise(done => server.close(done));
    },
  };
}
