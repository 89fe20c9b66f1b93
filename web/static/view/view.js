// @ts-check
/**
 * The view's script in its iframe. It tells the page that it is ready, receives a port, the state and the program, and
 * runs the program. From then on it passes messages between the two. After a lost WebGL context Ebitengine reloads this
 * document, and all of this happens again.
 */
import { canvasFile, createCanvas, hasWebGL2 } from '../common/platform.js';
import { listen } from './input.js';
import { Labels } from './labels.js';

/** @typedef {import('../zproto.js').ViewState} ViewState */
/** @typedef {import('../zproto.js').ViewEvent} ViewEvent */
/** @typedef {'webgl' | '2d'} Renderer */
/** @typedef {import('./program.js').Program} Program */
/**
 * What the page sends first.
 * @typedef {object} Setup
 * @property {MessagePort} port
 * @property {WebAssembly.Module} module  the program
 * @property {ViewState} state
 * @property {Renderer | null} renderer  null: WebGL if there is any
 */

const root = document.documentElement;
const stage = /** @type {HTMLElement} */ (document.getElementById('stage'));
const labels = new Labels(/** @type {HTMLElement} */ (document.getElementById('labels')));
const tips = new Labels(/** @type {HTMLElement} */ (document.getElementById('tips')));
const spoken = /** @type {HTMLElement} */ (document.getElementById('spoken'));

const { port, module, state, renderer } = await receiveSetup();
const usedRenderer = renderer ?? (hasWebGL2() ? 'webgl' : '2d');

/**
 * What view.js and the program call of each other; the program adds its functions when it starts. frames counts the
 * painted frames; waits says whether another one has been requested.
 * @type {Program & { renderer: Renderer, frames: number, waits: boolean }}
 */
const view = /** @type {any} */ (globalThis).residuaView = /** @type {any} */ ({
  renderer: usedRenderer,
  frames: 0,
  waits: false,
  allowFrame: usedRenderer === 'webgl' ? gateFrames() : undefined,
  drawn: () => port.postMessage({ kind: 'drawn', renderer: view.renderer }),
  ended,
  failed: (/** @type {string} */ reason) => port.postMessage({ kind: 'failed', reason }),
  request: (/** @type {Uint8Array<ArrayBuffer>} */ { buffer }) =>
    port.postMessage({ kind: 'request', bytes: buffer }, [buffer]),
  event: (/** @type {string} */ json) => {
    /** @type {ViewEvent} */
    const event = JSON.parse(json);
    stage.style.cursor = clickable.has(event.part) ? 'pointer' : '';
    port.postMessage({ kind: 'event', event });
  },
  labels: (/** @type {string} */ json) => labels.show(JSON.parse(json)),
  tips: (/** @type {string} */ json) => {
    tips.show(JSON.parse(json));
    if (input.byKeys) spoken.textContent = tips.text();
  },
  zoomed: (/** @type {boolean} */ smaller, /** @type {boolean} */ larger) =>
    port.postMessage({ kind: 'zoomed', smaller, larger }),
  touchAreas: (/** @type {string} */ json) => showTouchAreas(JSON.parse(json)),
});

/** The parts that react to a click. @type {Set<import('../zproto.js').ViewPart>} */
const clickable = new Set(['block', 'residual', 'shortcut', 'channel', 'filter', 'class', 'stem', 'photo', 'cell',
  'layer']);

const input = listen(stage, view, port);

// Ebitengine reads the device pixel ratio only once, so a new ratio needs a new document. The 2D fallback follows it.
if (view.renderer === 'webgl') {
  const ratio = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  ratio.addEventListener('change', () => location.reload(), { once: true });
}

// Ebitengine asks for gamepads in every frame. From the first question on Chromium polls for them 250 times a second,
// as long as the page is open.
navigator.getGamepads = () => [];

await start();

