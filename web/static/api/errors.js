// @ts-check
/** Every failure of the API is a ResiduaError: a stable code for programs, and a message for people. */

import { clause } from '../common/clause.js';

/** @typedef {import('../zproto.js').Code} Code */

export class ResiduaError extends Error {
  /**
   * @param {Code} code
   * @param {string} message  in English: what went wrong, and what to do about it
   * @param {Record<string, string>} [details]  the values that the message contains
   */
  constructor(code, message, details = {}) {
    super(message);
    this.name = 'ResiduaError';
    this.code = code;
    this.details = details;
  }
}

export const cancelled = () => new ResiduaError('cancelled', 'Cancelled.');

/** @param {string} reason  a clause: what is wrong with the call */
export const badArgument = reason =>
  new ResiduaError('bad-argument', `The call cannot be carried out: ${clause(reason)}.`, { reason });

/** @param {string} reason  a clause: how it was noticed */
export const noAnswer = reason => new ResiduaError('no-answer', `The engine does not answer (${reason}). ` +
  'Close other tabs and programs, then reload the page; if that does not help, try another browser.', { reason });

/**
 * @param {string} reason  a clause: what is wrong with the file
 * @param {string} [why]  the same for programs; resnet/transfer/why.go lists them
 * @param {Record<string, string>} [values]  of why
 */
export const badWeights = (reason, why = 'weights-damaged', values = {}) => new ResiduaError('bad-weights',
  `The weights cannot be used: ${clause(reason)}. Choose a file that Residua has saved.`, { ...values, reason, why });

/**
 * @param {string} reason  a clause: what is missing
 * @param {'no-pictures' | 'no-source'} why
 */
export const cannotTeach = (reason, why) =>
  new ResiduaError('cannot-teach', `It cannot be taught like this: ${clause(reason)}.`, { reason, why });

/** @param {string | URL} url  what another host did not let this page read */
export const crossOrigin = url => new ResiduaError('cross-origin', `This page may not read ${url}, which is on ` +
  'another origin: its host does not send the header Access-Control-Allow-Origin (CORS), or cannot be reached, or ' +
  'this page\'s Content Security Policy does not list it under connect-src. Have the host send it, or put the files ' +
  'on this page\'s own host.', { file: String(url) });

/** Parses an error that the engine has sent. @param {string} json */
export function errorFrom(json) {
  const { code, message, details } = /** @type {import('../zproto.js').Error} */ (JSON.parse(json));
  return new ResiduaError(code, message, details);
}

/** Whether an error means that a file is not a readable picture. @param {any} error */
export const isPictureFault = error => /-(image|file|format|pixels|bytes)$/.test(error?.code ?? '');

/** Whether an error means that the engine has ended and must be loaded again. @param {any} error */
export const isEngineFault = error => ['engine-crashed', 'no-answer', 'closed'].includes(error?.code);
