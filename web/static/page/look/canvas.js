// The canvas of Look inside on the page: it comes with the first visit to the room, is told what to show, and says what a person does there.

import { find } from '../dom.js';
import { family, language } from '../i18n.js';
import { mountView } from './frame.js';
import { createTask } from './task.js';

/** @typedef {import('../address.js').Look} Look */
/** @typedef {import('../../residua.js').Residua} Net */

/** How x and F meet, where they are not added. @type {Record<string, string>} */
const joins = { product: 'x · F(x)', maximum: 'max(x, F(x))', gate: 'x · σ(F(x)) + F(x)' };

/**
 * The words for the canvas that are not those of most networks; they are formulas, the same in every language.
 * @param {import('../../residua.js').Info} info
 * @returns {Record<string, string>}
 */
function formulas({ join, linear }) {
  if (join === 'add' && !linear) return {};
  const sum = joins[join] ?? 'x + F(x)';
  return {
    ...(join in joins ? { 'view.head.sum': sum, 'view.head.sum.short': sum } : {}),
    'view.head.y': linear ? `y = ${sum}` : `y = ReLU(${sum})`,
    'view.key.sum': linear ? sum : `ReLU(${sum})`,
    'view.key.sum.short': linear ? sum : `ReLU(${sum})`,
  };
}

/**
 * @param {{ home: HTMLElement, onEvent: (event: import('./frame.js').FrameEvent) => void, onFail: (error: unknown) => void }} options
 *   home: where the keyboard goes from a button that goes away
 */
export function createCanvas({ home, onEvent, onFail }) {
  const container = find('#look-canvas', HTMLElement);
  const preparing = find('#look-preparing', HTMLElement);
  const task = createTask(find('#canvas-task', HTMLElement), { home, onRetry: reconnect });
  /** @type {import('./frame.js').View | undefined} */ let view;
  /** @type {Net | undefined} */ let net;
  /** What it was told to show last. @type {import('../../zproto.js').ViewState | undefined} */ let told;

  /** @param {import('./frame.js').FrameEvent} event */
  function hear(event) {
    if (event.kind === 'ready') {
      preparing.hidden = true;
      delete container.dataset.state;
      task.idle();
    } else if (event.kind === 'failed') {
      if (!preparing.hidden) container.dataset.state = 'failed'; // there never was a picture, so there is no place to keep for it
      preparing.hidden = true;
      console.error(event.reason);
      task.refuse('look.failed');
    } else onEvent(event);
  }

  function connect() {
    if (view || !net) return;
    preparing.hidden = false;
    delete container.dataset.state;
    task.idle();
    view = mountView(container, { onEvent: hear });
    if (told) view.setState(told);
    const { port1, port2 } = new MessageChannel();
    view.connect(port1);
    net.connectView(port2).catch(error => {
      task.fail(error);
      onFail(error);
    });
  }

  function reconnect() {
    view?.destroy();
    view = undefined;
    connect();
  }

  return {
    element: container,

    /** Another network, or none: what is shown is of the one before. @param {Net | undefined} next */
    serve(next) {
      net = next;
      told = undefined;
      view?.destroy();
      view = undefined;
    },

    /**
     * Shows what is chosen. The first time the program of the canvas is loaded.
     * @param {Look} look
     * @param {{ classIndex: number, play: number, reducedMotion: boolean }} more
     */
    show(look, { classIndex, play, reducedMotion }) {
      if (!net) return;
      told = {
        scene: look.scene, block: look.block, channel: look.channel, tensor: look.tensor, order: look.order, class: Math.max(classIndex, 0),
        map: look.map, opacity: look.opacity, play, ablate: look.ablate, dark: document.documentElement.dataset.theme === 'dark',
        reducedMotion, join: net.info.join, linear: net.info.linear, language: language(),
        words: { ...family('view.'), ...formulas(net.info) },
      };
      if (view) view.setState(told);
      else connect();
    },

    /** @param {number} steps  0 shows all of it */
    zoom: steps => view?.zoom(steps),

    /** What is shown, as a file. */
    async picture() {
      if (!view) throw new Error('there is no picture');
      return view.picture();
    },
  };
}
