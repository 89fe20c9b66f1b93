// The photo on the stage: all of it, with a frame around the part that the model looks at.

import { find, icon, make } from '../dom.js';
import { pixels } from '../format.js';
import { say, setText } from '../i18n.js';
import { nameOf, wordsOf } from '../photoname.js';
import { fitFrame } from '../seenframe.js';

/** @typedef {import('../../residua.js').Classification} Answer */
/** @typedef {import('../photos.js').Photo} Photo */

/** The engine refuses larger pictures, so the page does not let the browser decode them either. */
const maxPixels = 64e6;

export function createPhoto() {
  const stage = find('#stage', HTMLElement);
  const drop = find('#drop', HTMLButtonElement);
  const figure = find('#photo', HTMLElement);
  const mount = find('.mount', HTMLElement, figure);
  const name = find('.photo-name', HTMLElement, figure);
  const facts = find('.photo-facts', HTMLElement, figure);
  const square = find('#square', HTMLButtonElement);
  const another = find('#another span', HTMLElement);

  /** A map over the part that the model looks at. It moves into each photo's frame. */
  const heat = make('canvas', 'heat');
  heat.hidden = true;
  heat.ariaHidden = 'true';

  /** The photo that was asked for last. Pictures load in their own time. @type {Photo | undefined} */
  let current;
  /** How the model cuts photos. @type {import('../../residua.js').Info | undefined} */
  let info;
  /** What the engine found out about the current photo's file. @type {Answer['image'] | undefined} */
  let fileInfo;
  let url = '';

  square.addEventListener('click', () => {
    const pressed = figure.toggleAttribute('data-square');
    square.setAttribute('aria-pressed', String(pressed));
  });

  /**
   * @param {Photo} photo
   * @param {Node} picture
   * @param {string} nextUrl the object URL that the picture needs
   */
  function place(photo, picture, nextUrl) {
    mount.replaceChildren(picture);
    URL.revokeObjectURL(url);
    url = nextUrl;
    figure.toggleAttribute('data-example', !!photo.isExample);
    if (photo.isExample) say(name, 'photo.example');
    else setText(name, () => nameOf(photo));
    setText(name, () => nameOf(photo), 'title'); // a long one is cut
    say(another, photo.isExample ? 'drop.button' : 'action.another');
    showFacts(facts, photo, fileInfo);
    drop.hidden = true;
    figure.hidden = false;
  }

  /** @param {Photo} photo  that the browser cannot show */
  function placeSubstitute(photo) {
    const words = make('p');
    say(words, 'photo.hidden', () => ({ name: nameOf(photo) }));
    place(photo, make('div', 'no-preview', icon('photo'), words), '');
  }

  /** @param {Photo} photo */
  function load(photo) {
    const nextUrl = URL.createObjectURL(photo.blob);
    const image = new Image();
    image.draggable = false;
    image.decoding = 'async';
    const fail = () => {
      URL.revokeObjectURL(nextUrl);
      if (current === photo) placeSubstitute(photo);
    };
    image.onload = () => {
      if (current !== photo) return URL.revokeObjectURL(nextUrl);
      const { naturalWidth: width, naturalHeight: height } = image;
      if (width * height > maxPixels || width * height === 0) return fail();
      const { sample } = photo;
      if (sample) setText(image, () => wordsOf(sample).alt, 'alt');
      else say(image, 'photo.alt', () => ({ name: nameOf(photo) }), 'alt');
      const frame = make('div', 'frame', image, heat, make('span', 'seen'));
      fitFrame(frame, info, width, height);
      place(photo, frame, nextUrl);
    };
    image.onerror = fail;
    image.src = nextUrl;
  }

  return {
    /** The canvas over the photo. Whoever paints it also shows it. */
    heat,

    /**
     * Shows a photo as soon as the browser has read its size. The one before stays until then.
     * @param {Photo} photo
     */
    show(photo) {
      // On a phone the samples and the history stand far below the stage.
      if (!photo.isExample && stage.getBoundingClientRect().top < 0) stage.scrollIntoView({ behavior: 'smooth' });
      if (photo === current) return;
      current = photo;
      fileInfo = undefined;
      heat.hidden = true;
      load(photo);
    },

    /** Sets the model that looks at photos. @param {import('../../residua.js').Info} next */
    setModel(next) {
      info = next;
      const frame = mount.querySelector('.frame');
      const image = frame?.querySelector('img');
      if (frame instanceof HTMLElement && image) fitFrame(frame, info, image.naturalWidth, image.naturalHeight);
    },

    /**
     * Adds what the engine found out about the photo's file.
     * @param {Photo} photo
     * @param {Answer['image']} image
     */
    describe(photo, image) {
      if (photo !== current) return;
      fileInfo = image;
      if (!figure.hidden) showFacts(facts, photo, fileInfo);
    },

    /** Goes back to the empty drop zone. */
    clear() {
      current = fileInfo = undefined;
      mount.replaceChildren();
      URL.revokeObjectURL(url);
      url = '';
      figure.hidden = true;
      drop.hidden = false;
    },
  };
}

/**
 * Shows a sample's credit, or the size and format of a person's own file.
 * @param {HTMLElement} facts
 * @param {Photo} photo
 * @param {Answer['image']} [image]
 */
function showFacts(facts, { sample }, image) {
  if (sample) {
    const link = make('a', '', `${sample.credit} · ${sample.license}`);
    link.href = sample.source;
    link.target = '_blank';
    link.rel = 'noreferrer';
    link.lang = 'en';
    setText(facts);
    facts.append(link);
  } else if (image) {
    const { width, height, format } = image;
    say(facts, 'photo.size', () => ({ width: pixels(width), height: pixels(height), format: format.toUpperCase() }));
    say(facts, 'photo.size.hint', {}, 'title');
  } else setText(facts);
}
