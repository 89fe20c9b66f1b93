// The project: what the store keeps, and a teacher of the network that is there. Each network gets its own teacher.

import { createAwaited } from './awaited.js';
import { createProjectStore } from './projectstore.js';
import { isEngineFault, isPictureFault } from '../../residua.js';

/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {import('../../residua.js').Teacher} Teacher */
/** @typedef {ReturnType<typeof createProject>} Project */

/** An engine that stops again so soon after the last stop is not restarted by itself, in milliseconds. */
const tooSoonMs = 20_000;

/**
 * Tells a person that the engine has stopped. It is restarted unless it did the same a moment ago.
 * @param {import('./messages.js').Messages} messages
 * @param {(error: unknown, restart: boolean) => void} onFail
 */
function createFaultReport(messages, onFail) {
  let lastAt = -Infinity;
  return (/** @type {unknown} */ error) => {
    const isSoon = performance.now() - lastAt < tooSoonMs;
    lastAt = performance.now();
    console.error(error);
    messages.tell(isSoon ? 'teach.stopped.again' : 'teach.stopped');
    onFail(error, !isSoon);
  };
}

/** Whether a stored project was not opened because it is another model's. @param {any} error */
const isOtherModels = error => error?.details?.why === 'other-network';

/**
 * @param {object} options
 * @param {import('./messages.js').Messages} options.messages
 * @param {() => void} options.onChange  The teacher has something new to show.
 * @param {(teacher: Teacher, net: Net) => void} options.onOpened  A teacher with what is kept is there.
 * @param {() => void} options.onLost  Another tab has taken over.
 * @param {() => void} options.onOther  The project is another model's now: another tab has taken the pictures along.
 * @param {(error: unknown, restart: boolean) => void} options.onFail
 *   hears of engine faults, and whether a new engine should start
 */
export function createProject({ messages, onChange, onOpened, onLost, onOther, onFail }) {
  /** @type {Net | undefined} */ let net;
  /** Without an engine the last teacher still shows what there is. @type {Teacher | undefined} */ let teacher;
  /** The same teacher while it has an engine. @type {ReturnType<typeof createAwaited<Teacher>>} */
  const working = createAwaited();
  let readOnly = false;
  /** Stops the computing of features that were missing when the project was opened. */
  let catchingUp = new AbortController();
  /** A newer call of open() or serve() makes older ones void. */
  let turn = 0;
  const reportFault = createFaultReport(messages, onFail);
  const storage = createProjectStore({
    onLost() {
      readOnly = true;
      onLost();
    },
    onGained: () => void open(),
    onError: messages.error,
  });

  /** What the tab that writes has changed is read when a person comes back to this one. */
  function reread() {
    if (readOnly && working.value && !document.hidden) void open();
  }
  document.addEventListener('visibilitychange', reread);

  /**
   * Makes a teacher of the network that is there.
   * @param {{ fromOtherModel?: boolean }} [options]  as for restore; then what goes wrong is thrown
   */
  async function open({ fromOtherModel = false } = {}) {
    if (!net) return;
    const mine = ++turn;
    const from = net;
    await storage.open();
    const { store } = storage;
    const next = from.teach(store ? { store: /** @type {any} */ (store) } : {});
    const { signal } = (catchingUp = new AbortController());
    const onFault = (/** @type {{ name: string }} */ { name }, /** @type {unknown} */ error) => {
      if (from === net) showFault(name, error);
    };
    try {
      await next.restore({ onFault, fromOtherModel, signal });
    } catch (error) {
      if (fromOtherModel) throw error;
      if (isOtherModels(error)) return onOther();
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
    next.addEventListener('change', onChange);
    next.addEventListener('full', event => messages.error(/** @type {CustomEvent} */ (event).detail));
    working.set(next);
  }

  /** Shows why a kept picture has no features. @param {string} name  of the picture @param {unknown} error */
  function showFault(name, error) {
    if (/** @type {any} */ (error)?.code === 'cancelled') return;
    if (isEngineFault(error)) onEngineFault(error);
    else if (isPictureFault(error)) messages.fault(name, error);
    else messages.error(error, name);
  }

  /**
   * Everything that waited for the engine reports the same fault. Only the first report counts. An engine that was
   * closed has no fault: another model takes its place.
   * @param {any} error
   */
  function onEngineFault(error) {
    if (working.value && error.code !== 'closed') reportFault(error);
  }

  return {
    get net() {
      return net;
    },
    get teacher() {
      return teacher;
    },
    get hasEngine() {
      return !!working.value;
    },
    get readOnly() {
      return readOnly;
    },
    /** Whether another tab writes what is kept. Opens it. */
    async isElsewhere() {
      await storage.open();
      return storage.store?.readOnly ?? false;
    },
    open,
    reread,
    onEngineFault,

    /** The teacher, as soon as there is one with an engine. */
    ready: working.ready,

    /** Opens the project unless somebody has. */
    wake() {
      if (!working.value && !storage.wanted) void open();
    },

    /**
     * Takes a network, or hears that there is none.
     * @param {Net | undefined} next
     * @param {boolean} wanted  whether a person waits for the project
     */
    serve(next, wanted) {
      net = next;
      working.set(undefined);
      turn++;
      if (next && (wanted || storage.wanted)) void open();
    },

    /** Stops the computing of features that were missing when the project was opened. */
    stopCatchingUp: () => catchingUp.abort(),

    /** Goes on with it. */
    catchUp() {
      catchingUp = new AbortController();
      void working.value?.computeMissing(catchingUp).catch(messages.error);
    },

    /** Whether it can be stopped. */
    get isCatchingUp() {
      return !!working.value && working.value.waiting > 0 && !catchingUp.signal.aborted;
    },

    /**
     * Takes over what is kept although it is another model's: classes and pictures stay. It rejects if that fails, and
     * then nothing has changed.
     * @param {Net} next
     * @param {boolean} isElsewhere  takes it from the tab that has it
     */
    async takeAlong(next, isElsewhere) {
      await (isElsewhere ? storage.takeOver() : storage.open());
      if (!storage.store) throw new Error('the project is not open');
      net = next;
      try {
        await open({ fromOtherModel: true });
      } catch (error) {
        if (net === next) net = undefined;
        throw error;
      }
    },

    /** Takes the project from the tab that has it. */
    async takeOver() {
      messages.clear();
      void storage.takeOver();
      await open();
    },
  };
}
