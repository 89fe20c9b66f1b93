// A link that somebody shared was opened. A dialog asks before anything but the classifier's file is loaded. What a
// person has here stays, unless they say otherwise.

import { announce } from '../announce.js';
import { kilobytes } from '../format.js';
import { createSharedClassifier, importInto } from './sharedclassifier.js';
import { createSharedDialog } from './shareddialog.js';
import { Residua, sharing } from '../../residua.js';

/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {Pick<ReturnType<typeof import('./room.js').createTeach>, 'owned' | 'adopt'>} Teach */
/** @typedef {import('./shareddialog.js').Choice} Choice */
/**
 * What a link leads to. The names of its classes are inert.
 * @typedef {{ file: Blob, model: string, names: string[], bytes: number }} Shared
 */

const { describe, fetchShare, inert, maxHeader, renamed } = sharing;

/**
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Shared>}
 */
async function fetchClassifier(id, signal) {
  const file = await fetchShare(id, { signal });
  const { model, classes, bytes } = await describe(file, maxHeader);
  const names = classes.map(inert);
  const isInert = names.every((name, at) => name === classes[at]);
  return { model, names, bytes, file: isInert ? file : await renamed(file, names) };
}

/**
 * What people call a model. One that is not loaded may come with Residua; any other is called as the file says.
 * @param {string} model
 * @param {Net | undefined} net
 */
function titleOf(model, net) {
  if (net?.info.model === model) return net.info.title;
  return Residua.shipped.find(({ name }) => name === model)?.title ?? model;
}

/**
 * @param {object} options
 * @param {Teach} options.teach
 * @param {() => void} options.onWanted  The model is wanted now.
 * @param {(which: 'own' | 'shared') => void} options.onLoaded  hears which classes it has become
 * @param {() => void} options.onClosed
 * @param {(error: unknown) => void} options.onFail  hears of errors after which the engine may be of no use
 */
export function createSharedLink({ teach, onWanted, onLoaded, onClosed, onFail }) {
  const classifier = createSharedClassifier();
  const dialog = createSharedDialog({
    onClose() {
      running.abort();
      onClosed();
    },
  });
  let running = new AbortController();
  /** @type {Shared | undefined} */ let fetched;
  /** @type {Choice} */ const decline = ['shared.no', 'plain', dialog.close];

  /** @param {string} id  out of an address */
  async function open(id) {
    running.abort();
    const { signal } = (running = new AbortController());
    fetched = undefined;
    dialog.open();
    dialog.wait('shared.fetching');
    try {
      fetched = await fetchClassifier(id, signal);
      if (signal.aborted) return;
      const { names, model, bytes } = fetched;
      dialog.showNames(names);
      const { net } = classifier;
      if (net && net.info.model !== model) return tellOtherModel(model, net);
      dialog.tell('shared.ask', [['shared.load', 'main', () => load(signal)], decline],
        () => ({ count: names.length, size: kilobytes(bytes), network: titleOf(model, classifier.net) }));
    } catch (error) {
      if (!signal.aborted) dialog.fail(error, () => open(id));
    }
  }

  /** The features of another model mean nothing to the classifier. @param {string} model @param {Net} net */
  function tellOtherModel(model, net) {
    dialog.tell('shared.other', [['shared.close', 'main', dialog.close]],
      () => ({ theirs: titleOf(model, classifier.net), ours: net.info.title }));
  }

  /** @param {AbortSignal} signal */
  async function load(signal) {
    if (!fetched) return;
    const { file, model } = fetched;
    dialog.wait(classifier.net ? 'shared.checking' : 'shared.waiting');
    try {
      if (!classifier.net) onWanted();
      const net = await classifier.ready();
      if (signal.aborted) return;
      if (net.info.model !== model) return tellOtherModel(model, net);
      const teacher = importInto(net, file);
      await teacher; // a file that the engine refuses is not asked about
      const owned = await teach.owned();
      if (signal.aborted) return;
      if (owned.classes === 0 && !owned.taught && owned.free) return await adopt(file);
      askWhere(owned, file, signal, () => {
        classifier.use({ file, net, teacher });
        finish('shared');
      });
    } catch (error) {
      if (signal.aborted) return;
      dialog.fail(error, () => load(signal));
      onFail(error);
    }
  }

  /**
   * Asks whether the classes answer for this visit, or replace the person's own.
   * @param {Awaited<ReturnType<Teach['owned']>>} owned
   * @param {Blob} file
   * @param {AbortSignal} signal
   * @param {() => void} tryIt
   */
  function askWhere({ classes, pictures, free }, file, signal, tryIt) {
    /** @type {Choice} */
    const replace = ['shared.replace', 'plain', () => confirmReplace(file, signal, pictures)];
    const choices = /** @type {Choice[]} */ ([['shared.try', 'main', tryIt], ...(free ? [replace] : []), decline]);
    dialog.tell(free ? 'shared.yours' : 'shared.yours.busy', choices, { count: pictures, classes });
  }

  /**
   * Asks before a project is lost.
   * @param {Blob} file
   * @param {AbortSignal} signal
   * @param {number} count  of the pictures that would be lost
   */
  function confirmReplace(file, signal, count) {
    const replace = async () => {
      try {
        const { free } = await teach.owned();
        if (free) await adopt(file);
        else await load(signal);
      } catch (error) {
        dialog.fail(error, () => load(signal));
        onFail(error);
      }
    };
    dialog.tell('shared.sure',
      [['shared.back', 'plain', () => load(signal)], ['shared.sure.yes', 'plain danger', replace]], { count });
  }

  /** @param {Blob} file */
  async function adopt(file) {
    dialog.wait('shared.checking');
    await teach.adopt(file);
    finish('own');
  }

  /** @param {'own' | 'shared'} which */
  function finish(which) {
    dialog.close();
    onLoaded(which);
    announce(`shared.done.${which}`);
  }

  return {
    open,
    predict: classifier.predict,

    /**
     * Says that a network is there, is no longer, or could not be loaded.
     * @param {Net | undefined} next
     * @param {unknown} [error]
     */
    serve(next, error) {
      classifier.serve(next);
      const { signal } = running;
      if (error && dialog.isOpen && classifier.giveUp()) dialog.fail(error, () => load(signal));
    },
  };
}
