// The drawing of the feature map. A point's colour says its class, and its shape the domain or, where a class is a
// domain, the class too. Pointing at it shows the picture.

import { make } from '../dom.js';
import { localized, plainList, statusLine, svgElement } from '../elements.js';
import { say, text } from '../i18n.js';
import { scaleOf } from './maplimits.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {import('./context.js').PictureRecord} PictureRecord */
/** @typedef {import('./context.js').ClassWithPictures} ClassWithPictures */
/**
 * @typedef {object} Point
 * @property {string} id
 * @property {number} x
 * @property {number} y
 * @property {PictureRecord} record
 * @property {string} name  of its class
 * @property {boolean} isBeyond  whether it lies outside the map, and is drawn at its edge
 * @property {SVGElement} element
 */

/** inset: how far from the edge the map begins where pictures lie outside it. */
const size = { width: 640, height: 400, edge: 16, inset: 28 };
/** How many colours of classes teach.css has. After the last the first comes again. */
const colourCount = 8;
/** How near to a point the pointer must be, in units of the drawing. */
const reach = 24;
/** How much larger the points are on a phone, where the drawing is half as wide. */
const largerOnPhones = 1.7;

/** The shapes of the domains, centred and of about the same area. */
const shapes = [
  () => svgElement('circle', { r: 5 }),
  () => svgElement('path', { d: 'M0-6.5 6 5H-6z' }),
  () => svgElement('path', { d: 'M-4.7-4.7h9.4v9.4h-9.4z' }),
  () => svgElement('path', { d: 'M0-6.8 6.8 0 0 6.8-6.8 0z' }),
];

/** @param {string} domain */
export const domainName = domain => text(`teach.domain.${domain || 'own'}`) ?? domain;

/** @param {number} i  of the class */
const pointClass = i => `point colour-${i % colourCount}`;

/**
 * A point outside the map: its shape, with a mark that shows where it lies.
 * @param {SVGElement} shape
 * @param {number} x  -1: to the left, 1: to the right, 0: neither
 * @param {number} y  -1: above, 1: below
 */
function markBeyond(shape, x, y) {
  const angle = Math.atan2(y, x) * 180 / Math.PI;
  return svgElement('g', {}, shape,
    svgElement('path', { class: 'beyond', d: 'M9-4 14 0 9 4', transform: `rotate(${angle})` }));
}

/**
 * The points with their shapes, from left to right.
 * @param {readonly ClassWithPictures[]} classes
 * @param {{ id: string, x: number, y: number }[]} places  of pictures of these classes
 * @param {(record: PictureRecord, i: number) => number} shapeOf  a picture of class i; it counts on after the last
 * @returns {Point[]}
 */
function placePoints(classes, places, shapeOf) {
  const pictures = new Map(classes.flatMap(({ name, pictures: all }, i) =>
    all.map(record => [record.id, { record, name, i }])));
  const zoom = matchMedia('(max-width: 599px)').matches ? largerOnPhones : 1;
  const [edge, inset] = [zoom * size.edge, zoom * size.inset];
  const scaleX = scaleOf(places.map(({ x }) => x), { length: size.width, edge, inset });
  const scaleY = scaleOf(places.map(({ y }) => -y), { length: size.height, edge, inset });
  return places.map(({ id, x, y }) => {
    const { record, name, i } = /** @type {{ record: PictureRecord, name: string, i: number }} */ (pictures.get(id));
    const [{ at: px, beyond: right }, { at: py, beyond: down }] = [scaleX(x), scaleY(-y)];
    const isBeyond = right !== 0 || down !== 0;
    const shape = shapes[shapeOf(record, i) % shapes.length]();
    const element = isBeyond ? markBeyond(shape, right, down) : shape;
    element.setAttribute('class', pointClass(i));
    element.setAttribute('transform', `translate(${px.toFixed(1)} ${py.toFixed(1)}) scale(${zoom})`);
    return { id, x: px, y: py, record, name, isBeyond, element };
  }).sort((a, b) => a.x - b.x);
}

/**
 * The legend's items: the classes, the domains if there are several, and the mark of pictures outside the map.
 * @param {readonly ClassWithPictures[]} classes
 * @param {string[]} domains
 * @param {number} beyond  how many lie outside
 * @param {(i: number) => number} shapeOf  class i
 */
