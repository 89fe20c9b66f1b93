// @ts-check
/** The errors of project files that cannot be used. */
import { clause } from '../../common/clause.js';
import { ResiduaError } from '../errors.js';

/**
 * The whole file cannot be used.
 * @param {string} reason  a clause: what is wrong with it
 */
export const badProject = reason => new ResiduaError('bad-project',
  `This project file cannot be opened: ${clause(reason)}. Nothing was changed. Try another copy of the file.`, { reason });

/**
 * One part of the file cannot be used; the others can.
 * @param {string} reason
 */
export const badPart = reason =>
  new ResiduaError('bad-project', `A part of the project file cannot be used: ${clause(reason)}.`, { reason });

/**
 * A text from an untrusted file, made safe for an error message: shortened, and without control characters.
 * @param {unknown} text
 */
export function quoted(text) {
  const plain = String(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '�');
  const characters = Array.from(plain);
  return `"${characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : plain}"`;
}
