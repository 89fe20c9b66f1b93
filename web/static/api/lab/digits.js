// @ts-check
/** The handwritten digits that come with the site, which labs learn. */
import { siteFolder } from '../../common/site.js';
import { fetchImage } from '../images.js';

/**
 * The file, and what the engine must know of it.
 * @param {AbortSignal | null} [signal]
 */
export async function digits(signal) {
  const file = await fetchImage(new URL('digits/digits.idx', siteFolder), signal ?? undefined);
  return {
    args: { name: 'digits', classes: [], domains: [], size: 0 },
    buffers: { file: new Uint8Array(await file.arrayBuffer()) },
  };
}
