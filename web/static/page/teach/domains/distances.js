// How far apart are two sets of pictures, as the network sees them, block by block?

import { make } from '../../dom.js';
import { button, columnHead, localized } from '../../elements.js';
import { decimal, significant } from '../../format.js';
import { onLanguage, say } from '../../i18n.js';
import { row, scroller } from '../elements.js';
import { createPlot } from '../featureplot.js';
import { wholePercent } from '../rates.js';
import { createBlockChart } from './blockchart.js';
import { blockLabel, pictureSets } from './names.js';
import { createPanel } from './panel.js';
import { createSetChoice } from './setchoice.js';

/** @typedef {import('../../../zproto.js').BlockDistance} BlockDistance */
/** @typedef {import('../context.js').Teacher} Teacher */
/** @typedef {import('./names.js').PictureSet} PictureSet */

/** What a mouse finds at the heads of the columns. @type {Record<string, string>} */
const about = {
  block: 'domains.term.block.text', 'a-distance': 'domains.term.a-distance.text',
  interval: 'domains.term.distance-interval.text', mmd: 'domains.term.mmd.text', p: 'domains.term.p.text',
};

/** How often a classifier tells the sets apart at a proxy A-distance. @param {number} a */
const toldApart = a => (a / 2 + 1) / 2;

/** More points than this cannot be told apart. */
const maxPoints = 800;

/** @param {Teacher} teacher @param {BlockDistance} distance */
function tableRow({ blocks }, { block, a, aLow, aHigh, mmd2, p, verdict }) {
  const name = make('th', '', blockLabel(blocks, block));
  name.scope = 'row';
  const cell = (/** @type {() => string} */ number) =>
    localized('td', 'domains.number', '', () => ({ number: number() }));
  return make('tr', '', name, cell(() => decimal(a, 2)), cell(() => `${decimal(aLow, 2)} – ${decimal(aHigh, 2)}`),
    cell(() => significant(mmd2, 2)), cell(() => decimal(p, 3)), localized('td', `domains.distance.${verdict}`));
}

/**
 * @param {import('../context.js').TeachContext} context
 * @param {{ onClose: (set: string) => void }} handlers
 *   onClose: what was taught shall be fitted to this set of pictures
 */
export function createDistances(context, { onClose }) {
  const onChange = () => show();
  const first = createSetChoice('domains.distance.a', { prefers: ['learnt'], onChange });
  const second = createSetChoice('domains.distance.b', { prefers: ['unlabelled', 'test', 'earlier'], onChange });
  const verdict = make('p', 'teach-verdict');
  const detail = make('p', 'prose');
  const different = make('p', 'prose');
  const chart = createBlockChart('domains.distance.chart', {
    max: 2, ticks: [0, 0.5, 1, 1.5, 2], format: value => decimal(value, 1),
  });
  const rows = make('tbody');
  const head = make('tr', '', ...['block', 'a-distance', 'interval', 'mmd', 'p', 'words']
    .map(name => columnHead(`domains.distance.column.${name}`, about[name])));
  const plot = createPlot(context);
  /** Draws the map with the sets' names in the page's language. */
  let drawPlot = () => {};
  onLanguage(() => drawPlot());
  const map = make('div', 'teach-map', localized('h5', 'domains.distance.map'), ...plot.elements);
  const numbers = make('details', '', localized('summary', 'domains.numbers'),
    scroller(make('table', 'teach-methods', make('thead', '', head), rows)));
  /** The set that what was taught can be fitted to, where the two differ. */
  let other = '';
  const close = button('domains.distance.close', 'plain', () => onClose(other));
  const closing = row(close);
  const result = make('div', 'domains-result', verdict, detail, different, closing, chart.element, map, numbers);

  const panel = createPanel(context, 'distance', {
    controls: [make('div', 'teach-row', first.element, second.element)],
    result,
    terms: ['a-distance', 'mmd', 'p'],
    obstacle() {
      const { set: a } = first;
      const { set: b } = second;
      if (!a || !b || first.sets.length < 2) return 'domains.distance.nothing';
      if (a.value === b.value) return 'domains.distance.same-set';
      const inA = new Set(a.ids);
      return b.ids.some(id => inA.has(id)) ? 'domains.distance.overlap' : undefined;
    },
    async run({ teacher, signal, onSteps }) {
      const [a, b] = [/** @type {PictureSet} */ (first.set), /** @type {PictureSet} */ (second.set)];
      const distances = await teacher.distance(a.ids, b.ids, {
        signal, onPrepared: steps => onSteps(steps, 'domains.busy.pictures'),
        onProgress: so => onSteps({ done: so.length, total: teacher.blocks.length }),
      });
      const { points } = await teacher.map({ ids: [...a.ids, ...b.ids], signal });
      present(teacher, distances, a, b);
      showMap(teacher, points, a, b);
    },
  });

  /** @param {Teacher} teacher @param {BlockDistance[]} distances @param {PictureSet} a @param {PictureSet} b */
  function present(teacher, distances, a, b) {
    const last = distances[distances.length - 1];
    const values = () => ({
      a: a.name(), b: b.name(), distance: decimal(last.a, 2), low: decimal(last.aLow, 2), high: decimal(last.aHigh, 2),
      p: decimal(last.p, 3), block: blockLabel(teacher.blocks, last.block),
      share: wholePercent(toldApart(last.a)), lowShare: wholePercent(toldApart(last.aLow)),
      highShare: wholePercent(toldApart(last.aHigh)),
    });
    say(verdict, `domains.distance.${last.verdict}.verdict`, values);
    say(detail, `domains.distance.${last.verdict}.detail`, values);
    different.hidden = last.pictures.every((n, set) => n === last.different[set]);
    say(different, 'domains.distance.different', () => ({
      a: a.name(), b: b.name(), ofA: decimal(last.different[0], 0), ofB: decimal(last.different[1], 0),
    }));
    other = [b, a].find(({ isLearnt }) => !isLearnt)?.value ?? '';
    closing.hidden = other === '' || (last.verdict !== 'far' && last.verdict !== 'near');
    chart.show(distances.map(({ block, a: mid, aLow: low, aHigh: high }) =>
      ({ label: blockLabel(teacher.blocks, block), mid, low, high })), values);
    rows.replaceChildren(...distances.map(one => tableRow(teacher, one)));
  }

  /**
   * The map of the features, coloured by the two sets.
   * @param {Teacher} teacher
   * @param {Awaited<ReturnType<Teacher['map']>>['points']} points
   * @param {PictureSet} a
   * @param {PictureSet} b
   */
  function showMap(teacher, points, a, b) {
    const every = Math.ceil(points.length / maxPoints);
    const records = new Map([...teacher.classes.flatMap(({ pictures }) => pictures), ...teacher.unlabelled]
      .map(record => [record.id, { ...record, domain: '' }]));
    const shown = points.filter(({ id }, i) => records.has(id) && i % every === 0);
    drawPlot = () => plot.show([a, b].map(({ value, name, ids }) =>
      ({ id: value, name: name(), pictures: ids.flatMap(id => records.get(id) ?? []) })), shown, 'class');
    drawPlot();
  }

  function show() {
    const sets = pictureSets(context.teacher);
    first.show(sets);
    second.show(sets);
    panel.show();
  }

  return { ...panel, show };
}
