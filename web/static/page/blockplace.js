// Where a block stands in its stage.

/**
 * @param {readonly { stage: number }[]} blocks
 * @param {number} i
 * @returns {{ stage: number, index: number }}  both from 1
 */
export function placeOf(blocks, i) {
  const { stage } = blocks[i];
  return { stage, index: i - blocks.findIndex(block => block.stage === stage) + 1 };
}
