// What a person takes along: the trained networks, which are models like any others, the curves and the picture.

import { make } from '../dom.js';
import { button, localized } from '../elements.js';
import { setText } from '../i18n.js';
import { createTask } from '../task.js';
import { mark } from './glyph.js';
import { nameText } from './words.js';

/** @typedef {import('./names.js').Part} Part */
/** @typedef {'classify' | 'look' | 'safetensors' | 'onnx'} Way */

const ways = /** @type {Way[]} */ (['classify', 'look', 'safetensors', 'onnx']);

/**
 * @param {object} handlers
 * @param {(network: number, way: Way) => Promise<void>} handlers.onNetwork
 * @param {() => void} handlers.onCurves
 * @param {() => Promise<void>} handlers.onPicture
 */
export function createSaving({ onNetwork, onCurves, onPicture }) {
  const list = make('ul', 'skiplab-take');
  list.setAttribute('role', 'list');
  const taskPlace = make('div', 'task');
  const task = createTask(taskPlace);
  const title = localized('h3', 'skiplab.take.title');
  title.id = 'skip-lab-take';
  const element = make('section', 'skiplab-part', title, localized('p', 'skiplab.take.text', 'hint'), list,
    make('div', 'skiplab-buttons',
      button('skiplab.take.csv', 'plain', onCurves),
      button('skiplab.take.png', 'plain', () => attempt(onPicture, 'numbers.png.failed'))),
    taskPlace);
  element.setAttribute('aria-labelledby', title.id);

  /** @param {() => Promise<void>} run @param {string} [failed]  the key of what is said then */
  async function attempt(run, failed) {
    task.begin('skiplab.take.busy');
    try {
      await run();
      task.idle();
    } catch (error) {
      if (failed) {
        console.error(error);
        task.refuse(failed);
      } else task.fail(error);
    }
  }

  return {
    element,
    /** @param {Part[][]} names  of the trained networks @param {boolean[]} sound  which of them have not diverged */
    show(names, sound) {
      element.hidden = !sound.some(Boolean);
      list.replaceChildren(...names.flatMap((name, i) => {
        if (!sound[i]) return [];
        const words = make('p');
        setText(words, () => nameText(name));
        words.id = `skip-lab-take-${i}`;
        const buttons = ways.map(way => {
          const one = button(`skiplab.take.${way}`, 'plain', () => attempt(() => onNetwork(i, way)));
          one.setAttribute('aria-describedby', words.id);
          return one;
        });
        return [make('li', '', mark(i), words, make('div', 'skiplab-buttons', ...buttons))];
      }));
    },
  };
}
