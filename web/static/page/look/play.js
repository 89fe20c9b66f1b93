// The animation of the photo's way through the network: a position from 0 to 1, which moves, or steps if motion is
// reduced.

import { find } from '../dom.js';
import { say } from '../i18n.js';

/** The duration of the animation. */
const durationMs = 9000;
/** The number of steps with reduced motion: one for each part of the network. */
const steps = 19;

/** @param {{ reducedMotion: MediaQueryList, onMove: () => void }} options */
export function createPlay({ reducedMotion, onMove }) {
  const button = find('#look-play', HTMLButtonElement);
  /** 0 … 1; -1: not started. */
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
    const interval = reducedMotion.matches ? durationMs / steps : 30; // the view does not paint more often
    if (now - last >= interval) {
      position += (now - last) / durationMs;
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
    /** Shows the photo at a place, without motion. @param {number} at  0 … 1; -1: nowhere */
    rest(at) {
      if (playing) pause();
      position = at;
      onMove();
    },
    stop() {
      if (position < 0) return;
      position = -1;
      pause();
    },
  };
}
