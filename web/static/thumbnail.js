// Small square pictures of photos. A canvas of a few kilobytes is kept, never the photo's pixels.

/** Wide enough for a thumb on a screen of two pixels to the point. */
const side = 144;

/**
 * The middle square of a photo, decoded and scaled off the main thread.
 * @param {Blob} blob
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function thumbnail(blob) {
  const whole = await createImageBitmap(blob);
  const short = Math.min(whole.width, whole.height);
  const left = (whole.width - short) / 2;
  const top = (whole.height - short) / 2;
  const bitmap = await createImageBitmap(whole, left, top, short, short, { resizeWidth: side, resizeHeight: side, resizeQuality: 'medium' });
  whole.close();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}
