// What the tests of the room Teach share: the way in, pictures to teach with, and what is read from the page.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alp, barn } from '../fixtures.mjs';
import { dropFiles } from '../person.mjs';
import { scratch, sharedPage } from './harness.mjs';

/** @typedef {import('playwright-core').Page} Page */

export const slow = { timeout: 60_000 };

/** Opens the room, and waits until it can teach. @param {Page} page */
export async function openTeach(page) {
  await page.getByRole('tab', { name: 'Teach' }).click();
  await ready(page);
}

/**
 * The shared page of a file, with the room open and nothing in it.
 * @param {import('./harness.mjs').Options} [options]
 * @returns {(t: import('node:test').TestContext) => Promise<Page>} what each test calls
 */
export function sharedRoom(options) {
  const shared = sharedPage(options);
  return async t => {
    const page = await shared(t);
    await openTeach(page);
    if (!await page.getByRole('button', { name: 'Make the first class' }).isVisible()) await startOver(page);
    return page;
  };
}

/** Deletes the project, as a person does. @param {Page} page */
export async function startOver(page) {
  const keep = part(page, 'Keep it');
  await keep.getByRole('button', { name: 'Start over' }).click();
  await keep.getByRole('button', { name: 'Delete all' }).click();
  await page.getByRole('button', { name: 'Make the first class' }).waitFor(slow);
}

/** @param {Page} page */
export async function ready(page) {
  await page.getByRole('button', { name: 'Open a file' }).waitFor({ timeout: 120_000 });
  await page.getByText('The model is on its way.').waitFor({ state: 'hidden', ...slow });
}

/**
 * Where each picture of a class is cut out of its photo: left, top and side, as parts of the photo. Every second is
 * mirrored.
 */
const cuts = [[0, 0, 1], [0.1, 0.1, 0.8], [0, 0.3, 0.6], [0.35, 0.1, 0.6], [0.2, 0.4, 0.5], [0.05, 0.05, 0.5]];

/**
 * Folders of pictures, made once: six pictures each of a barn and of a mountain.
 * @type {Promise<{ barn: string[], alp: string[] }> | undefined}
 */
let made;

/**
 * @param {Page} page any: its browser cuts
 * @returns {Promise<{ barn: string[], alp: string[] }>} paths, in the folders barn and alp of one folder
 */
export function pictures(page) {
  return (made ??= (async () => {
    /** @type {Record<string, string[]>} */
    const paths = {};
    for (const [name, photo] of Object.entries({ barn, alp })) {
      const files = await page.evaluate(async ({ photo, cuts }) => {
        const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(photo), c => c.charCodeAt(0))]));
        return Promise.all(cuts.map(async ([left, top, side], i) => {
          const canvas = new OffscreenCanvas(256, 256);
          const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
          if (i % 2) context.setTransform(-1, 0, 0, 1, 256, 0);
          const length = Math.min(bitmap.width, bitmap.height) * side;
          context.drawImage(bitmap, left * bitmap.width, top * bitmap.height, length, length, 0, 0, 256, 256);
          const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer());
          return btoa(String.fromCharCode(...bytes));
        }));
      }, { photo: (await readFile(photo)).toString('base64'), cuts });
      await mkdir(join(scratch, 'teach', name), { recursive: true });
      paths[name] = await Promise.all(files.map(async (bytes, i) => {
        const path = join(scratch, 'teach', name, `${name}-${i}.jpg`);
        await writeFile(path, Buffer.from(bytes, 'base64'));
        return path;
      }));
    }
    return /** @type {{ barn: string[], alp: string[] }} */ (paths);
  })());
}

/** A class's card. @param {Page} page @param {string} name */
export const card = (page, name) => page.getByRole('listitem', { name: `Class ${name}`, exact: true });

/** The pictures of a class. @param {Page} page @param {string} name */
export const picturesOf = (page, name) =>
  page.getByRole('listbox', { name: `Pictures of ${name}`, exact: true }).getByRole('option');