function legendItems(classes, domains, beyond, shapeOf) {
  /** @param {SVGElement} shape @returns {any} */
  const drawing = shape => svgElement('svg', { viewBox: '-8 -8 16 16', 'aria-hidden': 'true' }, shape);
  const mark = svgElement('g', { transform: 'translate(-4 0) scale(0.75)' }, markBeyond(shapes[0](), 1, 0));
  const shapesShown = domains.length > 1 ? domains : [];
  return [
    ...classes.map(({ name }, i) => {
      const shape = shapes[shapeOf(i) % shapes.length]();
      shape.setAttribute('class', pointClass(i));
      return make('li', '', drawing(shape), name);
    }),
    ...shapesShown.map((domain, i) =>
      make('li', 'domain', drawing(shapes[i % shapes.length]()), domainName(domain))),
    ...(beyond > 0
      ? [make('li', 'domain', drawing(mark), localized('span', 'teach.map.beyond', '', { count: beyond }))] : []),
  ];
}

/** @param {TeachContext} context */
export function createPlot({ thumbnails }) {
  const svg = svgElement('svg', { viewBox: `0 0 ${size.width} ${size.height}`, 'aria-hidden': 'true' });
  const plot = make('div', 'teach-plot', /** @type {any} */ (svg));
  plot.tabIndex = 0;
  plot.role = 'group';
  say(plot, 'teach.map.label', {}, 'aria-label');
  const thumbnail = make('span', 'thumb');
  const pointed = statusLine();
  const tip = make('div', 'teach-tip', thumbnail, pointed);
  const legend = plainList('ul', 'teach-legend');
  /** @type {Point[]} */
  let points = [];
  /** The point that is pointed at; -1: none. */
  let current = -1;

  /** @param {number} i */
  function pointAt(i) {
    points[current]?.element.classList.remove('pointed');
    current = i;
    const point = points[current];
    thumbnail.replaceChildren();
    thumbnails.detach(thumbnail);
    thumbnail.hidden = !point;
    if (!point) return say(pointed, `teach.map.point.${matchMedia('(hover: hover)').matches ? 'click' : 'tap'}`);
    const { id, record, name, element } = point;
    element.classList.add('pointed');
    element.parentNode?.append(element); // above the others
    thumbnails.attach(thumbnail, id);
    say(pointed, record.domain ? 'teach.map.pointed.domain' : 'teach.map.pointed', () =>
      ({ name: record.name || (text('photo.pasted') ?? ''), class: name, domain: domainName(record.domain) }));
  }

  /** Points at what is nearest to the mouse or the finger. @param {PointerEvent} event */
  function pointNear({ clientX, clientY }) {
    const box = svg.getBoundingClientRect();
    const x = (clientX - box.left) / box.width * size.width;
    const y = (clientY - box.top) / box.height * size.height;
    let [nearest, least] = [-1, reach ** 2];
    points.forEach((point, i) => {
      const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
      if (distance < least) [nearest, least] = [i, distance];
    });
    if (nearest >= 0 && nearest !== current) pointAt(nearest);
  }

  svg.addEventListener('pointermove', pointNear);
  svg.addEventListener('pointerdown', pointNear);
  plot.addEventListener('focus', () => { if (current < 0 && points.length > 0) pointAt(0); });
  plot.addEventListener('keydown', event => {
    const [back, next] = [current - 1, current + 1];
    const keys = { ArrowRight: next, ArrowUp: next, ArrowLeft: back, ArrowDown: back, Home: 0, End: points.length - 1 };
    const to = keys[/** @type {keyof typeof keys} */ (event.key)];
    if (to === undefined || points.length === 0) return;
    event.preventDefault();
    pointAt(Math.min(Math.max(to, 0), points.length - 1));
  });

  return {
    elements: [legend, plot, tip],

    /**
     * @param {readonly ClassWithPictures[]} classes
     * @param {{ id: string, x: number, y: number }[]} places
     * @param {'domain' | 'class'} [shaped]  what the shape says; 'class': without colours, classes are told apart by it
     */
    show(classes, places, shaped = 'domain') {
      const domains = shaped === 'class' ? []
        : [...new Set(classes.flatMap(({ pictures }) => pictures.map(({ domain }) => domain)))];
      points = placePoints(classes, places, ({ domain }, i) => (shaped === 'class' ? i : domains.indexOf(domain)));
      const beyond = points.filter(({ isBeyond }) => isBeyond).length;
      svg.replaceChildren(...points.map(({ element }) => element));
      legend.replaceChildren(...legendItems(classes, domains, beyond, i => (shaped === 'class' ? i : 0)));
      pointAt(-1);
    },
  };
}
