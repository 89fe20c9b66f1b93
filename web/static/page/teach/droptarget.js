// An element that takes what is dropped on it.

import { isTextDraggedToField } from '../../common/paste.js';

/**
 * Marks the element with data-over while something is dragged over it.
 * @param {HTMLElement} element
 * @param {object} handlers
 * @param {(data: DataTransfer) => void} handlers.onDrop  must read the data at once: they are gone after the event
 * @param {(data: DataTransfer) => void} [handlers.onOver]
 */
export function makeDropTarget(element, { onDrop, onOver = () => {} }) {
  element.addEventListener('dragover', event => {
    if (isTextDraggedToField(event)) return;
    event.preventDefault();
    if (event.dataTransfer) onOver(event.dataTransfer);
    element.toggleAttribute('data-over', true);
  });
  element.addEventListener('dragleave', event => {
    if (!element.contains(/** @type {Node | null} */ (event.relatedTarget))) element.removeAttribute('data-over');
  });
  element.addEventListener('drop', event => {
    element.removeAttribute('data-over');
    event.stopPropagation();
    if (isTextDraggedToField(event)) return;
    event.preventDefault();
    if (event.dataTransfer) onDrop(event.dataTransfer);
  });
}
