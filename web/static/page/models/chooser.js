// The model chooser at the top of the page: which models there are, and the way in for a person's own.

import { announce } from '../announce.js';
import { isFromTeach, isUseless, mostTelling, recognizeAll } from '../arrivals.js';
import { find, make } from '../dom.js';
import { glossary, localized } from '../elements.js';
import { listOf } from '../format.js';
import { say, setText } from '../i18n.js';
import { sayError } from '../notices.js';
import { modelFiles, sortFiles } from '../sortfiles.js';
import { createUnpacking } from '../unpacking.js';
import { popover } from '../../common/platform.js';
import { files as api, Residua } from '../../residua.js';
import { createModelList } from './list.js';

/** @typedef {import('../../residua.js').Model} Model */
/** @typedef {import('../loader.js').Choice} Choice */
/** @typedef {import('../loader.js').Replacement} Replacement */

/** @typedef {import('../arrivals.js').Arrival} Arrival */

/** What the numbers of a model are. */
const terms = ['size', 'bits', 'pixels', 'classes'];

/**
 * @param {object} handlers
 * @param {(choice: Choice) => void} handlers.onUse
 * @param {() => void} handlers.onCancel  The loading of a model was cancelled.
 * @param {() => void} handlers.onDeleted
 * @param {(arrival: Arrival) => void} handlers.onFromTeach  A file that Teach has saved was given.
 */
