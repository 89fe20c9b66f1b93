// Adds files to classes, one after the other. A file that is no picture is told by name, and the others are added.

import { isEngineFault } from '../../residua.js';

/** @typedef {import('./parts.js').Desk} Desk */
/** @typedef {{ domain?: string, test?: boolean }} Options */

/** @param {Desk} desk */
export function createAdding(desk) {
  let pending = 0;

  /**
   * @param {string} classId
   * @param {Blob} blob
   * @param {Options & { name: string }} options
   * @returns {Promise<boolean>} whether there is any use in going on
   */
  async function addOne(classId, blob, { name, ...options }) {
    const teacher = await desk.ready();
    const to = teacher.classes.find(({ id }) => id === classId);
    if (!to) return false; // the class was deleted meanwhile
    let goOn = true;
    const fail = (/** @type {any} */ error) => {
      if (error?.code === 'cancelled') return;
      if (isEngineFault(error)) return desk.retire(error); // the picture is kept, and looked at when there is an engine again
      goOn = !['storage-full', 'read-only'].includes(error?.code);
      if (goOn) desk.messages.fault(name, error);
      else desk.messages.error(error, name);
    };
    // It is kept long before its features are there: the next one need not wait for these.
    await new Promise(kept => {
      teacher.add(to.name, blob, { name, ...options, onStored: () => kept(undefined) }).then(kept, error => {
        fail(error);
        kept(undefined);
      });
    });
    return goOn;
  }

  return {
    /** How many files are still to be kept. */
    get pending() {
      return pending;
    },

    /**
     * @param {string} classId
     * @param {(File | { blob: Blob, name: string })[]} files
     * @param {Options} [options]
     */
    async add(classId, files, options = {}) {
      pending += files.length;
      let left = files.length;
      try {
        for (const file of files) {
          const { blob, name } = file instanceof File ? { blob: file, name: file.name } : file;
          if (!await addOne(classId, blob, { ...options, name })) return;
          left--;
          pending--;
          desk.refresh();
        }
      } catch (error) {
        desk.messages.error(error);
      } finally {
        pending -= left;
        desk.refresh();
      }
    },

    /**
     * Adds classes with their files. A class that is there already gets more of them.
     * @param {{ name: string, files: (File | { blob: Blob, name: string })[] }[]} classes
     * @param {Options} [options]
     */
    async addClasses(classes, options) {
      const teacher = await desk.ready();
      try {
        for (const { name, files } of classes) {
          const there = teacher.classes.find(one => one.name === name.trim()) ?? await teacher.addClass(name);
          await this.add(there.id, files, options);
        }
      } catch (error) {
        desk.messages.error(error);
      }
    },
  };
}
