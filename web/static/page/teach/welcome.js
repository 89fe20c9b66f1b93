// The first screen, while there are no classes: begin with pictures of one's own, or with a lesson.

import { make } from '../dom.js';
import { button, fileInput, localized } from '../elements.js';
import { withPaths } from '../folders.js';
import { row } from './elements.js';

/**
 * @param {object} options
 * @param {import('./dataset.js').Dataset} options.dataset
 * @param {{ element: HTMLElement }} options.starters
 * @param {{ element: HTMLElement }} options.leftRight
 * @param {() => void} options.onBegin  The first class is wanted.
 */
export function createWelcome({ dataset, starters, leftRight, onBegin }) {
  const folder = fileInput({ multiple: true, webkitdirectory: true }, files =>
    void dataset.add(withPaths(files)));
  const begin = button('teach.begin', 'main', onBegin);
  const chooseFolder = button('teach.folder', 'plain for-mouse', () => folder.click());

  /** @param {string} key @param {HTMLElement} content */
  const way = (key, content) =>
    make('div', 'teach-way', localized('h3', key), localized('p', `${key}.text`, 'prose'), content);

  const element = make('div', 'teach-welcome',
    localized('p', 'teach.lead', 'teach-lead'),
    make('div', 'teach-ways',
      way('teach.way.own', row(begin, chooseFolder)),
      way('teach.way.starter', starters.element),
      way('teach.way.hurts', leftRight.element)),
    folder);
  return { element };
}
