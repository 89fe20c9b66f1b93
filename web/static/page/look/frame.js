// @ts-check
/**
 * The page's end of the view: an iframe with the canvas, and messages to and fro.
 *
 * The page hands over the engine's port once. It stays here and what comes through it goes on to the iframe, for the iframe can be gone at
 * any moment: when a browser takes its WebGL context away, Ebitengine reloads the document, and every port that it had is lost. Here the
 * last messages are kept as they came, unread but for one byte, so that a new document shows the same within a moment, also while the
 * engine computes.
 */
import { staticFolder } from '../../common/site.js';
import { compileWasm } from '../../common/wasm.js';
import { Watchdog } from '../../common/watchdog.js';
import { viewChannels, viewOverview } from '../../zproto.js';

/** @typedef {import('../../zproto.js').ViewState} ViewState */
/** @typedef {import('../../zproto.js').ViewEvent} ViewEvent */
/**
 * What comes from the view: what a person does there; files that were dropped or pasted; ready, when there is a picture, first and after
 * each reload; zoomed, when the picture can now be made smaller or larger, or no longer; failed, when something went wrong.
 * @typedef {ViewEvent
 *   | { kind: 'files', files: File[] }
 *   | { kind: 'ready', renderer: 'webgl' | '2d', reloads: number }
 *   | { kind: 'zoomed', smaller: boolean, larger: boolean }
 *   | { kind: 'failed', reason: string }} FrameEvent
 */
/** @typedef {{ width: number, height: number, data: Float32Array }} Heat  values from the top, row by row, as net.cam gives them */

/**
 * @typedef {object} View
 * @property {(state: ViewState) => void} setState  what is shown; the words in it are the page's sentences that begin with "view."
 * @property {(port: MessagePort | null) => void} connect  where traces come from; the one before is closed
 * @property {(heat: Heat | null) => void} setHeatmap  lays a map over the photo, until the next trace
 * @property {(steps: number) => void} zoom  enlarges the picture by some steps, or makes it smaller; 0 shows all of it
 * @property {() => Promise<Blob>} picture  what the canvas shows, with its words, as PNG
 * @property {() => void} destroy
 */

/** How many pages of channels are kept for a new document; it asks the engine for others again. */
const keptPages = 8;
/** How many seconds a picture may take to be there once there is something to show: the program is loaded, compiled and started until then. */
const drawnWithin = 60;
/** How often a document may lose its WebGL before it has a picture, until the 2D canvas takes over. */
const maxDeaths = 2;

/** The program, compiled once for all documents. @type {Promise<WebAssembly.Module> | undefined} */
let program;

/**
 * Puts a view into an element.
 * @param {HTMLElement} container
 * @param {{ onEvent: (event: FrameEvent) => void }} options
 * @returns {View}
 */
