// The engine's last messages to the view, as they came. A view that was reloaded gets them again, so that it shows
// the same at once, even while the engine computes.

import { viewChannels, viewOverview } from '../../zproto.js';

/** How many pages of channels are stored. The view asks the engine for others again. */
const maxPages = 8;

/** @param {ArrayBuffer} message @returns {number} the kind of message, see wasm/proto */
const kindOf = message => new Uint8Array(message)[1];

export function createReplay() {
  /** The last trace's messages, the oldest first. @type {ArrayBuffer[]} */
  let messages = [];

  return {
    get messages() {
      return messages;
    },

    /**
     * @param {ArrayBuffer} message
     * @returns {boolean} whether it begins a new trace
     */
    add(message) {
      const kind = kindOf(message);
      if (kind === viewOverview) {
        messages = [message];
        return true;
      }
      // Of each kind only the newest message counts; of pages of channels, the last few.
      const same = messages.filter(other => kindOf(other) === kind);
      const max = kind === viewChannels ? maxPages : 1;
      if (same.length >= max) messages.splice(messages.indexOf(same[0]), 1);
      messages.push(message);
      return false;
    },
  };
}
