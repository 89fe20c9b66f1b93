// What the network sees of a picture: its middle square.

/** The side of a shown picture, in pixels. */
export const shownSide = 224;

/**
 * Paints the middle square of a picture on a square canvas, and closes the bitmap.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 * @param {number} share  the side of the square, as a part of the picture's shorter side
 */
export function paintCenterCrop(canvas, bitmap, share) {
  const { width, height } = bitmap;
  const side = Math.min(width, height) * share;
  canvas.getContext('2d')?.drawImage(bitmap, (width - side) / 2, (height - side) / 2, side, side,
    0, 0, canvas.width, canvas.height);
  bitmap.close();
}
