// Deletes pictures and classes at once, and for a while can bring back what was deleted last, as it was.

import { make } from '../dom.js';
import { say } from '../i18n.js';
import { button } from './parts.js';

/** @typedef {import('./parts.js').Desk} Desk */

/** How long a deletion can be undone. */
const patienceMs = 12_000;

/** @param {Desk & { home: () => HTMLElement }} desk home: where the keyboard goes when the button goes away */
export function createUndo(desk) {
  const words = make('p');
  const undo = button('teach.undo', 'plain', () => run());
  const element = make('div', 'teach-undo', words, undo);
  element.role = 'status';
  element.hidden = true;
  /** @type {(() => Promise<void>) | undefined} */
  let back;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function hide() {
    clearTimeout(timer);
    if (document.activeElement === undo) desk.home().focus();
    element.hidden = true;
    back = undefined;
  }

  async function run() {
    const mine = back;
    hide();
    try {
      await mine?.();
    } catch (error) {
      desk.messages.error(error);
    }
  }

  /**
   * @param {string} key
   * @param {import('../i18n.js').Values} values
   * @param {() => Promise<void>} restore
   */
  function offer(key, values, restore) {
    clearTimeout(timer);
    back = restore;
    element.hidden = false;
    say(words, key, values);
    const late = () => {
      // Who is just about to press it gets the time.
      if (element.matches(':hover, :focus-within')) timer = setTimeout(late, 2000);
      else hide();
    };
    timer = setTimeout(late, patienceMs);
  }

  /**
   * What the store has of pictures, and how to put it there again. The last blocks' inputs are computed anew when they are wanted.
   * @param {import('./parts.js').Teacher} teacher
   * @param {string[]} ids
   */
  async function keep(teacher, ids) {
    const { store } = teacher;
    const wanted = new Set(ids);
    const records = teacher.classes.flatMap(({ pictures }) => pictures).filter(({ id }) => wanted.has(id)).map(record => ({ ...record }));
    const missing = new Set(await store.missing());
    const ready = records.filter(({ id }) => !missing.has(id)).map(({ id }) => id);
    const [blobs, features, small] = await Promise.all([
      Promise.all(records.map(({ id }) => store.blob(id))),
      ready.length > 0 ? store.features(ready) : new Float32Array(),
      ready.length > 0 ? store.small(ready) : new Uint8Array(),
    ]);
    const row = (/** @type {any} */ all, /** @type {number} */ i) => all.slice(i * all.length / ready.length, (i + 1) * all.length / ready.length);
    const place = new Map(ready.map((id, i) => [id, i]));
    return async () => {
      for (const [i, record] of records.entries()) {
        const at = place.get(record.id);
        await store.putPicture(record, { blob: blobs[i], ...(at === undefined ? {} : { features: row(features, at), small: row(small, at), input: null }) });
      }
    };
  }

  return {
    element,
    hide,

    /** @param {string[]} ids */
    async pictures(ids) {
      const { teacher } = desk;
      if (!teacher || ids.length === 0) return;
      try {
        const put = await keep(teacher, ids);
        await teacher.remove(ids);
        offer('teach.undo.pictures', { count: ids.length }, async () => {
          await put();
          await desk.teacher?.restore();
        });
      } catch (error) {
        desk.messages.error(error);
      }
    },

    /** @param {string} classId */
    async removeClass(classId) {
      const { teacher } = desk;
      const at = teacher?.classes.findIndex(({ id }) => id === classId) ?? -1;
      if (!teacher || at < 0) return;
      const { id, name, pictures } = teacher.classes[at];
      try {
        const put = await keep(teacher, pictures.map(picture => picture.id));
        await teacher.removeClass(name);
        offer('teach.undo.class', { name }, async () => {
          const { store } = teacher;
          const kept = await store.load();
          if (!kept) return;
          const { classes } = kept.header;
          await store.saveHeader({ ...kept.header, classes: [...classes.slice(0, at), { id, name }, ...classes.slice(at)] });
          await put();
          await desk.teacher?.restore();
        });
      } catch (error) {
        desk.messages.error(error);
      }
    },
  };
}
