// What a person does with the page and sees on it, by role and text: nothing here knows a class or an id.

/** @typedef {import('playwright-core').Page} Page */

/** How long the model may take to come: a slow machine compiles and hashes 50 MB. */
const modelMs = 120_000;
const answerMs = 60_000;

/** @param {Page} page */
export async function modelIsHere(page) {
  await page.getByRole('region', { name: 'The model' }).getByText('The model is here.').waitFor({ timeout: modelMs });
}

/** How many shards of models the browser has kept. It runs in the page. */
export async function shardsKept() {
  const urls = (await (await caches.open('residua-models-1')).keys()).map(({ url }) => url);
  return urls.filter(url => url.endsWith('.bin')).length;
}

/**
 * Drags files or folders from the desktop over the page and lets them go: real events, real files.
 * @param {Page} page
 * @param {string[]} files absolute paths
 * @param {{ x: number, y: number }} [point]
 */
export async function dropFiles(page, files, { x, y } = { x: 200, y: 300 }) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'drop'])) {
    await session.send('Input.dispatchDragEvent', { type, x, y, data });
  }
  await session.detach();
}

/**
 * The answer, once it is there: the guesses in the order of the page.
 * @param {Page} page
 * @param {string} [best] the label that the first guess must come to have
 * @returns {Promise<{ label: string, share: number }[]>} share in percent
 */
export async function readAnswer(page, best) {
  const guesses = page.getByRole('list', { name: 'What is it?' }).getByRole('listitem');
  const wanted = best === undefined ? guesses.first() : guesses.first().filter({ hasText: best });
  await wanted.waitFor({ timeout: answerMs });
  await page.getByRole('region', { name: 'What is it?' }).and(page.locator('[aria-busy="false"]'))
    .waitFor({ timeout: answerMs });
  return (await guesses.allInnerTexts()).map(text => {
    const match = /^(.+?)\s+[<>]?\s*([\d.]+)%$/s.exec(text);
    if (!match) throw new Error(`this does not read like a guess: ${text}`);
    return { label: match[1], share: Number(match[2]) };
  });
}

/**
 * The messages that stand next to the drop zone.
 * @param {Page} page
 */
export function messages(page) {
  return page.getByRole('alert').getByRole('paragraph');
}

/**
 * @param {Page} page
 * @param {string} title a part of a sample photo's title
 */
export function sampleButton(page, title) {
  return page.getByRole('region', { name: 'Or try one of these' }).getByRole('button', { name: title });
}

/**
 * Clicks a sample photo.
 * @param {Page} page
 * @param {string} title a part of it
 */
export async function clickSample(page, title) {
  await sampleButton(page, title).click();
}
