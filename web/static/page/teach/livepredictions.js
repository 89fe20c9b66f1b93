// Predictions of what the camera sees, one after the other, from the press of a button to the next.

import { button } from '../elements.js';
import { say } from '../i18n.js';
import { createCamera } from './webcam.js';

/** @typedef {import('./predictionlist.js').Prediction} Prediction */

/** The pause between two predictions, in milliseconds: the page and the engine's other work need time as well. */
const pauseMs = 60;
/** How long to wait for the first frame of a camera that is on, in milliseconds. */
const firstFrameMs = 200;

/**
 * @param {object} options
 * @param {(frame: Blob) => Promise<Prediction>} options.predict
 * @param {() => boolean} options.onStart  makes room for the camera, or says that it is not wanted
 * @param {() => void} [options.onStop]  The camera was on, and no longer is.
 * @param {(prediction: Prediction) => void} options.onPrediction
 * @param {(key: string) => void} options.onRefused  hears why there is no camera: the key of a sentence
 * @param {(error: unknown) => void} options.onFail  hears of a prediction that failed; the camera is off then
 */
export function createLivePredictions({ predict, onStart, onStop = () => {}, onPrediction, onRefused, onFail }) {
  const camera = createCamera();
  const { video } = camera;
  const toggle = button('teach.try.live', 'plain', () => (camera.on ? camera.stop() : start()));
  video.hidden = true;
  let turn = 0;

  async function run() {
    const mine = ++turn;
    const goesOn = () => camera.on && mine === turn;
    while (goesOn()) {
      const frame = await camera.frame();
      try {
        const prediction = frame && await predict(frame);
        if (prediction && goesOn()) onPrediction(prediction);
      } catch (error) {
        if (!goesOn()) return;
        camera.stop();
        onFail(error);
      }
      await new Promise(done => setTimeout(done, frame ? pauseMs : firstFrameMs));
    }
  }

  /** @param {boolean} on */
  function showOn(on) {
    video.hidden = !on;
    say(toggle, on ? 'teach.try.still' : 'teach.try.live');
  }

  async function start() {
    if (!onStart()) return;
    showOn(true);
    const why = await camera.start(() => {
      showOn(false);
      onStop();
    });
    if (camera.on) void run();
    if (!why) return;
    showOn(false);
    onRefused(why);
  }

  return {
    video,
    button: toggle,
    stop: camera.stop,
    get on() {
      return camera.on;
    },
  };
}
