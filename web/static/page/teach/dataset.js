// Adds the classes of a data set's folders, says how the folders were read, and offers the other ways to read them.

import { button, localized } from '../elements.js';
import { beginningOf, listOf } from '../format.js';
import { isNetworkName } from '../sortfiles.js';
import { readFolders } from './datasetfolders.js';
import { row } from './elements.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {import('./datasetfolders.js').FileInFolder} FileInFolder */
/** @typedef {import('./datasetfolders.js').Reading} Reading */
/** @typedef {import('./datasetfolders.js').Wish} Wish */
/** @typedef {ReturnType<typeof createDataset>} Dataset */

/** @param {Reading} reading @param {'learn' | 'judge'} side */
const count = ({ classes }, side) => classes.reduce((sum, one) => sum + one[side].length, 0);

/** A file with its own name. @param {FileInFolder} file */
const named = ({ path, file }) => ({ blob: file, name: path.split(/[\\/]/).at(-1) ?? '' });

/** What differs between two readings. @param {Reading} reading */
const gist = ({ classes }) =>
  JSON.stringify(classes.map(({ name, learn, judge }) => [name, learn.length, judge.length]));

/** The ways to read folders that are split. @type {Wish[]} */
const ways = [{}, { judge: ['validation', 'test'] }, { judge: [] }, { split: false }];

/**
 * The readings that differ from one, if that has a split.
 * @param {FileInFolder[]} files
 * @param {string[]} known
 * @param {Reading} reading
 */
function otherReadings(files, known, reading) {
  const seen = new Set([gist(reading)]);
  return ways.map(wish => ({ wish, other: readFolders(files, { ...wish, known }) })).filter(({ other }) => {
    const isNew = !seen.has(gist(other));
    seen.add(gist(other));
    return isNew;
  });
}

/** The sentences about a reading. @param {Reading} reading @param {boolean} wantsSplit */
function sentencesOf(reading, wantsSplit) {
  const { classes, split, stray, unsorted, nested, unclear } = reading;
  const [learn, judge] = [count(reading, 'learn'), count(reading, 'judge')];
  /** @type {HTMLElement[]} */
  const sentences = [];
  /** @param {string} key @param {() => Record<string, string | number>} [values] */
  const add = (key, values) => sentences.push(localized('p', key, 'notice-text', values));
  const folders = () => ({ learn: listOf(split?.learn ?? []), judge: listOf(split?.judge ?? []) });

  if (classes.length === 0) add('teach.folder.none');
  else if (!wantsSplit) add('teach.folder.names');
  else if (split && learn > 0 && judge > 0) {
    add('teach.folder.split', () => ({ count: learn, tests: judge, ...folders() }));
  } else if (split && judge > 0) add('teach.folder.judge', () => ({ count: judge, ...folders() }));
  else if (split) add('teach.folder.learn', () => ({ count: learn, ...folders() }));
  if (unclear.length > 0) add('teach.folder.unclear', () => ({ names: beginningOf(unclear) }));
  if (nested.length > 0 && wantsSplit) add('teach.folder.nested', () => ({ names: beginningOf(nested) }));
  for (const [key, files] of /** @type {const} */ ([['unsorted', unsorted], ['stray', stray]])) {
    if (files.length > 0) {
      add(`teach.folder.${key}`, () => ({ count: files.length, files: beginningOf(files) }));
    }
  }
  const networks = stray.filter(isNetworkName);
  if (networks.length > 0) add('files.networks', () => ({ names: beginningOf(networks) }));
  return sentences;
}

/**
 * What one reading has added.
 * @typedef {object} Batch
 * @property {Set<string>} pictures  their ids
 * @property {Set<string>} classes  the ids of those that it made
 * @property {AbortController} controller
 * @property {Promise<void>} done
 */

/**
 * @param {TeachContext} context
 * @param {import('./additions.js').Additions} additions
 */
export function createDataset(context, additions) {
  /**
   * @param {Reading} reading
   * @param {Omit<Batch, 'done'>} batch
   */
  async function addAll({ classes }, { pictures, classes: made, controller: { signal } }) {
    const teacher = await context.ready();
    try {
      for (const { name, learn, judge } of classes) {
        if (signal.aborted) return;
        let id = teacher.classes.find(one => one.name === name)?.id;
        if (!id) made.add(({ id } = await teacher.addClass(name)).id);
        for (const [files, test] of /** @type {[FileInFolder[], boolean][]} */ ([[learn, false], [judge, true]])) {
          await additions.add(id, files.map(named), { test, signal, onStored: picture => pictures.add(picture.id) });
        }
      }
    } catch (error) {
      context.messages.error(error);
    }
  }

  /** Takes back what a reading has added and is still there. @param {Batch} batch */
  async function takeBack({ pictures, classes, controller, done }) {
    controller.abort();
    await done;
    const teacher = await context.ready();
    const present = teacher.classes.flatMap(one => one.pictures).filter(({ id }) => pictures.has(id));
    await teacher.remove(present.map(({ id }) => id));
    const empty = teacher.classes.filter(({ id, pictures: left }) => classes.has(id) && left.length === 0);
    for (const { name } of empty) await teacher.removeClass(name);
  }

  /**
   * @param {FileInFolder[]} files
   * @param {string[]} known
   * @param {Wish} wish
   */
  function read(files, known, wish) {
    const reading = readFolders(files, { ...wish, known });
    const wantsSplit = wish.split !== false;
    const sentences = sentencesOf(reading, wantsSplit);
    const others = reading.split || !wantsSplit ? otherReadings(files, known, reading) : [];
    const controller = new AbortController();
    const begun = { pictures: new Set(), classes: new Set(), controller };
    /** @type {Batch} */
    const batch = { ...begun, done: addAll(reading, begun) };
    const isPlain = reading.split && others.length === 0 && sentences.length === 1; // such as a folder "train" alone
    if (sentences.length === 0 || isPlain) return batch.done;

    const buttons = others.map(({ wish: otherWish, other }) => {
      const judge = () => ({ judge: listOf(other.split?.judge ?? []) });
      const key = !other.split ? 'names' : count(other, 'judge') > 0 ? 'judge' : 'learn';
      return button(`teach.folder.as.${key}`, 'plain', () => change(otherWish), judge);
    });
    const message = context.messages.show(...sentences, ...(buttons.length > 0 ? [row(...buttons)] : []));

    /** @param {Wish} next */
    async function change(next) {
      if (context.readOnly) return context.messages.tell('error.read-only');
      message.remove();
      try {
        await takeBack(batch);
        await read(files, known, next);
      } catch (error) {
        context.messages.error(error);
      }
    }
    return batch.done;
  }

  return {
    /**
     * Adds the classes in folders.
     * @param {FileInFolder[]} files  all that the folders hold
     * @returns {Promise<void>} It resolves when all is stored.
     */
    add(files) {
      const classes = context.teacher?.classes ?? [];
      const known = classes.filter(({ pictures }) => pictures.some(({ test }) => !test)).map(({ name }) => name);
      return read(files, known, {});
    },
  };
}
