// @ts-check
/** What residua.js exports of files.js, with its arguments checked. */
import { guarded } from '../arguments.js';
import { ofFiles } from '../signatures.js';
import * as files from './files.js';

export { isForeign } from './files.js';

export const recognize = guarded('recognize', files.recognize, ofFiles.recognize);
export const picturesIn = guarded('picturesIn', files.picturesIn, ofFiles.picturesIn);
export const unpackPictures = guarded('unpackPictures', files.unpackPictures, ofFiles.unpackPictures);
export const unpackModel = guarded('unpackModel', files.unpackModel, ofFiles.unpackModel);

/** @typedef {import('./files.js').Recognized} Recognized */
