// The canvas of the Skip lab. It is loaded when there is something to show: import('./canvas.js').

import {
  encodeViewLab, encodeViewLandscape, encodeViewPaths, encodeViewSignal, encodeViewStep,
} from '../../zviewcodec.js';
import { mountView } from '../canvas/frame.js';
import { createReplay } from '../canvas/replay.js';
import { language, sentences, text } from '../i18n.js';

/** @typedef {'signal' | 'heat' | 'landscape' | 'paths'} LabScene */
/** @typedef {'activation' | 'outputGradient' | 'weightGradient'} Quantity */

/**
 * A network's numbers by layer, in three lists or as layers.
 * @typedef {{
 *   activations: ArrayLike<number>,
 *   outputGradients: ArrayLike<number>,
 *   weightGradients: ArrayLike<number>,
 * }} Lists
 */
/** @typedef {{ activation: number, outputGradient: number, weightGradient: number }} LayerNumbers */
/** Nothing: a network that has no numbers. @typedef {Lists | { layers: LayerNumbers[] } | null | undefined} Numbers */
/** name: in the page's language. @typedef {{ name: string, layers: (string | { name: string })[] }} Network */

/**
 * What is shown, and how.
 * @typedef {object} Options
 * @property {Quantity} quantity  of a heat map's colours; the signal's gradient is the weights' if this says so
 * @property {'contours' | 'relief'} surface  of a landscape
 * @property {boolean} live  the signal is that of the newest step
 * @property {number} steps  of the whole run, on the heat map's axis; 0: as many as have come
 * @property {'viridis' | 'magma'} map  the colours
 * @property {{ network: number, layer: number, step: number } | null} selected  −1: not set
 * @property {boolean} reducedMotion
 */

/**
 * What a person points at or clicks. Numbers that a part does not have are −1.
 * @typedef {object} Point
 * @property {'hover' | 'click' | 'back'} kind
 * @property {LabScene} scene
 * @property {'layer' | 'cell' | 'surface' | 'path' | ''} part
 * @property {number} network
 * @property {number} layer
 * @property {number} step
 * @property {import('../../zproto.js').ViewQuantity} quantity
 * @property {number} y  row, and x the column, of the landscape's grid
 * @property {number} x
 * @property {number} length  of the path
 * @property {boolean} known  whether there is a finite value
 * @property {number} value
 */

/** @type {Lists} */
const none = { activations: [], outputGradients: [], weightGradients: [] };

/** @param {Numbers} numbers @returns {Lists} */
function listsOf(numbers) {
  if (!numbers) return none;
  if (!('layers' in numbers)) return numbers;
  return {
    activations: numbers.layers.map(({ activation }) => activation),
    outputGradients: numbers.layers.map(({ outputGradient }) => outputGradient),
    weightGradients: numbers.layers.map(({ weightGradient }) => weightGradient),
  };
}

/**
 * @param {{
 *   container: HTMLElement,
 *   onReady?: () => void,
 *   onPoint?: (point: Point) => void,
 *   onFail?: (reason: string) => void,
 *   onZoom?: (smaller: boolean, larger: boolean) => void,
 * }} options  container: has a size, which the canvas fills; onReady: there is a picture, also after a reload; onFail:
 *   there will be none, unless retry is called; onZoom: whether zooming out and in has an effect
 */
