// @ts-check
/**
 * What a person does on the stage, the layer above the canvas, goes to the program as plain numbers. Keys that it does not take, Tab above all,
 * do what they do everywhere.
 */

import { pastedFiles } from '../common/paste.js';

/** @typedef {import('./program.js').Program} Program */

/**
 * @param {HTMLElement} stage
 * @param {Program} view
 * @param {MessagePort} port
 */
export function listen(stage, view, port) {
  /** byKeys: whether the keys were used last, so that what they point at is read aloud. */
  const input = { byKeys: false };
  /** @type {Set<number>} */
  const down = new Set();

  stage.addEventListener('pointermove', event => {
    input.byKeys = false;
    if (down.has(event.pointerId)) view.drag(event.pointerId, event.clientX, event.clientY);
    else if (event.pointerType !== 'touch') view.point(event.clientX, event.clientY);
  });
  stage.addEventListener('pointerdown', event => {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    input.byKeys = false;
    stage.dataset.pressed = '';
    down.add(event.pointerId);
    stage.setPointerCapture(event.pointerId);
    stage.focus({ preventScroll: true });
    view.press(event.pointerId, event.clientX, event.clientY, event.pointerType !== 'touch');
  });
  const release = (/** @type {PointerEvent} */ event) => {
    if (down.delete(event.pointerId)) view.release(event.pointerId, event.clientX, event.clientY, event.type === 'pointercancel');
  };
  stage.addEventListener('pointerup', release);
  stage.addEventListener('pointercancel', release);
  stage.addEventListener('pointerleave', event => {
    if (event.pointerType !== 'touch' && !down.size) view.leave();
  });

  stage.addEventListener('blur', () => { delete stage.dataset.pressed; });

  stage.addEventListener('wheel', event => {
    // With ctrl, which a pinch on a trackpad has too, the wheel zooms at once; without it only after a click, so that a page scrolls by.
    const zoom = event.ctrlKey || event.metaKey;
    if (!zoom && document.activeElement !== stage) return;
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? innerHeight : 1;
    const fine = zoom && Math.abs(event.deltaY) < 20 ? 4 : 1; // a trackpad's pinch comes in small steps
    const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
    if (view.wheel(event.clientX, event.clientY, dx * unit, dy * unit * fine, zoom)) event.preventDefault();
  }, { passive: false });

  stage.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === 'Tab') return;
    input.byKeys = true;
    delete stage.dataset.pressed;
    if (view.key(event.key, event.shiftKey)) event.preventDefault();
  });

  // Files are for the page: a browser would open them here.
  addEventListener('dragover', event => event.preventDefault());
  addEventListener('drop', event => {
    event.preventDefault();
    sendFiles([...event.dataTransfer?.files ?? []]);
  });
  addEventListener('paste', async event => sendFiles(await pastedFiles(event)));

  /** @param {File[]} files */
  function sendFiles(files) {
    if (files.length) port.postMessage({ kind: 'files', files });
  }
  return input;
}
