// The photo on its way through the network: a position from 0 to 1 that moves, or steps where motion is unwelcome.

import { find } from '../dom.js';
import { say } from '../i18n.js';

/** How long the whole way takes. */
const wayMs = 9000;
/** Without motion: so many stops, one for each thing on the way. */
const stops = 19;

/** @param {{ calm: MediaQueryList, onMove: () => void }} options calm: whether motion is unwelcome */
export function createPlay({ calm, onMove }) {
  const button = find('#look-play', HTMLButtonElement);
  /** Where it is; -1: not on its way. */
  let position = -1;
  let playing = false;
  let last = 0;

  button.addEventListener('click', () => (playing ? pause() : start()));

  function start() {
    if (position < 0 || position >= 1) position = 0;
    playing = true;
    last = performance.now();
    say(button, 'look.pause');
    requestAnimationFrame(step);
  }

  function pause() {
    playing = false;
    say(button, 'look.play');
  }

  /** @param {number} now */
  function step(now) {
    if (!playing) return;
    const least = calm.matches ? wayMs / stops : 30; // the view paints at most so often
    if (now - last >= least) {
      position += (now - last) / wayMs;
      last = now;
      if (position >= 1) {
        position = -1;
        pause();
      }
      onMove();
    }
    requestAnimationFrame(step);
  }

  return {
    get position() {
      return position;
    },
    stop() {
      if (position < 0) return;
      position = -1;
      pause();
    },
  };
}
