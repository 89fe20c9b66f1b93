// The model that a visit begins with. With the data saver on, a slow connection or little memory, the page asks first.

import { Residua } from '../../residua.js';

/** @typedef {import('../loader.js').Choice} Choice */
/**
 * Properties of navigator that not every browser has; deviceMemory is in GB.
 * @typedef {{ connection?: { saveData?: boolean, effectiveType?: string }, deviceMemory?: number }} Device
 */

const { connection, deviceMemory = 8 } = /** @type {Device} */ (navigator);

/** Whether the browser's data saver is on. */
export const dataSaver = connection?.saveData ?? false;

/** Two engines take 0.7 GB. A device with 2 GB or less closes one before it loads the other. */
export const roomForTwo = deviceMemory > 2;

/** @type {'data' | 'line' | 'device' | undefined} the reason to ask before anything large is downloaded */
const askReason = dataSaver ? 'data'
  : /^(slow-)?[23]g$/.test(connection?.effectiveType ?? '') ? 'line'
  : roomForTwo ? undefined : 'device';

const { shipped } = Residua;
const usual = { name: shipped[0].name };
const smallest = { name: [...shipped].sort((a, b) => a.bytes - b.bytes)[0].name };

/**
 * @param {string | null} last  the model of the last visit
 * @returns {Promise<{ choice: Choice, otherwise?: Choice, ask?: typeof askReason }>}
 *   otherwise: what to load if the choice cannot be loaded; ask: the reason to ask first, if there is one
 */
export async function firstModel(last) {
  const isOwn = !!last && !shipped.some(({ name }) => name === last);
  const remembered = last ? { choice: { name: last }, ...(isOwn ? { otherwise: usual } : {}) } : undefined;
  if (!askReason) return remembered ?? { choice: usual };
  const models = await Residua.models().catch(() => []);
  const stored = models.filter(({ kept, bytes }) => kept >= bytes).map(({ name }) => name);
  if (remembered && stored.includes(remembered.choice.name)) return remembered;
  const model = shipped.find(({ name }) => stored.includes(name));
  return model ? { choice: { name: model.name } } : { choice: smallest, ask: askReason };
}
