// @ts-check
/**
 * Checks project.json, which lists the other parts of a project file. It may be from anywhere, so all of it is checked
 * before any of it is used.
 */
import { badProject, shown } from './projecterror.js';
import { yieldToPage } from './yield.js';
import { smallSide } from './picture.js';

/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./memorystore.js').ProjectHeader} ProjectHeader */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */

/**
 * A picture in a project file.
 * @typedef {object} ListedPicture
 * @property {PictureRecord} record
 * @property {string} file  where its bytes are in the archive
 * @property {number} bytes
 * @property {string} type  of the Blob
 * @property {boolean} features  whether they and the small picture are in the file
 * @property {boolean} input  whether the last block's input is in the file
 * @property {boolean} [blocks]  whether the block means are in the file
 */

/**
 * @typedef {object} Project
 * @property {'residua-project'} format
 * @property {1} version
 * @property {ProjectHeader} head  the persisted name of the header
 * @property {number} featureSize  values of one picture
 * @property {number} inputSize  values of one picture's last block input
 * @property {number} [blocksSize]  values of one picture's block means
 * @property {ListedPicture[]} pictures
 * @property {WeightsName[]} weights
 */

/** @type {WeightsName[]} */
export const weightsNames = ['head', 'last-block', 'checkpoint', 'previous-head'];

/** The most that a project may contain. json, picture and weights are sizes of one file in bytes. */
export const limits = {
  json: 64e6, picture: 40e6, weights: 100e6, pictures: 100_000, classes: 1000, featureSize: 1 << 14, inputSize: 1 << 20,
  blocksSize: 1 << 18,
};

/** The bytes of a small picture: R, G, B. */
export const smallSize = smallSide * smallSide * 3;

/** @param {unknown} value */
const isText = value => typeof value === 'string' && value.length <= 4096;
/** @param {unknown} value */
const isCount = value => Number.isSafeInteger(value) && Number(value) >= 0;
/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);
/**
 * Whether a value can be the id of a picture or a class. Ids are part of file names in the archive.
 * @param {unknown} value
 */
export const isId = value => typeof value === 'string' && /^[\w-]{1,64}$/.test(value);
/** @param {RegExp} pattern */
const isMatch = pattern => (/** @type {unknown} */ value) => typeof value === 'string' && pattern.test(value);
/** @param {unknown} value */
const isBoolean = value => typeof value === 'boolean';
/** @param {(value: unknown) => boolean} is */
const orAbsent = is => (/** @type {unknown} */ value) => value === undefined || is(value);
/** @param {number} max */
const isUpTo = max => (/** @type {unknown} */ value) => isCount(value) && Number(value) <= max;
/** @param {(value: any) => boolean} is @param {number} [max] */
const isListOf = (is, max = Infinity) => (/** @type {unknown} */ value) =>
  Array.isArray(value) && value.length <= max && value.every(is);

/** @type {Record<string, (value: unknown) => boolean>} */
const headerFields = {
  model: isText, name: isText, seed: Number.isSafeInteger, settings: isObject,
  history: isListOf(isObject),
  classes: isListOf(one => isObject(one) && isId(one.id) && isText(one.name), limits.classes),
};

/** @type {Required<Record<keyof PictureRecord, (value: unknown) => boolean>>} */
const recordFields = {
  id: isId, classId: value => value === '' || isId(value), name: isText,
  hash: isMatch(/^[0-9a-f]{64}$/), dhash: isMatch(/^([0-9a-f]{16})?$/),
  format: isText, width: isCount, height: isCount, domain: isText, test: isBoolean, side: isUpTo(2),
  added: Number.isFinite, crashes: orAbsent(isCount),
};

/** @type {Record<string, (value: unknown) => boolean>} */
const listedFields = {
  record: isObject, file: isText, bytes: isUpTo(limits.picture),
  type: isMatch(/^([\w.+-]+\/[\w.+-]+(;[\x20-\x7E]*)?)?$/), features: isBoolean, input: isBoolean,
  blocks: orAbsent(isBoolean),
};

/** @type {Record<string, (value: unknown) => boolean>} */
const projectFields = {
  head: isObject, featureSize: isUpTo(limits.featureSize), inputSize: isUpTo(limits.inputSize),
  blocksSize: orAbsent(isUpTo(limits.blocksSize)),
  pictures: isListOf(() => true, limits.pictures), // each is checked by itself, so that the page stays responsive
  weights: isListOf(name => weightsNames.includes(name)),
};

/**
 * @param {unknown} json  the parsed file
 * @param {AbortSignal} [signal]
 * @returns {Promise<Project>} It rejects with `bad-project`, and the reason, if anything is wrong.
 */
export async function checkProject(json, signal) {
  if (!isObject(json) || json.format !== 'residua-project') throw badProject('json-other');
  if (json.version !== 1) throw badProject('version', { version: shown(json.version) });
  check(json, projectFields);
  const project = /** @type {Project} */ (/** @type {unknown} */ (json));
  const { head } = project;
  if (head.version !== 1) throw badProject('head-version', { version: shown(head.version) });
  check(head, headerFields);
  const classes = unique(head.classes.map(({ id }) => id));
  for (const listed of project.pictures) {
    await yieldToPage(signal);
    if (!isObject(listed)) throw badProject('pictures-other');
    check(listed, listedFields);
    const name = shown(listed.record.name);
    check(listed.record, recordFields, name);
    const { classId } = listed.record;
    if (classId !== '' && !classes.has(classId)) throw badProject('no-class', { name });
  }
  unique(project.pictures.map(({ record }) => record.id));
  unique(project.pictures.map(({ file }) => file));
  unique(project.weights);
  return project;
}

/**
 * @param {object} object
 * @param {Record<string, (value: unknown) => boolean>} fields
 * @param {string} [picture]  whose record it is
 */
function check(object, fields, picture) {
  for (const [field, is] of Object.entries(fields)) {
    if (is(/** @type {any} */ (object)[field])) continue;
    if (picture === undefined) throw badProject('field', { field });
    throw badProject('picture-field', { name: picture, field });
  }
}

/** @param {string[]} values */
function unique(values) {
  const all = new Set();
  for (const value of values) {
    if (all.has(value)) throw badProject('json-twice', { name: shown(value) });
    all.add(value);
  }
  return all;
}
