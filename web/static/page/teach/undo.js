// Deletes pictures and classes at once, and offers for a while to bring the last deletion back.

import { make } from '../dom.js';
import { button } from '../elements.js';
import { say } from '../i18n.js';
import { takeSnapshot } from './snapshot.js';

/** @typedef {ReturnType<typeof createUndo>} Undo */

/** How long a deletion can be undone. */
const offerMs = 12_000;
/** How much longer, while the pointer or the keyboard is on the button. */
const extraMs = 2000;

/**
 * The button that brings something back.
 * @param {import('./context.js').TeachContext} context
 * @param {() => HTMLElement} home
 */
function createOffer(context, home) {
  const sentence = make('p');
  const undo = button('teach.undo', 'plain', accept);
  const element = make('div', 'teach-undo', sentence, undo);
  element.role = 'status';
  element.hidden = true;
  /** @type {(() => Promise<void>) | undefined} */ let restore;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;

  function hide() {
    clearTimeout(timer);
    if (document.activeElement === undo) home().focus();
    element.hidden = true;
    restore = undefined;
  }

  function expire() {
    if (element.matches(':hover, :focus-within')) timer = setTimeout(expire, extraMs);
    else hide();
  }

  async function accept() {
    const accepted = restore;
    hide();
    try {
      await accepted?.();
    } catch (error) {
      context.messages.error(error);
    }
  }

  return {
    element,
    hide,
    /**
     * @param {string} key
     * @param {import('../i18n.js').Values} values
     * @param {() => Promise<void>} next
     */
    show(key, values, next) {
      clearTimeout(timer);
      restore = next;
      element.hidden = false;
      say(sentence, key, values);
      timer = setTimeout(expire, offerMs);
    },
  };
}

/**
 * @param {import('./context.js').TeachContext} context
 * @param {{ home: () => HTMLElement }} options  home: where the focus goes when the button disappears
 */
export function createUndo(context, { home }) {
  const offer = createOffer(context, home);

  return {
    element: offer.element,
    hide: offer.hide,

    /** @param {string[]} ids */
    async removePictures(ids) {
      const { teacher } = context;
      if (!teacher || ids.length === 0) return;
      try {
        const restorePictures = await takeSnapshot(teacher, ids);
        await teacher.remove(ids);
        offer.show('teach.undo.pictures', { count: ids.length }, async () => {
          await restorePictures();
          await context.teacher?.restore();
        });
      } catch (error) {
        context.messages.error(error);
      }
    },

    /** @param {string} classId */
    async removeClass(classId) {
      const { teacher } = context;
      const at = teacher?.classes.findIndex(({ id }) => id === classId) ?? -1;
      if (!teacher || at < 0) return;
      const { id, name, pictures } = teacher.classes[at];
      try {
        const restorePictures = await takeSnapshot(teacher, pictures.map(picture => picture.id));
        await teacher.removeClass(name);
        offer.show('teach.undo.class', { name }, async () => {
          const { store } = teacher;
          const kept = await store.load();
          if (!kept) return;
          const { classes } = kept.header;
          const restored = [...classes.slice(0, at), { id, name }, ...classes.slice(at)];
          await store.saveHeader({ ...kept.header, classes: restored });
          await restorePictures();
          await context.teacher?.restore();
        });
      } catch (error) {
        context.messages.error(error);
      }
    },
  };
}
