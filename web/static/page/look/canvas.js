// The canvas of Look inside. It is loaded on the first visit to the room.

import { mountView } from '../canvas/frame.js';
import { classNameOf } from '../classname.js';
import { find } from '../dom.js';
import { language, sentences, text } from '../i18n.js';
import { createTask } from '../task.js';

/** @typedef {import('../address.js').Look} Look */
/** @typedef {import('../../residua.js').Residua} Net */

/** How long a camera's picture waits for the canvas to show the one before. */
const paintedWithinMs = 2000;

/** How the shortcut and the residual branch are joined where they are not added. @type {Record<string, string>} */
const joins = { product: 'x · F(x)', maximum: 'max(x, F(x))', gate: 'x · σ(F(x)) + F(x)', none: 'F(x)' };

/** How the activations are written. @type {Record<string, string>} */
const activations = { relu: 'ReLU', 'leaky-relu': 'LeakyReLU', tanh: 'tanh', silu: 'SiLU' };

/**
 * The view's sentences that differ from those of a usual ResNet. Most are formulas, the same in every language.
 * @param {import('../../residua.js').Info} info
 * @returns {Record<string, string>}
 */
export function formulas({ join, linear, nonlinearity }) {
  if (join === 'add' && !linear && nonlinearity === 'relu') return {};
  const sum = joins[join] ?? 'x + F(x)';
  const activated = linear ? sum : `${activations[nonlinearity]}(${sum})`;
  const alone = text('look.plain.f') ?? '';
  return {
    ...(join === 'none' ? {
      'view.head.x': text('look.plain.x') ?? '', 'view.head.x.short': '–',
      'view.head.f': alone, 'view.key.residual': alone, 'view.key.residual.short': 'F(x)',
    } : {}),
    ...(join in joins ? { 'view.head.sum': sum, 'view.head.sum.short': sum } : {}),
    'view.head.y': `y = ${activated}`,
    'view.key.sum': activated,
    'view.key.sum.short': activated,
  };
}

/**
 * The view's words that depend on the network's classes: the title above fewer than five, and the names of classes.
 * @param {import('../../residua.js').Info} info
 * @param {number[]} answered  the indices of the classes that the canvas shows
 * @returns {Record<string, string>}
 */
function wordsForClasses(info, answered) {
  const title = text('look.answer');
  return {
    ...(info.classes < 5 && title ? { 'view.answer': title } : {}),
    ...Object.fromEntries([...answered].sort((a, b) => a - b)
      .map(index => [`view.class.${index}`, classNameOf(info, index)])),
  };
}

/**
 * @param {{
 *   home: HTMLElement,
 *   onEvent: (event: import('../canvas/frame.js').FrameEvent) => void,
 *   onFail: (error: unknown) => void,
 * }} options home: takes the focus when a focused button disappears
 */
export function createCanvas({ home, onEvent, onFail }) {
  const container = find('#look-canvas', HTMLElement);
  const preparing = find('#look-preparing', HTMLElement);
  const task = createTask(find('#canvas-task', HTMLElement), { home, onRetry: reconnect });
  /** @type {import('../canvas/frame.js').View | undefined} */
  let view;
  /** @type {Net | undefined} */
  let net;
  /** What the canvas shows. @type {import('../../zproto.js').ViewState | undefined} */
  let state;

  /** @param {import('../canvas/frame.js').FrameEvent} event */
  function handleEvent(event) {
    if (event.kind === 'ready') {
      preparing.hidden = true;
      delete container.dataset.state;
      task.idle();
    } else if (event.kind === 'failed') {
      if (!preparing.hidden) container.dataset.state = 'failed'; // there never was a picture, so it needs no space
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
    view = mountView(container, { onEvent: handleEvent });
    if (state) view.setState(state);
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

    /** Sets the network, or that there is none. The picture of the one before goes. @param {Net | undefined} next */
    serve(next) {
      net = next;
      state = undefined;
      view?.destroy();
      view = undefined;
    },

    /**
     * Shows what is chosen. The first call loads the canvas.
     * @param {Look} look
     * @param {{
     *   info: import('../../residua.js').Info, classIndex: number, answered: number[], play: number, live: boolean,
     *   reducedMotion: boolean, knowledge?: number[],
     * }} more  info: of who answers; answered: the classes of the answers that it may show; live: whether a camera's
     *   pictures follow each other; knowledge: of each block, as in the session's state
     */
    show(look, { info, classIndex, answered, play, live, reducedMotion, knowledge = [] }) {
      if (!net) return;
      const { scene, block, channel, tensor, order, map, opacity, ablate } = look;
      const { join, linear, nonlinearity } = net.info;
      /** @type {import('../../zproto.js').ViewState} */
      const next = {
        scene, block, channel, tensor, order, map, opacity, ablate, play, live, reducedMotion, join, linear,
        nonlinearity, knowledge, lab: null,
        class: Math.max(classIndex, 0),
        dark: document.documentElement.dataset.theme === 'dark',
        language: language(),
        words: { ...sentences('view.'), ...formulas(net.info), ...wordsForClasses(info, answered) },
      };
      // With each picture of a camera the same comes again, which the view takes milliseconds to read.
      const isNew = JSON.stringify(next) !== JSON.stringify(state);
      state = next;
      if (!view) connect();
      else if (isNew) view.setState(state);
    },

    /** Waits until the next trace is on the canvas, though not for long. */
    painted: async () => view?.painted(paintedWithinMs),

    /** @param {number} steps  a negative number zooms out; 0 shows all */
    zoom: steps => view?.zoom(steps),

    /** The picture as a PNG file. */
    async picture() {
      if (!view) throw new Error('there is no picture');
      return view.picture();
    },
  };
}
