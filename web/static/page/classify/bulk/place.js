// Whether the table or a photo has the page of Classify. The table's line leads back to it.

import { find } from '../../dom.js';
import { offerOf } from '../../session.js';

/**
 * @param {object} options
 * @param {import('../../session.js').Session} options.session
 * @param {() => boolean} options.hasTable  whether there is a table, or will be one
 * @param {HTMLElement} options.body  the table with all round it
 * @param {HTMLElement} options.strip  its line
 * @param {() => void} options.onShow  The table is on the page.
 */
export function createPlace({ session, hasTable, body, strip, onShow }) {
  const section = find('#bulk', HTMLElement);
  const stage = find('#room', HTMLElement);
  let isOpen = false;

  /** Shows the table, its line, or neither. */
  function update() {
    const { room } = session.state.look;
    const isShown = hasTable() && isOpen && room === 'classify';
    section.hidden = !hasTable() || room === 'teach' || room === 'lab';
    body.hidden = !isShown;
    strip.hidden = isShown;
    stage.toggleAttribute('data-bulk', isShown);
    if (isShown) onShow();
  }

  session.subscribe((now, before) => {
    // A sample comes by itself; any other photo is what a person wants to see now.
    if (now.photo && now.photo !== before.photo && !now.photo.sample) isOpen = false;
    if (now.live && !before.live) isOpen = false; // the camera has the page
    if (offerOf(now) !== offerOf(before) && offerOf(now)?.foreign) isOpen = false; // so have classes from a link
    if (hasTable()) update();
  });

  return {
    update,

    /** Says what has the page of Classify from the next update on. @param {'table' | 'photo'} what */
    give(what) {
      isOpen = what === 'table';
    },

    /** Goes to the table, from any room. The camera, whose picture it covers, goes off. */
    come() {
      isOpen = true;
      const { look, live } = session.state;
      if (look.room !== 'classify' || live) session.update({ look: { ...look, room: 'classify' }, live: undefined });
      update();
    },
  };
}