export function mountView(container, { onEvent }) {
  program ??= compile(new URL('view/view.wasm', staticFolder));
  program.catch(error => {
    program = undefined; // the next view tries again
    onEvent({ kind: 'failed', reason: error.message });
  });

  const frame = document.createElement('iframe');
  frame.src = new URL('view.html', staticFolder).href;
  Object.assign(frame.style, { display: 'block', width: '100%', height: '100%', border: '0', opacity: '0' });

  /** @type {ViewState | null} */ let state = null;
  /** @type {MessagePort | null} */ let engine = null;
  /** @type {MessagePort | null} */ let port = null;
  /** The trace's messages, the oldest first. @type {ArrayBuffer[]} */ let kept = [];
  /** @type {Heat | null} */ let heat = null;
  /** @type {Map<number, { resolve(blob: Blob): void, reject(error: Error): void }>} */ const pictures = new Map();
  let lastPicture = 0;
  let reloads = -1;
  let deaths = 0;
  let drawn = false;
  const watchdog = new Watchdog(() => onEvent({ kind: 'failed', reason: 'it does not answer' }));

  const unreadable = () => onEvent({ kind: 'failed', reason: 'a message cannot be read' });

  /** @param {MessageEvent} event */
  async function greet({ source, origin, data }) {
    if (source !== frame.contentWindow || origin !== location.origin || data?.kind !== 'view-ready') return;
    reloads++;
    deaths = drawn || reloads === 0 ? 0 : deaths + 1;
    drawn = false;
    frame.style.opacity = '0';
    dropPort();
    const module = await program;
    // The document may have been reloaded meanwhile; then this greeting is an old one. Without a state there is nothing to show yet.
    greeted = { document: frame.contentDocument, module };
    welcome();
  }

  /** A document that waits for its port. @type {{ document: Document | null, module: WebAssembly.Module | undefined } | null} */
  let greeted = null;

  function welcome() {
    if (!greeted?.module || !state || greeted.document !== frame.contentDocument) return;
    const { module } = greeted;
    greeted = null;
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => receive(data);
    port.addEventListener('messageerror', unreadable);
    const renderer = deaths >= maxDeaths ? '2d' : null;
    frame.contentWindow?.postMessage({ kind: 'view-port', state, module, renderer }, location.origin, [channel.port2]);
    for (const bytes of kept) port.postMessage(bytes);
    if (kept.length > 0) watchdog.expect(drawnWithin);
    if (heat) port.postMessage({ kind: 'heatmap', ...heat });
  }

  /** @param {any} data  from the view */
  function receive(data) {
    switch (data.kind) {
      case 'request':
        engine?.postMessage(data.bytes, [data.bytes]);
        break;
      case 'event':
        onEvent(data.event);
        break;
      case 'drawn':
        drawn = true;
        watchdog.stop();
        frame.style.opacity = '1';
        onEvent({ kind: 'ready', renderer: data.renderer, reloads });
        break;
      case 'picture':
        pictures.get(data.id)?.resolve(data.blob);
        pictures.delete(data.id);
        break;
      case 'ended':
        fallBack(data.reason);
        break;
      default:
        onEvent(data); // files, zoomed, failed
    }
  }

  /**
   * The program has ended, which it never should: a new document tries it with the 2D canvas.
   * @param {string} reason
   */
  function fallBack(reason) {
    if (deaths >= maxDeaths) return onEvent({ kind: 'failed', reason });
    deaths = maxDeaths;
    drawn = false;
    frame.contentWindow?.location.reload();
  }

  /** @param {ArrayBuffer} bytes  from the engine */
  function keep(bytes) {
    const kind = new Uint8Array(bytes)[1];
    if (kind === viewOverview) {
      kept = [bytes];
      heat = null;
    } else {
      // Each kind of message has a newest one that counts; of pages of channels, the last few.
      const same = kept.filter(b => new Uint8Array(b)[1] === kind);
      const most = kind === viewChannels ? keptPages : 1;
      if (same.length >= most) kept.splice(kept.indexOf(same[0]), 1);
      kept.push(bytes);
    }
    if (!drawn && !watchdog.running) watchdog.expect(drawnWithin);
    port?.postMessage(bytes);
  }

  function dropPort() {
    port?.close();
    port = null;
    for (const { reject } of pictures.values()) reject(new Error('the view was reloaded'));
    pictures.clear();
  }

  addEventListener('message', greet);
  container.append(frame);

  return {
    setState(next) {
      state = next;
      if (port) port.postMessage({ kind: 'state', state });
      else welcome();
      frame.title = next.words['view.label'] ?? '';
    },
    connect(next) {
      engine?.close();
      engine = next;
      if (!engine) return;
      engine.onmessage = ({ data }) => keep(data);
      engine.addEventListener('messageerror', unreadable);
    },
    setHeatmap(next) {
      heat = next;
      port?.postMessage(next ? { kind: 'heatmap', ...next } : { kind: 'clear-heatmap' });
    },
    zoom(steps) {
      port?.postMessage({ kind: 'zoom', steps });
    },
    picture() {
      return new Promise((resolve, reject) => {
        if (!port || !drawn) return reject(new Error('the view shows nothing yet'));
        pictures.set(++lastPicture, { resolve, reject });
        port.postMessage({ kind: 'picture', id: lastPicture });
      });
    },
    destroy() {
      removeEventListener('message', greet);
      dropPort();
      engine?.close();
      watchdog.stop();
      frame.remove();
    },
  };
}

/** @param {URL} url */
async function compile(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the server answered ${answer.status} for ${url.pathname.split('/').at(-1)}`);
  return compileWasm(answer);
}
