// @ts-check
/** Where the site lies, in whatever folder of a host. */

/**
 * The folder static/. The build puts the page's modules into bundles, where `import.meta.url` is the bundle's address.
 * A bundle lies as deep in static/ as this file, and no other module asks where it is. Other people's bundlers put it
 * elsewhere: see moveSite.
 */
export let staticFolder = new URL('../', import.meta.url);

/** The folder of index.html. */
export let siteFolder = new URL('../', staticFolder);

/**
 * Sets both, where this module's address does not tell.
 * @param {string} site  the whole address of the site's folder, with a slash at its end
 */
export function moveSite(site) {
  siteFolder = new URL(site);
  staticFolder = new URL('static/', siteFolder);
}
