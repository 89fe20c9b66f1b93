// What the camera sees is asked about again and again, until it is switched off.

import { createCamera } from './webcam.js';

/** Between two questions, in milliseconds: the page and the other questions have their turn, too. */
const pauseMs = 60;
/** The camera is on, and has no picture yet. */
const patienceMs = 200;

/**
 * @template Answer
 * @param {{ ask: (frame: Blob) => Promise<Answer>, onAnswer: (answer: Answer) => void, onFail: (error: unknown) => void }} options
 *   onFail hears of a question that failed; the camera is off then
 */
export function createLive({ ask, onAnswer, onFail }) {
  const camera = createCamera();
  let turn = 0;

  async function run() {
    const mine = ++turn;
    const goesOn = () => camera.on && mine === turn;
    while (goesOn()) {
      const frame = await camera.frame();
      try {
        const answer = frame && await ask(frame);
        if (answer && goesOn()) onAnswer(answer);
      } catch (error) {
        if (!goesOn()) return;
        camera.stop();
        onFail(error);
      }
      await new Promise(done => setTimeout(done, frame ? pauseMs : patienceMs));
    }
  }

  return {
    video: camera.video,
    stop: camera.stop,
    get on() {
      return camera.on;
    },

    /**
     * @param {() => void} ended runs when the camera has stopped, whoever stopped it
     * @returns {Promise<string>} the key of a sentence that says why not; empty: it is on, or was switched off meanwhile
     */
    async start(ended) {
      const why = await camera.start(ended);
      if (camera.on) void run();
      return why;
    },
  };
}
