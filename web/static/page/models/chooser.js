// The model chooser at the top of the page: which models there are, what each is, and whether it is on this device; and the way in for a person's own.

import { announce } from '../announce.js';
import { find, make } from '../dom.js';
import { say, spell } from '../i18n.js';
import { modelFiles, sortFiles } from '../intake.js';
import { sayError } from '../notices.js';
import { popover } from '../../common/platform.js';
import { Residua } from '../../residua.js';
import { createModelList } from './list.js';

/** @typedef {import('../../residua.js').Model} Model */
/** @typedef {import('../loader.js').Choice} Choice */
/** @typedef {import('../loader.js').State} State */
/** @typedef {import('../loader.js').Coming} Coming */

/**
 * @param {{ onUse: (choice: Choice) => void, onCancel: () => void, onDeleted: () => void }} handlers
 *   onCancel gives up the model that is on its way
 */
export function createChooser({ onUse, onCancel, onDeleted }) {
  const opener = find('#model-name', HTMLButtonElement);
  const panel = find('#models', HTMLElement);
  const sheet = popover(panel, opener);
  const fault = find('#models-fault', HTMLElement);
  const files = find('#models-files', HTMLInputElement);

  const list = createModelList(panel, find('ul', HTMLUListElement, panel), {
    onUse: name => use({ name }), onDelete: model => void remove(model), onCancel,
  });

  /** @type {Model[]} */
  let models = [];
  /** @type {import('./list.js').Now} */
  let now = { used: '' };
  /** An own model whose deletion was asked for once: it cannot be had back, so it is asked for twice. */
  let doomed = '';
  /** Whether the chooser has done its work when the model is here. */
  let chosen = false;

  panel.addEventListener('toggle', event => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'open') return;
    doomed = '';
    void refresh();
  });
  find('#models-choose', HTMLButtonElement).addEventListener('click', () => files.click());
  find('#models-close', HTMLButtonElement).addEventListener('click', () => sheet.hide());
  files.addEventListener('change', () => {
    const chosen = [...(files.files ?? [])];
    files.value = ''; // so that the same file can be chosen again
    takeOwn(chosen);
  });
  // What is dropped on the chooser is meant for it, in every room.
  window.addEventListener('drop', event => {
    if (!(event.target instanceof Node) || !panel.contains(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.documentElement.removeAttribute('data-dragging');
    takeOwn([...(event.dataTransfer?.files ?? [])]);
  }, { capture: true });

  /** @param {File[]} given */
  function takeOwn(given) {
    if (given.length === 0) return;
    const { model, side } = sortFiles(given);
    if (model) use({ name: model.name, file: model, side });
    else if (side.length > 0) refuse('models.side-alone');
    else refuse('models.no-file', { kinds: modelFiles.join(', ') });
  }

  /** @param {Choice} choice */
  function use(choice) {
    clearFault();
    chosen = true;
    if (choice.file) open(); // it comes from anywhere on the page: here is how far it is
    onUse(choice);
  }

  function open() {
    if (!sheet.isOpen()) sheet.show();
  }

  function clearFault() {
    fault.hidden = true;
    spell(fault);
  }

  /**
   * @param {string} key
   * @param {import('../i18n.js').Values} [values]
   */
  function refuse(key, values) {
    open();
    fault.hidden = false;
    say(fault, key, values);
  }

  /** Asks anew which models there are. */
  async function refresh() {
    models = await Residua.models().catch(() => []);
    show();
  }

  /** @param {Model} model */
  async function remove(model) {
    if (model.own && doomed !== model.name) {
      doomed = model.name;
      show();
      return list.focusDelete(model.name);
    }
    doomed = '';
    await Residua.forget(model.name).catch(() => {});
    announce('models.deleted', { title: model.title });
    onDeleted();
    await refresh();
    panel.focus(); // the button is gone
  }

  const show = () => list.show(models, now, doomed);

  return {
    use,

    /** Files of a person's own that came from anywhere on the page. @param {File[]} given */
    takeOwn,

    /**
     * @param {string} used the name of the model that is ready, or nothing
     * @param {Coming | undefined} loading
     */
    show(used, loading) {
      const same = used === now.used && loading?.choice === now.loading?.choice;
      now = { used, loading };
      if (!sheet.isOpen()) return;
      if (same) return list.showProgress(now);
      if (used !== '' && !loading) void refresh();
      else show();
    },

    /**
     * A model cannot be had.
     * @param {Choice} choice
     * @param {unknown} error
     */
    refused(choice, error) {
      chosen = false;
      open();
      fault.hidden = false;
      const words = make('span');
      sayError(words, error);
      spell(fault);
      fault.append(make('strong', '', choice.file ? choice.name : models.find(({ name }) => name === choice.name)?.title ?? choice.name), ' ', words);
      opener.focus();
    },

    /** The model is here. @param {import('../../residua.js').Info} info */
    introduce(info) {
      spell(find('span', HTMLElement, opener), info.title);
      if (!chosen) return;
      chosen = false;
      sheet.hide(); // it may stand before the answer
    },

    refresh,
  };
}
