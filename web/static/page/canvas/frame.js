/**
 * The page's side of the view: an iframe with the canvas, and messages to and fro. Look inside and the Skip lab each
 * have one.
 *
 * The view may be reloaded at any moment: when a browser takes its WebGL context away, Ebitengine reloads the
 * document, and all its ports are lost. That is why the engine's port stays here, and its messages are passed on to
 * the iframe.
 */
import { staticFolder } from '../../common/site.js';
import { scriptOf } from '../../common/trusted.js';
import { compileWasm } from '../../common/wasm.js';
import { Watchdog } from '../../common/watchdog.js';
import { viewChannels } from '../../zproto.js';
import { createReplay } from './replay.js';

/** @typedef {import('../../zproto.js').ViewState} ViewState */
/** @typedef {import('../../zproto.js').ViewEvent} ViewEvent */
/**
 * An event of the view: a person's action; files that were dropped or pasted; ready: there is a picture, for the
 * first time or after a reload; zoomed: whether zooming has an effect has changed; failed: there is no picture.
 * @typedef {ViewEvent
 *   | { kind: 'files', files: File[] }
 *   | { kind: 'ready', renderer: 'webgl' | '2d', reloads: number }
 *   | { kind: 'zoomed', smaller: boolean, larger: boolean }
 *   | { kind: 'failed', reason: string }} FrameEvent
 */
/** @typedef {{ width: number, height: number, data: Float32Array }} Heat  height × width values, as of net.cam */

/**
 * @typedef {object} View
 * @property {(state: ViewState) => void} setState  what is shown, and the sentences whose keys start with "view."
 * @property {(port: MessagePort | null) => void} connect  sets the port to the engine; the one before is closed
 * @property {(bytes: ArrayBuffer) => void} send  a message of the page itself, as the engine's are: see zviewcodec.js
 * @property {(heat: Heat | null) => void} setHeatmap  lays a map over the photo, until the next trace
 * @property {(steps: number) => void} zoom  a negative number zooms out; 0 shows all
 * @property {(withinMs: number) => Promise<void>} painted  waits for the next trace to be painted, with the channels
 *   that the view asks for
 * @property {() => Promise<Blob>} picture  the canvas and its text as PNG
 * @property {() => void} destroy
 */

/** The time until there must be a picture. The program is loaded, compiled and started in it. */
const pictureWithinS = 60;
/** How often a document may be reloaded before it has a picture. Then the 2D canvas replaces WebGL. */
const maxFailures = 2;

/** The longest wait for the warm-up, in milliseconds. Without it the program starts all the same. */
const warmUpMs = 5_000;

/** The program, which is compiled once for all documents. @type {Promise<WebAssembly.Module> | undefined} */
let program;

