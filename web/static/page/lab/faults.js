// What can go wrong in the room, and how it is said.

import { say } from '../i18n.js';
import { sayError } from '../notices.js';

/** A fault of the page's own, with the key of its sentence. */
export class LabFault extends Error {
  /** @param {string} key */
  constructor(key) {
    super(key);
    this.key = key;
  }
}

/**
 * @param {Element} element
 * @param {unknown} error
 */
export function sayFault(element, error) {
  if (error instanceof LabFault) say(element, error.key);
  else sayError(element, error, `skiplab.error.${/** @type {any} */ (error)?.code}`);
}
