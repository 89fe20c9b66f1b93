// @ts-check
/**
 * The part of a picture that a network sees, which is in the picture's middle. Maps over the picture lie on it.
 * @param {Pick<import('../zproto.js').Info, 'inputHeight' | 'inputWidth' | 'resizeHeight' | 'resizeWidth' | 'squash'>
 * } info
 * @param {number} width  of the picture
 * @param {number} height
 * @returns {{ width: number, height: number }}  fractions of the picture's width and height, 0 … 1
 */
export function seenPart({ inputHeight, inputWidth, resizeHeight, resizeWidth, squash }, width, height) {
  if (squash) return { width: inputWidth / resizeWidth, height: inputHeight / resizeHeight };
  const scale = Math.max(resizeWidth / width, resizeHeight / height);
  return { width: inputWidth / (width * scale), height: inputHeight / (height * scale) };
}
