// The camera: what it sees, and frames of it for as long as a button or a key is held. It stops when nobody looks.

import { make } from '../dom.js';
import { say } from '../i18n.js';
import { canvasFile, createCanvas, hasCamera, isInsecure, openCamera } from '../../common/platform.js';
import { button } from './parts.js';

/** A frame this often while the button is held. */
const everyMs = 250;
/** The longer side of a frame: the network sees 224 pixels of it. */
const longest = 480;

/** The sentence for a camera that does not come. @param {any} error */
function reason(error) {
  if (!hasCamera()) return isInsecure() ? 'teach.cam.insecure' : 'teach.cam.lacking';
  if (error?.name === 'NotAllowedError' || error?.name === 'SecurityError') return 'teach.cam.refused';
  if (error?.name === 'NotFoundError' || error?.name === 'OverconstrainedError') return 'teach.cam.none';
  if (error?.name === 'NotReadableError' || error?.name === 'AbortError') return 'teach.cam.busy';
  return 'teach.cam.failed';
}

/** A camera's picture on the page. */
export function createCamera() {
  const video = make('video');
  video.muted = true;
  video.playsInline = true;
  say(video, 'teach.cam.label', {}, 'aria-label');
  /** @type {MediaStream | undefined} */
  let stream;
  let wanted = 0;
  let onEnd = () => {};

  function stop() {
    wanted++;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    video.srcObject = null;
    const told = onEnd;
    onEnd = () => {};
    told();
  }
  document.addEventListener('visibilitychange', () => { if (document.hidden) stop(); });

  return {
    video,
    stop,
    get on() {
      return !!stream;
    },

    /**
     * @param {() => void} ended runs when the camera has stopped, whoever stopped it
     * @returns {Promise<string>} the key of a sentence that says why not; empty: it is on
     */
    async start(ended) {
      stop();
      const mine = wanted;
      try {
        const next = await openCamera({ video: { width: { ideal: 640 }, facingMode: { ideal: 'environment' } } });
        if (mine !== wanted) {
          for (const track of next.getTracks()) track.stop();
          return '';
        }
        stream = next;
        onEnd = ended;
        for (const track of next.getTracks()) track.addEventListener('ended', stop);
        video.srcObject = next;
        await video.play();
        return '';
      } catch (error) {
        return mine === wanted ? reason(error) : '';
      }
    },

    /** What the camera sees now, as a file. @returns {Promise<Blob | null>} */
    async frame() {
      const { videoWidth, videoHeight } = video;
      if (!stream || videoWidth === 0) return null;
      const scale = Math.min(1, longest / Math.max(videoWidth, videoHeight));
      const { canvas, context } = createCanvas(Math.round(videoWidth * scale), Math.round(videoHeight * scale));
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      return canvasFile(canvas, { type: 'image/jpeg', quality: 0.92 });
    },
  };
}

/**
 * The recorder, which stands in one class at a time.
 * @param {{ onFrame: (frame: Blob) => void }} handlers
 */
export function createRecorder({ onFrame }) {
  const camera = createCamera();
  const hold = button('teach.cam.hold', 'main', () => {});
  const fault = make('p', 'task-fault');
  fault.role = 'alert';
  const close = button('teach.cam.close', 'quiet', () => stop());
  const element = make('div', 'teach-cam', camera.video, fault, make('div', 'teach-row', hold, close));
  element.hidden = true;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  /** Where the keyboard goes when the recorder goes away. @type {HTMLElement | undefined} */
  let opener;

  const shoot = async () => {
    const frame = await camera.frame();
    if (frame) onFrame(frame);
  };
  const press = () => {
    if (timer !== undefined || !camera.on) return;
    element.toggleAttribute('data-recording', true);
    void shoot();
    timer = setInterval(shoot, everyMs);
  };
  const release = () => {
    clearInterval(timer);
    timer = undefined;
    element.removeAttribute('data-recording');
  };
  function stop() {
    release();
    camera.stop();
    if (element.hidden) return;
    element.hidden = true;
    if (element.contains(document.activeElement) || document.activeElement === document.body) opener?.focus();
  }

  hold.addEventListener('pointerdown', event => {
    hold.setPointerCapture(event.pointerId);
    press();
  });
  for (const name of ['pointerup', 'pointercancel', 'blur']) hold.addEventListener(name, release);
  hold.addEventListener('contextmenu', event => event.preventDefault()); // a long press is meant
  hold.addEventListener('keydown', event => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    press();
  });
  hold.addEventListener('keyup', release);
  element.addEventListener('keydown', event => { if (event.key === 'Escape') stop(); });

  return {
    element,
    stop,
    /**
     * Opens the recorder in a place.
     * @param {HTMLElement} place
     * @param {HTMLElement} by the button that opens it
     */
    async open(place, by) {
      stop();
      opener = by;
      place.append(element);
      element.hidden = false;
      hold.disabled = true;
      camera.video.hidden = false;
      fault.textContent = '';
      const why = await camera.start(() => {
        // The page was left, or the camera was unplugged.
        if (!element.hidden) stop();
      });
      if (element.hidden) return;
      hold.disabled = why !== '';
      hold.hidden = camera.video.hidden = why !== '';
      if (why) {
        say(fault, why);
        close.focus();
      } else hold.focus();
    },
  };
}
