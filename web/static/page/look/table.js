// The numbers behind the picture of the network, as an accessible table and as CSV.

import { find, make } from '../dom.js';
import { decimal } from '../format.js';
import { say, setText } from '../i18n.js';
import { blockName } from './lab.js';

/** @typedef {import('../../zproto.js').Block} Block */
/** @typedef {import('../../zproto.js').BlockTrace} BlockTrace */

const columns = ['block', 'size', 'x', 'f', 'y', 'ratio', 'cosine'];

/** @param {BlockTrace} trace */
const figures = ({ normX, normF, normY, cosine }) => [normX, normF, normY, normX > 0 ? normF / normX : 0, cosine];

/**
 * The table as comma-separated values, with all digits.
 * @param {Block[]} blocks
 * @param {BlockTrace[]} traces
 * @param {Record<string, string>} ablate
 * @param {import('../../zproto.js').Swept} [swept] adds a class's probability without each block
 */
export function csv(blocks, traces, ablate, swept) {
  const head = [
    'block', 'stage', 'height', 'width', 'channels', 'projection',
    'norm_x', 'norm_f', 'norm_y', 'ratio', 'cosine', 'left_out',
    ...(swept ? ['class', 'probability', 'probability_without_f'] : []),
  ];
  const rows = blocks.map(({ name, stage, height, width, channels, projection }, i) => [
    name, stage, height, width, channels, projection, ...figures(traces[i]), ablate[i] ?? '',
    ...(swept ? [swept.classIndex, swept.probability, swept.without[i]] : []),
  ]);
  return [head, ...rows].map(row => `${row.join(',')}\r\n`).join('');
}

export function createTable() {
  const table = find('#numbers', HTMLTableElement);
  find('thead tr', HTMLTableRowElement, table).replaceChildren(...columns.map(name => {
    const cell = make('th');
    cell.scope = 'col';
    say(cell, `numbers.${name}`);
    return cell;
  }));

  return {
    clear: () => find('tbody', HTMLTableSectionElement, table).replaceChildren(),

    /**
     * @param {Block[]} blocks
     * @param {BlockTrace[]} traces
     */
    show(blocks, traces) {
      find('tbody', HTMLTableSectionElement, table).replaceChildren(...blocks.map(({ height, width, channels }, i) => {
        const name = make('th');
        name.scope = 'row';
        setText(name, () => blockName(blocks, i));
        const cells = figures(traces[i]).map((value, k) => {
          const cell = make('td');
          setText(cell, () => decimal(value, k < 3 ? 1 : 3));
          return cell;
        });
        return make('tr', '', name, make('td', '', `${height} × ${width} × ${channels}`), ...cells);
      }));
    },
  };
}
