// The classes, a card of each.

import { make } from '../dom.js';
import { glossary, iconButton, plainList } from '../elements.js';
import { isHidden, readDrop } from '../folders.js';
import { text } from '../i18n.js';
import { createClassCard } from './classcard.js';
import { dragType } from './picturechoice.js';
import { createRecorder } from './recorder.js';
import { testedPictures } from './runs.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/**
 * @typedef {object} Parts
 * @property {import('./additions.js').Additions} additions
 * @property {import('./archives.js').Archives} archives
 * @property {import('./selection.js').Selection} selection
 * @property {import('./undo.js').Undo} undo
 */

/** A name for a new class that no class has yet. @param {readonly { name: string }[]} classes */
function newName(classes) {
  const names = new Set(classes.map(({ name }) => name));
  const name = (/** @type {number} */ n) => text('teach.class.name', { n }) ?? String(n);
  let n = names.size + 1;
  while (names.has(name(n))) n++;
  return name(n);
}

/**
 * Takes what was dropped on a class: pictures of another class, or files.
 * @param {TeachContext} context
 * @param {Parts} parts
 * @param {string} classId
 * @param {DataTransfer} data
 */
async function takeDrop(context, { additions, archives, selection }, classId, data) {
  const dragged = data.getData(dragType);
  try {
    if (dragged) {
      const target = context.teacher?.classes.find(({ id }) => id === classId);
      const present = new Set(target?.pictures.map(({ id }) => id));
      /** @type {string[]} */
      const ids = JSON.parse(dragged).filter((/** @type {string} */ id) => !present.has(id));
      if (target && ids.length > 0) await context.teacher?.move(ids, target.name);
      return selection.clear();
    }
    const { files, inFolders } = await readDrop(data);
    const visible = inFolders.filter(one => !isHidden(one)).map(({ file }) => file);
    const all = [...await archives.take(files, classId), ...visible];
    if (all.length > 0) await additions.add(classId, all);
    else if (files.length === 0) context.messages.tell('hint.no-file');
  } catch (error) {
    context.messages.error(error);
  }
}

/**
 * @param {TeachContext} context
 * @param {Parts} parts
 */
export function createClasses(context, parts) {
  const { additions, archives, selection, undo } = parts;
  const list = plainList('ol', 'teach-classes');
  const addButton = iconButton('plus', 'teach.class.add', 'plain teach-add', addClass);
  /** @type {Map<string, ReturnType<typeof createClassCard>>} */
  const cards = new Map();
  /** The class that was used last. */
  let current = '';
  /** The class that the recorder adds to. */
  let recorded = '';
  const recorder = createRecorder({
    onFrame: blob => void additions.add(recorded, [{ blob, name: `webcam-${timestamp()}.jpg` }]),
  });
  // The recorder waits here while no class has it, so that it takes part in a change of the language.
  const terms = glossary(['teach.term.count']);
  const element = make('div', '', list, addButton, terms, recorder.element);

  async function addClass() {
    const teacher = await context.ready();
    try {
      const { id } = await teacher.addClass(newName(teacher.classes));
      context.show(); // a hidden field takes no focus
      cards.get(id)?.name.select(); // the name is a proposal, to be typed over
      cards.get(id)?.name.focus();
    } catch (error) {
      context.messages.error(error);
    }
  }

  /** @param {string} id */
  function createCard(id) {
    const card = createClassCard(context, selection, {
      onFiles: async files => additions.add(id, await archives.take(files, id)),
      onDrop: data => void takeDrop(context, parts, id, data),
      onDeletePictures: ids => void undo.removePictures(ids),
      onRecord(place, opener) {
        recorded = id;
        void recorder.open(place, opener);
      },
      async onDelete() {
        const next = card.element.nextElementSibling ?? card.element.previousElementSibling;
        await undo.removeClass(id);
        (next?.querySelector('input') ?? addButton).focus();
      },
      onUse() {
        current = id;
        for (const one of cards.values()) one.element.toggleAttribute('data-current', one === card);
      },
    });
    cards.set(id, card);
    return card;
  }

  /** @param {string} id */
  function removeCard(id) {
    if (recorded === id) {
      recorder.stop();
      element.append(recorder.element);
    }
    cards.get(id)?.remove();
    cards.delete(id);
  }

  function show() {
    const classes = context.teacher?.classes ?? [];
    const present = new Set(classes.map(({ id }) => id));
    const tested = testedPictures(context.teacher);
    for (const id of cards.keys()) if (!present.has(id)) removeCard(id);
    classes.forEach((one, i) => {
      const card = cards.get(one.id) ?? createCard(one.id);
      if (list.children[i] !== card.element) list.insertBefore(card.element, list.children[i] ?? null);
      card.show(one, tested);
    });
    list.hidden = terms.hidden = classes.length === 0;
  }

  return {
    element,
    show,
    addClass,
    addButton,
    leave: recorder.stop,

    /** The class that takes what is pasted: the one with the keyboard, else the one used last, else the only one. */
    pasteInto() {
      const focused = [...cards].find(([, card]) => card.element.contains(document.activeElement))?.[0];
      if (focused) return focused;
      if (cards.has(current)) return current;
      return cards.size === 1 ? [...cards.keys()][0] : undefined;
    },

    /** Brings a class into view. @param {string} name */
    goTo(name) {
      const id = context.teacher?.classes.find(one => one.name === name)?.id ?? '';
      cards.get(id)?.element.scrollIntoView({ block: 'center' });
      cards.get(id)?.name.focus();
    },
  };
}

const timestamp = () => new Date().toISOString().replace(/\D/g, '');
