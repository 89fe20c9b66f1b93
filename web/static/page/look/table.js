// The numbers behind the picture of the network, as an accessible table and as CSV.

import { find, make } from '../dom.js';
import { glossary } from '../elements.js';
import { decimal, share } from '../format.js';
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
 * @param {{ swept?: import('../../zproto.js').Swept, knowledge?: number[] }} [more]
 *   swept adds a class's probability without each block, knowledge how often a linear classifier on each is right
 */
export function csv(blocks, traces, ablate, { swept, knowledge } = {}) {
  const head = [
    'block', 'stage', 'height', 'width', 'channels', 'projection',
    'norm_x', 'norm_f', 'norm_y', 'ratio', 'cosine', 'left_out',
    ...(swept ? ['class', 'probability', 'probability_without_f'] : []),
    ...(knowledge ? ['probe_accuracy'] : []),
  ];
  const rows = blocks.map(({ name, stage, height, width, channels, projection }, i) => [
    name, stage, height, width, channels, projection, ...figures(traces[i]), ablate[i] ?? '',
    ...(swept ? [swept.classIndex, swept.probability, swept.without[i]] : []),
    ...(knowledge ? [knowledge[i]] : []),
  ]);
  return [head, ...rows].map(row => `${row.join(',')}\r\n`).join('');
}

export function createTable() {
  const table = find('#numbers', HTMLTableElement);
  const body = find('tbody', HTMLTableSectionElement, table);
  /** What the rows show. @type {{ blocks: Block[], traces: BlockTrace[] } | undefined} */
  let shown;
  /** @type {number[] | undefined} */
  let knowledge;

  /** @param {string} name */
  const headCell = name => {
    const cell = make('th');
    cell.scope = 'col';
    say(cell, `numbers.${name}`);
    say(cell, `numbers.${name}.text`, {}, 'title');
    return cell;
  };

  /** @param {() => string} value */
  const numberCell = value => {
    const cell = make('td');
    setText(cell, value);
    return cell;
  };

  function render() {
    const known = knowledge;
    find('thead tr', HTMLTableRowElement, table)
      .replaceChildren(...columns.map(headCell), ...(known ? [headCell('knowledge')] : []));
    if (!shown) return body.replaceChildren();
    const { blocks, traces } = shown;
    body.replaceChildren(...blocks.map(({ height, width, channels }, i) => {
      const name = make('th');
      name.scope = 'row';
      setText(name, () => blockName(blocks, i));
      return make('tr', '', name, make('td', '', `${height} × ${width} × ${channels}`),
        ...figures(traces[i]).map((value, k) => numberCell(() => decimal(value, k < 3 ? 1 : 3))),
        ...(known ? [numberCell(() => share(known[i]))] : []));
    }));
  }

  /** @type {HTMLElement} */ (table.parentElement).after(glossary(columns.map(name => `numbers.${name}`)));
  render();

  return {
    clear() {
      shown = undefined;
      render();
    },

    /**
     * @param {Block[]} blocks
     * @param {BlockTrace[]} traces
     */
    show(blocks, traces) {
      shown = { blocks, traces };
      render();
    },

    /** Adds the column of what each block knows, or takes it away. @param {number[]} [next] */
    setKnowledge(next) {
      if (next === knowledge) return;
      knowledge = next;
      render();
    },
  };
}
