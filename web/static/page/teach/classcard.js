// The card of a class: its name, its pictures, and the ways to add more.

import { icon, make } from '../dom.js';
import { fileInput, iconButton, localized } from '../elements.js';
import { say } from '../i18n.js';
import { makeDropTarget } from './droptarget.js';
import { row } from './elements.js';
import { dragType } from './picturechoice.js';
import { createPictures, hiddenBadge } from './pictures.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {import('./context.js').ClassWithPictures} ClassWithPictures */

/** The field with the name. A name that another class has is refused. @param {TeachContext} context */
function createNameField(context) {
  const element = make('input', 'teach-name');
  Object.assign(element, { type: 'text', maxLength: 60, autocomplete: 'off', spellcheck: false });
  say(element, 'teach.class.label', {}, 'aria-label');
  let saved = '';

  async function rename() {
    const name = element.value.trim();
    if (name === saved) {
      element.value = saved;
      return;
    }
    try {
      await context.teacher?.renameClass(saved, name);
    } catch (error) {
      element.value = saved;
      const isTaken = context.teacher?.classes.some(one => one.name === name);
      if (!name) context.messages.tell('teach.class.nameless', { name });
      else if (isTaken) context.messages.tell('teach.class.taken', { name });
      else context.messages.error(error);
    }
  }

  element.addEventListener('change', () => void rename());
  element.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') element.value = saved;
    if (key === 'Enter' || key === 'Escape') element.blur();
  });

  return {
    element,
    /** @param {string} name */
    show(name) {
      if (document.activeElement !== element) element.value = name;
      saved = name;
    },
  };
}

/**
 * @param {TeachContext} context
 * @param {import('./selection.js').Selection} selection
 * @param {object} handlers
 * @param {(files: File[]) => void} handlers.onFiles
 * @param {(data: DataTransfer) => void} handlers.onDrop
 * @param {(ids: string[]) => void} handlers.onDeletePictures
 * @param {(place: HTMLElement, opener: HTMLElement) => void} handlers.onRecord
 *   The recorder is wanted at that place; the opener gets the focus back.
 * @param {() => void} handlers.onDelete
 * @param {() => void} handlers.onUse  A person has the pointer or the keyboard in the card.
 */
export function createClassCard(context, selection, handlers) {
  const { onFiles, onDrop, onDeletePictures, onRecord, onDelete, onUse } = handlers;
  const name = createNameField(context);
  const remove = make('button', 'quiet square', icon('trash'));
  remove.type = 'button';
  remove.addEventListener('click', onDelete);
  const count = make('span');
  say(count, 'teach.count.text', {}, 'title');
  const hiddenCount = make('span');
  const hidden = make('span', 'teach-hidden', ' · ', hiddenBadge(), hiddenCount);
  const empty = localized('p', 'teach.class.empty', 'teach-drop');
  const pictures = createPictures(context, selection, { onDelete: onDeletePictures });
  const files = fileInput({ accept: 'image/*', multiple: true }, onFiles);
  const choose = iconButton('photo', 'teach.add', 'plain', () => files.click());
  const recorderPlace = make('div');
  const record = iconButton('camera', 'teach.cam', 'plain', () => onRecord(recorderPlace, record));
  const element = make('li', 'teach-card',
    make('div', 'teach-card-head', name.element, remove),
    make('p', 'teach-count', count, hidden), empty, pictures.element, recorderPlace, row(choose, record), files);

  for (const event of ['pointerdown', 'focusin']) element.addEventListener(event, onUse);
  makeDropTarget(element, {
    onDrop,
    onOver: data => { data.dropEffect = data.types.includes(dragType) ? 'move' : 'copy'; },
  });

  return {
    element,
    name: name.element,

    /** @param {ClassWithPictures} shown @param {ReadonlySet<string>} tested  pictures that tested the last training */
    show({ name: called, pictures: all }, tested) {
      name.show(called);
      say(element, 'teach.class', { name: called }, 'aria-label');
      say(remove, 'teach.class.delete', { name: called }, 'aria-label');
      say(remove, 'teach.class.delete', { name: called }, 'title');
      say(choose, 'teach.add.to', { name: called }, 'aria-label');
      say(record, 'teach.cam.to', { name: called }, 'aria-label');
      const tests = all.filter(({ test }) => test).length;
      if (tests > 0) say(count, 'teach.count.test', { count: all.length - tests, tests });
      else say(count, 'teach.count', { count: all.length });
      const hiddenOnes = all.filter(({ id, test }) => !test && tested.has(id)).length;
      hidden.hidden = hiddenOnes === 0;
      say(hiddenCount, 'teach.count.hidden', { count: hiddenOnes });
      empty.hidden = all.length > 0;
      pictures.label(called);
      pictures.show(all, tested);
    },

    remove() {
      pictures.detach();
      element.remove();
    },
  };
}
