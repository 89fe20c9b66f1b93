// A lesson in which transfer hurts: drawn shapes that point left or right. A network that learnt from mirrored photos
// takes both for the same.

import { make } from '../dom.js';
import { alertLine, button, localized } from '../elements.js';
import { say, text } from '../i18n.js';
import { isEngineFault } from '../../residua.js';

/** The drawings: docs/rationale-teaching.md says how the numbers were found. */
const drawings = Object.freeze({ task: 'direction', domain: 'filled', size: 64, difficulty: 0.5 });
/** How many are learnt from, and how many judge. */
const counts = Object.freeze({ learnt: 160, test: 80 });
/** The domain of the lesson's pictures. */
const domain = 'shape';

/**
 * How a network from scratch is trained. It mirrors pictures at random, unless their mirror images are of another
 * class; and so few pictures need more epochs.
 * @param {readonly { pictures: readonly { domain: string }[] }[]} classes
 */
export function scratchOptions(classes) {
  const pictures = classes.flatMap(one => one.pictures);
  const isLesson = pictures.length > 0 && pictures.every(one => one.domain === domain);
  return isLesson ? { noMirror: true, epochs: 120 } : {};
}

/** @param {ImageData} image @param {string} name */
async function asFile(image, name) {
  const canvas = make('canvas');
  Object.assign(canvas, { width: image.width, height: image.height });
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  const blob = await new Promise(done => { canvas.toBlob(done, 'image/png'); });
  return { blob: /** @type {Blob} */ (blob), name };
}

/**
 * @param {import('./context.js').TeachContext} context
 * @param {{ additions: import('./additions.js').Additions, onLoaded: () => void }} options
 *   onLoaded: all pictures are there
 */
export function createLeftRight(context, { additions, onLoaded }) {
  const start = button('teach.hurts.start', 'plain', () => void load());
  const fault = alertLine();
  const element = make('div', 'teach-starters', start, localized('p', 'teach.hurts.text', 'hint'), fault);

  async function draw() {
    const teacher = await context.ready();
    const { classes, pictures } = await teacher.drawShapes({ ...drawings, count: counts.learnt + counts.test });
    const files = await Promise.all(pictures.map(async ({ label, image }, i) =>
      ({ label, test: i >= counts.learnt, ...await asFile(image, `${classes[label]}-${i + 1}.png`) })));
    for (const test of [false, true]) {
      const of = (/** @type {number} */ label) => files.filter(one => one.label === label && one.test === test);
      await additions.addClasses(classes.map((name, label) =>
        ({ name: text(`teach.hurts.${name}`) ?? name, files: of(label) })), { domain, test });
    }
  }

  /** @param {'' | 'teaching'} lesson  what comes next */
  function end(lesson) {
    context.lesson = lesson;
    start.disabled = false;
    context.show();
  }

  async function load() {
    start.disabled = true;
    context.lesson = 'filling';
    context.show();
    fault.textContent = '';
    try {
      await draw();
      end('teaching');
      onLoaded();
    } catch (error) {
      end('');
      if (isEngineFault(error)) context.onEngineFault(error);
      else say(fault, 'teach.hurts.failed');
    }
  }

  return { element };
}
