// The rows of the model chooser: what each model is, whether it is on this device, and the progress of the one that
// loads.

import { icon, make } from '../dom.js';
import { decimal, megabytes } from '../format.js';
import { say } from '../i18n.js';

/** @typedef {import('../../residua.js').Model} Model */
/** @typedef {import('../loader.js').Replacement} Replacement */
/**
 * The name of the model in use, or empty; and the model that loads.
 * @typedef {{ used: string, loading?: Replacement }} Status
 */

/** How many bits a weight has, by its type. @type {Record<string, number>} */
const bits = { F32: 32, F16: 16, BF16: 16, I8: 8 };

/**
 * The placeholders' values for the line about a model's size and architecture.
 * @param {Model} model
 */
const facts = ({ title, architecture, dtype, classes, inputSize, inputHeight, inputWidth, bytes }) => () => ({
  size: bytes < 950_000 ? '< 1 MB' : megabytes(bytes),
  architecture: title.startsWith(architecture) ? '' : `${architecture} · `,
  bits: bits[dtype] ?? dtype, classes: decimal(classes, 0),
  // Models that were kept by an earlier version have a side only.
  height: inputHeight ?? inputSize, width: inputWidth ?? inputSize,
});

/**
 * @param {string} key of its text, if it has one
 * @param {string} label the key of its accessible name
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

/** @param {string | undefined} phase  @param {boolean} isCounted whether the bytes so far are known */
function phaseKey(phase, isCounted) {
  switch (phase) {
    case 'download':
      return isCounted ? 'model.download' : 'model.cached';
    case 'read':
      return 'models.read';
    case 'prepare':
      return 'model.prepare';
    case 'keep':
      return 'models.keep';
    default:
      return 'model.engine';
  }
}

/** The progress of the model that loads, as text and as a bar. */
function createLoadingLine() {
  const words = make('p', 'models-progress');
  const bar = make('progress');
  say(bar, 'model.bar', {}, 'aria-label');
  return {
    words,
    bar,
    /** @param {Replacement | undefined} loading */
    show(loading) {
      const { phase, loaded = 0, total = 0, cached = 0 } = loading?.progress ?? {};
      const isCounted = total > 0 && (phase === 'download' && loaded > cached || phase === 'read' || phase === 'keep');
      if (isCounted) Object.assign(bar, { max: total, value: loaded });
      else bar.removeAttribute('value');
      say(words, phaseKey(phase, isCounted), () => ({ loaded: decimal(loaded / 1e6, 0), total: megabytes(total) }));
    },
  };
}

/**
 * @param {HTMLElement} panel  where the focus goes when what had it is gone
 * @param {HTMLUListElement} list
 * @param {{ onUse: (name: string) => void, onDelete: (model: Model) => void, onCancel: () => void }} handlers
 */
export function createModelList(panel, list, { onUse, onDelete, onCancel }) {
  /** The progress of the model that loads. @type {ReturnType<typeof createLoadingLine> | undefined} */
  let line;

  /**
   * @param {Model} model
   * @param {Status} status
   * @param {boolean} isConfirming  whether the next click on its delete button deletes it
   */
  function item(model, status, isConfirming) {
    const used = model.name === status.used;
    const title = make('p', 'models-title', model.title);
    const words = make('p', 'models-facts');
    say(words, 'models.facts', facts(model));
    say(words, 'models.facts.text', {}, 'title');
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
    const coming = status.loading?.choice;
    if (coming && !coming.files && coming.name === model.name) row.append(loadingLine(status.loading));
    else {
      const buttons = make('div', 'models-buttons');
      if (!used) buttons.append(button('models.use', 'models.use.of', 'plain', model, () => onUse(model.name)));
      if (model.kept > 0) buttons.append(deleteButton(model, isConfirming));
      row.append(buttons);
    }
    return row;
  }

  /** @param {Model} model @param {boolean} isConfirming */
  function deleteButton(model, isConfirming) {
    const act = () => onDelete(model);
    if (isConfirming) return button('models.delete.sure', 'models.delete.sure.of', 'plain models-delete', model, act);
    const made = button('', 'models.delete.of', 'quiet square models-delete', model, act);
    made.append(icon('trash'));
    return made;
  }

  /** The progress of the model that loads, and a button that cancels it. @param {Replacement | undefined} loading */
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
    /** Updates the progress of the model that loads. @param {Status} status */
    showProgress: status => line?.show(status.loading),

    /**
     * @param {Model[]} models
     * @param {Status} status
     * @param {string} confirming  the name of the model whose deletion waits for a second click, or empty
     */
    show(models, status, confirming) {
      const { activeElement } = document;
      const isInside = activeElement instanceof HTMLElement && list.contains(activeElement);
      const at = isInside ? activeElement.closest('li')?.dataset.name : undefined;
      line = undefined;
      const rows = models.map(model => item(model, status, model.name === confirming));
      const coming = status.loading?.choice;
      if (coming?.files) {
        const words = make('div', 'models-words', make('p', 'models-title', coming.name));
        rows.push(make('li', 'models-item', words, loadingLine(status.loading)));
      }
      list.replaceChildren(...rows);
      // A focus that was in a row goes back to that row.
      if (at !== undefined) (rows.find(row => row.dataset.name === at)?.querySelector('button') ?? panel).focus();
    },

    /** Moves the focus to the button that deletes a model. @param {string} name */
    focusDelete(name) {
      const button = list.querySelector(`[data-name="${CSS.escape(name)}"] .models-delete`);
      if (button instanceof HTMLElement) button.focus();
    },
  };
}

/**
 * The key of the sentence that says where a model is.
 * @param {Model} model
 * @param {boolean} used
 */
function placeOf({ kept, bytes }, used) {
  if (used) return kept > 0 ? 'models.used.kept' : 'models.used';
  return kept >= bytes ? 'models.kept' : kept > 0 ? 'models.part' : 'models.away';
}
