// @ts-check
/**
 * The single steps of sharing, for a page that asks before it sends anything: the host's limits, what the host would
 * refuse of a head, and what a head's file contains. teacher.share and teacher.importShared do all steps at once.
 */
import { guarded } from '../arguments.js';
import { ofSharing } from '../signatures.js';
import * as steps from './share.js';
import * as file from './sharefile.js';

export { isShareID, shareIDIn } from './shareid.js';
export { maxHeader } from './sharefile.js';

export const limitsOfHost = guarded('limitsOfHost', steps.limitsOfHost, ofSharing.limitsOfHost);
export const refusalOf = guarded('refusalOf', steps.refusalOf, ofSharing.refusalOf);
export const share = guarded('share', steps.share, ofSharing.share);
export const fetchShare = guarded('fetchShare', steps.fetchShare, ofSharing.fetchShare);
export const describe = guarded('describe', file.describe, ofSharing.describe);
export const linkOf = guarded('linkOf', steps.linkOf, ofSharing.linkOf);
export const nameFault = guarded('nameFault', file.nameFault, ofSharing.nameFault);
export const sanitizeName = guarded('sanitizeName', file.sanitizeName, ofSharing.sanitizeName);
export const renameClasses = guarded('renameClasses', file.renameClasses, ofSharing.renameClasses);

/** @typedef {import('./share.js').Limits} Limits */
/** @typedef {import('./share.js').Shared} Shared */
/** @typedef {import('./sharefile.js').Described} Described */
/** @typedef {import('./sharefile.js').NameFault} NameFault */
