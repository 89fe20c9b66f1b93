// The photo on the stage: the whole of it, with the square that the model looks at.

import { find, icon, make } from '../dom.js';
import { pixels } from '../format.js';
import { say, spell } from '../i18n.js';
import { nameOf } from '../photoname.js';

/** @typedef {import('../../residua.js').Classification} Answer */
/** @typedef {import('../photos.js').Photo} Photo */

/** A picture above this is refused by the engine, so the page does not let the browser decode it either. */
const mostPixels = 64e6;

export function createPhoto() {
  const stage = find('#stage', HTMLElement);
  const drop = find('#drop', HTMLButtonElement);
  const figure = find('#photo', HTMLElement);
  const mount = find('.mount', HTMLElement, figure);
  const name = find('.photo-name', HTMLElement, figure);
  const facts = find('.photo-facts', HTMLElement, figure);
  const square = find('#square', HTMLButtonElement);

  /** What lies over the square that the model looks at, in whichever photo is shown. */
  const heat = make('canvas', 'heat');
  heat.hidden = true;
  heat.ariaHidden = 'true';

  /** The photo of the last call, for pictures load in their own time. @type {Photo | undefined} */
  let current;
  /** What the engine found out about its file. @type {Answer['image'] | undefined} */
  let found;
  let url = '';

  square.addEventListener('click', () => {
    const pressed = figure.toggleAttribute('data-square');
    square.setAttribute('aria-pressed', String(pressed));
  });

  /** @param {Photo} photo */
  const sayFacts = ({ sample }) => {
    const image = found;
    if (sample) {
      const link = make('a', '', `${sample.credit} · ${sample.license}`);
      link.href = sample.source;
      link.target = '_blank';
      link.rel = 'noreferrer';
      link.lang = 'en';
      spell(facts);
      facts.append(link);
    } else if (image) say(facts, 'photo.size', () => ({ width: pixels(image.width), height: pixels(image.height), format: image.format.toUpperCase() }));
    else spell(facts);
  };

  /**
   * @param {Photo} photo
   * @param {Node} picture
   * @param {string} nextUrl the object URL that the picture needs
   */
  const place = (photo, picture, nextUrl) => {
    mount.replaceChildren(picture);
    URL.revokeObjectURL(url);
    url = nextUrl;
    spell(name, () => nameOf(photo));
    sayFacts(photo);
    drop.hidden = true;
    figure.hidden = false;
  };

  return {
    /** The canvas over the photo; who paints it shows it. */
    heat,

    /**
     * Shows a photo as soon as the browser has read its head. What came before stays until then.
     * @param {Photo} photo
     */
    show(photo) {
      // On a phone the samples and the session stand far below the stage.
      if (stage.getBoundingClientRect().top < 0) stage.scrollIntoView({ behavior: 'smooth' });
      if (photo === current) return;
      current = photo;
      found = undefined;
      heat.hidden = true;
      const nextUrl = URL.createObjectURL(photo.blob);
      const image = new Image();
      image.draggable = false;
      image.decoding = 'async';
      image.onload = () => {
        if (current !== photo) return URL.revokeObjectURL(nextUrl);
        const { naturalWidth: width, naturalHeight: height } = image;
        if (width * height > mostPixels || width * height === 0) return fail();
        if (photo.sample) image.alt = photo.sample.alt;
        else say(image, 'photo.alt', () => ({ name: nameOf(photo) }), 'alt');
        const frame = make('div', 'frame', image, heat, make('span', 'seen'));
        frame.style.setProperty('--width', String(width));
        frame.style.setProperty('--height', String(height));
        place(photo, frame, nextUrl);
      };
      const fail = () => {
        URL.revokeObjectURL(nextUrl);
        if (current !== photo) return;
        const words = make('p');
        say(words, 'photo.hidden', () => ({ name: nameOf(photo) }));
        place(photo, make('div', 'no-preview', icon('photo'), words), '');
      };
      image.onerror = fail;
      image.src = nextUrl;
    },

    /** Says how much of a photo's short side the model looks at. @param {number} part */
    see(part) {
      figure.style.setProperty('--part', String(part));
    },

    /**
     * Adds what the engine found out about the photo's file.
     * @param {Photo} photo
     * @param {Answer['image']} image
     */
    describe(photo, image) {
      if (photo !== current) return;
      found = image;
      if (!figure.hidden) sayFacts(photo);
    },

    /** Goes back to the empty drop zone. */
    clear() {
      current = found = undefined;
      mount.replaceChildren();
      URL.revokeObjectURL(url);
      url = '';
      figure.hidden = true;
      drop.hidden = false;
    },
  };
}
