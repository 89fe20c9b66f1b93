// Pictures of an evaluation with the network's answers, and class activation maps of where it sees them.

import { make } from '../dom.js';
import { percent } from '../format.js';
import { paintHeat } from '../heat.js';
import { say } from '../i18n.js';
import { decodeImage } from '../../common/platform.js';
import { paintCenterCrop, shownSide } from './centercrop.js';
import { isEngineFault } from '../../residua.js';
import { button, plainList } from '../elements.js';

/** @typedef {import('./context.js').Run} Run */

/** How many pictures are shown at a time. */
const pageSize = 12;

/** The scale of the maps. */
function createLegend() {
  const scale = make('canvas');
  scale.ariaHidden = 'true';
  const [little, much] = [make('span'), make('span')];
  return {
    element: make('p', 'legend', little, scale, much),
    show() {
      const range = { width: 1, height: 1, data: new Float32Array(1), min: -1, max: 1 };
      paintHeat(make('canvas'), scale, range, 'diverging');
      say(little, 'teach.gallery.little');
      say(much, 'teach.gallery.much');
    },
  };
}

/**
 * @param {Run} run
 * @param {number} place  of the picture in it
 * @param {string} name  of the picture
 */
function createItem(run, place, name) {
  const { best, probabilities, class: answer } = run.answers[place];
  const photo = make('canvas', '');
  photo.width = photo.height = shownSide;
  photo.role = 'img';
  say(photo, 'teach.gallery.alt', { name, class: run.classes[best] }, 'aria-label');
  const heat = make('canvas', 'teach-heat');
  heat.ariaHidden = 'true';
  const caption = make('p');
  say(caption, answer < 0 ? 'teach.gallery.none' : 'teach.gallery.said', () =>
    ({ class: run.classes[best], probability: percent(probabilities[best]) }));
  const element = make('li', '', make('div', 'teach-mapped', photo, heat), make('p', 'label', name), caption);
  return { element, photo, heat };
}

/** @param {import('./context.js').TeachContext} context */
export function createGallery(context) {
  const title = make('h4');
  title.tabIndex = -1;
  const list = plainList('ul', 'teach-gallery');
  const legend = createLegend();
  const more = button('teach.gallery.more', 'quiet', () => void showMore());
  const element = make('div', 'teach-shown', title, legend.element, list, more);
  element.hidden = true;
  /** @type {{ run: Run, places: number[] } | undefined} */
  let shown;
  let next = 0;

  /** @param {Run} run @param {number} place */
  async function addPicture(run, place) {
    const id = run.ids[place];
    const pictures = context.teacher?.classes.flatMap(one => one.pictures);
    const { element: item, photo, heat } = createItem(run, place, pictures?.find(one => one.id === id)?.name ?? '');
    list.append(item);
    const blob = await context.teacher?.blob(id);
    if (!blob || !context.teacher) return;
    const { teacher } = context;
    paintCenterCrop(photo, await decodeImage(blob), (width, height) => teacher.seenPart(width, height));
    if (photo.parentElement) photo.parentElement.style.aspectRatio = `${photo.width} / ${photo.height}`;
    const { best } = run.answers[place];
    const map = await context.teacher.cam(blob, { index: best, method: /** @type {any} */ (run.method) });
    paintHeat(heat, make('canvas'), map, 'diverging');
    heat.dataset.ready = '';
  }

  async function showMore() {
    const mine = shown;
    if (!mine) return;
    const places = mine.places.slice(next, next + pageSize);
    next += places.length;
    more.hidden = next >= mine.places.length;
    for (const place of places) {
      if (shown !== mine) return;
      try {
        await addPicture(mine.run, place);
      } catch (error) {
        // The picture was deleted since, or the browser cannot show it. Its caption says enough.
        if (isEngineFault(error)) return context.onEngineFault(error);
      }
    }
  }

  return {
    element,

    /**
     * @param {Run} run
     * @param {number[]} places  of the pictures in the run
     * @param {string} key  of the heading
     * @param {import('../i18n.js').Values} values
     */
    open(run, places, key, values) {
      shown = { run, places };
      next = 0;
      list.replaceChildren();
      element.hidden = false;
      say(title, key, values);
      legend.show();
      title.focus();
      void showMore();
    },

    close() {
      shown = undefined;
      element.hidden = true;
      list.replaceChildren();
    },
  };
}
