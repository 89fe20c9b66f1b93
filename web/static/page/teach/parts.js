// What the parts of the room Teach share: what they are given, and small helpers round the DOM.

import { make } from '../dom.js';
import { decimal } from '../format.js';
import { say } from '../i18n.js';

/** @typedef {import('../../residua.js').Teacher} Teacher */
/** @typedef {import('../../residua.js').Run} Run */
/** @typedef {import('../../residua.js').PictureRecord} PictureRecord */
/** @typedef {import('../../residua.js').ClassWithPictures} ClassWithPictures */

/**
 * What a part of the room is given.
 * @typedef {object} Desk
 * @property {Teacher | undefined} teacher  undefined: there is no network yet
 * @property {boolean} readOnly  another tab has the project
 * @property {() => Promise<Teacher>} ready  the teacher, as soon as there is one
 * @property {import('./messages.js').Messages} messages
 * @property {import('./thumbs.js').Thumbs} thumbs
 * @property {(error: unknown) => void} retire  hears of errors after which the engine may be of no use
 * @property {() => void} refresh  brings the room to what the teacher has, soon
 * @property {() => void} update  the same, at once
 * @property {boolean} training  whether a training is on its way
 */

/**
 * @param {string} key of its words
 * @param {string} className
 * @param {() => unknown} onClick
 * @param {import('../i18n.js').Values} [values]
 */
export function button(key, className, onClick, values) {
  const element = make('button', className);
  element.type = 'button';
  say(element, key, values);
  element.addEventListener('click', () => void onClick());
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} key
 * @param {string} [className]
 * @param {Parameters<typeof say>[2]} [values]
 */
export function words(tag, key, className = '', values) {
  const element = make(tag, className);
  say(element, key, values);
  return element;
}

/**
 * An element of a drawing.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function draw(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * A part of the room with its heading.
 * @param {string} name of the part: its heading is teach.NAME.title
 * @param {...Node} children
 */
export function part(name, ...children) {
  const title = words('h3', `teach.${name}.title`);
  title.id = `teach-${name}-title`;
  const section = make('section', `teach-part teach-${name}`, title, ...children);
  section.setAttribute('aria-labelledby', title.id);
  return section;
}

/** The training whose network answers: the last one of the given pictures' features or of the last block. @param {Teacher | undefined} teacher */
export const mainRun = teacher => teacher?.history.findLast(({ method }) => method === 'head' || method === 'last-block');

/** Which of a run's results judges it, and on which side its pictures are. @param {Run} run */
export function judged(run) {
  return run.test ? { evaluation: run.test, side: 3, on: 'test' } : { evaluation: run.validation, side: 2, on: 'validation' };
}

/** A share in whole percents: more digits would pretend to know. @param {number} share */
export const whole = share => `${decimal(share * 100, 0)}%`;
