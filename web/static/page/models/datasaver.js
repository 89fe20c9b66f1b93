// With which model a visit begins. Where a download or the memory is dear, a person is asked before anything large is fetched.

import { Residua } from '../../residua.js';

/** @typedef {import('../loader.js').Choice} Choice */
/** @typedef {{ connection?: { saveData?: boolean, effectiveType?: string }, deviceMemory?: number }} Device  of navigator; not every browser tells */

const { connection, deviceMemory = 8 } = /** @type {Device} */ (navigator);

/** A person who saves data is asked before anything large is fetched. */
export const savesData = connection?.saveData ?? false;

/** Two engines at once take 0.7 GB. A device of 2 GB or less puts one away before it loads the other. */
export const roomForTwo = deviceMemory > 2;

/** @type {'data' | 'line' | 'device' | undefined} why a person is asked */
const thrifty = savesData ? 'data' : /^(slow-)?[23]g$/.test(connection?.effectiveType ?? '') ? 'line' : roomForTwo ? undefined : 'device';

const { shipped } = Residua;
const usual = { name: shipped[0].name };
const smallest = { name: [...shipped].sort((a, b) => a.bytes - b.bytes)[0].name };

/**
 * @param {string | null} last  the model of the last visit
 * @returns {Promise<{ choice: Choice, otherwise?: Choice, ask?: typeof thrifty }>}  otherwise: what to load if that cannot be had
 */
export async function beginWith(last) {
  const own = !!last && !shipped.some(({ name }) => name === last);
  const remembered = last ? { choice: { name: last }, ...(own ? { otherwise: usual } : {}) } : undefined;
  if (!thrifty) return remembered ?? { choice: usual };
  const here = (await Residua.models().catch(() => [])).filter(({ kept, bytes }) => kept >= bytes).map(({ name }) => name);
  if (remembered && here.includes(remembered.choice.name)) return remembered;
  const kept = shipped.find(({ name }) => here.includes(name));
  return kept ? { choice: { name: kept.name } } : { choice: smallest, ask: thrifty };
}
