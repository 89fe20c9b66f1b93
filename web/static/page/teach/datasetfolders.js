// Finds the classes in a data set's folders, and its split into pictures to learn from and pictures to be judged by.
// It reads paths only. A data set comes as <class>/…, as <train, val, test>/<class>/…, or as <class>/<train, test>/….

import { isHidden, mayBePicture, partsOf } from '../folders.js';
import { isContainer, roleOf } from './splitnames.js';

/** @typedef {import('./splitnames.js').Role} Role */
/**
 * A file with its path, whose parts are separated by slashes. The first part is the folder that was dropped or chosen.
 * @typedef {{ path: string, file: Blob }} FileInFolder
 */
/** @typedef {{ name: string, learn: FileInFolder[], judge: FileInFolder[] }} ReadClass */
/**
 * The folders' names by what their pictures are for.
 * @typedef {object} Split
 * @property {string[]} learn
 * @property {string[]} judge
 * @property {Role[]} roles  that there are
 */
/**
 * @typedef {object} Reading
 * @property {ReadClass[]} classes  each has a picture at least
 * @property {Split | null} split  null: there is none, or it was not wanted
 * @property {string[]} stray  the paths of files that are no pictures, by their names
 * @property {string[]} unsorted  the paths of pictures that belong to no class
 * @property {string[]} nested  the classes with further folders inside, whose pictures count as theirs
 * @property {string[]} unclear  names of folders that look like parts of a data set, but were read as classes
 */
/**
 * @typedef {object} Wish
 * @property {boolean} [split]  false: the folders' names are classes, whatever they are called
 * @property {Role[]} [judge]  the parts whose pictures are to be judged by; by default test
 * @property {string[]} [known]  classes that have pictures to learn from already: for these, some to be judged by are
 *   of use alone
 */
/** @typedef {{ name: string, pictures: FileInFolder[], folders: Folder[] }} Folder */

/** All pictures of a folder. @param {Folder} folder @returns {FileInFolder[]} */
const allPictures = ({ pictures, folders }) => [...pictures, ...folders.flatMap(allPictures)];

/**
 * The folders that hold pictures, within a folder without a name.
 * @param {FileInFolder[]} files
 */
function treeOf(files) {
  /** @type {Folder} */
  const root = { name: '', pictures: [], folders: [] };
  const byPath = new Map([['', root]]);
  /** @type {string[]} */
  const stray = [];

  /** @param {string[]} parts @returns {Folder} */
  function folderAt(parts) {
    const path = parts.join('/');
    const known = byPath.get(path);
    if (known) return known;
    /** @type {Folder} */
    const added = { name: parts[parts.length - 1], pictures: [], folders: [] };
    folderAt(parts.slice(0, -1)).folders.push(added);
    byPath.set(path, added);
    return added;
  }

  for (const one of files) {
    const parts = partsOf(one.path);
    if (parts.length === 0 || isHidden(one)) continue;
    if (mayBePicture(parts[parts.length - 1], one.file)) folderAt(parts.slice(0, -1)).pictures.push(one);
    else stray.push(parts.join('/'));
  }
  return { root, stray };
}

/**
 * Follows folders that hold nothing but one further folder, as "data" and "train/train" do, while passes allows.
 * @param {Folder} folder
 * @param {(inner: Folder, outer: Folder) => boolean} passes
 */
function unwrap(folder, passes) {
  let at = folder;
  while (at.folders.length === 1 && at.pictures.length === 0 && passes(at.folders[0], at)) [at] = at.folders;
  return at;
}

/** The folder in a part of a data set that has the folders of the classes. @param {Folder} part */
const insidePart = part => unwrap(part, ({ name, folders }) =>
  folders.length > 0 && (roleOf(name) === roleOf(part.name) || isContainer(name)));

/** Whether a part of a data set has folders of classes. @param {Folder} part */
function hasClasses(part) {
  const { folders } = insidePart(part);
  return folders.length > 0 && !(folders.length === 1 && isContainer(folders[0].name));
}

/**
 * Whether the folders inside are the parts of a data set: all are called so, and one to learn from has classes inside.
 * @param {Folder} folder
 */
function isSplit({ folders }) {
  if (folders.length === 0 || folders.some(({ name }) => !roleOf(name))) return false;
  const toLearn = folders.filter(({ name }) => roleOf(name) !== 'test');
  return (toLearn.length > 0 ? toLearn : folders).some(hasClasses);
}

/** Whether a class has folders to learn from and others, with nothing but pictures in them. @param {Folder} folder */
const isSplitClass = ({ folders }) => folders.length > 1
  && folders.every(({ name, folders: inner }) => roleOf(name) && inner.length === 0)
  && folders.some(({ name }) => roleOf(name) === 'train');

/** The nearest folder whose folders are the parts of a data set. @param {Folder} folder */
function splitIn(folder) {
  const at = unwrap(folder, (_, outer) => !isSplit(outer));
  return isSplit(at) ? at : undefined;
}

/** The order in which the parts are read: the first names the classes. @type {Role[]} */
const order = ['train', 'validation', 'test'];

/** @param {Folder} folder */
const role = ({ name }) => /** @type {Role} */ (roleOf(name));

/** Gathers the classes of several folders, and what is to be said about them. */
class Gathered {
  /** @type {Map<string, ReadClass>} */ #classes = new Map();
  /** The folders of the split. @type {{ folder: Folder, side: 'learn' | 'judge' }[]} */ #parts = [];
  /** @type {FileInFolder[]} */ unsorted = [];
  /** @type {Set<string>} */ nested = new Set();
  /** Names of folders that became classes. @type {Set<string>} */ #names = new Set();
  #judge;
  #known;

