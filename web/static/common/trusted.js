// @ts-check
/**
 * Trusted Types: the only script addresses that Residua ever makes. The site's rules allow this one policy and no other, so that no
 * text can become a script.
 */

const scripts = {
  engine: new URL('../engine/worker.js', import.meta.url).href,
  helper: new URL('../engine/helper.js', import.meta.url).href,
  offline: new URL('../../sw.js', import.meta.url).href,
};

const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy('residua', {
  createScriptURL: (/** @type {string} */ url) => {
    if (!Object.values(scripts).includes(url)) throw new TypeError(`not a script of Residua's: ${url}`);
    return url;
  },
});

/**
 * The address of a worker's script, as the browser takes it.
 * @param {keyof typeof scripts} name
 * @returns {string}
 */
export const scriptOf = name => policy ? policy.createScriptURL(scripts[name]) : scripts[name];
