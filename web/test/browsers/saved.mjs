// Finds what a browser has saved.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Waits until a file is whole.
 * @param {Pick<import('./walk.mjs').Walk, 'browser' | 'screen'>} walk
 * @param {RegExp} name
 * @returns {Promise<{ path: string, size: number }>} size: in bytes
 */
export function saved({ browser, screen }, name) {
  return screen.until(`file ${name}`, async () => {
    const files = await readdir(browser.downloads);
    const file = files.find(file => name.test(file));
    // Browsers write into a file of another name, or leave an empty one until all of it is here.
    if (!file || files.some(file => /\.(part|crdownload|wkdownload)$/.test(file))) return undefined;
    const path = join(browser.downloads, file);
    const { size } = await stat(path);
    await new Promise(done => setTimeout(done, 300));
    return size > 0 && (await stat(path)).size === size ? { path, size } : undefined;
  });
}
