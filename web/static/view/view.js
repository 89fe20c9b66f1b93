// @ts-check
/**
 * Boots the view inside its iframe: tells the page that it is ready, gets a port, the state and the program from it, and runs the program.
 * From then on it carries messages between the two. After a lost WebGL context Ebitengine reloads this document, and all begins again.
 */
import { canvasFile, createCanvas, hasWebGL2 } from '../common/platform.js';
import { listen } from './input.js';
import { Labels } from './labels.js';

/** @typedef {import('../zproto.js').ViewState} ViewState */
/** @typedef {import('../zproto.js').ViewEvent} ViewEvent */
/** @typedef {'webgl' | '2d'} Renderer */
/** @typedef {import('./program.js').Program} Program */
/** @typedef {{ port: MessagePort, module: WebAssembly.Module, state: ViewState, renderer: Renderer | null }} Welcome */

const root = document.documentElement;
const stage = /** @type {HTMLElement} */ (document.getElementById('stage'));
const labels = new Labels(/** @type {HTMLElement} */ (document.getElementById('labels')));
const tips = new Labels(/** @type {HTMLElement} */ (document.getElementById('tips')));
const spoken = /** @type {HTMLElement} */ (document.getElementById('spoken'));

const { port, module, state, renderer } = await greet();
const used = renderer ?? (hasWebGL2() ? 'webgl' : '2d');

/**
 * Both sides' calls; the program adds its own when it starts. frames: how many were painted; waits: whether one is on its way.
 * @type {Program & { renderer: Renderer, frames: number, waits: boolean }}
 */
const view = /** @type {any} */ (globalThis).residuaView = /** @type {any} */ ({
  renderer: used,
  frames: 0,
  waits: false,
  allowFrame: used === 'webgl' ? gateFrames() : undefined,
  drawn: () => port.postMessage({ kind: 'drawn', renderer: view.renderer }),
  ended,
  failed: (/** @type {string} */ reason) => port.postMessage({ kind: 'failed', reason }),
  request: (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => port.postMessage({ kind: 'request', bytes: bytes.buffer }, [bytes.buffer]),
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
  zoomed: (/** @type {boolean} */ smaller, /** @type {boolean} */ larger) => port.postMessage({ kind: 'zoomed', smaller, larger }),
  touchAreas: (/** @type {string} */ json) => showTouchAreas(JSON.parse(json)),
});

/** What a click means something on. @type {Set<import('../zproto.js').ViewPart>} */
const clickable = new Set(['block', 'residual', 'shortcut', 'channel', 'filter', 'class', 'stem', 'photo']);

const input = listen(stage, view, port);

// The 2D fallback follows the ratio by itself; Ebitengine keeps the first one for ever.
if (view.renderer === 'webgl') {
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', () => location.reload(), { once: true });
}

await start();

/** Tells the page that this document is there, and waits for what it answers. */
function greet() {
  return /** @type {Promise<Welcome>} */ (new Promise(resolve => {
    addEventListener('message', function welcome({ source, origin, data, ports }) {
      if (source !== parent || origin !== location.origin || data?.kind !== 'view-port') return;
      removeEventListener('message', welcome);
      resolve({ port: ports[0], ...data });
    });
    parent.postMessage({ kind: 'view-ready' }, location.origin);
  }));
}

/** Runs the program; it never ends. */
async function start() {
  const go = new (/** @type {any} */ (globalThis).Go)();
  await nextTask(); // hasWebGL2 has made a context
  const instance = await WebAssembly.instantiate(module, go.importObject);
  await nextTask(); // the program's memory and tables are made
  // It comes to an end only when it crashes, and has then said why on the console.
  go.run(instance).then(() => ended('the program of the view crashed'));
  await nextTask(); // the program has initialized itself
  show(state);
  port.onmessage = ({ data }) => receive(data);
  port.addEventListener('messageerror', () => port.postMessage({ kind: 'failed', reason: 'a message cannot be read' }));
  addEventListener('resize', () => view.requestFrame());
  // The frame's first size may come without a resize.
  new ResizeObserver(() => view.requestFrame()).observe(document.body);
}

/** Ends this task: the page, on the same thread, answers to a person between the steps of starting. */
function nextTask() {
  return new Promise(resolve => { setTimeout(resolve); });
}

/** The page makes a new document; until then nothing more is asked of the program. @param {string} reason */
function ended(reason) {
  for (const [name, call] of Object.entries(view)) if (typeof call === 'function') Object.assign(view, { [name]: () => {} });
  port.postMessage({ kind: 'ended', reason });
}

/** @param {ArrayBuffer | { kind: string } & Record<string, any>} data */
function receive(data) {
  if (data instanceof ArrayBuffer) view.message(new Uint8Array(data));
  else if (data.kind === 'state') show(data.state);
  else if (data.kind === 'heatmap') view.setHeatmap(data.height, data.width, data.data);
  else if (data.kind === 'clear-heatmap') view.clearHeatmap();
  else if (data.kind === 'zoom') view.zoom(data.steps);
  else if (data.kind === 'picture') picture().then(blob => port.postMessage({ kind: 'picture', id: data.id, blob }));
}

/** @param {ViewState} next */
function show(next) {
  root.dataset.theme = next.dark ? 'dark' : 'light';
  root.lang = next.language;
  for (const list of [labels, tips]) list.say(next.words, next.language);
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

/** The canvas with its words, as a PNG file. */
async function picture() {
  const { pixels, width, height } = view.pixels();
  const { canvas, context } = createCanvas(width, height);
  context.putImageData(new ImageData(pixels, width, height), 0, 0);
  context.scale(width / innerWidth, height / innerHeight);
  labels.paint(context);
  return canvasFile(canvas);
}

/**
 * Ebitengine asks for a frame of animation 60 times a second, and mostly does nothing in it. Here such a wish waits until there is something
 * to paint: an idle view takes no time from the engine.
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
