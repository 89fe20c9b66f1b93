// @ts-check
/** project.json, the part of a project file that says what the others are. It may come from anywhere: all of it is looked at before any is used. */
import { badProject, quoted } from './badproject.js';
import { breathe } from './yield.js';
import { smallSide } from './picture.js';

/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./memorystore.js').Head} Head */
/** @typedef {import('./memorystore.js').WeightsName} WeightsName */

/**
 * @typedef {object} Listed  a picture in a project file
 * @property {PictureRecord} record
 * @property {string} file  where its bytes are in the archive
 * @property {number} bytes
 * @property {string} type  of the Blob
 * @property {boolean} features  whether they are there, and with them the small picture
 * @property {boolean} input  whether the last block's input is there
 */

/**
 * @typedef {object} Project
 * @property {'residua-project'} format
 * @property {1} version
 * @property {Head} head
 * @property {number} featureSize  how many numbers the features of a picture are
 * @property {number} inputSize  how many the last block's input is
 * @property {Listed[]} pictures
 * @property {WeightsName[]} weights
 */

/** @type {WeightsName[]} */
export const weightsNames = ['head', 'last-block', 'checkpoint'];

/** What a project may hold at most; bytes, if nothing else is said. */
export const limits = { json: 64e6, picture: 40e6, weights: 100e6, pictures: 100_000, classes: 1000, featureSize: 1 << 14, inputSize: 1 << 20 };

/** The pixels of a small picture, in R, G, B. */
export const smallSize = smallSide * smallSide * 3;

/** @param {unknown} value */
const isText = value => typeof value === 'string' && value.length <= 4096;
/** @param {unknown} value */
const isCount = value => Number.isSafeInteger(value) && Number(value) >= 0;
/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);
/** What a picture and a class are known by. It is a part of names in the archive. @param {unknown} value */
export const isId = value => typeof value === 'string' && /^[\w-]{1,64}$/.test(value);
/** @param {RegExp} pattern */
const isLike = pattern => (/** @type {unknown} */ value) => typeof value === 'string' && pattern.test(value);
/** @param {number} most */
const isUpTo = most => (/** @type {unknown} */ value) => isCount(value) && Number(value) <= most;

/** @type {Record<string, (value: unknown) => boolean>} */
const headFields = {
  model: isText, name: isText, seed: Number.isSafeInteger, settings: isObject,
  history: value => Array.isArray(value) && value.every(isObject),
  classes: value => Array.isArray(value) && value.length <= limits.classes && value.every(one => isObject(one) && isId(one.id) && isText(one.name)),
};

/** @type {Required<Record<keyof PictureRecord, (value: unknown) => boolean>>} */
const recordFields = {
  id: isId, classId: isId, name: isText, hash: isLike(/^[0-9a-f]{64}$/), dhash: isLike(/^([0-9a-f]{16})?$/), format: isText, width: isCount, height: isCount,
  domain: isText, test: value => typeof value === 'boolean', side: isUpTo(2), added: Number.isFinite, crashes: value => value === undefined || isCount(value),
};

/** @type {Record<string, (value: unknown) => boolean>} */
const listedFields = {
  record: isObject, file: isText, bytes: isUpTo(limits.picture), type: isLike(/^([\w.+-]+\/[\w.+-]+(;[\x20-\x7E]*)?)?$/),
  features: value => typeof value === 'boolean', input: value => typeof value === 'boolean',
};

/** @type {Record<string, (value: unknown) => boolean>} */
const projectFields = {
  head: isObject, featureSize: isUpTo(limits.featureSize), inputSize: isUpTo(limits.inputSize),
  pictures: value => Array.isArray(value) && value.length <= limits.pictures,
  weights: value => Array.isArray(value) && value.every(name => weightsNames.includes(name)),
};

/**
 * @param {unknown} json  parsed
 * @param {AbortSignal} [signal]
 * @returns {Promise<Project>}
 */
export async function checkProject(json, signal) {
  if (!isObject(json) || json.format !== 'residua-project') throw badProject('its project.json is of something else');
  if (json.version !== 1) throw badProject(`it is of version ${quoted(json.version)}, and this page knows version 1; a newer Residua may have made it`);
  check(json, projectFields, 'the project');
  const project = /** @type {Project} */ (/** @type {unknown} */ (json));
  if (project.head.version !== 1) throw badProject(`its head is of version ${quoted(project.head.version)}, and this page knows version 1`);
  check(project.head, headFields, 'the head');
  const classes = unique(project.head.classes.map(({ id }) => id), 'the class');
  for (const listed of project.pictures) {
    await breathe(signal);
    if (!isObject(listed)) throw badProject('its list of pictures holds something else');
    check(listed, listedFields, 'a picture');
    check(listed.record, recordFields, `the picture ${quoted(listed.record.name)}`);
    if (!classes.has(listed.record.classId)) throw badProject(`the picture ${quoted(listed.record.name)} is of a class that is not there`);
  }
  unique(project.pictures.map(({ record }) => record.id), 'the picture');
  unique(project.pictures.map(({ file }) => file), 'the file');
  unique(project.weights, 'the weights');
  return project;
}

/**
 * @param {object} object
 * @param {Record<string, (value: unknown) => boolean>} fields
 * @param {string} what
 */
function check(object, fields, what) {
  for (const [field, is] of Object.entries(fields)) {
    if (!is(/** @type {any} */ (object)[field])) throw badProject(`in its project.json ${what} has no proper "${field}"`);
  }
}

/**
 * @param {string[]} values
 * @param {string} what
 */
function unique(values, what) {
  const all = new Set();
  for (const value of values) {
    if (all.has(value)) throw badProject(`its project.json names ${what} ${quoted(value)} twice`);
    all.add(value);
  }
  return all;
}
