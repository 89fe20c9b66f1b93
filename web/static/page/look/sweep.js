// The sweep as a heat map: what is left of a class's probability when one block's F after the other is left out.

import { find, make } from '../dom.js';
import { percent } from '../format.js';
import { say, spell } from '../i18n.js';
import { blockName, stagesOf } from './lab.js';
import { sameQuestion } from './question.js';
import { createTask } from './task.js';

/** @typedef {import('../../zproto.js').Block} Block */
/** @typedef {import('../../zproto.js').Swept} Swept */
/** @typedef {import('./question.js').Question} Question */

/**
 * How much of a probability is gone, 0 … 1.
 * @param {number} whole
 * @param {number} left
 */
export function lost(whole, left) {
  return whole > 0 ? Math.min(Math.max((whole - left) / whole, 0), 1) : 0;
}

/**
 * @param {{
 *   button: HTMLButtonElement,
 *   onOpen: (block: number) => void,
 *   onSwept: () => void,
 *   onFail: (error: unknown) => void,
 * }} options button: starts it; onOpen: a person wants to see a block; onSwept: there is a new sweep to show
 */
export function createSweep({ button, onOpen, onSwept, onFail }) {
  const figure = find('#sweep', HTMLElement);
  const title = find('#sweep-title', HTMLElement);
  const strip = find('#sweep-strip', HTMLElement);
  const [most] = figure.querySelectorAll('.sweep-scale span');
  /** @type {{ cell: HTMLButtonElement, share: HTMLElement }[]} */
  let cells = [];
  /** @type {Block[]} */
  let blocks = [];
  const task = createTask(find('#sweep-task', HTMLElement), { home: button, onCancel: stop });
  /** What a sweep would be of now. @type {{ about: Question, classIndex: number, label: string } | undefined} */
  let now;
  /** A sweep on its way. @type {{ controller: AbortController, classIndex: number } | undefined} */
  let running;
  /** The last sweep, and what was asked. @type {{ about: Question, swept: Swept } | undefined} */
  let last;

  button.addEventListener('click', () => void run());

  async function run() {
    if (!now) return;
    stop();
    const { about, classIndex, label } = now;
    const { net, photo, ablate } = about;
    const controller = new AbortController();
    const { signal } = controller;
    running = { controller, classIndex };
    task.begin('sweep.busy', { label });
    try {
      const onProgress = (/** @type {import('../../residua.js').Steps} */ steps) => { if (!signal.aborted) task.step(steps); };
      const swept = await net.sweep(photo.blob, { classIndex, ablate, signal, onProgress });
      if (signal.aborted) return;
      last = { about, swept };
      stop();
      onSwept();
    } catch (error) {
      if (signal.aborted) return;
      running = undefined;
      task.fail(error);
      onFail(error);
    }
  }

  /** The last sweep stays as it is. */
  function stop() {
    running?.controller.abort();
    running = undefined;
    task.idle();
  }

  /** @param {Question} about @param {number} classIndex */
  const of = (about, classIndex) =>
    (last && last.swept.classIndex === classIndex && sameQuestion(last.about, about) ? last.swept : undefined);

  return {
    stop,

    /** The last sweep, if it is of this photo, network and class. */
    of,

    /** @param {Block[]} next of the network */
    introduce(next) {
      blocks = next;
      cells = [];
      strip.replaceChildren(...stagesOf(blocks).map(({ stage, members }) => {
        const head = make('span', 'sweep-stage');
        head.id = `sweep-stage-${stage}`;
        say(head, 'lab.stage', { stage });
        const group = make('div', 'sweep-group', head, ...members.map((i, k) => {
          const share = make('span', 'share');
          const cell = make('button', 'sweep-cell', make('span', 'name', `${stage}.${k + 1}`), ' ', share);
          cell.type = 'button';
          cell.addEventListener('click', () => onOpen(i));
          say(cell, 'sweep.open', () => ({ block: blockName(blocks, i) }), 'title');
          cells.push({ cell, share });
          return cell;
        }));
        group.role = 'group';
        group.setAttribute('aria-labelledby', head.id);
        group.style.setProperty('--blocks', String(members.length));
        return group;
      }));
    },

    /**
     * Shows the sweep that is of what is on the stage, if there is one. One on its way that is of something else is given up.
     * @param {Question} about
     * @param {number} classIndex
     * @param {string} label  of the class
     */
    show(about, classIndex, label) {
      if (running && (running.classIndex !== classIndex || !sameQuestion(now?.about, about))) stop();
      now = { about, classIndex, label };
      const swept = of(about, classIndex);
      figure.hidden = !swept;
      if (!swept) return spell(title);
      say(title, 'sweep.title', () => ({ label, probability: percent(swept.probability) }));
      spell(most, () => percent(swept.probability));
      cells.forEach(({ cell, share }, i) => {
        cell.style.setProperty('--lost', String(lost(swept.probability, swept.without[i])));
        spell(share, () => percent(swept.without[i]));
      });
    },
  };
}
