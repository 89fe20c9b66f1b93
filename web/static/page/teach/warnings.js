// What may spoil the teaching, in words, each with a way to the pictures that are meant.

import { make } from '../dom.js';
import { say } from '../i18n.js';
import { button } from './parts.js';
import { isEngineFault } from '../../residua.js';

/** @typedef {Awaited<ReturnType<import('./parts.js').Teacher['inspect']>>[number]} Found */

/** The pictures are looked through when they have been left alone for so long. */
const calmMs = 700;
/** So many pictures of a warning are shown. */
const mostShown = 24;

/**
 * @param {import('./parts.js').Desk} desk
 * @param {{ selection: import('./selection.js').Selection, goTo: (name: string) => void }} parts
 */
export function createWarnings(desk, { selection, goTo }) {
  const list = make('ul', 'teach-warnings');
  list.setAttribute('role', 'list');
  const element = make('div', '', list);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** What was looked through last. @type {readonly unknown[] | undefined} */
  let asked;
  /** The warnings that are opened, by what they say: they stay so when they are found again. @type {Set<string>} */
  const open = new Set();

  async function inspect() {
    const { teacher } = desk;
    if (!teacher || teacher.waiting > 0 || desk.training) return;
    try {
      const found = await teacher.inspect();
      if (teacher === desk.teacher) list.replaceChildren(...found.map(warning));
    } catch (error) {
      asked = undefined;
      if (isEngineFault(error)) desk.retire(error);
      else if (/** @type {any} */ (error)?.code !== 'cancelled') desk.messages.error(error);
    }
  }

  /** @param {Found} found */
  function warning({ problem, class: name, other, pictures, count }) {
    const key = JSON.stringify([problem, name, other]);
    const values = { class: name ?? '', other: other ?? '', count };
    const line = make('p');
    say(line, `teach.warn.${problem}`, values);
    const li = make('li', 'teach-warning', line);
    if (pictures.length === 0) {
      if (name !== null) li.append(button('teach.warn.go', 'quiet', () => goTo(name), { name }));
      return li;
    }
    const toggle = button('teach.warn.show', 'quiet', () => unfold(!open.has(key)), { count: pictures.length });
    const row = make('div', 'teach-strip');
    /** @param {boolean} on */
    const unfold = on => {
      if (on) open.add(key);
      else open.delete(key);
      toggle.ariaExpanded = String(on);
      row.replaceChildren(...(on ? pictures.slice(0, mostShown).map(picture) : []));
    };
    li.append(toggle, row);
    unfold(open.has(key));
    return li;
  }

  /** One of the pictures that are meant: a click chooses it. @param {string} id */
  function picture(id) {
    const of = desk.teacher?.classes.find(({ pictures }) => pictures.some(one => one.id === id));
    const name = of?.pictures.find(one => one.id === id)?.name ?? '';
    const thumb = make('span', 'thumb');
    const one = make('button', 'card', thumb, make('span', 'label', of?.name ?? ''));
    one.type = 'button';
    say(one, 'teach.warn.picture', { name, class: of?.name ?? '' }, 'aria-label');
    const mark = () => { one.ariaPressed = String(selection.has(id)); };
    one.addEventListener('click', () => {
      selection.set([id], !selection.has(id));
      mark();
    });
    mark();
    desk.thumbs.attach(thumb, id);
    return one;
  }

  return {
    element,
    show() {
      const classes = desk.teacher?.classes ?? [];
      if (classes === asked) return;
      asked = classes;
      clearTimeout(timer);
      if (classes.length === 0) list.replaceChildren();
      else timer = setTimeout(inspect, calmMs);
    },
    /** Looks again, whatever was seen before. */
    again() {
      asked = undefined;
    },
  };
}
