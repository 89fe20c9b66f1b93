// @ts-check
/**
 * Passes pointer, wheel and key events of the stage, the layer above the canvas, to the program as plain numbers. Keys
 * that the program does not handle, above all Tab, keep their usual effect.
 */

import { pastedFiles } from '../common/paste.js';

/** @typedef {import('./program.js').Program} Program */

/**
 * @param {HTMLElement} stage
 * @param {Program} view
 * @param {MessagePort} port
 */
export function listen(stage, view, port) {
  /** byKeys: whether the keyboard was used last. Then a screen reader reads the tip that it points at. */
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
    if (!down.delete(event.pointerId)) return;
    view.release(event.pointerId, event.clientX, event.clientY, event.type === 'pointercancel');
  };
  stage.addEventListener('pointerup', release);
  stage.addEventListener('pointercancel', release);
  stage.addEventListener('pointerleave', event => {
    if (event.pointerType !== 'touch' && !down.size) view.leave();
  });

  stage.addEventListener('blur', () => { delete stage.dataset.pressed; });

  stage.addEventListener('wheel', event => {
    // With ctrl, which browsers also set for a pinch on a trackpad, the wheel always zooms. Without it the wheel zooms
    // only while the stage has the focus; otherwise the page scrolls.
    const zoom = event.ctrlKey || event.metaKey;
    if (!zoom && document.activeElement !== stage) return;
    const { deltaMode, deltaX, deltaY } = event;
    const isLines = deltaMode === WheelEvent.DOM_DELTA_LINE;
    const pixels = isLines ? 33 : deltaMode === WheelEvent.DOM_DELTA_PAGE ? innerHeight : 1;
    const pinch = zoom && Math.abs(deltaY) < 20 ? 4 : 1; // a pinch on a trackpad has smaller steps than a wheel
    const [dx, dy] = event.shiftKey ? [deltaY, deltaX] : [deltaX, deltaY];
    if (view.wheel(event.clientX, event.clientY, dx * pixels, dy * pixels * pinch, zoom)) event.preventDefault();
  }, { passive: false });

  stage.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === 'Tab') return;
    input.byKeys = true;
    delete stage.dataset.pressed;
    if (view.key(event.key, event.shiftKey)) event.preventDefault();
  });

  // Dropped and pasted files go to the page. Without this the browser would open a dropped file in the frame.
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
