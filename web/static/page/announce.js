// Messages for screen readers. There is one polite live region, so that messages do not interrupt each other.

import { find } from './dom.js';
import { say } from './i18n.js';
import { sayError } from './notices.js';

const region = find('#spoken', HTMLElement);

/**
 * @param {string} key
 * @param {Parameters<typeof say>[2]} [values]
 */
export function announce(key, values) {
  say(region, key, values);
}

/** @param {unknown} error */
export function announceError(error) {
  sayError(region, error);
}