/** A part of the room. @param {Page} page @param {string} name */
export const part = (page, name) => page.getByRole('region', { name, exact: true });

/**
 * Adds a class by its button, and gives it a name.
 * @param {Page} page
 * @param {string} name
 */
export async function addClass(page, name) {
  const begin = page.getByRole('button', { name: 'Make the first class' });
  await (await begin.isVisible() ? begin : page.getByRole('button', { name: 'Add a class' })).click();
  await page.waitForFunction(() => {
    const { activeElement: input } = document;
    return input instanceof HTMLInputElement && input.selectionEnd === input.value.length
      && /^Class \d+$/.test(input.value);
  });
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await card(page, name).waitFor();
}

/**
 * Chooses files for a class by its button.
 * @param {Page} page
 * @param {string} name
 * @param {string[]} files
 */
export async function choose(page, name, files) {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'), page.getByRole('button', { name: `Add pictures to ${name}` }).click(),
  ]);
  await chooser.setFiles(files);
}

/**
 * Drops files or folders onto an element.
 * @param {Page} page
 * @param {import('playwright-core').Locator} onto
 * @param {string[]} files
 */
export async function dropOnto(page, onto, files) {
  await onto.scrollIntoViewIfNeeded();
  const box = await onto.boundingBox();
  if (!box) throw new Error('it is not on the page');
  await dropFiles(page, files, { x: box.x + box.width / 2, y: box.y + Math.min(60, box.height / 2) });
}

/**
 * Adds two classes with some pictures each, and waits until all were looked at.
 * @param {Page} page
 * @param {number} [each]
 */
export async function twoClasses(page, each = 6) {
  const made = await pictures(page);
  for (const name of /** @type {const} */ (['barn', 'alp'])) {
    await addClass(page, name);
    await choose(page, name, made[name].slice(0, each));
    await picturesOf(page, name).nth(each - 1).waitFor(slow);
  }
  await looked(page);
}

/** @param {Page} page */
export async function looked(page) {
  await page.getByText(/\d+ of \d+ looked at/).waitFor({ state: 'hidden', ...slow });
}

/** Opens what is folded away. @param {import('playwright-core').Locator} within @param {string} name */
export const unfold = (within, name) => within.locator('summary').filter({ hasText: name }).click();

/** Teaches, and waits for the result. @param {Page} page @returns {Promise<string>} "N of N right" */
export async function teach(page) {
  await page.getByRole('button', { name: /^Teach it/ }).click();
  await page.getByText(/^Done in .+\.$/).waitFor(slow);
  return part(page, 'Is it any good?').getByText(/^\d+ of \d+ right$/).innerText();
}

/**
 * What Try it says to a file.
 * @param {Page} page
 * @param {string} file
 */
export async function tryIt(page, file) {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a picture' }).click(),
  ]);
  await chooser.setFiles([file]);
  const name = file.split('/').at(-1);
  await part(page, 'Try it').getByRole('img', { name: `Your photo ${name}` }).waitFor(slow);
  return said(part(page, 'Try it'));
}

/**
 * Opens a file by the button for that.
 * @param {Page} page
 * @param {string} file
 */
export async function openFile(page, file) {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Open a file' }).click(),
  ]);
  await chooser.setFiles([file]);
}

/**
 * The classes of an answer by the person's classes, the likeliest first.
 * @param {import('playwright-core').Locator} where
 */
export const classesSaid = async where => (await said(where)).map(([label]) => label);

/**
 * The labels and shares of an answer by the person's classes.
 * @param {import('playwright-core').Locator} where
 */
export async function said(where) {
  const lines = where.getByRole('list', { name: 'What it says' }).getByRole('listitem');
  await lines.first().waitFor(slow);
  // The text of a line that an answer has just replaced is all in one line.
  return (await lines.allInnerTexts()).map(line => line.split(/\s*\n\s*|\s+(?=(?:[<>] )?[\d.]+%$)/));
}
