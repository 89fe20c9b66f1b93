// A camera: its picture on the page, and its pictures one by one. It stops when the page is hidden.

import {
  cameras, canvasFile, createCanvas, decodeImage, hasCamera, isInsecure, onNextPicture, openCamera,
} from '../common/platform.js';
import { isFront } from './camerafacing.js';
import { make } from './dom.js';
import { say } from './i18n.js';

/**
 * taken: when the camera took it, in the time of performance.now(), as far as the browser knows. Whoever gets a picture
 * closes its bitmap.
 * @typedef {{ bitmap: ImageBitmap, taken: number }} CameraPicture
 */

/** The longer side of a picture as a file, in pixels. The network sees 224. */
const longerSide = 480;

/** The key of the sentence that says why there is no camera. @param {any} error */
function reasonKey(error) {
  if (!hasCamera()) return isInsecure() ? 'camera.insecure' : 'camera.lacking';
  if (error?.name === 'NotAllowedError' || error?.name === 'SecurityError') return 'camera.refused';
  if (error?.name === 'NotFoundError' || error?.name === 'OverconstrainedError') return 'camera.none';
  if (error?.name === 'NotReadableError' || error?.name === 'AbortError') return 'camera.busy';
  return 'camera.failed';
}

export function createCamera() {
  const video = make('video');
  video.muted = true;
  video.playsInline = true;
  say(video, 'camera.label', {}, 'aria-label');
  /** @type {MediaStream | undefined} */
  let stream;
  /** A newer start() or stop() makes an older start() void. */
  let turn = 0;
  /** @type {(why: string) => void} */
  let onEnd = () => {};
  /** When the picture in the video was taken, if nobody has had it yet. @type {number | undefined} */
  let fresh;
  /** Who waits for a picture is called. */
  let wake = () => {};

  function release() {
    turn++;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    fresh = undefined;
    video.srcObject = null;
    wake();
  }

  /** @param {string} [why]  the key of a sentence; empty: somebody wanted it */
  function stop(why = '') {
    release();
    const listener = onEnd;
    onEnd = () => {}; // first, for the listener may call stop() again
    listener(why);
  }
  document.addEventListener('visibilitychange', () => { if (document.hidden && stream) stop('camera.hidden'); });

  /** @param {MediaStream} of */
  function watch(of) {
    onNextPicture(video, taken => {
      if (stream !== of) return;
      fresh = taken;
      wake();
      watch(of);
    });
  }

  /** @param {MediaTrackConstraints} which  @returns {Promise<string>} as start does */
  async function open(which) {
    const mine = turn;
    try {
      const next = await openCamera({ video: { width: { ideal: 640 }, ...which } });
      if (mine !== turn) {
        for (const track of next.getTracks()) track.stop();
        return '';
      }
      stream = next;
      const [track] = next.getVideoTracks();
      track.addEventListener('ended', () => { if (stream === next) stop('camera.unplugged'); });
      if (document.hidden) return stop('camera.hidden'), '';
      video.toggleAttribute('data-mirrored', isFront(track.getSettings().facingMode, track.label));
      video.srcObject = next;
      watch(next);
      await video.play();
      return '';
    } catch (error) {
      if (mine !== turn) return '';
      release();
      return reasonKey(error);
    }
  }

  return {
    /** Its picture; that of a camera which faces the person is mirrored, as people know themselves. */
    video,
    stop: () => stop(),
    get on() {
      return !!stream;
    },

    /**
     * @param {(why: string) => void} ended  runs when the camera has stopped: why is the key of a sentence, or empty if
     *   stop() was called
     * @returns {Promise<string>} the key of a sentence that says why there is none; empty: there is none to say
     */
    async start(ended) {
      stop();
      onEnd = ended;
      const why = await open({ facingMode: { ideal: 'environment' } });
      if (why) onEnd = () => {};
      return why;
    },

    /** Whether there is another camera to change to. */
    async hasOther() {
      return !!stream && (await cameras()).length > 1;
    },

    /** Changes to the other side's camera, or where sides are not known, to the next. @returns as start does */
    async change() {
      if (!stream) return '';
      const { facingMode, deviceId } = stream.getVideoTracks()[0].getSettings();
      release(); // many phones open one camera at a time
      const mine = turn;
      if (facingMode) return open({ facingMode: { ideal: facingMode === 'user' ? 'environment' : 'user' } });
      const all = await cameras();
      if (mine !== turn) return '';
      const next = all[(all.findIndex(camera => camera.deviceId === deviceId) + 1) % all.length];
      return open(next ? { deviceId: { exact: next.deviceId } } : {});
    },

    /**
     * The newest picture that nobody has had yet; older ones are never given. It is not mirrored.
     * @returns {Promise<CameraPicture | null>} null: the camera has stopped, or was changed
     */
    async next() {
      const mine = turn;
      while (fresh === undefined) {
        if (!stream || mine !== turn) return null;
        await new Promise(done => { wake = () => done(undefined); });
      }
      if (mine !== turn) return null;
      const taken = fresh;
      fresh = undefined;
      try {
        return { bitmap: await decodeImage(video), taken };
      } catch (error) {
        if (mine !== turn) return null;
        throw error;
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

/** A picture of a camera as a file that holds exactly its pixels. @param {ImageBitmap} bitmap */
export function pictureFile(bitmap) {
  const { canvas, context } = createCanvas(bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  return canvasFile(canvas, { type: 'image/png' });
}
