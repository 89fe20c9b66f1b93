// Which part of a picture a network sees: for squares, for other shapes, and for pictures that are squeezed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seenPart } from '../static/api/seenpart.js';

/** @param {number[]} sizes  inputHeight, inputWidth, resizeHeight, resizeWidth */
const info = ([inputHeight, inputWidth, resizeHeight, resizeWidth], squash = false) =>
  ({ inputHeight, inputWidth, resizeHeight, resizeWidth, squash });

for (const [name, about, [width, height], want] of /** @type {const} */ ([
  ['a square of a wide picture', info([224, 224, 256, 256]), [1024, 512], [224 / 512, 224 / 256]],
  ['a square of a tall picture', info([224, 224, 256, 256]), [100, 200], [224 / 256, 224 / 512]],
  ['an upright part of a square picture', info([256, 128, 256, 128]), [300, 300], [0.5, 1]],
  ['an upright part of a tall picture', info([256, 128, 256, 128]), [100, 400], [1, 0.5]],
  ['a wide part of a wide picture', info([192, 320, 240, 400]), [800, 480], [0.8, 0.8]],
  ['the whole picture, squeezed', info([256, 128, 256, 128], true), [1024, 512], [1, 1]],
  ['the middle of a squeezed picture', info([224, 224, 256, 448], true), [1024, 512], [0.5, 0.875]],
])) {
  test(name, () => {
    const part = seenPart(about, width, height);
    assert.ok(Math.abs(part.width - want[0]) < 1e-12 && Math.abs(part.height - want[1]) < 1e-12,
      `${part.width} × ${part.height}`);
  });
}