/** Tells the page that this document is loaded, and waits for its answer. */
function receiveSetup() {
  return /** @type {Promise<Setup>} */ (new Promise(resolve => {
    addEventListener('message', function onMessage({ source, origin, data, ports }) {
      if (source !== parent || origin !== location.origin || data?.kind !== 'view-port') return;
      removeEventListener('message', onMessage);
      resolve({ port: ports[0], ...data });
    });
    parent.postMessage({ kind: 'view-ready' }, location.origin);
  }));
}

/** Starts the program. */
async function start() {
  const go = new (/** @type {any} */ (globalThis).Go)();
  await nextTask(); // hasWebGL2 has made a context
  const instance = await WebAssembly.instantiate(module, go.importObject);
  await nextTask(); // the program's memory and tables are made
  // The program ends only when it crashes, and has then logged why to the console.
  go.run(instance).then(() => ended('the program of the view crashed'));
  await nextTask(); // the program has initialized itself
  show(state);
  port.onmessage = ({ data }) => receive(data);
  port.addEventListener('messageerror', () => port.postMessage({ kind: 'failed', reason: 'a message cannot be read' }));
  addEventListener('resize', () => view.requestFrame());
  // The first layout of the frame may come without a resize event.
  new ResizeObserver(() => view.requestFrame()).observe(document.body);
}

/**
 * Waits for the next task, so that the page, which shares this thread, can handle input between the steps of starting.
 */
function nextTask() {
  return new Promise(resolve => { setTimeout(resolve); });
}

/** Tells the page, which makes a new document, and stops calling the program until then. @param {string} reason */
function ended(reason) {
  for (const [name, value] of Object.entries(view)) {
    if (typeof value === 'function') Object.assign(view, { [name]: () => {} });
  }
  port.postMessage({ kind: 'ended', reason });
}

/** @param {ArrayBuffer | { kind: string } & Record<string, any>} data */
function receive(data) {
  if (data instanceof ArrayBuffer) view.message(new Uint8Array(data));
  else if (data.kind === 'state') show(data.state);
  else if (data.kind === 'heatmap') view.setHeatmap(data.height, data.width, data.data);
  else if (data.kind === 'clear-heatmap') view.clearHeatmap();
  else if (data.kind === 'zoom') view.zoom(data.steps);
  else if (data.kind === 'picture') {
    canvasPicture().then(blob => port.postMessage({ kind: 'picture', id: data.id, blob }));
  }
}

/** @param {ViewState} next */
function show(next) {
  root.dataset.theme = next.dark ? 'dark' : 'light';
  root.lang = next.language;
  for (const list of [labels, tips]) list.setWords(next.words, next.language);
  stage.setAttribute('aria-label', next.words['view.label'] ?? '');
  view.state(JSON.stringify(next));
}

/** @param {{ x: number, y: number, w: number, h: number }[]} boxes */
function showTouchAreas(boxes) {
  stage.replaceChildren(...boxes.map(({ x, y, w, h }) => {
    const area = document.createElement('div');
    area.className = 'touch-area';
    Object.assign(area.style, { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px` });
    return area;
  }));
}

/** The canvas and its labels as a PNG file. */
async function canvasPicture() {
  const { pixels, width, height } = view.pixels();
  const { canvas, context } = createCanvas(width, height);
  context.putImageData(new ImageData(pixels, width, height), 0, 0);
  context.scale(width / innerWidth, height / innerHeight);
  labels.paint(context);
  return canvasFile(canvas);
}

/**
 * Ebitengine requests an animation frame 60 times a second, even if there is nothing to paint. This holds such a
 * request back until something has changed, so that an idle view takes no time from the engine. Returns the function
 * that lets one frame through.
 */
function gateFrames() {
  const real = requestAnimationFrame.bind(window);
  /** @type {FrameRequestCallback | null} */
  let waiting = null;
  let wanted = false;
  window.requestAnimationFrame = callback => {
    if (!wanted) {
      waiting = callback;
      return 0;
    }
    wanted = false;
    return real(callback);
  };
  return () => {
    if (!waiting) {
      wanted = true;
      return;
    }
    const callback = waiting;
    waiting = null;
    real(callback);
  };
}