  /** @param {Role[]} judge @param {string[]} known */
  constructor(judge, known) {
    this.#judge = judge;
    this.#known = new Set(known);
  }

  /**
   * The class of that name. Parts of a data set may write it in capitals here and in small letters there.
   * @param {string} name
   * @param {string[]} [others]  names of which one in other letters is the same
   * @returns {ReadClass}
   */
  #class(name, others = []) {
    const key = name.normalize('NFC').trim();
    const alike = others.filter(other => other.toLowerCase() === key.toLowerCase());
    const found = this.#classes.get(key) ?? (alike.length === 1 ? this.#classes.get(alike[0]) : undefined);
    if (found) return found;
    const added = { name: key, learn: [], judge: [] };
    this.#classes.set(key, added);
    return added;
  }

  /** @param {ReadClass} to @param {'learn' | 'judge'} side @param {FileInFolder[]} pictures */
  #add(to, side, pictures) {
    to[side] = to[side].concat(pictures); // push(...) has a limit, which a data set may exceed
  }

  /** @param {ReadClass} one @param {Folder} folder */
  #noteNested(one, { folders }) {
    if (folders.some(({ name }) => !isContainer(name))) this.nested.add(one.name);
  }

  /** What the pictures of a part are for. @param {Folder} part @param {Folder[]} parts  all */
  #sideOf(part, parts) {
    const isJudge = (/** @type {Folder} */ one) => this.#judge.includes(role(one));
    const isKnown = () => insidePart(part).folders.some(({ name }) => this.#known.has(name));
    const side = isJudge(part) && (parts.some(one => !isJudge(one)) || isKnown()) ? 'judge' : 'learn';
    this.#parts.push({ folder: part, side });
    return side;
  }

  /** Reads <part>/<class>/…. @param {Folder} split */
  addParts({ folders, pictures }) {
    this.unsorted = this.unsorted.concat(pictures);
    const parts = order.flatMap(wanted => folders.filter(part => role(part) === wanted));
    const useful = parts.filter(hasClasses);
    for (const part of parts) {
      if (!useful.includes(part)) {
        this.unsorted = this.unsorted.concat(allPictures(part));
        continue;
      }
      const side = this.#sideOf(part, useful);
      const inside = insidePart(part);
      this.unsorted = this.unsorted.concat(inside.pictures);
      const known = [...this.#classes.keys()];
      for (const folder of inside.folders) {
        const one = this.#class(folder.name, known);
        this.#add(one, side, allPictures(folder));
        this.#noteNested(one, folder);
      }
    }
  }

  /** Reads a folder as one class. @param {Folder} folder @param {boolean} divide  whether by <class>/<part>/… */
  addClass(folder, divide) {
    const one = this.#class(folder.name);
    this.#names.add(one.name);
    if (!divide) {
      this.#noteNested(one, folder);
      return this.#add(one, 'learn', allPictures(folder));
    }
    this.#add(one, 'learn', folder.pictures);
    for (const part of folder.folders) this.#add(one, this.#sideOf(part, folder.folders), part.pictures);
  }

  /** @returns {Split | null} */
  get #split() {
    if (this.#parts.length === 0) return null;
    const names = (/** @type {'learn' | 'judge'} */ wanted) =>
      [...new Set(this.#parts.filter(({ side }) => side === wanted).map(({ folder }) => folder.name))];
    const roles = order.filter(wanted => this.#parts.some(({ folder }) => role(folder) === wanted));
    return { learn: names('learn'), judge: names('judge'), roles };
  }

  /** @returns {Omit<Reading, 'stray'>} */
  get reading() {
    const all = [...this.#classes.values()];
    // Nothing can be learnt of a class that only test pictures show, such as Kaggle's "unknown".
    const canBeLearnt = (/** @type {ReadClass} */ { name, learn }) => learn.length > 0 || this.#known.has(name);
    const classes = all.filter(canBeLearnt);
    const unlearnt = all.filter(one => !canBeLearnt(one)).flatMap(({ judge }) => judge);
    const named = [...this.#names].filter(roleOf);
    const roles = new Set(named.map(roleOf));
    return {
      classes,
      split: this.#split,
      unsorted: this.unsorted.concat(unlearnt).map(({ path }) => path),
      nested: [...this.nested],
      unclear: roles.has('train') && roles.size > 1 ? named : [],
    };
  }
}

/** The classes in one folder, each a folder. A folder of pictures only is a class itself. @param {Folder} outer */
function classFolders(outer) {
  const folder = unwrap(outer, (inner, { name }) =>
    inner.folders.length > 1 && (isContainer(inner.name) || inner.name === name));
  const { folders, pictures } = folder;
  if (folders.length === 0) return [folder];
  return pictures.length > 0 ? [...folders, { ...folder, folders: [] }] : folders;
}

/**
 * Finds the classes in folders. Pictures without a folder are in no class.
 * @param {FileInFolder[]} files
 * @param {Wish} [wish]  by default what the folders' names say
 * @returns {Reading}
 */
export function readFolders(files, { split = true, judge = ['test'], known = [] } = {}) {
  const { root, stray } = treeOf(files);
  const gathered = new Gathered(judge, known);
  gathered.unsorted = root.pictures;
  if (split && isSplit(root)) {
    gathered.addParts({ ...root, pictures: [] });
    return { ...gathered.reading, stray };
  }
  for (const folder of root.folders) {
    const parts = split ? splitIn(folder) : undefined;
    const isOne = split && root.folders.length > 1 && isSplitClass(folder);
    if (parts) gathered.addParts(parts);
    else for (const one of isOne ? [folder] : classFolders(folder)) gathered.addClass(one, split && isSplitClass(one));
  }
  return { ...gathered.reading, stray, ...(split ? {} : { unclear: [] }) };
}
