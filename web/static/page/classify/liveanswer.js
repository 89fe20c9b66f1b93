// The answer to what the camera sees. Its rows stay, and only what they say changes: nothing moves, and nothing is read
// out ten times a second.

import { classNameOf } from '../classname.js';
import { find, make } from '../dom.js';
import { percent } from '../format.js';
import { guessRow, probabilityBar, setBar } from '../guessrow.js';
import { setText } from '../i18n.js';
import { sureFrom } from '../predictions.js';

/** @typedef {import('../session.js').Live} Live */

/** How many classes are listed. */
const maxRows = 5;

function createRow() {
  const label = make('span', 'label');
  const share = make('span', 'share');
  const bar = probabilityBar();
  return { element: guessRow(label, share, bar), label, share, bar };
}

export function createLiveAnswer() {
  const section = find('#answer', HTMLElement);
  const list = make('ol', 'guesses live-guesses');
  list.role = 'list';
  list.setAttribute('aria-labelledby', 'question');
  list.hidden = true;
  find('.guesses', HTMLElement, section).after(list);
  /** @type {ReturnType<typeof createRow>[]} */
  let rows = [];

  /** @param {number} count */
  function setRows(count) {
    if (count === rows.length) return;
    rows = Array.from({ length: count }, createRow);
    list.replaceChildren(...rows.map(({ element }) => element));
  }

  return {
    /** @param {Live | undefined} live */
    show(live) {
      section.toggleAttribute('data-live', !!live);
      list.hidden = !live;
      if (!live) return setRows(0);
      const { answer, info } = live;
      if (!answer || !info) {
        if (rows.length === 0) setRows(maxRows); // room for what comes
        for (const { label, share, bar } of rows) {
          setText(label, '–');
          setText(share);
          setBar(bar, 0);
        }
        return;
      }
      const { predictions } = answer;
      setRows(Math.min(predictions.length, maxRows));
      list.toggleAttribute('data-sure', predictions[0].probability >= sureFrom && !answer.none);
      rows.forEach(({ label, share, bar }, i) => {
        const { index, probability, label: own } = predictions[i];
        setText(label, () => classNameOf(info, index) || own);
        setText(share, () => percent(probability));
        setBar(bar, probability);
      });
    },
  };
}