export function createLabCanvas({ container, onReady, onPoint, onFail, onZoom }) {
  /** @type {import('../canvas/frame.js').View | undefined} */
  let view;
  /** @type {LabScene | undefined} */
  let scene;
  /** @type {Options} */
  const options = {
    quantity: 'outputGradient', surface: 'contours', live: false, steps: 0, map: 'viridis', selected: null,
    reducedMotion: false,
  };
  /** All messages: also those before the view is mounted, and for another one after it failed. */
  const replay = createReplay();

  /** @param {ArrayBuffer} message */
  function send(message) {
    if (view) return view.send(message);
    replay.add(message);
    mount();
  }

  /** Loads the canvas, as soon as there are networks and a scene. */
  function mount() {
    if (view || !scene || replay.messages.length === 0) return;
    view = mountView(container, { onEvent: handleEvent, replay });
    view.setState(stateOf(scene, options));
  }

  /** @param {LabScene} next @param {Partial<Options>} changes */
  function show(next, changes = {}) {
    scene = next;
    Object.assign(options, changes);
    if (view) view.setState(stateOf(scene, options));
    else mount();
  }

  /** @param {import('../canvas/frame.js').FrameEvent} event */
  function handleEvent(event) {
    if (event.kind === 'ready') return onReady?.();
    if (event.kind === 'failed') return onFail?.(event.reason);
    if (event.kind === 'zoomed') return onZoom?.(event.smaller, event.larger);
    if (event.kind === 'files' || !scene) return; // there is nothing to do with files here
    const { kind, network, layer, step, quantity, y, x, length, known, value } = event;
    if (kind === 'click' && layer >= 0) {
      show(scene, { selected: { network, layer, step: step < 0 ? options.selected?.step ?? -1 : step } });
    }
    const part = /** @type {Point['part']} */ (event.part);
    onPoint?.({ kind, scene, part, network, layer, step, quantity, y, x, length, known, value });
  }

  return {
    /** Begins a run: all numbers of the one before are forgotten. @param {Network[]} list */
    networks(list) {
      const named = list.map(({ name, layers }) => ({
        name, layers: layers.map(layer => (typeof layer === 'string' ? layer : layer.name)),
      }));
      options.selected = null;
      send(encodeViewLab({ networks: named }));
      if (view && scene) show(scene);
    },

    /** The numbers of a batch before training, by network. @param {Numbers[]} list */
    signal(list) {
      send(encodeViewSignal({ networks: list.map(listsOf) }));
    },

    /** The numbers of a training step. @param {{ step: number, networks: Numbers[] }} report */
    step({ step, networks }) {
      send(encodeViewStep({ step, networks: networks.map(listsOf) }));
    },

    /** @param {number} network @param {{ side: number, span: number, losses: ArrayLike<number> }} landscape */
    landscape(network, { side, span, losses }) {
      send(encodeViewLandscape({ network, side, span, losses }));
    },

    /** @param {number} network @param {{ length: number, count: number, gradient: number }[]} paths by length */
    paths(network, paths) {
      send(encodeViewPaths({
        network,
        lengths: paths.map(({ length }) => length),
        counts: paths.map(({ count }) => count),
        gradients: paths.map(({ gradient }) => gradient),
      }));
    },

    /** Shows a scene, in the page's language and theme. Options that are not given stay. */
    show,

    /** @param {number} steps  a negative number zooms out; 0 shows all */
    zoom: steps => view?.zoom(steps),

    /** The picture as a PNG file. */
    async picture() {
      if (!view) throw new Error('there is no picture');
      return view.picture();
    },

    /** Loads the canvas anew, with all numbers. */
    retry() {
      view?.destroy();
      view = undefined;
      mount();
    },

    destroy() {
      view?.destroy();
      view = undefined;
      scene = undefined;
    },
  };
}

/**
 * The view's state. What is only for Look inside selects nothing.
 * @param {LabScene} scene
 * @param {Options} options
 * @returns {import('../../zproto.js').ViewState}
 */
function stateOf(scene, { quantity, surface, live, steps, map, selected, reducedMotion }) {
  return {
    scene, map, reducedMotion,
    lab: { quantity, surface, live, steps, ...selected ?? { network: -1, layer: -1, step: -1 } },
    dark: document.documentElement.dataset.theme === 'dark',
    language: language(),
    words: { ...sentences('view.'), 'view.label': text('view.lab.label') ?? '' },
    block: -1, channel: -1, tensor: 'y', order: 'energy', class: -1, opacity: 0, play: -1, ablate: {}, join: 'add',
    linear: false, nonlinearity: 'relu', knowledge: [], live: false,
  };
}
