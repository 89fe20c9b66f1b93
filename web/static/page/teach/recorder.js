// The recorder takes frames of the camera for as long as a button or a key is held. One class at a time has it.

import { createCamera } from '../camera.js';
import { make } from '../dom.js';
import { alertLine, button } from '../elements.js';
import { say } from '../i18n.js';
import { row } from './elements.js';

/** The time between two frames, in milliseconds. */
const everyMs = 250;

/**
 * @param {HTMLButtonElement} button
 * @param {{ onPress: () => void, onRelease: () => void }} handlers
 */
function makeHoldable(button, { onPress, onRelease }) {
  button.addEventListener('pointerdown', event => {
    button.setPointerCapture(event.pointerId);
    onPress();
  });
  for (const name of ['pointerup', 'pointercancel', 'blur', 'keyup']) button.addEventListener(name, onRelease);
  button.addEventListener('contextmenu', event => event.preventDefault()); // a long press opens it on touch screens
  button.addEventListener('keydown', event => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    onPress();
  });
}

/** @param {{ onFrame: (frame: Blob) => void }} handlers */
export function createRecorder({ onFrame }) {
  const camera = createCamera();
  const hold = button('teach.cam.hold', 'main', () => {});
  const fault = alertLine();
  const close = button('teach.cam.close', 'quiet', () => stop());
  const element = make('div', 'teach-cam', camera.video, fault, row(hold, close));
  element.hidden = true;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  /** Gets the focus back when the recorder disappears. @type {HTMLElement | undefined} */
  let opener;

  async function takeFrame() {
    const frame = await camera.frame();
    if (frame) onFrame(frame);
  }

  function record() {
    if (timer !== undefined || !camera.on) return;
    element.toggleAttribute('data-recording', true);
    void takeFrame();
    timer = setInterval(takeFrame, everyMs);
  }

  function pause() {
    clearInterval(timer);
    timer = undefined;
    element.removeAttribute('data-recording');
  }

  function stop() {
    pause();
    camera.stop();
    if (element.hidden) return;
    element.hidden = true;
    if (element.contains(document.activeElement) || document.activeElement === document.body) opener?.focus();
  }

  /** There is no camera, or no longer. @param {string} why  the key of a sentence; empty: it was closed */
  function end(why) {
    pause();
    if (element.hidden || !why) return;
    hold.disabled = hold.hidden = camera.video.hidden = true;
    say(fault, why);
    close.focus();
  }

  makeHoldable(hold, { onPress: record, onRelease: pause });
  element.addEventListener('keydown', event => { if (event.key === 'Escape') stop(); });

  return {
    element,
    stop,

    /**
     * @param {HTMLElement} place  where it opens
     * @param {HTMLElement} by  the button that opens it
     */
    async open(place, by) {
      stop();
      opener = by;
      place.append(element);
      element.hidden = false;
      hold.disabled = true;
      camera.video.hidden = false;
      fault.textContent = '';
      hold.hidden = false;
      const why = await camera.start(end);
      if (element.hidden) return;
      if (why) return end(why);
      hold.disabled = !camera.on;
      hold.focus();
    },
  };
}
