// The project: what the store keeps, and a teacher of the network that is there. Each network gets its own teacher.

import { createProjectStore } from './projectstore.js';
import { isEngineFault, isPictureFault } from '../../residua.js';

/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {import('../../residua.js').Teacher} Teacher */
/** @typedef {ReturnType<typeof createProject>} Project */

/** An engine that stops again so soon after the last stop is not restarted by itself, in milliseconds. */
const tooSoonMs = 20_000;

/**
 * @param {object} options
 * @param {import('./messages.js').Messages} options.messages
 * @param {() => void} options.onChange  The teacher has something new to show.
 * @param {(teacher: Teacher, net: Net) => void} options.onOpened  A teacher with what is kept is there.
 * @param {() => void} options.onLost  Another tab has taken over.
 * @param {(error: unknown, restart: boolean) => void} options.onFail
 *   hears of engine faults, and whether a new engine should start
 */
export function createProject({ messages, onChange, onOpened, onLost, onFail }) {
  /** @type {Net | undefined} */ let net;
  /** @type {Teacher | undefined} */ let teacher;
  /** Whether the teacher has an engine. One without still shows what there is. */
  let hasEngine = false;
  let readOnly = false;
  /** A newer call of open() or serve() makes older ones void. */
  let turn = 0;
  let stoppedAt = -Infinity;
  /** @type {((teacher: Teacher) => void)[]} */ let waiters = [];
  const storage = createProjectStore({
    onLost() {
      readOnly = true;
      onLost();
    },
    onGained: () => void open(),
    onError: messages.error,
  });

  /** Makes a teacher of the network that is there. */
  async function open() {
    if (!net) return;
    const mine = ++turn;
    const from = net;
    await storage.open();
    const { store } = storage;
    const next = from.teach(store ? { store: /** @type {any} */ (store) } : {});
    try {
      await next.restore({ onFault: ({ name }, error) => { if (from === net) showFault(name, error); } });
    } catch (error) {
      messages.error(error);
    }
    if (mine !== turn || from !== net) return;
    replaceTeacher(next);
    onOpened(next, from);
  }

  /** @param {Teacher} next */
  function replaceTeacher(next) {
    teacher?.removeEventListener('change', onChange);
    teacher = next;
    // Not before its teacher is there: what is added from now on goes into this store.
    readOnly = storage.store?.readOnly ?? false;
    hasEngine = true;
    next.addEventListener('change', onChange);
    next.addEventListener('full', event => messages.error(/** @type {CustomEvent} */ (event).detail));
    for (const waiter of waiters.splice(0)) waiter(next);
  }

  /** Shows why a kept picture has no features. @param {string} name  of the picture @param {unknown} error */
  function showFault(name, error) {
    if (/** @type {any} */ (error)?.code === 'cancelled') return;
    if (isEngineFault(error)) onEngineFault(error);
    else if (isPictureFault(error)) messages.fault(name, error);
    else messages.error(error, name);
  }

  /**
   * Everything that waited for the engine reports the same fault. Only the first report counts.
   * @param {unknown} error
   */
  function onEngineFault(error) {
    if (!hasEngine) return;
    const soon = performance.now() - stoppedAt < tooSoonMs;
    stoppedAt = performance.now();
    console.error(error);
    messages.tell(soon ? 'teach.stopped.again' : 'teach.stopped');
    onFail(error, !soon);
  }

  return {
    get net() {
      return net;
    },
    get teacher() {
      return teacher;
    },
    get hasEngine() {
      return hasEngine;
    },
    get readOnly() {
      return readOnly;
    },
    open,
    onEngineFault,

    /** The teacher, as soon as there is one with an engine. @returns {Promise<Teacher>} */
    ready: () => (hasEngine && teacher ? Promise.resolve(teacher) : new Promise(done => waiters.push(done))),

    /** Opens the project unless somebody has. */
    wake() {
      if (!hasEngine && !storage.wanted) void open();
    },

    /**
     * Takes a network, or hears that there is none.
     * @param {Net | undefined} next
     * @param {boolean} wanted  whether a person waits for the project
     */
    serve(next, wanted) {
      net = next;
      hasEngine = false;
      turn++;
      if (next && (wanted || storage.wanted)) void open();
    },

    /** Takes the project from the tab that has it. */
    async takeOver() {
      messages.clear();
      void storage.takeOver();
      await open();
    },
  };
}
