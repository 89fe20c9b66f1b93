// The tabs for the page's four rooms.

import { find } from './dom.js';

/** @typedef {import('./address.js').Room} Room */

/** @type {Room[]} */
const rooms = ['classify', 'look', 'teach', 'lab'];

/** On a narrow screen the tabs are drawn below the other buttons of the head: there the Tab key comes to them last. */
function followLayout() {
  const list = find('.tabs', HTMLElement);
  const next = find('#model-name', HTMLElement);
  const narrow = matchMedia('(max-width: 639px)'); // as look.css has it
  const place = () => {
    const focused = document.activeElement;
    if (narrow.matches) list.parentElement?.append(list);
    else next.before(list);
    if (focused instanceof HTMLElement && list.contains(focused)) focused.focus();
  };
  narrow.addEventListener('change', place);
  place();
}

/** @param {{ onChoose: (room: Room) => void }} handlers onChoose: a person chose a room */
export function createRooms({ onChoose }) {
  const panel = find('#room', HTMLElement);
  const tabs = rooms.map(room => find(`#tab-${room}`, HTMLButtonElement));
  followLayout();

  tabs.forEach((tab, i) => {
    tab.addEventListener('click', () => onChoose(rooms[i]));
    tab.addEventListener('keydown', event => {
      const step = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: rooms.length - 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const next = (step + rooms.length) % rooms.length;
      tabs[next].focus();
      onChoose(rooms[next]);
    });
  });

  return {
    /** @param {Room} room */
    show(room) {
      tabs.forEach((tab, i) => {
        tab.ariaSelected = String(rooms[i] === room);
        tab.tabIndex = rooms[i] === room ? 0 : -1;
      });
      panel.dataset.room = room;
      panel.setAttribute('aria-labelledby', `tab-${room}`);
      find('#look', HTMLElement).hidden = room !== 'look';
      find('#teach', HTMLElement).hidden = room !== 'teach';
      find('#skip-lab', HTMLElement).hidden = room !== 'lab';
    },
  };
}
