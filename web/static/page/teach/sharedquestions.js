// The questions of the dialog about a shared link.

import { kilobytes } from '../format.js';

/** @typedef {ReturnType<typeof import('./shareddialog.js').createSharedDialog>} Dialog */
/** @typedef {import('./shareddialog.js').Choice} Choice */

/** @param {Dialog} dialog */
export function createSharedQuestions(dialog) {
  /** @type {Choice} */
  const decline = ['shared.no', 'plain', dialog.close];

  return {
    /**
     * Asks whether to load the classes.
     * @param {{ names: string[], bytes: number }} shared
     * @param {() => string} network  its title
     * @param {() => void} onLoad
     */
    askLoad({ names, bytes }, network, onLoad) {
      dialog.tell('shared.ask', [['shared.load', 'main', onLoad], decline],
        () => ({ count: names.length, size: kilobytes(bytes), network: network() }));
    },

    /**
     * The features of another model mean nothing to the classifier.
     * @param {() => { theirs: string, ours: string }} titles
     */
    tellOtherModel(titles) {
      dialog.tell('shared.other', [['shared.close', 'main', dialog.close]], titles);
    },

    /**
     * Asks whether the classes answer for this visit, or replace the person's own.
     * @param {{ classes: number, pictures: number, free: boolean }} owned
     * @param {{ onTry: () => void, onReplace: () => void }} handlers
     */
    askWhere({ classes, pictures, free }, { onTry, onReplace }) {
      /** @type {Choice} */
      const replace = ['shared.replace', 'plain', onReplace];
      dialog.tell(free ? 'shared.yours' : 'shared.yours.busy',
        [['shared.try', 'main', onTry], ...(free ? [replace] : []), decline], { count: pictures, classes });
    },

    /**
     * Asks before a project is lost.
     * @param {number} count  of its pictures
     * @param {{ onBack: () => void, onReplace: () => void }} handlers
     */
    askReplace(count, { onBack, onReplace }) {
      dialog.tell('shared.sure',
        [['shared.back', 'plain', onBack], ['shared.sure.yes', 'plain danger', onReplace]], { count });
    },
  };
}
