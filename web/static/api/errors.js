// @ts-check
/** What goes wrong, as one kind of error: a stable code for programs, and a sentence for people. */

/** @typedef {import('../zproto.js').Code} Code */

export class ResiduaError extends Error {
  /**
   * @param {Code} code
   * @param {string} message  an English sentence: cause and cure
   * @param {Record<string, string>} [details]  the values in the message
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
  new ResiduaError('bad-argument', `The call cannot be carried out: ${reason}.`, { reason });

/** @param {string} reason  a clause: how it was noticed */
export const noAnswer = reason => new ResiduaError('no-answer', `The engine does not answer (${reason}). ` +
  'Close other tabs and programs, then reload the page; if that does not help, try another browser.', { reason });

/** @param {string} reason  a clause: what is wrong with the file */
export const badWeights = reason =>
  new ResiduaError('bad-weights', `The weights cannot be used: ${reason}. Choose a file that Residua has saved.`, { reason });

/** An error of the engine, as it crosses from the worker. @param {string} json */
export function errorFrom(json) {
  const { code, message, details } = /** @type {import('../zproto.js').Error} */ (JSON.parse(json));
  return new ResiduaError(code, message, details);
}

/** Whether a file is no picture that can be read, and nothing else is to blame. @param {any} error */
export const isPictureFault = error => /-(image|file|format|pixels|bytes)$/.test(error?.code ?? '');

/** Whether the engine is of no use any more: the picture or the training is not to blame. @param {any} error */
export const isEngineFault = error => ['engine-crashed', 'no-answer', 'closed'].includes(error?.code);
