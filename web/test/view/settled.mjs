// When a test may look at the canvas of Look inside: nothing on the page tells, so its picture is watched.

/** @typedef {import('playwright-core').Page} Page */

/** The document of the view. @param {Page} page */
export function inside(page) {
  const frame = page.frames().find(frame => frame.url().endsWith('/static/view.html'));
  if (!frame) throw new Error('the page has no view');
  return frame;
}

/**
 * Waits until the view has painted what it was told: its picture stays the same. The view paints in the frames of the
 * page, so between two looks there are some of these, and not a time.
 * @param {Page} page
 * @param {number} [looks] how often in a row the picture must be the same: more where the engine is asked for a part
 * @returns {Promise<string>} the picture, a PNG file in base64
 */
export async function settled(page, looks = 2) {
  await page.getByText('Preparing the picture…').waitFor({ state: 'hidden', timeout: 60_000 });
  let last = '';
  for (let same = 1; same < looks;) {
    await framesOf(page);
    const now = await shotOf(page);
    same = now === last ? same + 1 : 1;
    last = now;
  }
  return last;
}

/** A picture of the canvas as it is now, with its words, in base64. @param {Page} page */
export const shotOf = async page => (await page.locator('iframe').screenshot()).toString('base64');

/**
 * Waits for frames of the page. What was posted to the view before is in the third at the latest: a message comes
 * before the first, and words that are placed by what was painted come in the frame after it.
 * @param {Page} page
 * @param {number} [count]
 */
export const framesOf = (page, count = 3) => page.evaluate(async count => {
  await new Promise(done => { setTimeout(done); });
  for (let i = 0; i < count; i++) await new Promise(done => { requestAnimationFrame(done); });
}, count);