export function createChooser({ onUse, onCancel, onDeleted, onFromTeach }) {
  const opener = find('#model-name', HTMLButtonElement);
  const panel = find('#models', HTMLElement);
  const sheet = popover(panel, opener);
  const fault = find('#models-fault', HTMLElement);
  const unpacking = createUnpacking('models-unpacking');
  fault.after(unpacking.element);
  find('ul', HTMLUListElement, panel).after(glossary(terms.map(name => `models.term.${name}`)));

  const list = createModelList(panel, find('ul', HTMLUListElement, panel), {
    onUse: name => use({ name }), onDelete: model => void remove(model), onCancel,
  });

  /** @type {Model[]} */
  let models = [];
  /** @type {import('./list.js').Status} */
  let status = { used: '' };
  /** A person's own model whose deletion waits for a second click: it cannot be downloaded again. */
  let confirming = '';
  /** The files of the model that loads, and of a person's own model that was loaded in this visit, with its name. */
  let loading = /** @type {File[] | undefined} */ (undefined);
  let own = { name: '', files: /** @type {File[]} */ ([]) };
  /** Whether the chooser closes when the model is ready. */
  let closesWhenReady = false;

  panel.addEventListener('toggle', event => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'open') return;
    confirming = '';
    void refresh();
  });
  find('#models-close', HTMLButtonElement).addEventListener('click', () => sheet.hide());
  startFileInput(takeOwn);
  startDrops(panel, takeOwn);

  /**
   * Loads a person's own model. Files that only describe one, such as a list of labels, are for the one in use.
   * @param {File[]} given
   */
  async function takeOwn(given) {
    if (given.length === 0) return;
    const arrivals = await unpacked(await recognizeAll(given));
    if (!arrivals) return;
    const { model, files, dataAlone } = sortFiles(arrivals.filter(one => !isUseless(one)).map(({ file }) => file));
    const chosen = arrivals.find(({ file }) => file === model);
    const isModel = model && !(chosen && (api.isForeign(chosen.kind) || isFromTeach(chosen)));
    const before = own.name && own.name === status.used ? sortFiles(own.files) : undefined;
    const fromTeach = arrivals.find(isFromTeach);
    const foreign = mostTelling(arrivals);
    const useless = arrivals.find(isUseless);
    const nameless = arrivals.find(({ kind }) => kind === 'safetensors'); // by its bytes, not by its name
    if (isModel) use({ name: model.name, files });
    else if (nameless) use({ name: nameless.file.name, files: [nameless.file] });
    else if (fromTeach) onFromTeach(fromTeach);
    else if (foreign) refuse(`files.${foreign.kind}`, { format: foreign.format }, foreign.file.name);
    else if (dataAlone) refuse('models.data-alone', { name: dataAlone.name });
    else if (files.length > 0 && before?.model) use({ name: before.model.name, files: [...files, ...before.files] });
    else if (files.length > 0) refuse('models.side-alone', { name: files[0].name });
    else if (useless) refuse(`files.${useless.kind}`, {}, useless.file.name);
    else refuse('models.no-file', { kinds: listOf(modelFiles) });
  }

  /**
   * Puts what is in archives with models in their place.
   * @param {Arrival[]} arrivals
   * @returns {Promise<Arrival[] | undefined>} undefined: that cannot be done, and the chooser says why
   */
  async function unpacked(arrivals) {
    /** @type {Arrival[]} */
    const all = [];
    for (const one of arrivals) {
      if (one.kind !== 'zip-model') {
        all.push(one);
        continue;
      }
      const { name } = one.file;
      fault.hidden = true;
      open();
      try {
        all.push(...await recognizeAll(await unpacking.run(name, options => api.unpackModel(one.file, one, options))));
      } catch (error) {
        if (/** @type {any} */ (error)?.code === 'cancelled') refuse('files.cancelled', {}, name);
        else refused({ name, files: [one.file] }, error);
        return undefined;
      }
    }
    return all;
  }

  /** @param {Choice} choice */
  function use(choice) {
    fault.hidden = true;
    setText(fault);
    closesWhenReady = true;
    loading = choice.files;
    if (choice.files) open(); // the files may have been dropped anywhere on the page; the chooser shows the progress
    onUse(choice);
  }

  function open() {
    if (!sheet.isOpen()) sheet.show();
  }

  /**
   * @param {string} key
   * @param {import('../i18n.js').Values} [values]
   * @param {string} [name]  of the file
   */
  function refuse(key, values, name = '') {
    const words = make('span');
    say(words, key, values);
    showFault(name, words);
  }

  /** @param {string} name @param {...HTMLElement} words */
  function showFault(name, ...words) {
    open();
    fault.hidden = false;
    setText(fault);
    fault.append(...(name ? [make('strong', '', name), ' '] : []), ...words);
  }

  /** Says that a model cannot be loaded. @param {Choice} choice @param {unknown} error */
  function refused(choice, error) {
    closesWhenReady = false;
    loading = undefined;
    const title = !choice.files && models.find(({ name }) => name === choice.name)?.title;
    const words = make('span');
    sayError(words, error);
    const { detail } = /** @type {any} */ (error)?.details ?? {};
    showFault(title || choice.name, words, ...(detail ? [exactly(detail)] : []));
    opener.focus();
  }

  /** Looks up which models there are. */
  async function refresh() {
    models = await Residua.models().catch(() => []);
    show();
  }

  /** @param {Model} model */
  async function remove(model) {
    if (model.own && confirming !== model.name) {
      confirming = model.name;
      show();
      return list.focusDelete(model.name);
    }
    confirming = '';
    await Residua.forget(model.name).catch(() => {});
    announce('models.deleted', { title: model.title });
    onDeleted();
    await refresh();
    panel.focus(); // the button is gone
  }

  const show = () => list.show(models, status, confirming);

  return {
    use,

    /** Loads a person's own model. @param {File[]} given */
    takeOwn,

    /** @param {string} used  the name of the model that is ready, or empty @param {Replacement | undefined} loading */
    show(used, loading) {
      const isProgress = used === status.used && loading?.choice === status.loading?.choice;
      status = { used, loading };
      if (!sheet.isOpen()) return;
      if (isProgress) list.showProgress(status);
      else if (used !== '' && !loading) void refresh();
      else show();
    },

    refused,

    /** Shows the name of a model that is ready. @param {import('../../residua.js').Info} info */
    introduce(info) {
      if (loading && info.own) own = { name: info.model, files: loading };
      loading = undefined;
      setText(find('span', HTMLElement, opener), info.title);
      if (!closesWhenReady) return;
      closesWhenReady = false;
      sheet.hide(); // it may cover the answer
    },
  };
}

/**
 * What is wrong with a network, to the tensor: it is for those who made it, and in English.
 * @param {string} detail
 */
function exactly(detail) {
  const words = make('p', '', detail);
  words.lang = 'en';
  return make('details', 'glossary', localized('summary', 'models.exactly'), words);
}

/**
 * Makes the button in the chooser open the file dialog.
 * @param {(files: File[]) => void} onFiles
 */
function startFileInput(onFiles) {
  const input = find('#models-files', HTMLInputElement);
  find('#models-choose', HTMLButtonElement).addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = ''; // so that the same file can be chosen again
    onFiles(files);
  });
}

/**
 * Takes what is dropped on the chooser, before the page or a room can take it for photos.
 * @param {HTMLElement} panel
 * @param {(files: File[]) => void} onFiles
 */
function startDrops(panel, onFiles) {
  window.addEventListener('drop', event => {
    if (!(event.target instanceof Node) || !panel.contains(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.documentElement.removeAttribute('data-dragging');
    onFiles([...(event.dataTransfer?.files ?? [])]);
  }, { capture: true });
}
