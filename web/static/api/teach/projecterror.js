// @ts-check
/** The errors of project files, and of archives, that cannot be used. */
import { ResiduaError } from '../errors.js';

/** What can be wrong, in English clauses. The page has them in its languages, under "reason." and the same key. */
export const reasons = {
  // of zip archives
  'cut-off': 'its end is missing, as if it had been cut off',
  'no-zip': 'it is no project file of Residua\'s, which is a zip archive',
  'unreadable': 'the browser cannot read it any more',
  'list-damaged': 'the list of its files is damaged',
  'list-large': 'the list of its files alone has {size}',
  'link': '"{name}" in it is a link or a device, not a file',
  'large': '"{name}" in it says that it has {size}',
  'twice': 'it holds "{name}" twice',
  'long-name': 'a name in it is {letters} letters long: "{name}"',
  'bad-name': 'it holds a file with an impossible name: "{name}"',
  'name-outside': 'a name in it leads out of the archive: "{name}"',
  'overlap': '"{name}" and what follows it lie in the same place',
  'other-size': '"{name}" has {size} bytes in place of {expected}',
  'encrypted': '"{name}" is encrypted',
  'misplaced': '"{name}" is not where the list says',
  'damaged': '"{name}" is damaged',
  'too-long': '"{name}" is damaged, or longer than it says',
  'method': '"{name}" is compressed in a way ({method}) that Residua does not know',
  // of archives of pictures and models
  'too-much': 'it holds {pictures} pictures of {size}, and at most {most} of {largest} are unpacked',
  'model-large': 'what is in it has {size}, and at most {largest} are unpacked',
  'locked': 'it is locked with a password',
  // of projects
  'no-json': 'it is a zip archive without a project.json',
  'json-large': 'its project.json says that it has {size}',
  'json-broken': 'its project.json is no JSON',
  'json-other': 'its project.json is of something else',
  'version': 'it is of version "{version}", and this page knows version 1; a newer Residua may have made it',
  'head-version': 'its head is of version "{version}", and this page knows version 1',
  'pictures-other': 'its list of pictures holds something else',
  'no-class': 'the picture "{name}" is of a class that is not there',
  'field': 'its project.json has no proper "{field}"',
  'picture-field': 'in its project.json the picture "{name}" has no proper "{field}"',
  'json-twice': 'its project.json names "{name}" twice',
  'other-network': 'it is of the network "{model}", and "{here}" is here',
  'other-picture': '"{name}" is not the picture that was saved',
  'not-numbers': '"{name}" holds something that is no number',
  'bad-id': 'the picture "{name}" has the id "{id}", which is no name for a file',
  'missing': '"{name}" is not in it',
};

/** @typedef {keyof typeof reasons} Why */
/** The values of a clause. @typedef {Record<string, string>} Values */

/** @param {Why} why @param {Values} values */
const clauseOf = (why, values) =>
  reasons[why].replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => values[name]);

/**
 * The whole file cannot be used.
 * @param {Why} why
 * @param {Values} [values]
 */
export function badProject(why, values = {}) {
  const reason = clauseOf(why, values);
  return new ResiduaError('bad-project',
    `This project file cannot be opened: ${reason}. Nothing was changed. Try another copy of the file.`,
    { ...values, reason, why });
}

/**
 * The project, in a store or a file, is another network's.
 * @param {string} model  whose it is
 * @param {string} here  the network that is loaded
 */
export function otherNetwork(model, here) {
  const values = { model: shown(model), here: shown(here) };
  const reason = clauseOf('other-network', values);
  return new ResiduaError('bad-project', `This project cannot be opened: ${reason}. Nothing was changed. Load that ` +
    'network, or take over the classes and pictures with { fromOtherModel: true }.',
  { ...values, reason, why: 'other-network' });
}

/**
 * One part of the file cannot be used; the others can.
 * @param {Why} why
 * @param {Values} [values]
 */
export function badPart(why, values = {}) {
  const reason = clauseOf(why, values);
  return new ResiduaError('bad-project', `A part of the project file cannot be used: ${reason}.`,
    { ...values, reason, why });
}

/**
 * An archive cannot be unpacked.
 * @param {Why} why
 * @param {Values} [values]
 */
export function badArchive(why, values = {}) {
  const reason = clauseOf(why, values);
  return new ResiduaError('bad-archive',
    `This archive cannot be opened: ${reason}. Unpack it, then drop the folder or the files.`,
    { ...values, reason, why });
}

/**
 * A text from an untrusted file, made safe for an error message: shortened, and without control characters.
 * @param {unknown} text
 */
export function shown(text) {
  const plain = String(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '�');
  const characters = Array.from(plain);
  return characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : plain;
}

/** @param {number} bytes */
export const megabytes = bytes => `${Math.ceil(bytes / 1e6)} MB`;
