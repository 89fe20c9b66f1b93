// What the network sees of a picture: its middle, usually a square.

/** The longer side of a shown picture, in pixels. */
export const shownSide = 224;

/**
 * Paints the middle of a picture on a canvas, which gets the proportions of that part, and closes the bitmap.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 * @param {(width: number, height: number) => { width: number, height: number }} seenPart
 */
export function paintCenterCrop(canvas, bitmap, seenPart) {
  const part = seenPart(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * part.width, bitmap.height * part.height];
  canvas.width = Math.max(1, Math.round(shownSide * width / Math.max(width, height)));
  canvas.height = Math.max(1, Math.round(shownSide * height / Math.max(width, height)));
  canvas.getContext('2d')?.drawImage(bitmap, (bitmap.width - width) / 2, (bitmap.height - height) / 2, width, height,
    0, 0, canvas.width, canvas.height);
  bitmap.close();
}
