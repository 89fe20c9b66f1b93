// Predictions of what the camera sees, one after the other, from the press of a button to the next. The next picture is
// taken when the answer to the one before is there.

import { createCamera } from '../camera.js';
import { button } from '../elements.js';
import { say } from '../i18n.js';

/** @typedef {import('./predictionlist.js').Prediction} Prediction */

/**
 * @param {object} options
 * @param {(picture: ImageBitmap) => Promise<Prediction>} options.predict
 * @param {() => boolean} options.onStart  makes room for the camera, or says that it is not wanted
 * @param {(prediction: Prediction) => void} options.onPrediction
 * @param {(key: string) => void} options.onRefused  hears why there is no camera, or no longer: the key of a sentence
 * @param {(error: unknown) => void} options.onFail  hears of a prediction that failed; the camera is off then
 */
export function createLivePredictions({ predict, onStart, onPrediction, onRefused, onFail }) {
  const camera = createCamera();
  const { video } = camera;
  const toggle = button('teach.try.live', 'plain', () => (video.hidden ? start() : camera.stop()));
  video.hidden = true;
  let turn = 0;

  async function run() {
    const mine = ++turn;
    const goesOn = () => camera.on && mine === turn;
    try {
      for (let picture = await camera.next(); picture && goesOn(); picture = await camera.next()) {
        const prediction = await predict(picture.bitmap).finally(picture.bitmap.close.bind(picture.bitmap));
        if (goesOn()) onPrediction(prediction);
      }
    } catch (error) {
      if (!goesOn()) return;
      camera.stop();
      onFail(error);
    }
  }

  /** @param {boolean} on */
  function showOn(on) {
    video.hidden = !on;
    say(toggle, on ? 'teach.try.still' : 'teach.try.live');
  }

  /** @param {string} why */
  function end(why) {
    showOn(false);
    if (why) onRefused(why);
  }

  async function start() {
    if (!onStart()) return;
    showOn(true);
    const why = await camera.start(end);
    if (why) end(why);
    else if (camera.on) void run();
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
