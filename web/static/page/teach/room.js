// The room Teach. project.js has what is taught, parts.js makes the parts that show it, and here they meet.

import { find } from '../dom.js';
import { createContext } from './context.js';
import { takeDropsAndPastes, takeFiles } from './dropandpaste.js';
import { createLayout } from './layout.js';
import { createMessages } from './messages.js';
import { createParts, showParts } from './parts.js';
import { createProject } from './project.js';
import { countPictures, mainRun } from './runs.js';

/** @typedef {import('./context.js').Teacher} Teacher */
/** @typedef {import('../../residua.js').Residua} Net */

/** The shortest time between two updates of the room, in milliseconds: thousands of pictures may come at once. */
const showEveryMs = 80;

/**
 * @param {{
 *   onFail: (error: unknown, restart: boolean) => void,
 *   onTaught: () => void,
 *   onNetwork: (name: string) => void,
 *   onOther: () => void,
 *   onProbed: (probed?: import('../../zproto.js').ProbedBlock[]) => void,
 * }} handlers
 *   onFail hears of engine faults, and whether a new engine should start; onTaught hears that another network answers;
 *   onNetwork hears which other network shall be taught; onOther hears that the project is another model's now;
 *   onProbed hears what each block knows of the classes
 */
export function createTeach({ onFail, onTaught, onNetwork, onOther, onProbed }) {
  const root = find('#teach', HTMLElement);
  const messages = createMessages();
  const project = createProject({ messages, onChange: showSoon, onOpened, onLost, onOther, onFail });
  const context = createContext({ project, messages, show, showSoon });
  const parts = createParts(context, {
    project, onTrained, onReplaced: () => void showReplaced(), onNetwork, onProbed,
  });
  const { training, comparison, domains } = parts;
  const layout = createLayout(root, context, parts, { onTakeOver: project.takeOver });
  /** Whether the person is in the room. */
  let isActive = false;
  /** Whether another room waits for what is kept. */
  let isAwaited = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;

  takeDropsAndPastes(root, context, parts, () => isActive);
  show();

  function show() {
    clearTimeout(timer);
    timer = undefined;
    layout.show(project.hasEngine);
    showParts(context, parts);
  }

  function showSoon() {
    timer ??= setTimeout(show, showEveryMs);
  }

  /** @param {Teacher} teacher @param {Net} net */
  async function onOpened(teacher, net) {
    parts.warnings.invalidate();
    show();
    // A person who begins is told how long the lesson takes.
    if (isActive && teacher.classes.length === 0) void parts.starters.estimate(net, () => net === project.net);
    await restoreResults();
  }

  function onLost() {
    training.stop();
    comparison.stop();
    domains.stop();
    show();
  }

  function onTrained() {
    show();
    onTaught();
  }

  async function restoreResults() {
    await training.restore();
    await comparison.restore();
    onTrained();
  }

  async function showReplaced() {
    training.clear();
    comparison.clear();
    messages.clear();
    await restoreResults();
  }

  return {
    /** Says that a network is there, or is no longer. @param {Net | undefined} next */
    serve(next) {
      project.serve(next, isActive || isAwaited);
      if (!next) show();
    },

    /** Says why there is no network yet. @param {'coming' | 'stopped' | 'failed'} why */
    explain(why) {
      layout.explain(why);
      show();
    },

    /** @param {boolean} here  whether the person is in this room */
    go(here) {
      if (here && !isActive) {
        if (project.hasEngine) project.reread();
        else void project.open();
      }
      isActive = here;
      if (here) return;
      parts.classes.leave();
      parts.tryIt.leave();
      parts.undo.hide();
    },

    /** Takes a file that was dropped in another room. @param {File} file */
    async take(file) {
      await project.ready();
      await takeFiles(context, parts, [file]);
    },

    /** Asks about a picture of another room, where it can also be added. @param {Blob} blob @param {string} name */
    async tryPicture(blob, name) {
      await project.ready();
      parts.tryIt.element.scrollIntoView({ block: 'start' });
      await parts.tryIt.ask(blob, name);
    },

    /** Whether another tab has the project. */
    isElsewhere: project.isElsewhere,

    /** Makes the project a network's, although another was taught. It rejects if that fails. */
    takeAlong: project.takeAlong,

    /** Opens what is kept although nobody is in the room: see predict. */
    wake: project.wake,

    /**
     * What a person has here that another project would replace; free: whether it may be replaced now.
     * @returns {Promise<{ classes: number, pictures: number, taught: boolean, free: boolean }>}
     */
    async owned() {
      project.wake();
      const { classes, history } = await project.ready();
      const free = !context.readOnly && !context.training;
      return { classes: classes.length, pictures: countPictures(classes), taught: history.length > 0, free };
    },

    /** Replaces all that is here by weights. @param {Blob} file  which an engine has accepted */
    async adopt(file) {
      const teacher = await project.ready();
      await teacher.clear();
      await teacher.import(file);
      await showReplaced();
    },

    /** The pictures of each class that has any. @returns {Promise<{ name: string, pictures: Blob[] }[]>} */
    async pictures() {
      isAwaited = true; // the network may come later
      project.wake();
      const teacher = await project.ready();
      const classes = teacher.classes.filter(({ pictures }) => pictures.length > 0);
      return Promise.all(classes.map(async ({ name, pictures }) =>
        ({ name, pictures: await Promise.all(pictures.map(({ id }) => teacher.blob(id))) })));
    },

    /**
     * The classifier that answers, if something is taught. Its fields but for the function tell whether it is the same.
     * @returns {import('../classifiers.js').Offer | undefined}
     */
    get offer() {
      const run = mainRun(project.teacher);
      if (!run || !project.teacher) return undefined;
      const { classes, blocks, method, when } = run;
      const imported = !!run.imported;
      const foreign = imported && countPictures(project.teacher.classes) === 0;
      return {
        kind: 'own', model: project.teacher.model, classes, blocks, imported, foreign, when,
        method: /** @type {any} */ (method), teacher: project.ready,
      };
    },
  };
}
