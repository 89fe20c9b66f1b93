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
 * @param {(probed?: import('../../../zproto.js').ProbedBlock[]) => void} handlers.onProbed
 * @param {() => void} handlers.onReplaced  Another classifier answers.
 */
export function createDomains(context, { additions, onTeach, onProbed, onReplaced }) {
  const panels = [
    createProbes(context, { onTeach, onProbed }),
    createNetworks(context),
    createDistances(context),
    createGap(context, { additions, onReplaced }),
    createMoved(context),
  ];
  const element = section('domains', localized('p', 'teach.domains.text', 'prose'),
    ...panels.map(panel => panel.element));
  /** The classes that show() saw last. @type {readonly unknown[] | undefined} */
  let seen;

  return {
    element,
    stop: () => panels.forEach(panel => panel.stop()),

    show() {
      const classes = context.teacher?.classes;
      if (classes !== seen) {
        seen = classes;
        for (const panel of panels) panel.clear();
      }
      for (const panel of panels) panel.show();
    },
  };
}
