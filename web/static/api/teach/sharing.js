// @ts-check
/**
 * The single steps of sharing, for a page that asks before it sends anything: the host's limits, what the host would
 * refuse of a head, and what a head's file contains. teacher.share and teacher.importShared do all steps at once.
 */
export { fetchShare, isShareID, limitsOfHost, linkOf, refusalOf, share, shareIDIn } from './share.js';
export { describe, maxHeader, nameFault, renameClasses, sanitizeName } from './sharefile.js';

/** @typedef {import('./share.js').Limits} Limits */
/** @typedef {import('./share.js').Shared} Shared */
/** @typedef {import('./sharefile.js').Described} Described */
/** @typedef {import('./sharefile.js').NameFault} NameFault */
