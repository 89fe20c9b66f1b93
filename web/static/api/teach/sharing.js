// @ts-check
/**
 * Sharing in its single steps, for a page that says what is sent before it is: what the host takes, what it would refuse of
 * a head, and what a head's file says of itself. teacher.share and teacher.importShared are the short way.
 */
export { fetchShare, isShareID, limitsOfHost, linkOf, refusalOf, share } from './share.js';
export { describe, inert, maxHeader, nameFault, renamed } from './sharefile.js';

/** @typedef {import('./share.js').Limits} Limits */
/** @typedef {import('./share.js').Shared} Shared */
/** @typedef {import('./sharefile.js').Described} Described */
/** @typedef {import('./sharefile.js').NameFault} NameFault */
