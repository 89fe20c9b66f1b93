// The lab's engine: it is started when it is first needed, and anew after a failure. It gets the sets of pictures that
// it cannot make by itself.

import { Lab } from '../../residua.js';
import { emojiPictures } from './emoji.js';
import { LabFault } from './faults.js';

/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {import('./types.js').OwnClass} OwnClass */
/** @typedef {import('./types.js').DataName} DataName */

/** The pictures of Teach, with their labels. @param {OwnClass[]} classes */
const labelled = classes => ({
  domains: [],
  classes: classes.map(({ name }) => name),
  pictures: classes.flatMap(({ pictures }, label) => pictures.map(image => ({ image, label }))),
});

/** @param {{ own: () => Promise<OwnClass[]> }} options  own: the classes with pictures that Teach has now */
export function createEngine({ own }) {
  /** @type {Promise<Lab> | undefined} */
  let opened;
  /** What the engine has, by the set's name. @type {Map<DataName, Promise<void>>} */
  const given = new Map();

  /** @returns {Promise<Lab>} */
  function open() {
    opened ??= Lab.open().catch(error => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  /** @param {Lab} lab @param {DataName} name */
  async function give(lab, name) {
    const { classes, domains, pictures } = name === 'own' ? labelled(await own()) : await emojiPictures();
    if (classes.length < 2 || pictures.length === 0) {
      throw new LabFault('skiplab.error.no-classes');
    }
    await lab.addPictures(name, pictures, { classes, domains });
  }

  return {
    /**
     * The engine, with the pictures of a set.
     * @param {DataName} name
     * @returns {Promise<Lab>}
     */
    async with(name) {
      const lab = await open();
      if (name === 'digits' || name === 'shapes') return lab;
      const giving = given.get(name) ?? give(lab, name);
      given.set(name, giving);
      await giving.catch(error => {
        given.delete(name);
        throw error;
      });
      return lab;
    },

    /** The classes of Teach may have changed. */
    forgetOwn: () => given.delete('own'),

    /** After a failure the next call starts another engine. */
    restart() {
      void opened?.then(lab => lab.close(), () => {});
      opened = undefined;
      given.clear();
    },
  };
}

/** @typedef {ReturnType<typeof createEngine>} Engine */
