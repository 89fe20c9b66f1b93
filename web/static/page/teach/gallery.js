// Some pictures with what the taught network says to them, and where it sees that: class activation maps.

import { make } from '../dom.js';
import { percent } from '../format.js';
import { paintHeat } from '../heat.js';
import { say } from '../i18n.js';
import { decodeImage } from '../../common/platform.js';
import { button } from './parts.js';
import { isEngineFault } from '../../residua.js';

/** @typedef {import('./parts.js').Run} Run */

/** So many pictures at a time. */
const page = 12;
/** The side of what is shown of a picture. */
const side = 224;

/** @param {import('./parts.js').Desk} desk */
export function createGallery(desk) {
  const title = make('h4');
  title.tabIndex = -1;
  const list = make('ul', 'teach-gallery');
  list.setAttribute('role', 'list');
  const scale = make('canvas');
  scale.ariaHidden = 'true';
  const legend = make('p', 'legend', make('span'), scale, make('span'));
  const more = button('teach.gallery.more', 'quiet', () => void fill());
  const element = make('div', 'teach-shown', title, legend, list, more);
  element.hidden = true;
  /** @type {{ run: Run, places: number[] } | undefined} */
  let shown;
  let at = 0;

  /**
   * @param {Run} run
   * @param {number} place of the picture in it
   */
  async function one(run, place) {
    const id = run.ids[place];
    const { best, probabilities, class: answer } = run.answers[place];
    const photo = make('canvas', '');
    const heat = make('canvas', 'teach-heat');
    heat.ariaHidden = 'true';
    photo.width = photo.height = side;
    const name = desk.teacher?.classes.flatMap(({ pictures }) => pictures).find(picture => picture.id === id)?.name ?? '';
    photo.role = 'img';
    say(photo, 'teach.gallery.alt', { name, class: run.classes[best] }, 'aria-label');
    const caption = make('p');
    say(caption, answer < 0 ? 'teach.gallery.none' : 'teach.gallery.said', () => ({ class: run.classes[best], probability: percent(probabilities[best]) }));
    const item = make('li', '', make('div', 'teach-mapped', photo, heat), make('p', 'label', name), caption);
    list.append(item);
    const blob = await desk.teacher?.blob(id);
    if (!blob || !desk.teacher) return;
    const bitmap = await decodeImage(blob);
    const square = Math.min(bitmap.width, bitmap.height) * desk.teacher.cropRatio;
    photo.getContext('2d')?.drawImage(bitmap, (bitmap.width - square) / 2, (bitmap.height - square) / 2, square, square, 0, 0, side, side);
    bitmap.close();
    const map = await desk.teacher.cam(blob, { index: best, method: /** @type {any} */ (run.method) });
    paintHeat(heat, make('canvas'), map, 'diverging');
    heat.dataset.ready = '';
  }

  async function fill() {
    const mine = shown;
    if (!mine) return;
    const some = mine.places.slice(at, at + page);
    at += some.length;
    more.hidden = at >= mine.places.length;
    for (const place of some) {
      if (shown !== mine) return;
      try {
        await one(mine.run, place);
      } catch (error) {
        // The picture was deleted since, or the browser cannot show it: its line says enough.
        if (isEngineFault(error)) return desk.retire(error);
      }
    }
  }

  return {
    element,
    /**
     * @param {Run} run
     * @param {number[]} places of the pictures in the run
     * @param {string} key of the heading
     * @param {import('../i18n.js').Values} values
     */
    open(run, places, key, values) {
      shown = { run, places };
      at = 0;
      list.replaceChildren();
      element.hidden = false;
      say(title, key, values);
      paintHeat(make('canvas'), scale, { width: 1, height: 1, data: new Float32Array(1), min: -1, max: 1 }, 'diverging');
      say(/** @type {Element} */ (legend.firstElementChild), 'teach.gallery.little');
      say(/** @type {Element} */ (legend.lastElementChild), 'teach.gallery.much');
      title.focus();
      void fill();
    },
    close() {
      shown = undefined;
      element.hidden = true;
      list.replaceChildren();
    },
  };
}
