// @ts-check
/** Where the site lies, in whatever folder of a host. */

/**
 * The folder static/. The build puts the page's modules into bundles, where `import.meta.url` is the bundle's address.
 * A bundle lies as deep in static/ as this file, and no other module asks where it is.
 */
export const staticFolder = new URL('../', import.meta.url);

/** The folder of index.html. */
export const siteFolder = new URL('../', staticFolder);
