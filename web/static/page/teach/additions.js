// Adds files to classes, one after the other. A file that is no picture is named in a message; the others are added.

import { isEngineFault } from '../../residua.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {ReturnType<typeof createAdditions>} Additions */
/**
 * signal: no further file is added once it is aborted; onStored hears of each picture that was added, onFault of each
 * file that could not be, even after add has resolved
 * @typedef {{
 *   domain?: string,
 *   test?: boolean,
 *   signal?: AbortSignal,
 *   onStored?: (picture: import('./context.js').PictureRecord) => void,
 *   onFault?: () => void,
 * }} Options
 */
/** @typedef {File | { blob: Blob, name: string }} Addition */

/**
 * @param {TeachContext} context
 * @param {string} classId  '': of none
 * @param {Blob} blob
 * @param {Options & { name: string }} options
 * @returns {Promise<boolean>} whether the next file may be added
 */
async function addOne(context, classId, blob, { name, domain, test, onStored, onFault }) {
  const teacher = await context.ready();
  const target = teacher.classes.find(({ id }) => id === classId);
  if (!target && classId !== '') return false; // the class was deleted meanwhile
  let goOn = true;
  const fail = (/** @type {any} */ error) => {
    if (error?.code === 'cancelled') return;
    // The picture is stored. Its features are extracted when there is an engine again.
    if (isEngineFault(error)) return context.onEngineFault(error);
    goOn = !['storage-full', 'read-only'].includes(error?.code);
    if (goOn) context.messages.fault(name, error);
    else context.messages.error(error, name);
    onFault?.();
  };
  // A picture is stored long before its features are there. The next one need not wait for these.
  await new Promise(stored => {
    /** @param {import('./context.js').PictureRecord} picture */
    const tell = picture => {
      onStored?.(picture);
      stored(undefined);
    };
    const adding = target ? teacher.add(target.name, blob, { name, domain, test, onStored: tell })
      : teacher.addUnlabelled(blob, { name, domain, onStored: tell });
    adding.then(stored, error => {
      fail(error);
      stored(undefined);
    });
  });
  return goOn;
}

/** @param {TeachContext} context */
export function createAdditions(context) {
  let pending = 0;

  /**
   * @param {string} classId  '': of none
   * @param {Addition[]} files
   * @param {Options} [options]
   */
  async function add(classId, files, options = {}) {
    pending += files.length;
    let left = files.length;
    try {
      for (const file of files) {
        if (options.signal?.aborted) return;
        const { blob, name } = file instanceof File ? { blob: file, name: file.name } : file;
        if (!await addOne(context, classId, blob, { ...options, name })) return;
        left--;
        pending--;
        context.showSoon();
      }
    } catch (error) {
      context.messages.error(error);
    } finally {
      pending -= left;
      context.showSoon();
    }
  }

  return {
    /** How many files are still to be stored. */
    get pending() {
      return pending;
    },

    add,

    /**
     * Adds classes with their files. A class that is there already gets more of them.
     * @param {{ name: string, files: Addition[] }[]} classes
     * @param {Options} [options]
     */
    async addClasses(classes, options) {
      const teacher = await context.ready();
      try {
        for (const { name, files } of classes) {
          const target = teacher.classes.find(one => one.name === name.trim()) ?? await teacher.addClass(name);
          await add(target.id, files, options);
        }
      } catch (error) {
        context.messages.error(error);
      }
    },
  };
}
