// The model chooser at the top of the page: which models there are, and the way in for a person's own.

import { announce } from '../announce.js';
import { find, make } from '../dom.js';
import { say, setText } from '../i18n.js';
import { sayError } from '../notices.js';
import { modelFiles, sortFiles } from '../sortfiles.js';
import { popover } from '../../common/platform.js';
import { Residua } from '../../residua.js';
import { createModelList } from './list.js';

/** @typedef {import('../../residua.js').Model} Model */
/** @typedef {import('../loader.js').Choice} Choice */
/** @typedef {import('../loader.js').Replacement} Replacement */

/**
 * @param {{ onUse: (choice: Choice) => void, onCancel: () => void, onDeleted: () => void }} handlers
 *   onCancel: the loading of a model was cancelled
 */
export function createChooser({ onUse, onCancel, onDeleted }) {
  const opener = find('#model-name', HTMLButtonElement);
  const panel = find('#models', HTMLElement);
  const sheet = popover(panel, opener);
  const fault = find('#models-fault', HTMLElement);

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
  function takeOwn(given) {
    if (given.length === 0) return;
    const { model, files, dataAlone } = sortFiles(given);
    const before = own.name && own.name === status.used ? sortFiles(own.files) : undefined;
    if (model) use({ name: model.name, files });
    else if (dataAlone) refuse('models.data-alone', { name: dataAlone.name });
    else if (files.length > 0 && before?.model) use({ name: before.model.name, files: [...files, ...before.files] });
    else if (files.length > 0) refuse('models.side-alone', { name: files[0].name });
    else refuse('models.no-file', { kinds: modelFiles.join(', ') });
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

  /** @param {string} key @param {import('../i18n.js').Values} [values] */
  function refuse(key, values) {
    open();
    fault.hidden = false;
    say(fault, key, values);
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

    /** Says that a model cannot be loaded. @param {Choice} choice @param {unknown} error */
    refused(choice, error) {
      closesWhenReady = false;
      loading = undefined;
      open();
      fault.hidden = false;
      const title = !choice.files && models.find(({ name }) => name === choice.name)?.title;
      const words = make('span');
      sayError(words, error);
      setText(fault);
      fault.append(make('strong', '', title || choice.name), ' ', words);
      opener.focus();
    },

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
