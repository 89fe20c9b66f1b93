// @ts-check
/** What a person is told about a project file that is not as it should be. */
import { ResiduaError } from '../errors.js';

/**
 * The file as a whole.
 * @param {string} reason  a clause: what is wrong with it
 */
export const badProject = reason =>
  new ResiduaError('bad-project', `This project file cannot be opened: ${reason}. Nothing was changed. Try another copy of the file.`, { reason });

/**
 * A part of it; the others can be used.
 * @param {string} reason
 */
export const badPart = reason => new ResiduaError('bad-project', `A part of the project file cannot be used: ${reason}.`, { reason });

/**
 * A text out of a foreign file, for a sentence: short, and without what would disturb it.
 * @param {unknown} text
 */
export function quoted(text) {
  const plain = String(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '�');
  const signs = Array.from(plain);
  return `"${signs.length > 60 ? `${signs.slice(0, 59).join('')}…` : plain}"`;
}
