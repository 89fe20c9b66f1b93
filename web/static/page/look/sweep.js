// The sweep: what is left of a class's probability when the residual branch of one block after the other is left out.

import { find, make } from '../dom.js';
import { percent } from '../format.js';
import { say, setText } from '../i18n.js';
import { createTask } from '../task.js';
import { blockName, stagesOf } from './lab.js';
import { sameQuestion } from './question.js';

/** @typedef {import('../../zproto.js').Block} Block */
/** @typedef {import('../../zproto.js').Swept} Swept */
/** @typedef {import('./question.js').Question} Question */

/**
 * The part of a probability that was lost, 0 … 1.
 * @param {number} whole the probability before
 * @param {number} left the probability after
 */
function lost(whole, left) {
  return whole > 0 ? Math.min(Math.max((whole - left) / whole, 0), 1) : 0;
}

/**
 * @param {{
 *   button: HTMLButtonElement,
 *   nameOf: (classIndex: number) => string,
 *   onOpen: (block: number) => void,
 *   onSwept: () => void,
 *   onFail: (error: unknown) => void,
 * }} options button: starts a sweep; nameOf: the name of a class; onOpen: a person wants to see a block; onSwept: there
 *   is a new sweep to show
 */
export function createSweep({ button, nameOf, onOpen, onSwept, onFail }) {
  const figure = find('#sweep', HTMLElement);
  const title = find('#sweep-title', HTMLElement);
  const strip = find('#sweep-strip', HTMLElement);
  const [wholeLabel] = figure.querySelectorAll('.sweep-scale span');
  /** One for each block. @type {{ cell: HTMLButtonElement, share: HTMLElement }[]} */
  let cells = [];
  /** @type {Block[]} */
  let blocks = [];
  const task = createTask(find('#sweep-task', HTMLElement), { home: button, onCancel: stop });
  /** What the next sweep is about. @type {{ question: Question, classIndex: number } | undefined} */
  let subject;
  /** The sweep that is being computed. @type {{ controller: AbortController, classIndex: number } | undefined} */
  let running;
  /** The last sweep, and its question. @type {{ question: Question, swept: Swept } | undefined} */
  let last;

  button.addEventListener('click', () => void run());

  async function run() {
    if (!subject) return;
    stop();
    const { question, classIndex } = subject;
    const { by, photo, ablate } = question;
    const controller = new AbortController();
    const { signal } = controller;
    running = { controller, classIndex };
    task.begin('sweep.busy', () => ({ label: nameOf(classIndex) }));
    try {
      const swept = await by.sweep(photo.blob, {
        classIndex, ablate, signal, onProgress: steps => { if (!signal.aborted) task.step(steps); },
      });
      if (signal.aborted) return;
      last = { question, swept };
      stop();
      onSwept();
    } catch (error) {
      if (signal.aborted) return;
      running = undefined;
      task.fail(error);
      onFail(error);
    }
  }

  /** Stops the sweep that is being computed. The last one stays. */
  function stop() {
    running?.controller.abort();
    running = undefined;
    task.idle();
  }

  /** @param {Question} question @param {number} classIndex */
  const of = (question, classIndex) =>
    (last && last.swept.classIndex === classIndex && sameQuestion(last.question, question) ? last.swept : undefined);

  return {
    stop,

    /** The last sweep, if it is about this photo, network and class. */
    of,

    /** @param {Block[]} next of the network */
    setBlocks(next) {
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
     * Shows the sweep about a question and a class, if there is one. A sweep about something else is stopped.
     * @param {Question} question
     * @param {number} classIndex
     */
    show(question, classIndex) {
      const isOtherQuestion = !sameQuestion(subject?.question, question); // also clears the error of its sweep
      if (isOtherQuestion || (running && running.classIndex !== classIndex)) stop();
      subject = { question, classIndex };
      const swept = of(question, classIndex);
      figure.hidden = !swept;
      if (!swept) return setText(title);
      const isAltered = Object.keys(question.ablate).length > 0;
      say(title, isAltered ? 'sweep.title.altered' : 'sweep.title', () =>
        ({ label: nameOf(classIndex), probability: percent(swept.probability) }));
      setText(wholeLabel, () => percent(swept.probability));
      cells.forEach(({ cell, share }, i) => {
        cell.style.setProperty('--lost', String(lost(swept.probability, swept.without[i])));
        setText(share, () => percent(swept.without[i]));
      });
    },
  };
}
