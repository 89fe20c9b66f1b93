// The first minute: until a person begins something, a sample photo stands on the stage with its answer, so that the
// page shows what it does without a click.

import { find } from '../dom.js';
import { netOf } from '../session.js';

/** @typedef {import('../photos.js').Photo} Photo */

/**
 * @param {object} options
 * @param {import('../session.js').Session} options.session
 * @param {(photo: Photo) => void} options.onShow
 */
export function createExample({ session, onShow }) {
  /** @type {Photo | undefined} */
  let photo;
  /** Whether there will be no example any more. */
  let isOver = false;

  const stop = () => { isOver = true; };

  // Whoever opens a file chooser, the camera or a dialog has begun something. The rooms' tabs and the theme are none.
  document.addEventListener('click', ({ target }) => {
    const control = target instanceof Element && target.closest('button, a, input, select, summary');
    if (control && !control.closest('header, footer')) stop();
  }, { capture: true });

  function show() {
    const { look: { room, classes }, photo: onStage, live } = session.state;
    // Of a person's own classes the example need not be one.
    if (onStage || live || classes !== 'theirs' || find('#stage', HTMLElement).contains(document.activeElement)) stop();
    if (isOver || !photo || !netOf(session.state) || (room !== 'classify' && room !== 'look')) return;
    stop();
    onShow(photo);
  }

  session.subscribe((now, before) => {
    if (netOf(now) !== netOf(before) || now.photo !== before.photo || now.look.room !== before.look.room) show();
  });

  return {
    /** @param {Photo} sample */
    offer(sample) {
      photo = { ...sample, isExample: true };
      show();
    },
    stop,
  };
}
