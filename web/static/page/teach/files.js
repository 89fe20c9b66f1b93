// What is kept, and as what it can be saved: the project as a file, the network as a file, a link. And a new start.

import { save } from '../download.js';
import { clearText } from '../elements.js';
import { listOf } from '../format.js';
import { say } from '../i18n.js';
import { createFilesPanel } from './filespanel.js';
import { countAll, mainRun } from './runs.js';
import { createStorageUsage } from './storageusage.js';
import { checkFile, files as api } from '../../residua.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {import('../../residua.js').ExportFormat} ExportFormat */
/** @typedef {{ done: number, total: number }} Steps */

/** What the network can be saved as, with the file's name. learnt: only the weights that were trained. */
const networkFiles = {
  learnt: 'residua-learnt.safetensors',
  onnx: 'residua-network.onnx',
  safetensors: 'residua-network.safetensors',
};

/**
 * Runs one thing at a time, with a sentence that says what.
 * @param {TeachContext} context
 * @param {Pick<ReturnType<typeof createFilesPanel>, 'begin' | 'end' | 'clearState'>} panel
 */
function createRunner(context, panel) {
  let isBusy = false;
  return {
    get isBusy() {
      return isBusy;
    },
    /**
     * @param {string} key
     * @param {import('./filespanel.js').Place} place  the button's
     * @param {() => Promise<void>} work
     */
    async run(key, place, work) {
      if (isBusy) return;
      isBusy = true;
      panel.begin(key, place);
      context.show();
      try {
        await work();
      } catch (error) {
        panel.clearState(place);
        context.onError(error);
      }
      panel.end();
      isBusy = false;
      context.showSoon();
    },
  };
}

/**
 * @param {TeachContext} context
 * @param {object} handlers
 * @param {() => void} handlers.onReplaced  Another project is there, or other weights, or none.
 * @param {(file: File) => void} handlers.onPictures  An archive of pictures was chosen.
 */
export function createFiles(context, { onReplaced, onPictures }) {
  const usage = createStorageUsage(context);
  const panel = createFilesPanel(context, {
    usage: usage.element,
    formats: Object.keys(networkFiles),
    onSave: saveProject,
    onSaveNetwork: saveNetwork,
    onOpen: file => void choose(file),
    onClear: () => panel.ask('sure', count(), panel.clearButton, clearAll),
  });
  const { states } = panel;
  const runner = createRunner(context, panel);
  const { run } = runner;

  const count = () => countAll(context.teacher);

  /** @param {Steps} steps */
  const onProgress = steps => panel.showProgress(steps);

  function saveProject() {
    return run('teach.keep.saving', 'project', async () => {
      const { teacher } = context;
      if (!teacher || teacher.classes.length + count() === 0) return say(states.project, 'teach.keep.nothing');
      save(await teacher.export('project', { onProgress }), 'residua-project.zip');
      say(states.project, 'teach.keep.saved');
    });
  }

  /** @param {string} chosen */
  function saveNetwork(chosen) {
    return run('teach.keep.saving', 'network', async () => {
      const { teacher } = context;
      const method = mainRun(teacher)?.method;
      if (!teacher || !method) return say(states.network, 'teach.keep.nothing');
      const format = /** @type {keyof typeof networkFiles} */ (chosen);
      const as = format === 'learnt' ? /** @type {ExportFormat} */ (method) : format;
      save(await teacher.export(as), networkFiles[format]);
      say(states.network, 'teach.keep.saved');
    });
  }

  /** Takes what a person has chosen to open. @param {File} file */
  async function choose(file) {
    const { kind } = await api.recognize(file);
    if (kind === 'pictures' || kind === 'teachable-machine') onPictures(file);
    else await open(file);
  }

  /** @param {File} file */
  async function open(file) {
    if (context.readOnly) return context.messages.tell('error.read-only');
    if (context.training) return context.messages.tell('teach.keep.training');
    let replaces = false;
    await run('teach.keep.opening', 'file', async () => {
      await context.ready(); // a file from another room may come before the project is there
      // A file that cannot be opened is refused before anybody is asked to give something up for it.
      replaces = await checkFile(file) === 'project' && count() > 0;
      clearText(states.file);
      if (!replaces) await importFile(file);
    });
    if (!replaces) return;
    panel.ask('replace', count(), panel.openButton,
      () => run('teach.keep.opening', 'file', () => importFile(file)));
  }

  /**
   * @param {File} file
   * @param {boolean} [fromOtherModel]  takes the pictures of another model's project
   * @returns {Promise<void>}
   */
  async function importFile(file, fromOtherModel = false) {
    const teacher = await context.ready();
    const imported = await teacher.import(file, { onProgress, fromOtherModel }).catch(error => {
      if (error?.details?.why !== 'other-network') throw error;
    });
    if (!imported) {
      clearText(states.file);
      return panel.ask('pictures-only', count(), panel.openButton,
        () => run('teach.keep.opening', 'file', () => importFile(file, true)));
    }
    onReplaced();
    if (imported.kind === 'weights') {
      return say(states.file, 'teach.keep.opened.weights', () => ({ classes: listOf(imported.run.classes) }));
    }
    for (const { name, error } of imported.faults) context.messages.fault(name, error);
    say(states.file, 'teach.keep.opened', { count: imported.total });
  }

  function clearAll() {
    return run('teach.keep.clearing', 'file', async () => {
      await context.teacher?.clear();
      say(states.file, 'teach.keep.cleared');
      onReplaced();
    });
  }

  return {
    element: panel.element,
    open,
    async show() {
      panel.show(runner.isBusy);
      await usage.show();
    },
  };
}
