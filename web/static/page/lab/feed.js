// Gives the canvas the numbers of what it is to show: of the networks that are chosen, or of those of the last run.

import { nameText } from './words.js';

/** @typedef {import('./types.js').Layer} Layer */
/** @typedef {import('./types.js').Signal} Signal */
/** @typedef {import('./types.js').StepReport} StepReport */
/** @typedef {import('./names.js').Part} Part */
/** @typedef {import('./record.js').RunRecord} RunRecord */
/** @typedef {import('./analyses.js').Results} Results */

/** @param {import('./stage.js').Stage['canvas']} canvas */
export function createFeed(canvas) {
  /** Whose numbers the canvas has. @type {RunRecord | Signal | undefined} */
  let fed;

  /**
   * Tells the canvas about its networks, which makes it forget all numbers.
   * @param {readonly { layers: readonly Layer[] }[]} networks
   * @param {Part[][]} names
   */
  function begin(networks, names) {
    canvas.networks(networks.map(({ layers }, i) => ({
      name: nameText(names[i]), layers: layers.map(({ name }) => name),
    })));
  }

  return {
    /** @param {Signal} signal @param {Part[][]} names @param {RunRecord} [record]  if its networks are the same */
    signal(signal, names, record) {
      if (!record || fed !== record) {
        if (fed === signal) return;
        begin(signal.networks, names);
        fed = signal;
      }
      canvas.signal(signal.networks.map(({ activations, outputGradients, weightGradients }) =>
        ({ activations, outputGradients, weightGradients })));
    },

    /** @param {RunRecord} record @param {Part[][]} names @param {Results} results */
    run(record, names, results) {
      if (fed === record) return;
      begin(record.started.networks, names);
      fed = record;
      for (const { step, networks } of record.norms) canvas.step({ step, networks });
      results.landscapes.forEach((landscape, i) => { if (landscape) canvas.landscape(i, landscape); });
      results.paths.forEach((paths, i) => { if (paths) canvas.paths(i, paths); });
    },

    /** @param {StepReport} report @param {RunRecord} record */
    step({ step, networks }, record) {
      if (fed !== record) return;
      canvas.step({ step, networks: networks.map(network => (network.diverged ? null : network)) });
    },

    /** @param {RunRecord} record @param {number} network @param {import('./types.js').Landscape} landscape */
    landscape(record, network, landscape) {
      if (fed === record) canvas.landscape(network, landscape);
    },

    /** @param {RunRecord} record @param {number} network @param {import('./types.js').PathGradient[]} paths */
    paths(record, network, paths) {
      if (fed === record) canvas.paths(network, paths);
    },

    /** The names are in another language now. */
    forget() { fed = undefined; },
  };
}
