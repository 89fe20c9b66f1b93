// With which model a visit begins. Where a download or the memory is dear, a person is asked before anything large is fetched.

import { keptModels } from '../../api/models/cache.js';
import { shipped } from '../../api/models/shipped.js';

/** @typedef {import('./loader.js').Choice} Choice */
/** @typedef {{ connection?: { saveData?: boolean, effectiveType?: string }, deviceMemory?: number }} Device  of navigator; not every browser tells */

const { connection, deviceMemory = 8 } = /** @type {Device} */ (navigator);

/** A person who saves data is asked before anything large is fetched. */
export const savesData = connection?.saveData ?? false;

/** Two engines at once take 0.7 GB. A device of 2 GB or less puts one away before it loads the other. */
export const roomForTwo = deviceMemory > 2;

/** @type {'data' | 'line' | 'device' | undefined} why a person is asked */
const thrifty = savesData ? 'data' : /^(slow-)?[23]g$/.test(connection?.effectiveType ?? '') ? 'line' : roomForTwo ? undefined : 'device';

const usual = { name: shipped[0].model };
const smallest = { name: [...shipped].sort((a, b) => a.bytes - b.bytes)[0].model };

/**
 * @param {string | null} last  the model of the last visit
 * @returns {Promise<{ choice: Choice, otherwise?: Choice, ask?: typeof thrifty }>}  otherwise: what to load if that cannot be had
 */
export async function beginWith(last) {
  const own = !!last && !shipped.some(({ model }) => model === last);
  const remembered = last ? { choice: { name: last }, ...(own ? { otherwise: usual } : {}) } : undefined;
  if (!thrifty) return remembered ?? { choice: usual };
  const here = (await keptModels().catch(() => [])).filter(({ bytes, total }) => bytes === total).map(({ name }) => name);
  if (remembered && here.includes(remembered.choice.name)) return remembered;
  const kept = shipped.find(({ model }) => here.includes(model));
  return kept ? { choice: { name: kept.model } } : { choice: smallest, ask: thrifty };
}
