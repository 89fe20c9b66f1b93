// The map of the features: pictures that the network finds alike stand near each other.

import { make } from '../dom.js';
import { button, localized } from '../elements.js';
import { onLanguage, say } from '../i18n.js';
import { pointingHint } from './elements.js';
import { createPlot } from './featureplot.js';
import { wholePercent } from './rates.js';

/** @typedef {import('./context.js').Teacher} Teacher */

/** More points than this cannot be told apart, and slow the page down. */
const maxPoints = 1500;

/**
 * What a map is of: a teacher's classes, and their pictures by ID, each with what the map says of it.
 * @typedef {{ teacher: Teacher, classes: string, pictures: Map<string, string> }} Content
 */

/** @param {Teacher} teacher @returns {Content} */
const contentOf = teacher => ({
  teacher,
  classes: JSON.stringify(teacher.classes.map(({ id, name }) => [id, name])),
  pictures: new Map(teacher.classes.flatMap(({ id, pictures }) =>
    pictures.map(picture => [picture.id, JSON.stringify([id, picture.domain, picture.name])]))),
});

/**
 * Whether there is still what a map was drawn of. Whether a picture that was added belongs to the map is known when it
 * has its features: a file that is no picture goes away again.
 * @param {Content | undefined} drawn @param {Teacher} teacher
 */
function isStill(drawn, teacher) {
  if (drawn?.teacher !== teacher) return false;
  const { classes, pictures } = contentOf(teacher);
  return classes === drawn.classes && (pictures.size === drawn.pictures.size || teacher.waiting > 0)
    && [...drawn.pictures].every(([id, said]) => pictures.get(id) === said);
}

/** @param {import('./context.js').TeachContext} context */
export function createFeatureMap(context) {
  const start = button('teach.map.show', 'plain', () => void draw());
  const plot = createPlot(context);
  const note = make('p', 'hint');
  const left = make('p', 'hint');
  const body = make('div', '', ...plot.elements, left, note);
  const element = make('div', 'teach-map',
    localized('h4', 'teach.map.title'), pointingHint('teach.map.hint.click', 'teach.map.hint.tap'), start, body);
  body.hidden = true;
  /** What the map on the page is of. @type {Content | undefined} */
  let drawn;
  /** The classes for which it is known that the map is still right. @type {readonly unknown[] | undefined} */
  let checked;

  /** Whether the map's place is shown before the map, which then moves nothing. */
  let isExpected = false;

  /** @param {boolean} on  whether a map is to come */
  function expect(on) {
    isExpected = on;
    plot.show(context.teacher?.classes ?? [], []);
    say(note, 'teach.map.busy');
    body.hidden = !on;
    start.hidden = on;
  }

  async function draw() {
    const { teacher } = context;
    if (!teacher) return;
    start.disabled = true;
    expect(true);
    try {
      const { points, explained } = await teacher.map();
      const { classes } = teacher;
      const known = new Set(classes.flatMap(({ pictures }) => pictures.map(({ id }) => id)));
      const every = Math.ceil(points.length / maxPoints);
      const shown = points.filter(({ id }, i) => i % every === 0 && known.has(id));
      plot.show(classes, shown);
      drawn = contentOf(teacher);
      checked = classes;
      say(note, every > 1 ? 'teach.map.explained.some' : 'teach.map.explained', () =>
        ({ share: wholePercent(explained[0] + explained[1]), shown: shown.length, total: points.length }));
      sayLeft();
    } catch (error) {
      expect(false);
      context.onError(error);
    }
    start.disabled = isExpected = false;
  }

  /** Says how many pictures the map leaves out: those without a class. */
  function sayLeft() {
    const count = context.teacher?.unlabelled.length ?? 0;
    left.hidden = count === 0;
    say(left, 'teach.map.unlabelled', { count });
  }

  // Its words are of the language before: show() takes it away.
  onLanguage(() => { drawn = checked = undefined; });

  return {
    element,
    draw,
    expect,

    /** Takes away a map of other pictures than there are now. */
    show() {
      sayLeft();
      const { teacher } = context;
      if (body.hidden || isExpected || teacher && teacher.classes === checked) return;
      if (teacher && isStill(drawn, teacher)) {
        if (teacher.waiting === 0) checked = teacher.classes;
        return;
      }
      body.hidden = true;
      start.hidden = false;
    },
  };
}
