// What moved: how alike the blocks are before and after the last blocks were taught, each with each.

import { make } from '../../dom.js';
import { localized, svgElement } from '../../elements.js';
import { decimal } from '../../format.js';
import { say } from '../../i18n.js';
import { scroller } from '../elements.js';
import { mainRun } from '../runs.js';
import { tooFewPictures } from '../trainingobstacle.js';
import { blockLabel } from './names.js';
import { createPanel } from './panel.js';

/** @typedef {import('../context.js').Teacher} Teacher */

const cell = 24;
const edge = 48;

/** @param {import('../context.js').TeachContext} context */
export function createMoved(context) {
  const svg = svgElement('svg', { class: 'chart domains-heat', role: 'img' });
  const verdict = make('p', 'teach-verdict');
  const rows = make('tbody');
  const heads = make('tr');
  const numbers = make('details', '', localized('summary', 'domains.numbers'),
    scroller(make('table', 'teach-methods', make('thead', '', heads), rows)));
  const result = make('div', 'domains-result', verdict,
    make('figure', 'teach-chart', localized('h5', 'domains.moved.chart'), /** @type {any} */ (svg)), numbers);

  const panel = createPanel(context, 'moved', {
    result,
    terms: ['cka'],
    obstacle: () => (mainRun(context.teacher)?.method === 'last-block' ? tooFewPictures(context.teacher)
      : 'domains.moved.first'),
    async run({ teacher, signal, onSteps }) {
      const { blocks, data } = await teacher.moved({ signal, onPrepared: onSteps });
      present(teacher, blocks, data);
    },
  });

  /** @param {Teacher} teacher @param {number} count @param {Float32Array} data */
  function present(teacher, count, data) {
    const labels = Array.from({ length: count }, (_, i) => blockLabel(teacher.blocks, i));
    const side = edge + count * cell;
    svg.setAttribute('viewBox', `0 0 ${side} ${side}`);
    svg.replaceChildren(
      ...[...data].map((value, at) => {
        const [before, after] = [Math.floor(at / count), at % count];
        const rect = svgElement('rect', {
          x: edge + after * cell, y: before * cell, width: cell - 1, height: cell - 1, class: 'domains-cell',
        }, svgElement('title', {}, `${labels[before]} → ${labels[after]}: ${decimal(value, 3)}`));
        rect.style.setProperty('--share', String(Math.min(Math.max(value, 0), 1)));
        return rect;
      }),
      svgElement('g', { class: 'grid' }, ...labels.flatMap((label, i) => [
        svgElement('text', { x: edge - 6, y: i * cell + cell * 0.7, 'text-anchor': 'end' }, label),
        svgElement('text', {
          x: edge + (i + 0.5) * cell, y: side - edge + 14, 'text-anchor': 'end',
          transform: `rotate(-60 ${edge + (i + 0.5) * cell} ${side - edge + 14})`,
        }, label),
      ])),
    );
    const own = (/** @type {number} */ i) => data[i * count + i];
    const least = labels.reduce((best, _, i) => (own(i) < own(best) ? i : best), count - 1);
    const values = () => ({ block: labels[least], cka: decimal(own(least), 3) });
    say(verdict, own(least) > 0.9995 ? 'domains.moved.same' : 'domains.moved.most', values);
    say(svg, 'domains.moved.chart.spoken', values, 'aria-label');
    const corner = localized('th', 'domains.moved.corner');
    heads.replaceChildren(corner, ...labels.map(label => {
      const head = make('th', '', label);
      head.scope = 'col';
      return head;
    }));
    rows.replaceChildren(...labels.map((label, i) => {
      const head = make('th', '', label);
      head.scope = 'row';
      return make('tr', '', head, ...labels.map((_, k) => localized('td', 'domains.number', '', () =>
        ({ number: decimal(data[i * count + k], 2) }))));
    }));
  }

  /** When the training was made that the result is of. @type {number | undefined} */
  let seen;

  return {
    ...panel,
    show() {
      const run = mainRun(context.teacher);
      const when = run?.method === 'last-block' ? run.when : undefined;
      if (when !== seen) panel.clear();
      seen = when;
      panel.show();
    },
  };
}
