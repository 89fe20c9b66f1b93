// The section on domains: where in the network the knowledge sits, how far apart two kinds of pictures are, and what
// closes the gap between them.

import { localized } from '../../elements.js';
import { section } from '../elements.js';
import { createDistances } from './distances.js';
import { createGap } from './gap.js';
import { createMoved } from './moved.js';
import { createNetworks } from './networks.js';
import { createProbes } from './probes.js';

/**
 * @param {import('../context.js').TeachContext} context
 * @param {object} handlers
 * @param {import('../additions.js').Additions} handlers.additions
 * @param {(blocks: number[]) => void} handlers.onTeach  These blocks shall be taught from.
 * @param {(name: string) => void} handlers.onNetwork  This other network shall be taught.
 * @param {(probed?: import('../../../zproto.js').ProbedBlock[]) => void} handlers.onProbed
 * @param {() => void} handlers.onReplaced  Another classifier answers.
 */
export function createDomains(context, { additions, onTeach, onNetwork, onProbed, onReplaced }) {
  const probes = createProbes(context, { onTeach, onProbed });
  const networks = createNetworks(context, { onTeach, onNetwork });
  const gap = createGap(context, { additions, onReplaced });
  const distances = createDistances(context, { onClose: gap.fitTo });
  const moved = createMoved(context);
  const panels = [probes, networks, distances, gap, moved];
  /** Why no question can be asked while something else computes. It has its room always, so that nothing moves. */
  const waits = localized('p', 'domains.waits', 'hint domains-waits');
  const element = section('domains', localized('p', 'teach.domains.text', 'prose'), waits,
    ...panels.map(panel => panel.element));
  /** The classes that show() saw last. @type {readonly unknown[] | undefined} */
  let seen;
  let basis = basisOf(undefined);
  /** Whether a person has asked for the section before anything is taught. */
  let isAsked = false;

  /** Takes away the results that are of other pictures than those that are there. */
  function clearOutdated() {
    const { teacher } = context;
    if (teacher?.classes === seen) return;
    seen = teacher?.classes;
    const before = basis;
    basis = basisOf(teacher); // the same when only the features of one more picture are there
    if (basis.classes !== before.classes) for (const panel of [probes, networks, moved]) panel.clear();
    if (basis.all !== before.all) for (const panel of [distances, gap]) panel.clear();
  }

  return {
    element,
    goToDistances: distances.goTo,

    /** Goes to what can be known without any teaching: which network suits, and which of its blocks. */
    ask() {
      isAsked = true;
      context.show();
      networks.goTo();
    },

    /** Whether a person has asked for the section before anything is taught. */
    get isAsked() {
      return isAsked;
    },

    stop: () => panels.forEach(panel => panel.stop()),

    show() {
      clearOutdated();
      for (const panel of panels) panel.show();
      waits.classList.toggle('shown', context.training && !panels.some(({ isBusy }) => isBusy()));
    },
  };
}

/**
 * What results are of: the network, the classes, and the pictures of each; all: those without a class, too. Another
 * project may have the same ids.
 * @param {import('../context.js').Teacher | undefined} teacher
 */
function basisOf(teacher) {
  const keysOf = (/** @type {readonly import('../context.js').PictureRecord[]} */ pictures) =>
    pictures.map(({ id, hash, test }) => `${id} ${hash.slice(0, 8)} ${test}`).join();
  const classes = JSON.stringify([
    teacher?.model, teacher?.classes.map(({ id, name, pictures }) => [id, name, keysOf(pictures)]),
  ]);
  return { classes, all: `${classes} ${keysOf(teacher?.unlabelled ?? [])}` };
}
