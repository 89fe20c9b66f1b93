/** The page of view.test.mjs: a view, and an engine that has its answers in files. */
import { mountView } from './page/canvas/frame.js';

const container = /** @type {HTMLElement} */ (document.getElementById('view'));
/** @type {any[]} */
const events = [];
/** @type {(event: any) => void} */
let heard = () => {};
const view = mountView(container, {
  onEvent(event) {
    events.push(event);
    heard(event);
  },
});
const { port1: engine, port2 } = new MessageChannel();
const requests = /** @type {number[][]} */ ([]);

/** @param {string} name */
const read = async name => (await fetch(`trace/${name}.bin`)).arrayBuffer();

engine.onmessage = async ({ data }) => {
  const fields = new DataView(data);
  const [block, first, holding] = [6, 15, 23].map(at => fields.getUint32(at, true));
  requests.push([block, first, holding]);
  if (!holding) engine.postMessage(await read(`block-${block}-${first}`));
};

/** @type {any} */ (globalThis).lab = {
  view, events, requests,
  /** @param {string} name */
  send: async name => engine.postMessage(await read(name)),
  /** @param {ArrayBuffer} bytes */
  post: bytes => engine.postMessage(bytes),
  /** @param {string} kind */
  next: kind => new Promise(resolve => {
    heard = event => {
      if (event.kind !== kind) return;
      heard = () => {};
      resolve(event);
    };
  }),
};
view.connect(port2);
