// The last messages to the view, as they came. A view that was reloaded gets them again, so that it shows the same at
// once, even while the engine computes.

import { viewChannels, viewOverview } from '../../zproto.js';
import { labKinds } from '../../zviewcodec.js';

/** How many pages of channels are stored. The view asks the engine for others again. */
const maxPages = 8;

/** How many training steps are stored. Of a longer run every second is dropped, and so on: the view shows as many. */
const maxSteps = 1024;

/** @param {ArrayBuffer} message @returns {number} the kind of message, see wasm/proto */
const kindOf = message => new Uint8Array(message)[1];

/**
 * What a message replaces: one with the same name. Landscapes and paths begin with their network's index.
 * @param {ArrayBuffer} message
 */
function nameOf(message) {
  const kind = kindOf(message);
  const hasNetwork = kind === labKinds.ViewLandscape || kind === labKinds.ViewPaths;
  return hasNetwork ? `${kind} ${new DataView(message).getUint32(2, true)}` : `${kind}`;
}

export function createReplay() {
  /** The last trace's or run's messages, the oldest first, but for steps. @type {ArrayBuffer[]} */
  let messages = [];
  /** @type {ArrayBuffer[]} */
  let steps = [];
  /** Of how many steps one is stored, and how many have come since the last. */
  let stride = 1;
  let skipped = 0;

  /** @param {ArrayBuffer} message */
  function addStep(message) {
    if (++skipped < stride) return;
    skipped = 0;
    steps.push(message);
    if (steps.length <= maxSteps) return;
    steps = steps.filter((_, i) => i % 2 === 0);
    stride *= 2;
  }

  return {
    get messages() {
      return [...messages, ...steps];
    },

    /**
     * @param {ArrayBuffer} message
     * @returns {boolean} whether it begins a new trace or run
     */
    add(message) {
      const kind = kindOf(message);
      if (kind === viewOverview || kind === labKinds.ViewLab) {
        messages = [message];
        steps = [];
        stride = 1;
        skipped = 0;
        return true;
      }
      if (kind === labKinds.ViewStep) {
        addStep(message);
        return false;
      }
      // Of each kind only the newest message counts; of pages of channels, the last few.
      const name = nameOf(message);
      const same = messages.filter(other => nameOf(other) === name);
      const max = kind === viewChannels ? maxPages : 1;
      if (same.length >= max) messages.splice(messages.indexOf(same[0]), 1);
      messages.push(message);
      return false;
    },
  };
}
