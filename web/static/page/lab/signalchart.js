// The signal view without the canvas: it is there at once, and where a canvas cannot be.

import { make } from '../dom.js';
import { significant } from '../format.js';
import { text } from '../i18n.js';
import { logRange } from './axes.js';
import { createLineChart } from './linechart.js';
import { mainLayers } from './verdicts.js';
import { readingOf } from './words.js';

/** @typedef {import('./types.js').Signal['networks'][number]} Measured */
/** @typedef {import('./names.js').Part} Part */

export function createSignalChart() {
  const charts = {
    activations: createLineChart({ title: 'skiplab.signal.forward', axis: 'skiplab.signal.layer' }),
    weightGradients: createLineChart({ title: 'skiplab.signal.back', axis: 'skiplab.signal.layer' }),
  };
  const element = make('div', 'skiplab-curves', ...Object.values(charts).map(chart => chart.element));

  return {
    element,
    /** @param {readonly Measured[]} networks @param {readonly Part[][]} names */
    show(networks, names) {
      for (const kind of /** @type {const} */ (['activations', 'weightGradients'])) {
        const lines = networks.map(network => mainLayers(network.layers).map(i => network[kind][i]));
        charts[kind].show({
          series: lines.map((values, network) => ({
            network, side: 'learnt', points: values.map((value, i) => ({ x: i + 1, y: value > 0 ? value : NaN })),
          })),
          x: { min: 1, max: Math.max(2, ...lines.map(values => values.length)) },
          y: logRange(lines.flat()),
          read: x => readingOf(text('skiplab.signal.at', { layer: x }) ?? '',
            lines.map(values => (x <= values.length ? significant(values[x - 1], 2) : '–')), names),
        });
      }
    },
  };
}
