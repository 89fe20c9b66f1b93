// The photos of this session with their first guess; a click brings one back. The newest stands first, and photos that
// came together keep their order. Of each photo, the file, a thumbnail and the answer stay in memory.

import { classNameOf, originalNameOf, showClassName } from '../classname.js';
import { find, make } from '../dom.js';
import { percent } from '../format.js';
import { say, setText } from '../i18n.js';
import { nameOf } from '../photoname.js';
import { thumbnail } from '../thumbnail.js';

/** @typedef {import('../photos.js').Photo} Photo */
/** @typedef {import('../../residua.js').Classification} Answer */
/** @typedef {{ photo: Photo, answer: Answer, item: HTMLLIElement }} Entry */

const maxEntries = 24;

/**
 * @param {{ onPick: (entry: { photo: Photo, answer: Answer }) => void }} handlers
 */
export function createHistory({ onPick }) {
  const section = find('#history', HTMLElement);
  const list = find('ul', HTMLUListElement, section);
  const waitingLine = find('.in-line', HTMLElement, section);
  /** @type {Entry[]} in the order of the page */
  let entries = [];
  /** Photos with a higher rank stand first. @type {WeakMap<Photo, number>} */
  const ranks = new WeakMap();
  let highestRank = 0;
  let waiting = 0;

  /** @param {Entry} entry */
  const rank = ({ photo }) => ranks.get(photo) ?? 0;

  const update = () => {
    // A single photo is on the stage already.
    section.hidden = entries.length < 2 && waiting === 0;
  };

  return {
    /**
     * Reserves places for photos that came together. They are added when they are answered.
     * @param {Photo[]} photos
     */
    expect(photos) {
      highestRank += photos.length;
      photos.forEach((photo, i) => ranks.set(photo, highestRank - i));
    },

    /**
     * @param {Photo} photo
     * @param {Answer} answer
     * @param {import('../../residua.js').Info} info  of the model that gave the answer
     */
    add(photo, answer, info) {
      const [best] = answer.predictions;
      const name = make('span', 'label');
      showClassName(name, info, best.index);
      setText(name, () => originalNameOf(info, best.index), 'title');
      const picture = make('span', 'thumb');
      const button = make('button', 'card', picture, name);
      button.type = 'button';
      say(button, 'history.entry', () => ({
        label: classNameOf(info, best.index),
        probability: percent(best.probability),
        name: nameOf(photo),
      }), 'aria-label');
      const entry = { photo, answer, item: make('li', '', button) };
      button.addEventListener('click', () => onPick(entry));
      // If there is no thumbnail, the label is enough.
      thumbnail(photo.blob).then(canvas => picture.replaceChildren(canvas), () => {});

      for (const same of entries.filter(old => old.photo.key === photo.key)) same.item.remove();
      const others = entries.filter(old => old.photo.key !== photo.key);
      const after = others.filter(old => rank(old) < rank(entry));
      if (after.length > 0) after[0].item.before(entry.item);
      else list.append(entry.item);
      entries = [...others.slice(0, others.length - after.length), entry, ...after];
      for (const old of entries.splice(maxEntries)) old.item.remove();
      update();
    },

    /**
     * Marks the photo that is on the stage.
     * @param {Photo | undefined} photo
     */
    mark(photo) {
      for (const entry of entries) {
        const button = find('button', HTMLButtonElement, entry.item);
        if (entry.photo === photo) button.setAttribute('aria-current', 'true');
        else button.removeAttribute('aria-current');
      }
    },

    /**
     * Shows how many photos still wait for their answer.
     * @param {number} count
     */
    setWaiting(count) {
      waiting = count;
      waitingLine.hidden = count === 0;
      if (count > 0) say(waitingLine, 'history.waiting', { count });
      update();
    },
  };
}
