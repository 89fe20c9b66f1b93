// The files that a run becomes: its networks, which are models like any others, and its curves.

import { namesOf } from './names.js';
import { curvesCSV } from './record.js';
import { nameText } from './words.js';

/** @typedef {import('./record.js').RunRecord} RunRecord */

/**
 * @param {import('./types.js').Lab} engine  that has the run's networks
 * @param {RunRecord} record
 * @param {number} network
 * @param {'onnx' | 'safetensors'} format
 * @returns {Promise<File>}
 */
export const networkFile = (engine, record, network, format) =>
  engine.export({ network, format, title: nameText(namesOf(record.settings.networks)[network]) });

/** @param {RunRecord} record */
export function curvesFile(record) {
  const names = namesOf(record.settings.networks).map(nameText);
  // Excel takes a file without the mark for one in the system's own encoding, in which Chinese names are garbled.
  const mark = names.some(name => /[^ -~]/.test(name)) ? '\uFEFF' : '';
  return new File([mark, curvesCSV(record, names)], 'residua-curves.csv', { type: 'text/csv' });
}
