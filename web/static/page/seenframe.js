// The frame round a picture on the stage, with a mark round the part that the network looks at.

import { seenPart } from '../residua.js';

/**
 * @param {HTMLElement} frame
 * @param {import('../residua.js').Info | undefined} info  of the network; without one there is no mark yet
 * @param {number} width  of the picture, in pixels
 * @param {number} height
 */
export function fitFrame(frame, info, width, height) {
  frame.style.setProperty('--width', String(width));
  frame.style.setProperty('--height', String(height));
  if (!info) return;
  const seen = seenPart(info, width, height);
  frame.style.setProperty('--seen-width', String(seen.width));
  frame.style.setProperty('--seen-height', String(seen.height));
}
