// The elements of files.js: buttons, each with a line below it that says how it goes, and a question before something
// is lost.

import { make } from '../dom.js';
import { button, clearText, fileInput, localized, progressBar, statusLine } from '../elements.js';
import { say } from '../i18n.js';
import { fold, row, section } from './elements.js';
import { countAll, mainRun } from './runs.js';
import { createShare } from './share.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** What a button saves or opens; its line says how that goes. @typedef {'project' | 'network' | 'file'} Place */

/** The question before something is lost. */
function createConfirmation() {
  const question = make('p');
  const yes = button('teach.keep.yes', 'plain danger', () => answer(true));
  const no = button('teach.keep.no', 'plain', () => answer(false));
  const element = make('div', 'teach-sure', question, row(yes, no));
  element.role = 'group';
  element.hidden = true;
  /** @type {{ home: HTMLElement, onYes: () => unknown } | undefined} */
  let asked;

  /** @param {boolean} isYes */
  function answer(isYes) {
    const answered = asked;
    asked = undefined;
    element.hidden = true;
    answered?.home.focus();
    if (isYes) answered?.onYes();
  }

  return {
    element,
    /**
     * @param {'sure' | 'replace' | 'pictures-only'} what  sure: all is deleted; replace: another project takes its
     *   place; pictures-only: that is another model's, and only its classes and pictures can be taken
     * @param {number} count  of the pictures that would be lost
     * @param {HTMLElement} home  gets the focus afterwards
     * @param {() => unknown} onYes
     */
    ask(what, count, home, onYes) {
      asked = { home, onYes };
      say(question, `teach.keep.${what}`, { count });
      say(yes, what === 'sure' ? 'teach.keep.yes' : `teach.keep.${what}.yes`);
      element.hidden = false;
      yes.focus();
    },
  };
}

/**
 * @param {TeachContext} context
 * @param {object} options
 * @param {HTMLElement} options.usage
 * @param {string[]} options.formats  of the network
 * @param {() => void} options.onSave
 * @param {(format: string) => void} options.onSaveNetwork
 * @param {(file: File) => void} options.onOpen
 * @param {() => void} options.onClear
 */
export function createFilesPanel(context, { usage, formats, onSave, onSaveNetwork, onOpen, onClear }) {
  const states = {
    project: statusLine('teach-state'), network: statusLine('teach-state'), file: statusLine('teach-state'),
  };
  const bar = progressBar('task.bar');
  bar.hidden = true;
  const accept = '.zip,.safetensors,.onnx,application/zip';
  const fileChooser = fileInput({ accept }, ([file]) => { if (file) onOpen(file); });
  const saveButton = button('teach.keep.save', 'plain', onSave);
  const openButton = button('teach.keep.open', 'plain', () => fileChooser.click());
  const clearButton = button('teach.keep.over', 'quiet', onClear);
  const format = make('select', '', ...formats.map(name => {
    const option = localized('option', `teach.keep.format.${name}`);
    option.value = name;
    return option;
  }));
  const networkButton = button('teach.keep.network', 'plain', () => onSaveNetwork(format.value));
  const formatHint = make('p', 'hint');
  const showFormat = () => say(formatHint, `teach.keep.format.${format.value}.hint`);
  format.addEventListener('change', showFormat);
  showFormat();
  const network = fold('teach.keep.advanced', make('div', 'teach-format',
    make('label', 'teach-move', localized('span', 'teach.keep.format'), format), formatHint, row(networkButton),
    states.network));
  const share = createShare(context);
  const confirmation = createConfirmation();
  const saveRow = row(saveButton);
  const element = section('keep', usage, saveRow, states.project, share.element, network,
    row(openButton, clearButton), states.file, confirmation.element, bar, fileChooser);
  const title = element.querySelector('h3');

  return {
    element,
    states,
    openButton,
    clearButton,
    ask: confirmation.ask,

    /** @param {string} key  of what is being done @param {Place} place  where it is said */
    begin(key, place) {
      for (const state of Object.values(states)) clearText(state);
      states[place].after(bar);
      say(states[place], key);
      bar.hidden = false;
      bar.removeAttribute('value');
    },

    /** @param {{ done: number, total: number }} steps */
    showProgress({ done, total }) {
      if (total > 0) Object.assign(bar, { max: total, value: done });
    },

    end() {
      bar.hidden = true;
    },

    /** @param {Place} place */
    clearState: place => clearText(states[place]),

    /** @param {boolean} isBusy */
    show(isBusy) {
      const { teacher, readOnly, training } = context;
      const hasRun = !!mainRun(teacher);
      const isEmpty = (teacher?.classes.length ?? 0) + countAll(teacher) === 0;
      element.hidden = !teacher || !!context.lesson; // the evaluation will come above it
      // With nothing to keep, all that is here is the way back to what was saved before.
      if (title) say(title, isEmpty && !hasRun ? 'teach.keep.title.empty' : 'teach.keep.title');
      usage.hidden = isEmpty && !hasRun;
      network.hidden = !hasRun;
      share.show();
      saveButton.disabled = networkButton.disabled = isBusy;
      openButton.disabled = clearButton.disabled = isBusy || readOnly || training;
      clearButton.hidden = saveRow.hidden = isEmpty;
    },
  };
}
