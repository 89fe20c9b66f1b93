// The large picture of the room: the signal before training, the heat map while it trains, and the analyses after it.
// Each scene has a sentence on what it shows, the picture, what it says in words, and its numbers as a table.

import { make } from '../dom.js';
import { glossary, localized, statusLine } from '../elements.js';
import { say, setText } from '../i18n.js';
import { createTask } from '../task.js';
import { createLabCanvas } from './canvas.js';
import { sayFault } from './faults.js';
import { segmented } from './fields.js';
import { mark } from './glyph.js';
import { createPoint } from './point.js';
import { createSignalChart } from './signalchart.js';
import { createTransferChart } from './transferchart.js';
import { nameText, sayVerdict } from './words.js';

/** @typedef {import('./names.js').Part} Part */
/** @typedef {import('./verdicts.js').Verdict} Verdict */
/** @typedef {'signal' | 'heat' | 'landscape' | 'paths' | 'transfer'} Scene */

const scenes = /** @type {Scene[]} */ (['signal', 'heat', 'landscape', 'paths', 'transfer']);

/**
 * What a scene has to say: a sentence or none for each network, and one for all.
 * @typedef {{ networks: (Verdict | undefined)[], all?: Verdict, table?: HTMLTableElement }} Said
 */

/** The lines of what a scene says. */
function createSentences() {
  const list = make('ul', 'skiplab-said');
  list.setAttribute('role', 'list');
  const all = make('p', 'skiplab-said-all');
  return {
    elements: [list, all],
    /** @param {Said | undefined} said @param {Part[][]} names */
    show(said, names) {
      list.replaceChildren(...(said?.networks ?? []).flatMap((verdict, i) => {
        if (!verdict) return [];
        const name = make('b');
        setText(name, () => nameText(names[i]));
        const sentence = make('span');
        sayVerdict(sentence, verdict, names);
        return [make('li', '', mark(i), make('p', '', name, ' ', sentence))];
      }));
      all.hidden = !said?.all;
      if (said?.all) sayVerdict(all, said.all, names);
    },
  };
}

/**
 * @param {object} handlers
 * @param {(scene: Scene) => void} handlers.onScene
 * @param {(scene: Scene) => void} handlers.onCompute  the button of an analysis was pressed
 * @param {() => void} handlers.onCancel
 */