/** @param {URL} url */
async function compile(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the server answered ${answer.status} for ${url.pathname.split('/').at(-1)}`);
  return compileWasm(answer);
}

/**
 * Has a worker run the program first, so that fewer functions are compiled on the page's thread: see engine/warmup.js.
 * While Look inside opens, the longest task takes 55 to 78 ms of the processor with this, and 83 to 99 ms without.
 * @param {WebAssembly.Module} module
 * @returns {Promise<WebAssembly.Module>} the same, when the worker is done
 */
function warmUp(module) {
  return new Promise(resolve => {
    const worker = new Worker(scriptOf('warmUp'), { type: 'module', name: 'view warm-up' });
    const end = () => {
      clearTimeout(limit);
      worker.terminate();
      resolve(module);
    };
    const limit = setTimeout(end, warmUpMs);
    worker.onmessage = worker.onerror = end;
    worker.postMessage(module);
  });
}

/** Starts to compile the program, if no view has done so. @param {(reason: string) => void} onFail */
function startProgram(onFail) {
  program ??= compile(new URL('view/view.wasm', staticFolder)).then(warmUp);
  program.catch(error => {
    program = undefined; // the next view tries again
    onFail(error.message);
  });
}

/** Waits for the page's next frame, or if it paints none, for a moment. */
function nextFrame() {
  return new Promise(done => {
    requestAnimationFrame(done);
    setTimeout(done, 100);
  });
}

/** @param {HTMLElement} container */
function createFrame(container) {
  const frame = document.createElement('iframe');
  frame.src = new URL('view.html', staticFolder).href;
  Object.assign(frame.style, { display: 'block', width: '100%', height: '100%', border: '0', opacity: '0' });
  container.append(frame);
  return frame;
}

/** The pictures that the view was asked for. */
function createPictures() {
  /** @type {Map<number, { resolve(blob: Blob): void, reject(error: Error): void }>} */
  const pending = new Map();
  let last = 0;
  return {
    /** @param {MessagePort} port @returns {Promise<Blob>} */
    ask: port => new Promise((resolve, reject) => {
      pending.set(++last, { resolve, reject });
      port.postMessage({ kind: 'picture', id: last });
    }),
    /** @param {{ id: number, blob: Blob }} answer */
    receive({ id, blob }) {
      pending.get(id)?.resolve(blob);
      pending.delete(id);
    },
    rejectAll() {
      for (const { reject } of pending.values()) reject(new Error('the view was reloaded'));
      pending.clear();
    },
  };
}

/**
 * Puts a view into an element.
 * @param {HTMLElement} container
 * @param {{
 *   onEvent: (event: FrameEvent) => void,
 *   replay?: ReturnType<typeof createReplay>,
 * }} options  replay: has the messages that come first, and gets the others
 * @returns {View}
 */
export function mountView(container, { onEvent, replay = createReplay() }) {
  const frame = createFrame(container);
  const pictures = createPictures();
  /** @type {ViewState | null} */ let state = null;
  /** @type {MessagePort | null} */ let engine = null;
  /** @type {MessagePort | null} */ let port = null;
  /** @type {Heat | null} */ let heat = null;
  /** A document that waits for its port. @type {{ document: Document | null, module: WebAssembly.Module } | null} */
  let waiting = null;
  let reloads = -1;
  let failures = 0;
  let hasPicture = false;
  /** How many pages of channels the view has asked for that have not come. */
  let requested = 0;
  let traced = () => {};

  const fail = (/** @type {string} */ reason) => onEvent({ kind: 'failed', reason });
  const watchdog = new Watchdog(() => fail('it does not answer'));
  const onUnreadable = () => fail('a message cannot be read');

  /** The view's document has loaded. @param {MessageEvent} event */
  async function onMessage({ source, origin, data }) {
    if (source !== frame.contentWindow || origin !== location.origin || data?.kind !== 'view-ready') return;
    reloads++;
    failures = hasPicture || reloads === 0 ? 0 : failures + 1;
    hasPicture = false;
    frame.style.opacity = '0';
    closePort();
    const module = await program;
    if (!module) return;
    waiting = { document: frame.contentDocument, module };
    sendPort();
  }

  /** Sends a document its port, as soon as there is something to show. It may have been reloaded since it asked. */
  function sendPort() {
    if (!waiting || !state || waiting.document !== frame.contentDocument) return;
    const { module } = waiting;
    waiting = null;
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => (handlers[data.kind] ?? onEvent)(data);
    port.addEventListener('messageerror', onUnreadable);
    const renderer = failures >= maxFailures ? '2d' : null;
    frame.contentWindow?.postMessage({ kind: 'view-port', state, module, renderer }, location.origin, [channel.port2]);
    for (const bytes of replay.messages) port.postMessage(bytes);
    if (replay.messages.length > 0) watchdog.expect(pictureWithinS);
    if (heat) port.postMessage({ kind: 'heatmap', ...heat });
  }

  /** Messages from the view. All other kinds are events already. @type {Record<string, (data: any) => void>} */
  const handlers = {
    request({ bytes }) {
      requested++;
      engine?.postMessage(bytes, [bytes]);
    },
    event: ({ event }) => onEvent(event),
    drawn({ renderer }) {
      hasPicture = true;
      watchdog.stop();
      frame.style.opacity = '1';
      onEvent({ kind: 'ready', renderer, reloads });
    },
    picture: pictures.receive,
    ended: ({ reason }) => fallBack(reason),
  };

  /** The program has ended unexpectedly: reloads the document, with the 2D canvas. @param {string} reason */
  function fallBack(reason) {
    if (failures >= maxFailures) return fail(reason);
    failures = maxFailures;
    hasPicture = false;
    frame.contentWindow?.location.reload();
  }

  /** @param {ArrayBuffer} bytes  from the engine or the page */
  function relay(bytes) {
    if (new Uint8Array(bytes)[1] === viewChannels) requested--;
    if (replay.add(bytes)) {
      heat = null;
      requested = 0; // the engine answers no request about the trace before
      traced();
    }
    if (!hasPicture && !watchdog.running) watchdog.expect(pictureWithinS);
    port?.postMessage(bytes);
  }

  function closePort() {
    port?.close();
    port = null;
    pictures.rejectAll();
  }

  addEventListener('message', onMessage);
  startProgram(fail);

  return {
    setState(next) {
      state = next;
      if (port) port.postMessage({ kind: 'state', state });
      else sendPort();
      frame.title = next.words['view.label'] ?? '';
    },
    connect(next) {
      engine?.close();
      engine = next;
      if (!engine) return;
      engine.onmessage = ({ data }) => relay(data);
      engine.addEventListener('messageerror', onUnreadable);
    },
    send: relay,
    setHeatmap(next) {
      heat = next;
      port?.postMessage(next ? { kind: 'heatmap', ...next } : { kind: 'clear-heatmap' });
    },
    zoom(steps) {
      port?.postMessage({ kind: 'zoom', steps });
    },
    async painted(withinMs) {
      const until = performance.now() + withinMs;
      await new Promise(done => {
        traced = () => done(undefined);
        setTimeout(done, withinMs);
      });
      // Two frames: in the first the view paints, and asks for channels.
      for (let frames = 0; frames < 2 || requested > 0 && performance.now() < until; frames++) await nextFrame();
    },
    async picture() {
      if (!port || !hasPicture) throw new Error('the view shows nothing yet');
      return pictures.ask(port);
    },
    destroy() {
      removeEventListener('message', onMessage);
      closePort();
      engine?.close();
      watchdog.stop();
      frame.remove();
    },
  };
}
