// The line that says how far the unpacking of an archive is, with a button that cancels it.

import { make } from './dom.js';
import { say } from './i18n.js';

/** @typedef {{ signal: AbortSignal, onProgress: (steps: { done: number, total: number }) => void }} Options */

/** @param {string} className  of the line's element, which is hidden while nothing is unpacked */
export function createUnpacking(className) {
  const words = make('p');
  words.role = 'status';
  const bar = make('progress');
  say(bar, 'task.bar', {}, 'aria-label');
  const button = make('button', 'quiet');
  button.type = 'button';
  say(button, 'task.cancel');
  const element = make('div', className, words, bar, button);
  element.hidden = true;
  /** @type {AbortController | undefined} */
  let running;
  button.addEventListener('click', () => running?.abort());

  return {
    element,

    /**
     * Unpacks one archive. What still unpacks is cancelled.
     * @template T
     * @param {string} name  of the archive
     * @param {(options: Options) => Promise<T>} work
     * @returns {Promise<T>} It rejects as the work does.
     */
    async run(name, work) {
      running?.abort();
      const mine = running = new AbortController();
      say(words, 'files.unpacking', { name });
      bar.removeAttribute('value');
      element.hidden = false;
      try {
        return await work({
          signal: mine.signal,
          onProgress: ({ done, total }) => {
            if (mine === running) Object.assign(bar, { max: total, value: done });
          },
        });
      } finally {
        if (mine === running) {
          running = undefined;
          element.hidden = true;
        }
      }
    },
  };
}
