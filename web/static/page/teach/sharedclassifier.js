// A shared classifier that answers for this visit. It belongs to no project and is stored nowhere.

/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {ReturnType<typeof importInto>} Imported */
/**
 * The file, and the teacher that has it in a network's engine.
 * @typedef {{ file: Blob, net: Net, teacher: Imported }} Classifier
 */

/**
 * A teacher without a store, with a head that an engine has checked.
 * @param {Net} net
 * @param {Blob} file
 */
export async function importInto(net, file) {
  const teacher = net.teach();
  await teacher.import(file);
  return teacher;
}

export function createSharedClassifier() {
  /** @type {Net | undefined} */ let net;
  /** @type {((net: Net) => void)[]} */ let waiters = [];
  /** @type {Classifier | undefined} */ let used;

  /** The network, as soon as there is one. @returns {Promise<Net>} */
  const ready = () => (net ? Promise.resolve(net) : new Promise(done => { waiters.push(done); }));

  return {
    get net() {
      return net;
    },
    ready,

    /** @param {Net | undefined} next */
    serve(next) {
      net = next;
      if (next) for (const waiter of waiters.splice(0)) waiter(next);
    },

    /** Forgets who waits for a network. @returns {boolean} whether anybody did */
    giveUp() {
      return waiters.splice(0).length > 0;
    },

    /** @param {Classifier} next */
    use(next) {
      used = next;
    },

    /** What the classifier says to a picture. @param {Blob} blob @param {AbortSignal} [signal] */
    async predict(blob, signal) {
      const current = await ready();
      if (!used) throw new Error('no shared classifier is loaded');
      // After a restart the engine is another one.
      if (used.net !== current) used = { file: used.file, net: current, teacher: importInto(current, used.file) };
      return (await used.teacher).predict(blob, { signal });
    },
  };
}
