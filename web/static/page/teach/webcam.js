// The camera on the page. It stops when the page is hidden.

import { make } from '../dom.js';
import { say } from '../i18n.js';
import { canvasFile, createCanvas, hasCamera, isInsecure, openCamera } from '../../common/platform.js';

/** The longer side of a frame, in pixels. The network sees 224. */
const longerSide = 480;

/** The key of the sentence that says why there is no camera. @param {any} error */
function reasonKey(error) {
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
  /** A newer start() or stop() makes an older start() void. */
  let turn = 0;
  let onEnd = () => {};

  function stop() {
    turn++;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    video.srcObject = null;
    const listener = onEnd;
    onEnd = () => {}; // first, for the listener may call stop() again
    listener();
  }
  document.addEventListener('visibilitychange', () => { if (document.hidden) stop(); });

  return {
    video,
    stop,
    get on() {
      return !!stream;
    },

    /**
     * @param {() => void} ended  runs when the camera has stopped, for whatever reason
     * @returns {Promise<string>} the key of a sentence that says why there is none; empty: there is none to say
     */
    async start(ended) {
      stop();
      const mine = turn;
      try {
        const next = await openCamera({ video: { width: { ideal: 640 }, facingMode: { ideal: 'environment' } } });
        if (mine !== turn) {
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
        return mine === turn ? reasonKey(error) : '';
      }
    },

    /** What the camera sees now, as a file. @returns {Promise<Blob | null>} */
    async frame() {
      const { videoWidth, videoHeight } = video;
      if (!stream || videoWidth === 0) return null;
      const scale = Math.min(1, longerSide / Math.max(videoWidth, videoHeight));
      const { canvas, context } = createCanvas(Math.round(videoWidth * scale), Math.round(videoHeight * scale));
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      return canvasFile(canvas, { type: 'image/jpeg', quality: 0.92 });
    },
  };
}