export function createStage({ onScene, onCompute, onCancel }) {
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  const tabs = segmented('skiplab.scene.label', scenes, scene => `skiplab.scene.${scene}`, onScene);
  tabs.element.classList.add('skiplab-scenes');
  const about = make('p', 'skiplab-about');
  const quantity = segmented('skiplab.quantity', /** @type {const} */ (['weightGradient', 'activation']),
    name => `skiplab.quantity.${name === 'activation' ? 'activation' : 'gradient'}`, chosen => {
      options.quantity = chosen;
      paint();
    });
  const surface = segmented('skiplab.surface', /** @type {const} */ (['contours', 'relief']),
    name => `skiplab.surface.${name}`, chosen => {
      options.surface = chosen;
      paint();
    });
  const compute = localized('button', 'skiplab.compute.landscape', 'main');
  compute.type = 'button';
  const obstacle = make('p', 'hint');
  const container = make('div', 'skiplab-canvas');
  const point = createPoint();
  const preparing = statusLine('hint');
  say(preparing, 'look.preparing');
  const chart = createSignalChart();
  const transferChart = createTransferChart();
  const waiting = make('p', 'skiplab-empty');
  const frame = make('div', 'skiplab-frame', container, preparing, chart.element, transferChart.element, waiting);
  const taskPlace = make('div', 'task');
  const task = createTask(taskPlace, { home: compute, onCancel });
  const canvasFault = make('div', 'task');
  const canvasTask = createTask(canvasFault, {
    onRetry() {
      canvasTask.idle();
      state = 'coming';
      canvas.retry();
      paint();
    },
  });
  const sentences = createSentences();
  const tableBody = make('div', 'scroll');
  tableBody.tabIndex = 0;
  tableBody.role = 'region';
  say(tableBody, 'skiplab.table.title', {}, 'aria-label');
  const details = make('details', 'skiplab-more', localized('summary', 'skiplab.table.title'), tableBody);
  const title = localized('h3', 'skiplab.stage.title', 'spoken');
  title.id = 'skip-lab-stage';
  const element = make('section', 'skiplab-part skiplab-stage', title, tabs.element, ...sentences.elements,
    make('div', 'skiplab-controls', quantity.element, surface.element), frame, point.element, canvasFault,
    make('div', 'skiplab-compute', compute, obstacle), taskPlace, about, details,
    glossary(['skiplab.term.signal', 'skiplab.term.gradient', 'skiplab.term.interval']));
  element.setAttribute('aria-labelledby', title.id);

  /** Whether the canvas shows a picture. @type {'coming' | 'ready' | 'failed'} */
  let state = 'coming';
  /** @type {Scene} */ let scene = 'signal';
  /** Whether the scene has something to show. */ let hasPicture = false;
  /** @type {Part[][]} */ let names = [];
  /** @type {(() => HTMLTableElement) | undefined} */ let tableOf;
  const options = {
    quantity: /** @type {'weightGradient' | 'activation'} */ ('weightGradient'),
    surface: /** @type {'contours' | 'relief'} */ ('contours'), steps: 0,
  };

  const canvas = createLabCanvas({
    container,
    onReady() {
      state = 'ready';
      canvasTask.idle();
      layOut();
    },
    onPoint: at => point.show(at, names),
    onFail(reason) {
      console.error(reason);
      state = 'failed';
      canvasTask.refuse('look.failed');
      layOut();
    },
  });

  compute.addEventListener('click', () => onCompute(scene));
  details.addEventListener('toggle', fillTable);
  reducedMotion.addEventListener('change', paint);

  /** A table of hundreds of cells is made only for somebody who looks at it. */
  function fillTable() {
    if (details.open) tableBody.replaceChildren(...(tableOf ? [tableOf()] : []));
  }

  function layOut() {
    const isChart = scene === 'signal' && state !== 'ready';
    const isCanvas = hasPicture && scene !== 'transfer';
    frame.dataset.scene = scene;
    frame.dataset.canvas = isCanvas && state === 'ready' ? 'shown' : 'hidden';
    chart.element.hidden = !(isChart && hasPicture);
    transferChart.element.hidden = !(scene === 'transfer' && hasPicture);
    preparing.hidden = !(isCanvas && state === 'coming' && !isChart);
    waiting.hidden = hasPicture;
    canvasFault.hidden = !isCanvas;
    point.element.hidden = !(isCanvas && state === 'ready');
    quantity.element.hidden = scene !== 'heat' || !hasPicture;
    surface.element.hidden = scene !== 'landscape' || !hasPicture;
    quantity.set(options.quantity);
    surface.set(options.surface);
  }

  /** Updates the canvas. It is not loaded before there is something to show. */
  function paint() {
    layOut();
    if (scene === 'transfer' || !hasPicture || state === 'failed') return;
    canvas.show(scene, {
      ...options, quantity: scene === 'heat' ? options.quantity : 'weightGradient',
      reducedMotion: reducedMotion.matches,
    });
  }

  return {
    element,
    canvas,
    chart,
    transferChart,
    task,

    /** Shows what went wrong with an analysis. @param {unknown} error */
    fail(error) {
      task.refuse('error.unknown');
      sayFault(/** @type {Element} */ (taskPlace.querySelector('.task-fault')), error);
    },

    /** @param {Part[][]} next  of the networks that the canvas has @param {number} steps  of the run */
    name(next, steps) {
      names = next;
      options.steps = steps;
    },

    /**
     * @param {Scene} next
     * @param {object} shown
     * @param {boolean} shown.hasPicture
     * @param {Said} [shown.said]
     * @param {() => HTMLTableElement} [shown.table]
     * @param {string} [shown.computes]  the key of the button; undefined: there is none
     * @param {string} [shown.obstacle]  the key of why the button cannot be pressed
     * @param {string} [shown.empty]  the key of what stands in the picture's place, if it is not the usual
     */
    show(next, { hasPicture: has, said, table, computes, obstacle: why, empty = `skiplab.scene.${next}.empty` }) {
      scene = next;
      hasPicture = has;
      tableOf = table;
      tabs.set(scene);
      say(about, `skiplab.scene.${scene}.about`);
      say(waiting, empty);
      const hadFocus = document.activeElement === compute;
      compute.hidden = !computes;
      if (hadFocus && !computes) tabs.focus(); // Cancel comes a little later
      if (computes) say(compute, computes);
      compute.disabled = !!why;
      obstacle.hidden = !why;
      if (why) say(obstacle, why);
      sentences.show(said, names);
      details.hidden = !table;
      fillTable();
      paint();
    },
  };
}

/** @typedef {ReturnType<typeof createStage>} Stage */
