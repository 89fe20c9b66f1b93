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

/** @param {{ ready: () => Promise<Net> }} nets  ready: the network, as soon as there is one */
export function createSharedClassifier(nets) {
  /** @type {Partial<Classifier> & { file: Blob } | undefined} */ let used;

  return {
    /** @param {Partial<Classifier> & { file: Blob }} next  without a teacher one is made when it is needed */
    use(next) {
      used = next;
    },

    /** The teacher that has the classifier, in the engine that is there. */
    async teacher() {
      const net = await nets.ready();
      if (!used) throw new Error('no shared classifier is loaded');
      // After a restart the engine is another one.
      if (used.net !== net) used = { file: used.file, net, teacher: importInto(net, used.file) };
      return /** @type {Imported} */ (used.teacher);
    },
  };
}
