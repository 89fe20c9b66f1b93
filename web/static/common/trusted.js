// @ts-check
/**
 * The Trusted Types policy with the addresses of all scripts that Residua starts. The site's Content Security Policy
 * allows this policy and no other, so that no text can become a script.
 */

import { siteFolder, staticFolder } from './site.js';

const scripts = {
  engine: () => new URL('engine/worker.js', staticFolder).href,
  helper: () => new URL('engine/helper.js', staticFolder).href,
  warmUp: () => new URL('engine/warmup.js', staticFolder).href,
  offline: () => new URL('sw.js', siteFolder).href,
};

const world = /** @type {any} */ (globalThis);

/** A document has the policy once, though it may load these modules twice: bundled, and by the API's address. */
const key = Symbol.for('residua.trusted-scripts');

/** @type {{ known: Set<string>, policy?: { createScriptURL: (url: string) => string } }} */
const shared = world[key] ??= createPolicy();

function createPolicy() {
  /** The addresses that scriptOf has made. */
  const known = new Set();
  return {
    known,
    policy: world.trustedTypes?.createPolicy('residua', {
      createScriptURL: (/** @type {string} */ url) => {
        if (!known.has(url)) throw new TypeError(`not a script of Residua's: ${url}`);
        return url;
      },
    }),
  };
}

/**
 * The address of a worker's script, in the form that the browser accepts.
 * @param {keyof typeof scripts} name
 * @returns {string}
 */
export function scriptOf(name) {
  const url = scripts[name]();
  shared.known.add(url);
  return shared.policy ? shared.policy.createScriptURL(url) : url;
}
