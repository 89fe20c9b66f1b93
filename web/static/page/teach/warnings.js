// Warnings of what may spoil a training, each with a way to the pictures that it is about.

import { make } from '../dom.js';
import { say } from '../i18n.js';
import { isEngineFault } from '../../residua.js';
import { button, localized, plainList } from '../elements.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {Awaited<ReturnType<import('./context.js').Teacher['inspect']>>[number]} Warning */

/** The pictures are inspected when they have not changed for so long. */
const calmMs = 700;
/** How many pictures of a warning are shown. */
const maxShown = 24;
/** Of more warnings, the others are folded. */
const maxUnfolded = 6;

/**
 * The warnings in another order: first one of each problem, then the second of each, and so on.
 * @param {Warning[]} warnings
 */
function byTurns(warnings) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  const turns = warnings.map(warning => {
    const turn = counts.get(warning.problem) ?? 0;
    counts.set(warning.problem, turn + 1);
    return { warning, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ warning }) => warning);
}

/**
 * A picture that a warning is about. A click chooses it.
 * @param {TeachContext} context
 * @param {import('./selection.js').Selection} selection
 * @param {string} id
 */
function createPicture(context, selection, id) {
  const owner = context.teacher?.classes.find(({ pictures }) => pictures.some(picture => picture.id === id));
  const name = owner?.pictures.find(picture => picture.id === id)?.name ?? '';
  const label = owner?.name ?? '';
  const thumbnail = make('span', 'thumb');
  const element = make('button', 'card', thumbnail, make('span', 'label', label));
  element.type = 'button';
  say(element, 'teach.warn.picture', { name, class: label }, 'aria-label');
  const showChosen = () => { element.ariaPressed = String(selection.has(id)); };
  element.addEventListener('click', () => {
    selection.set([id], !selection.has(id));
    showChosen();
  });
  showChosen();
  context.thumbnails.attach(thumbnail, id);
  return element;
}

/**
 * @param {TeachContext} context
 * @param {{ selection: import('./selection.js').Selection, goTo: (name: string) => void }} parts  goTo shows a class
 */
export function createWarnings(context, { selection, goTo }) {
  const list = plainList('ul', 'teach-warnings');
  const others = plainList('ul', 'teach-warnings');
  const othersTitle = make('summary');
  const folded = make('details', 'teach-fold', othersTitle, others);
  folded.hidden = true;
  const element = make('div', '', list, folded);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** The classes that were inspected last. @type {readonly unknown[] | undefined} */
  let inspected;
  /** The warnings that are unfolded. They stay so when they are found again. @type {Set<string>} */
  const unfolded = new Set();

  async function inspect() {
    const { teacher } = context;
    if (!teacher || teacher.waiting > 0 || context.training) {
      inspected = undefined; // the next show() tries again
      return;
    }
    try {
      const found = await teacher.inspect();
      if (teacher === context.teacher) showAll(byTurns(found));
    } catch (error) {
      inspected = undefined;
      if (isEngineFault(error)) context.onEngineFault(error);
      else if (/** @type {any} */ (error)?.code !== 'cancelled') context.messages.error(error);
    }
  }

  /** @param {Warning[]} warnings */
  function showAll(warnings) {
    const count = warnings.length - maxUnfolded;
    list.replaceChildren(...warnings.slice(0, maxUnfolded).map(createItem));
    others.replaceChildren(...warnings.slice(maxUnfolded).map(createItem));
    folded.hidden = count <= 0;
    say(othersTitle, 'teach.warn.others', { count });
  }

  /** @param {Warning} warning */
  function createItem({ problem, class: name, other, pictures, count }) {
    const key = JSON.stringify([problem, name, other]);
    const values = { class: name ?? '', other: other ?? '', count };
    const item = make('li', 'teach-warning', localized('p', `teach.warn.${problem}`, '', values));
    if (pictures.length === 0) {
      if (name !== null) item.append(button('teach.warn.go', 'quiet', () => goTo(name), { name }));
      return item;
    }
    const toggle = button('teach.warn.show', 'quiet', () => unfold(!unfolded.has(key)), { count: pictures.length });
    const strip = make('div', 'teach-strip');
    /** @param {boolean} on */
    const unfold = on => {
      if (on) unfolded.add(key);
      else unfolded.delete(key);
      toggle.ariaExpanded = String(on);
      const shown = on ? pictures.slice(0, maxShown) : [];
      strip.replaceChildren(...shown.map(id => createPicture(context, selection, id)));
    };
    item.append(toggle, strip);
    unfold(unfolded.has(key));
    return item;
  }

  return {
    element,

    show() {
      const classes = context.teacher?.classes ?? [];
      if (classes === inspected) return;
      inspected = classes;
      clearTimeout(timer);
      // Of a starter lesson there is nothing to warn, and its results stand below: they would be pushed away.
      if (classes.length === 0 || context.lesson) showAll([]);
      else timer = setTimeout(inspect, calmMs);
    },

    /** The next show() inspects the pictures even if they are the same. */
    invalidate() {
      inspected = undefined;
    },
  };
}
