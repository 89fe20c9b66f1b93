// A link that somebody shared was opened. A dialog asks before anything but the classifier's file is loaded. What a
// person has here stays, unless they say otherwise.

import { announce } from '../announce.js';
import { recallShared, rememberShared } from '../settings.js';
import { createAwaited } from './awaited.js';
import { createSharedClassifier, importInto } from './sharedclassifier.js';
import { createSharedDialog } from './shareddialog.js';
import { createSharedQuestions } from './sharedquestions.js';
import { Residua, sharing } from '../../residua.js';

/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {Pick<ReturnType<typeof import('./room.js').createTeach>, 'owned' | 'adopt'>} Teach */
/**
 * What a link leads to. The names of its classes are inert.
 * @typedef {{ file: Blob, model: string, names: string[], bytes: number }} Shared
 */

const { describe, fetchShare, sanitizeName, maxHeader, renameClasses } = sharing;

/**
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Shared>}
 */
async function fetchClassifier(id, signal) {
  const file = await fetchShare(id, { signal });
  const { model, classes, bytes } = await describe(file, maxHeader);
  const names = classes.map(sanitizeName);
  const isInert = names.every((name, at) => name === classes[at]);
  return { model, names, bytes, file: isInert ? file : await renameClasses(file, names) };
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
 * @param {(offer: import('../classifiers.js').Offer) => void} options.onOffer  gets classes that answer for this visit
 * @param {(which: 'own' | 'shared') => void} options.onLoaded  hears which classes it has become
 * @param {() => void} options.onClosed
 * @param {(error: unknown) => void} options.onFail  hears of errors after which the engine may be of no use
 */
export function createSharedLink({ teach, onWanted, onOffer, onLoaded, onClosed, onFail }) {
  /** @type {ReturnType<typeof createAwaited<Net>>} */
  const nets = createAwaited();
  const classifier = createSharedClassifier(nets);
  const dialog = createSharedDialog({
    onClose() {
      running.abort();
      onClosed();
    },
  });
  const questions = createSharedQuestions(dialog);
  let running = new AbortController();
  /** @type {Shared & { id: string } | undefined} */ let fetched;

  /** @param {string} id  out of an address */
  async function open(id) {
    running.abort();
    const { signal } = (running = new AbortController());
    fetched = undefined;
    dialog.open();
    dialog.wait('shared.fetching');
    try {
      const shared = fetched = { id, ...await fetchClassifier(id, signal) };
      if (signal.aborted) return;
      dialog.showNames(shared.names);
      const net = nets.value;
      if (net && net.info.model !== shared.model) tellOtherModel(shared.model, net);
      else questions.askLoad(shared, () => titleOf(shared.model, nets.value), () => load(signal));
    } catch (error) {
      if (!signal.aborted) dialog.fail(error, () => open(id));
    }
  }

  /** @param {string} model @param {Net} net */
  function tellOtherModel(model, net) {
    questions.tellOtherModel(() => ({ theirs: titleOf(model, nets.value), ours: net.info.title }));
  }

  /** @param {AbortSignal} signal */
  async function load(signal) {
    if (!fetched) return;
    const { file, model } = fetched;
    dialog.wait(nets.value ? 'shared.checking' : 'shared.waiting');
    try {
      if (!nets.value) onWanted();
      const net = await nets.ready();
      if (signal.aborted) return;
      if (net.info.model !== model) return tellOtherModel(model, net);
      const teacher = importInto(net, file);
      await teacher; // a file that the engine refuses is not asked about
      const owned = await teach.owned();
      if (signal.aborted) return;
      if (owned.classes === 0 && !owned.taught && owned.free) return await adopt(file);
      questions.askWhere(owned, {
        onTry() {
          classifier.use({ file, net, teacher });
          if (fetched) offer(fetched);
          finish('shared');
        },
        onReplace: () => questions.askReplace(owned.pictures, {
          onBack: () => load(signal),
          onReplace: () => replace(file, signal),
        }),
      });
    } catch (error) {
      if (signal.aborted) return;
      fail(error, signal);
    }
  }

  /** Lets the classes answer, and remembers them for a reload of this tab. @param {Shared & { id: string }} shared */
  function offer({ id, model, names }) {
    rememberShared(id);
    const { teacher } = classifier;
    onOffer({ kind: 'shared', id, model, classes: names, blocks: [], imported: true, foreign: true, teacher });
  }

  /** @param {Blob} file @param {AbortSignal} signal */
  async function replace(file, signal) {
    try {
      const { free } = await teach.owned();
      if (free) await adopt(file);
      else await load(signal);
    } catch (error) {
      fail(error, signal);
    }
  }

  /** @param {unknown} error @param {AbortSignal} signal */
  function fail(error, signal) {
    dialog.fail(error, () => load(signal));
    onFail(error);
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

    /** Brings back the classes that a person has loaded in this tab. If they are gone, the dialog says so. */
    async reopen() {
      const id = recallShared();
      if (!id) return;
      try {
        const shared = await fetchClassifier(id, running.signal);
        classifier.use({ file: shared.file });
        offer({ id, ...shared });
      } catch {
        void open(id);
      }
    },

    /**
     * Says that a network is there, is no longer, or could not be loaded.
     * @param {Net | undefined} next
     * @param {unknown} [error]
     */
    serve(next, error) {
      nets.set(next);
      const { signal } = running;
      if (error && dialog.isOpen && nets.giveUp()) dialog.fail(error, () => load(signal));
    },
  };
}
