// The map of the pictures: like ones stand near each other. Colour and shape tell class and domain; pointing at one shows it.

import { make } from '../dom.js';
import { onLanguage, say, text } from '../i18n.js';
import { button, draw, whole, words } from './parts.js';
import { isEngineFault } from '../../residua.js';

/** @typedef {import('./parts.js').PictureRecord} PictureRecord */
/** @typedef {{ id: string, x: number, y: number, record: PictureRecord, name: string, element: SVGElement }} Point */

const size = { width: 640, height: 400, edge: 16 };
/** More points than this cannot be told apart, and would make the page slow. */
const most = 1500;
/** Colours of classes there are in teach.css; then they begin again. */
const colours = 8;

/** Shapes of domains: round a point, about as large as each other. */
const shapes = [
  () => draw('circle', { r: 5 }),
  () => draw('path', { d: 'M0-6.5 6 5H-6z' }),
  () => draw('path', { d: 'M-4.7-4.7h9.4v9.4h-9.4z' }),
  () => draw('path', { d: 'M0-6.8 6.8 0 0 6.8-6.8 0z' }),
];

/** @param {string} domain */
export const domainName = domain => text(`teach.domain.${domain || 'own'}`) ?? domain;

/** @param {import('./parts.js').Desk} desk */
export function createMap(desk) {
  const start = button('teach.map.show', 'plain', () => void plotNow());
  const svg = draw('svg', { viewBox: `0 0 ${size.width} ${size.height}`, 'aria-hidden': 'true' });
  const plot = make('div', 'teach-plot', /** @type {any} */ (svg));
  plot.tabIndex = 0;
  plot.role = 'group';
  say(plot, 'teach.map.label', {}, 'aria-label');
  const thumb = make('span', 'thumb');
  const pointed = make('p');
  pointed.role = 'status';
  const tip = make('div', 'teach-tip', thumb, pointed);
  const key = make('ul', 'teach-legend');
  key.setAttribute('role', 'list');
  const note = make('p', 'hint');
  const body = make('div', '', key, plot, tip, note);
  const element = make('div', 'teach-map', words('h4', 'teach.map.title'), words('p', 'teach.map.hint', 'hint'), start, body);
  body.hidden = true;
  /** From left to right. @type {Point[]} */
  let points = [];
  let at = -1;
  /** What is drawn, or was last seen not to be. @type {readonly unknown[] | undefined} */
  let drawn;

  async function plotNow() {
    const { teacher } = desk;
    if (!teacher) return;
    start.disabled = true;
    try {
      const { points: all, explained } = await teacher.map();
      plotAll(teacher, all, explained);
    } catch (error) {
      if (isEngineFault(error)) desk.retire(error);
      else desk.messages.error(error);
    }
    start.disabled = false;
  }

  /**
   * @param {import('./parts.js').Teacher} teacher
   * @param {{ id: string, x: number, y: number }[]} all
   * @param {number[]} explained
   */
  function plotAll(teacher, all, explained) {
    const classes = teacher.classes;
    const of = new Map(classes.flatMap(({ pictures }, i) => pictures.map(record => [record.id, { record, i }])));
    const domains = [...new Set(classes.flatMap(({ pictures }) => pictures.map(({ domain }) => domain)))];
    const every = Math.ceil(all.length / most);
    const some = all.filter(({ id }, i) => i % every === 0 && of.has(id));
    const range = (/** @type {'x' | 'y'} */ axis) => {
      const values = some.map(point => point[axis]);
      const [least, largest] = [Math.min(...values), Math.max(...values)];
      return (/** @type {number} */ value) => (largest > least ? (value - least) / (largest - least) : 0.5);
    };
    const [along, up] = [range('x'), range('y')];
    points = some.map(({ id, x, y }) => {
      const { record, i } = /** @type {{ record: PictureRecord, i: number }} */ (of.get(id));
      const px = size.edge + along(x) * (size.width - 2 * size.edge);
      const py = size.height - size.edge - up(y) * (size.height - 2 * size.edge);
      const shape = shapes[domains.indexOf(record.domain) % shapes.length]();
      shape.setAttribute('class', `point colour-${i % colours}`);
      shape.setAttribute('transform', `translate(${px.toFixed(1)} ${py.toFixed(1)})`);
      return { id, x: px, y: py, record, name: classes[i].name, element: shape };
    }).sort((a, b) => a.x - b.x);
    svg.replaceChildren(...points.map(point => point.element));
    key.replaceChildren(
      ...classes.map(({ name }, i) => make('li', '', /** @type {any} */ (draw('svg', { viewBox: '-8 -8 16 16', 'aria-hidden': 'true' }, shapes[0]())), name)),
      ...(domains.length > 1 ? domains.map((domain, i) => make('li', 'domain', /** @type {any} */ (draw('svg', { viewBox: '-8 -8 16 16', 'aria-hidden': 'true' }, shapes[i % shapes.length]())), domainName(domain))) : []),
    );
    classes.forEach((_, i) => key.children[i].querySelector('circle')?.setAttribute('class', `point colour-${i % colours}`));
    say(note, every > 1 ? 'teach.map.explained.some' : 'teach.map.explained', () => ({ share: whole(explained[0] + explained[1]), shown: some.length, total: all.length }));
    body.hidden = false;
    start.hidden = true;
    point(-1);
  }

  /** @param {number} i */
  function point(i) {
    points[at]?.element.classList.remove('pointed');
    at = i;
    const one = points[at];
    thumb.replaceChildren();
    desk.thumbs.detach(thumb);
    thumb.hidden = !one;
    if (!one) return say(pointed, 'teach.map.point');
    one.element.classList.add('pointed');
    one.element.parentNode?.append(one.element); // above the others
    desk.thumbs.attach(thumb, one.id);
    const values = () => ({ name: one.record.name || (text('photo.pasted') ?? ''), class: one.name, domain: domainName(one.record.domain) });
    say(pointed, one.record.domain ? 'teach.map.pointed.domain' : 'teach.map.pointed', values);
  }

  /** The point nearest to where the mouse or the finger is. @param {PointerEvent} event */
  function nearest(event) {
    const box = svg.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width * size.width, (event.clientY - box.top) / box.height * size.height];
    let [best, far] = [-1, 24 ** 2];
    points.forEach((one, i) => {
      const d = (one.x - x) ** 2 + (one.y - y) ** 2;
      if (d < far) [best, far] = [i, d];
    });
    if (best >= 0 && best !== at) point(best);
  }
  svg.addEventListener('pointermove', nearest);
  svg.addEventListener('pointerdown', nearest);
  plot.addEventListener('focus', () => { if (at < 0 && points.length > 0) point(0); });
  plot.addEventListener('keydown', event => {
    const to = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: 0, End: points.length - 1 }[event.key];
    if (to === undefined || points.length === 0) return;
    event.preventDefault();
    point(Math.min(Math.max(to, 0), points.length - 1));
  });
  onLanguage(() => { if (!body.hidden) drawn = undefined; });

  return {
    element,
    draw: plotNow,
    /** A map of other pictures than there are now is taken away. */
    show() {
      const classes = desk.teacher?.classes;
      if (classes === drawn) return;
      drawn = classes;
      body.hidden = true;
      start.hidden = false;
    },
  };
}
