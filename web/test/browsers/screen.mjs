// What a person does with the page in any browser, and sees on it: by role and text. It does for all browsers what
// playwright does for Chromium.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** @typedef {import('./tab.mjs').Tab} Tab */
/**
 * An element by its role and its name, which is all of the name, or matches.
 * @typedef {[role: string, name?: string | RegExp]} Part
 */

const libraryFile = '@testing-library/dom/dist/@testing-library/dom.umd.min.js';
const library = await readFile(createRequire(import.meta.url).resolve(libraryFile), 'utf8');
const inPage = await readFile(fileURLToPath(new URL('./inpage.js', import.meta.url)), 'utf8');

/** How long something on the page may take to come, in milliseconds: a machine may be slow, or at work. */
const patience = 90_000;
const pollMs = 150;

const plain = (/** @type {string | RegExp | undefined} */ words) =>
  (words instanceof RegExp ? { source: words.source, flags: words.flags } : words);
const plainPath = (/** @type {Part[]} */ path) => path.map(([role, name]) => ({ role, name: plain(name) }));
const spelled = (/** @type {Part[]} */ path) => path.map(([role, name]) => `${role} ${name ?? ''}`).join(' › ');

export class Screen {
  /** @type {Tab} */ tab;

  /** @param {Tab} tab */
  constructor(tab) {
    this.tab = tab;
  }

  /**
   * Calls a function of inpage.js. After the page has loaded anew they are put there once more.
   * @param {string} name
   * @param {...any} args
   * @returns {Promise<any>}
   */
  async #call(name, ...args) {
    const call = () => this.tab.evaluate(async ({ name, args }) => {
      const { residuaScreen } = /** @type {any} */ (globalThis);
      return residuaScreen ? { value: await residuaScreen[name](...args) ?? null } : null;
    }, { name, args });
    let answer = await call();
    if (!answer) {
      await this.tab.run(library);
      await this.tab.run(inPage);
      answer = await call();
    }
    return answer?.value;
  }

  /**
   * @template T
   * @param {string} what
   * @param {() => Promise<T | null | undefined | false>} look
   * @param {number} [limit]
   * @returns {Promise<T>}
   */
  async until(what, look, limit = patience) {
    for (const end = Date.now() + limit; ;) {
      const found = await look();
      if (found) return found;
      if (Date.now() > end) {
        throw new Error(`after ${limit / 1000} s there is no ${what}. The page says: ${await this.everything()}`);
      }
      await wait(pollMs);
    }
  }

  /** All words that are on the page. */
  async everything() {
    return (await this.tab.evaluate(() => document.body.innerText, null)).replace(/\s+/g, ' ');
  }

  /**
   * Waits until words are there, and reads the line in which they stand.
   * @param {string | RegExp} words
   * @param {Part[]} path
   * @returns {Promise<string>}
   */
  said(words, ...path) {
    return this.until(`"${words}" in ${spelled(path) || 'the page'}`,
      () => this.#call('said', plain(words), plainPath(path)));
  }

  /**
   * Whether words are there now.
   * @param {string | RegExp} words
   * @param {Part[]} path
   * @returns {Promise<string | null>}
   */
  says(words, ...path) {
    return this.#call('said', plain(words), plainPath(path));
  }

  /** Waits until words are gone. @param {string | RegExp} words @param {Part[]} path */
  gone(words, ...path) {
    return this.until(`end of "${words}"`, async () => await this.says(words, ...path) === null);
  }

  /** How many there are. @param {Part[]} path @returns {Promise<number>} */
  count(...path) {
    return this.#call('count', plainPath(path));
  }

  /** Waits until there are so many, or more. @param {number} n @param {Part[]} path */
  async atLeast(n, ...path) {
    return this.until(`${n} × ${spelled(path)}`, async () => await this.count(...path) >= n);
  }

  /** The words of each. @param {Part[]} path @returns {Promise<string[]>} */
  texts(...path) {
    return this.#call('texts', plainPath(path));
  }

  /** What is in a field. @param {Part[]} path @returns {Promise<string>} */
  value(...path) {
    return this.until(spelled(path), () => this.#call('value', plainPath(path)));
  }

  /** Waits until it can be clicked, and clicks it. @param {Part[]} path */
  async click(...path) {
    await this.until(`${spelled(path)} to click`, () => this.tryClick(...path));
  }

  /** Clicks it if it is there now, and tells whether the click has reached it. @param {Part[]} path */
  async tryClick(...path) {
    const place = await this.#call('middle', plainPath(path));
    if (!place) return false;
    await this.#call('expectClick', plainPath(path));
    await this.tab.click(place.x, place.y);
    return await this.#call('clicked') !== false; // after a click that loads another page nothing is known any more
  }

  /**
   * Where an element is, in the viewport.
   * @param {Part[]} path
   * @returns {Promise<{ x: number, y: number, width: number, height: number }>} its middle, and its size
   */
  place(...path) {
    return this.until(spelled(path), () => this.#call('middle', plainPath(path)));
  }

  /** @param {string} option @param {Part[]} path */
  async select(option, ...path) {
    await this.until(`${option} in ${spelled(path)}`, () => this.#call('select', plainPath(path), option));
  }

  /**
   * Presses a button that asks for files, and chooses these.
   * @param {string[]} files
   * @param {Part[]} path
   */
  async choose(files, ...path) {
    await this.#call('answerChooser', await Promise.all(files.map(read)));
    await this.click(...path);
  }

  /**
   * Copies a picture as another program would, and pastes it with the keyboard.
   * @param {string} file
   */
  async pasteByKeys(file) {
    await this.#call('offerCopy', await read(file));
    await this.click(['button', 'Copy a picture']);
    const title = await this.until('picture in the clipboard', () =>
      this.tab.evaluate(() => /copied/.test(document.title) && document.title, null));
    if (title !== 'copied') throw new Error(title);
    await this.tab.press('v', 'Control');
  }

  /**
   * Lets files fall on the page, or on a part of it.
   * @param {string[]} files
   * @param {Part[]} path
   */
  async drop(files, ...path) {
    if (!await this.#call('drop', await Promise.all(files.map(read)), plainPath(path))) {
      throw new Error(`there is no ${spelled(path)} to drop onto`);
    }
  }
}

/** @param {string} path */
async function read(path) {
  return { name: basename(path), base64: (await readFile(path)).toString('base64') };
}
