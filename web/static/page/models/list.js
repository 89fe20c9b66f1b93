// The rows of the model chooser: what each model is, whether it is on this device, and how far the one is that loads.

import { icon, make } from '../dom.js';
import { decimal, megabytes } from '../format.js';
import { say } from '../i18n.js';

/** @typedef {import('../../residua.js').Model} Model */
/** @typedef {import('../loader.js').Coming} Coming */
/** Which model is in use, and which one loads. @typedef {{ used: string, loading?: Coming }} Now */

/** How many bits a number has in a file of a kind. @type {Record<string, number>} */
const bits = { F32: 32, F16: 16, BF16: 16, I8: 8 };

/**
 * What kind of network it is, for those who know.
 * @param {Model} model
 */
const facts = ({ title, architecture, dtype, classes, inputSize, bytes }) => () => ({
  size: bytes < 950_000 ? '< 1 MB' : megabytes(bytes),
  architecture: title.startsWith(architecture) ? '' : `${architecture} · `,
  bits: bits[dtype] ?? dtype, classes: decimal(classes, 0), side: inputSize,
});

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

/** How far a model is that loads. */
function createLoadingLine() {
  const words = make('p', 'models-progress');
  const bar = make('progress');
  say(bar, 'model.bar', {}, 'aria-label');
  return {
    words,
    bar,
    /** @param {Coming | undefined} loading */
    show(loading) {
      const { phase, loaded = 0, total = 0, cached = 0 } = loading?.progress ?? {};
      const counts = total > 0 && (phase === 'download' && loaded > cached || phase === 'read');
      if (counts) Object.assign(bar, { max: total, value: loaded });
      else bar.removeAttribute('value');
      const key = phase === 'download' && !counts ? 'model.cached' : phase === 'download' ? 'model.download'
        : phase === 'read' ? 'models.read' : phase === 'prepare' ? 'model.prepare' : phase === 'keep' ? 'models.keep' : 'model.engine';
      say(words, key, () => ({ loaded: decimal(loaded / 1e6, 0), total: megabytes(total) }));
    },
  };
}

/**
 * @param {HTMLElement} panel  where the focus goes when what had it is gone
 * @param {HTMLUListElement} list
 * @param {{ onUse: (name: string) => void, onDelete: (model: Model) => void, onCancel: () => void }} handlers
 */
export function createModelList(panel, list, { onUse, onDelete, onCancel }) {
  /** The line of the model that loads. @type {ReturnType<typeof createLoadingLine> | undefined} */
  let line;

  /**
   * @param {Model} model
   * @param {Now} now
   * @param {boolean} doomed  whether it was asked for once that it be deleted
   */
  function item(model, now, doomed) {
    const used = model.name === now.used;
    const title = make('p', 'models-title', model.title);
    const words = make('p', 'models-facts');
    say(words, 'models.facts', facts(model));
    const source = make('p', 'models-source', [model.license, model.source].filter(Boolean).join(' · '));
    source.lang = 'en';
    const cost = make('p', 'models-source');
    if (model.name === 'resnet50-int8') say(cost, 'models.offer.small');
    const place = make('p', 'models-place');
    say(place, placeOf(model, used), () => ({ size: megabytes(model.kept) }));
    const notes = [cost, source].filter(({ textContent }) => textContent);
    const row = make('li', 'models-item', make('div', 'models-words', title, words, ...notes, place));
    row.dataset.name = model.name;
    row.toggleAttribute('data-used', used);
    const coming = now.loading?.choice;
    if (coming && !coming.file && coming.name === model.name) row.append(loadingLine(now.loading));
    else {
      const buttons = make('div', 'models-buttons');
      if (!used) buttons.append(button('models.use', 'models.use.of', 'plain', model, () => onUse(model.name)));
      if (model.kept > 0) buttons.append(deleteButton(model, doomed));
      row.append(buttons);
    }
    return row;
  }

  /** @param {Model} model @param {boolean} doomed */
  function deleteButton(model, doomed) {
    const act = () => onDelete(model);
    if (doomed) return button('models.delete.sure', 'models.delete.sure.of', 'plain models-delete', model, act);
    const made = button('', 'models.delete.of', 'quiet square models-delete', model, act);
    made.append(icon('trash'));
    return made;
  }

  /** How far the model is that loads, and the way out. @param {Coming | undefined} loading */
  function loadingLine(loading) {
    line = createLoadingLine();
    const cancel = make('button', 'quiet');
    cancel.type = 'button';
    say(cancel, 'model.cancel');
    cancel.addEventListener('click', () => {
      onCancel();
      panel.focus();
    });
    line.show(loading);
    return make('div', 'models-loading', line.words, cancel, line.bar);
  }

  return {
    /** How far the model is that loads. @param {Now} now */
    showProgress: now => line?.show(now.loading),

    /** @param {Model[]} models @param {Now} now @param {string} doomed  the name of a model whose deletion was asked for once */
    show(models, now, doomed) {
      const { activeElement } = document;
      const isInside = activeElement instanceof HTMLElement && list.contains(activeElement);
      const at = isInside ? activeElement.closest('li')?.dataset.name : undefined;
      line = undefined;
      const rows = models.map(model => item(model, now, model.name === doomed));
      const coming = now.loading?.choice;
      if (coming?.file) {
        const words = make('div', 'models-words', make('p', 'models-title', coming.name));
        rows.push(make('li', 'models-item', words, loadingLine(now.loading)));
      }
      list.replaceChildren(...rows);
      // Who was on a button of a row is on that row's again.
      if (at !== undefined) (rows.find(row => row.dataset.name === at)?.querySelector('button') ?? panel).focus();
    },

    /** Moves the focus to the button that deletes a model. @param {string} name */
    focusDelete(name) {
      /** @type {HTMLElement | null} */ (list.querySelector(`[data-name="${CSS.escape(name)}"] .models-delete`))?.focus();
    },
  };
}

/**
 * The key of the words for where a model is.
 * @param {Model} model
 * @param {boolean} used
 */
function placeOf({ kept, bytes }, used) {
  if (used) return kept > 0 ? 'models.used.kept' : 'models.used';
  return kept >= bytes ? 'models.kept' : kept > 0 ? 'models.part' : 'models.away';
}
