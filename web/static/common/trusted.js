// @ts-check
/**
 * The Trusted Types policy with the addresses of all scripts that Residua starts. The site's Content Security Policy
 * allows this policy and no other, so that no text can become a script.
 */

import { siteFolder, staticFolder } from './site.js';

const scripts = {
  engine: new URL('engine/worker.js', staticFolder).href,
  helper: new URL('engine/helper.js', staticFolder).href,
  offline: new URL('sw.js', siteFolder).href,
};

const world = /** @type {any} */ (globalThis);

/** A document has it once, though it may load these modules twice: bundled, and by the API's address. */
const key = Symbol.for('residua.trusted-scripts');

const policy = world[key] ??= world.trustedTypes?.createPolicy('residua', {
  createScriptURL: (/** @type {string} */ url) => {
    if (!Object.values(scripts).includes(url)) throw new TypeError(`not a script of Residua's: ${url}`);
    return url;
  },
});

/**
 * The address of a worker's script, in the form that the browser accepts.
 * @param {keyof typeof scripts} name
 * @returns {string}
 */
export const scriptOf = name => policy ? policy.createScriptURL(scripts[name]) : scripts[name];
