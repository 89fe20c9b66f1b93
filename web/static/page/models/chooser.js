// The model chooser at the top of the page: which models there are, what each is, and whether it is on this device; and the way in for a person's own.

import { announce } from '../announce.js';
import { find, icon, make } from '../dom.js';
import { decimal, megabytes } from '../format.js';
import { say, spell } from '../i18n.js';
import { modelFiles, sortFiles } from '../intake.js';
import { sayError } from '../notices.js';
import { popover } from '../../common/platform.js';
import { Residua } from '../../residua.js';

/** @typedef {import('../../residua.js').Model} Model */
/** @typedef {import('./loader.js').Choice} Choice */
/** @typedef {import('./loader.js').State} State */
/** @typedef {import('./loader.js').Coming} Coming */

/** How many bits a number has in a file of a kind. @type {Record<string, number>} */
const bits = { F32: 32, F16: 16, BF16: 16, I8: 8 };

/**
 * @param {{ onUse: (choice: Choice) => void, onCancel: () => void, onDeleted: () => void }} handlers
 *   onCancel gives up the model that is on its way
 */
export function createModels({ onUse, onCancel, onDeleted }) {
  const opener = find('#model-name', HTMLButtonElement);
  const panel = find('#models', HTMLElement);
  const sheet = popover(panel, opener);
  const list = find('ul', HTMLUListElement, panel);
  const fault = find('#models-fault', HTMLElement);
  const files = find('#models-files', HTMLInputElement);

  /** @type {Model[]} */
  let models = [];
  /** Whose model is in use, and which one loads. @type {{ used: string, loading?: Coming }} */
  let now = { used: '' };
  /** An own model whose deletion was asked for once: it cannot be had back, so it is asked for twice. */
  let doomed = '';
  /** Whether the chooser has done its work when the model is here. */
  let chosen = false;
  /** The line of the model that loads. @type {{ words: HTMLElement, bar: HTMLProgressElement } | undefined} */
  let line;

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
      return /** @type {HTMLElement | null} */ (list.querySelector(`[data-name="${CSS.escape(model.name)}"] .models-delete`))?.focus();
    }
    doomed = '';
    await Residua.forget(model.name).catch(() => {});
    announce('models.deleted', { title: model.title });
    onDeleted();
    await refresh();
    panel.focus(); // the button is gone
  }

  /**
   * What kind of network it is, for those who know.
   * @param {Model} model
   */
  const facts = ({ title, architecture, dtype, classes, inputSize, bytes }) => () => ({
    size: bytes < 950_000 ? '< 1 MB' : megabytes(bytes),
    architecture: title.startsWith(architecture) ? '' : `${architecture} · `,
    bits: bits[dtype] ?? dtype, classes: decimal(classes, 0), side: inputSize,
  });

  /** @param {Model} model */
  function item(model) {
    const used = model.name === now.used;
    const title = make('p', 'models-title', model.title);
    const words = make('p', 'models-facts');
    say(words, 'models.facts', facts(model));
    const source = make('p', 'models-source', [model.license, model.source].filter(Boolean).join(' · '));
    source.lang = 'en';
    const cost = make('p', 'models-source');
    if (model.name === 'resnet50-int8') say(cost, 'models.offer.small');
    const place = make('p', 'models-place');
    say(place, used ? (model.kept > 0 ? 'models.used.kept' : 'models.used') : model.kept >= model.bytes ? 'models.kept' : model.kept > 0 ? 'models.part' : 'models.away',
      () => ({ size: megabytes(model.kept) }));
    const row = make('li', 'models-item', make('div', 'models-words', title, words, ...[cost, source].filter(({ textContent }) => textContent), place));
    row.dataset.name = model.name;
    row.toggleAttribute('data-used', used);
    const coming = now.loading?.choice;
    if (coming && !coming.file && coming.name === model.name) row.append(loadingLine());
    else {
      const buttons = make('div', 'models-buttons');
      if (!used) buttons.append(button('models.use', 'models.use.of', 'plain', model, () => use({ name: model.name })));
      if (model.kept > 0) buttons.append(deleteButton(model));
      row.append(buttons);
    }
    return row;
  }

  /** @param {Model} model */
  function deleteButton(model) {
    const sure = doomed === model.name;
    if (sure) return button('models.delete.sure', 'models.delete.sure.of', 'plain models-delete', model, () => void remove(model));
    const made = button('', 'models.delete.of', 'quiet square models-delete', model, () => void remove(model));
    made.append(icon('trash'));
    return made;
  }

  /**
   * @param {string} key of its words, if it has any
   * @param {string} label the key of what a listener hears
   * @param {string} className
   * @param {Model} model
   * @param {() => void} act
   */
  function button(key, label, className, { title }, act) {
    const made = make('button', className);
    made.type = 'button';
    if (key) say(made, key);
    say(made, label, { title }, 'aria-label');
    made.addEventListener('click', act);
    return made;
  }

  /** How far the model is that loads, and the way out. */
  function loadingLine() {
    const words = make('p', 'models-progress');
    const bar = make('progress');
    say(bar, 'model.bar', {}, 'aria-label');
    const cancel = make('button', 'quiet');
    cancel.type = 'button';
    say(cancel, 'model.cancel');
    cancel.addEventListener('click', () => {
      onCancel();
      panel.focus();
    });
    line = { words, bar };
    showProgress();
    return make('div', 'models-loading', words, cancel, bar);
  }

  function showProgress() {
    if (!line) return;
    const { phase, loaded = 0, total = 0, cached = 0 } = now.loading?.progress ?? {};
    const counts = total > 0 && (phase === 'download' && loaded > cached || phase === 'read');
    if (counts) Object.assign(line.bar, { max: total, value: loaded });
    else line.bar.removeAttribute('value');
    const key = phase === 'download' && !counts ? 'model.cached' : phase === 'download' ? 'model.download'
      : phase === 'read' ? 'models.read' : phase === 'prepare' ? 'model.prepare' : phase === 'keep' ? 'models.keep' : 'model.engine';
    say(line.words, key, () => ({ loaded: decimal(loaded / 1e6, 0), total: megabytes(total) }));
  }

  function show() {
    const { activeElement } = document;
    const at = activeElement instanceof HTMLElement && list.contains(activeElement) ? activeElement.closest('li')?.dataset.name : undefined;
    line = undefined;
    const rows = models.map(item);
    const coming = now.loading?.choice;
    if (coming?.file) rows.push(make('li', 'models-item', make('div', 'models-words', make('p', 'models-title', coming.name)), loadingLine()));
    list.replaceChildren(...rows);
    // Who was on a button of a row is on that row's again.
    if (at !== undefined) (rows.find(row => row.dataset.name === at)?.querySelector('button') ?? panel).focus();
  }

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
      if (same) return showProgress();
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
