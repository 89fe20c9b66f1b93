// The classes: a card of each with its name, its pictures, and the ways in for more.

import { icon, make } from '../dom.js';
import { say } from '../i18n.js';
import { button, words } from './parts.js';
import { createPictures, dragType } from './pictures.js';
import { readDrop, allFiles } from './intake.js';
import { createRecorder } from './webcam.js';

/** @typedef {import('./parts.js').Desk} Desk */
/** @typedef {import('./parts.js').ClassWithPictures} ClassWithPictures */

/**
 * @param {Desk} desk
 * @param {{
 *   adding: ReturnType<typeof import('./adding.js').createAdding>,
 *   selection: import('./selection.js').Selection,
 *   undo: ReturnType<typeof import('./undo.js').createUndo>,
 * }} parts
 */
export function createClasses(desk, { adding, selection, undo }) {
  const list = make('ol', 'teach-classes');
  list.setAttribute('role', 'list');
  const addButton = make('button', 'plain teach-add', icon('plus'), words('span', 'teach.class.add'));
  addButton.type = 'button';
  addButton.addEventListener('click', () => void addClass());
  const element = make('div', '', list, addButton);
  /** @type {Map<string, ReturnType<typeof card>>} */
  const cards = new Map();
  /** The class that takes what is pasted. */
  let current = '';
  /** The class that is recorded. */
  let recorded = '';
  const recorder = createRecorder({
    onFrame: blob => void adding.add(recorded, [{ blob, name: `webcam-${new Date().toISOString().replace(/\D/g, '')}.jpg` }]),
  });

  element.append(recorder.element); // where it waits, and learns new words

  async function addClass() {
    const teacher = await desk.ready();
    try {
      const names = new Set(teacher.classes.map(({ name }) => name));
      let n = names.size + 1;
      // The name is a proposal: it stands selected, to be typed over.
      const proposal = words('span', 'teach.class.name', '', () => ({ n }));
      for (; names.has(proposal.textContent ?? ''); n++) say(proposal, 'teach.class.name', { n: n + 1 });
      const { id } = await teacher.addClass(proposal.textContent ?? String(n));
      desk.update(); // what is hidden takes no focus
      cards.get(id)?.name.select();
      cards.get(id)?.name.focus();
    } catch (error) {
      desk.messages.error(error);
    }
  }

  /** @param {string} id */
  function card(id) {
    const name = make('input', 'teach-name');
    name.type = 'text';
    name.maxLength = 60;
    name.autocomplete = 'off';
    name.spellcheck = false;
    say(name, 'teach.class.label', {}, 'aria-label');
    const count = make('p', 'teach-count');
    const files = make('input');
    Object.assign(files, { type: 'file', accept: 'image/*', multiple: true, hidden: true });
    const remove = button('teach.class.delete', 'quiet square', async () => {
      const next = li.nextElementSibling ?? li.previousElementSibling;
      await undo.removeClass(id);
      (next?.querySelector('input') ?? addButton).focus();
    });
    remove.replaceChildren(icon('trash'));
    remove.removeAttribute('data-i18n');
    const pictures = createPictures(desk, selection, { onDelete: ids => void undo.pictures(ids) });
    const choose = button('teach.add', 'plain', () => files.click());
    const film = button('teach.cam', 'plain', () => {
      recorded = id;
      void recorder.open(place, film);
    });
    choose.prepend(icon('photo'));
    film.prepend(icon('camera'));
    // say() owns the text of an element: with an icon in it, the words stand in a span.
    for (const [one, key] of /** @type {const} */ ([[choose, 'teach.add'], [film, 'teach.cam']])) {
      const drawing = one.firstElementChild;
      one.removeAttribute('data-i18n');
      one.replaceChildren(.../** @type {Element[]} */ ([drawing]), words('span', key));
    }
    const hint = words('p', 'teach.class.empty', 'teach-drop');
    const place = make('div');
    const li = make('li', 'teach-card', make('div', 'teach-card-head', name, remove), count, hint, pictures.element, place, make('div', 'teach-row', choose, film), files);
    let saved = '';

    name.addEventListener('change', async () => {
      const to = name.value.trim();
      if (to === saved) name.value = saved;
      else {
        try {
          await desk.teacher?.renameClass(saved, to);
        } catch (error) {
          name.value = saved;
          const taken = desk.teacher?.classes.some(one => one.name === to);
          if (!to || taken) desk.messages.tell(to ? 'teach.class.taken' : 'teach.class.nameless', { name: to });
          else desk.messages.error(error);
        }
      }
    });
    name.addEventListener('keydown', event => {
      if (event.key === 'Escape') name.value = saved;
      if (event.key === 'Enter' || event.key === 'Escape') name.blur();
    });
    files.addEventListener('change', () => {
      const chosen = [...(files.files ?? [])];
      files.value = '';
      void adding.add(id, chosen);
    });
    for (const event of ['pointerdown', 'focusin']) {
      li.addEventListener(event, () => {
        current = id;
        for (const one of cards.values()) one.li.toggleAttribute('data-current', one.li === li);
      });
    }
    li.addEventListener('dragover', event => {
      event.preventDefault();
      const ours = event.dataTransfer?.types.includes(dragType);
      if (event.dataTransfer) event.dataTransfer.dropEffect = ours ? 'move' : 'copy';
      li.toggleAttribute('data-over', true);
    });
    li.addEventListener('dragleave', event => {
      if (!li.contains(/** @type {Node | null} */ (event.relatedTarget))) li.removeAttribute('data-over');
    });
    li.addEventListener('drop', event => {
      event.preventDefault();
      event.stopPropagation();
      li.removeAttribute('data-over');
      if (event.dataTransfer) void drop(id, event.dataTransfer);
    });

    return {
      li, name, remove,
      /** @param {ClassWithPictures} one */
      show(one) {
        if (document.activeElement !== name) name.value = one.name;
        saved = one.name;
        say(li, 'teach.class', { name: one.name }, 'aria-label');
        say(remove, 'teach.class.delete', { name: one.name }, 'aria-label');
        say(remove, 'teach.class.delete', { name: one.name }, 'title');
        const tests = one.pictures.filter(({ test }) => test).length;
        if (tests > 0) say(count, 'teach.count.test', { count: one.pictures.length - tests, tests });
        else say(count, 'teach.count', { count: one.pictures.length });
        say(choose, 'teach.add.to', { name: one.name }, 'aria-label');
        say(film, 'teach.cam.to', { name: one.name }, 'aria-label');
        hint.hidden = one.pictures.length > 0;
        pictures.label(one.name);
        pictures.show(one.pictures);
      },
      end: pictures.end,
    };
  }

  /**
   * @param {string} id
   * @param {DataTransfer} data
   */
  async function drop(id, data) {
    const moved = data.getData(dragType);
    try {
      if (moved) {
        const to = desk.teacher?.classes.find(one => one.id === id);
        const here = new Set(to?.pictures.map(picture => picture.id));
        /** @type {string[]} */
        const ids = JSON.parse(moved).filter((/** @type {string} */ one) => !here.has(one));
        if (to && ids.length > 0) await desk.teacher?.move(ids, to.name);
        selection.clear();
        return;
      }
      const { files, folders } = await readDrop(data);
      const all = [...files, ...folders.flatMap(allFiles)];
      if (all.length > 0) await adding.add(id, all);
      else desk.messages.tell('hint.no-file');
    } catch (error) {
      desk.messages.error(error);
    }
  }

  function show() {
    const classes = desk.teacher?.classes ?? [];
    const there = new Set(classes.map(({ id }) => id));
    for (const [id, one] of cards) {
      if (there.has(id)) continue;
      if (recorded === id) {
        recorder.stop();
        element.append(recorder.element);
      }
      one.end();
      one.li.remove();
      cards.delete(id);
    }
    classes.forEach((one, i) => {
      let mine = cards.get(one.id);
      if (!mine) cards.set(one.id, mine = card(one.id));
      if (list.children[i] !== mine.li) list.insertBefore(mine.li, list.children[i] ?? null);
      mine.show(one);
    });
    list.hidden = classes.length === 0;
  }

  return {
    element,
    show,
    addClass,
    addButton,
    leave: recorder.stop,
    /** The class that takes what is pasted: the one with the keyboard, or the only one. */
    pasteInto() {
      const inside = [...cards].find(([, { li }]) => li.contains(document.activeElement))?.[0];
      if (inside) return inside;
      if (cards.has(current)) return current;
      return cards.size === 1 ? [...cards.keys()][0] : undefined;
    },
    /** Brings a class into view. @param {string} name */
    goTo(name) {
      const id = desk.teacher?.classes.find(one => one.name === name)?.id ?? '';
      cards.get(id)?.li.scrollIntoView({ block: 'center' });
      cards.get(id)?.name.focus();
    },
  };
}
