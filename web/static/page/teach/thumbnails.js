// Thumbnails are made when they come into view. When there are many, those out of view are dropped again:
// ten thousand pictures are never all decoded.

import { thumbnail } from '../thumbnail.js';

/** When there are more than this, those out of view are dropped. */
const maxKept = 240;
/** How many are made at the same time. */
const maxRunning = 2;

/** @typedef {ReturnType<typeof createThumbnails>} Thumbnails */

/** @param {{ blob: (id: string) => Promise<Blob> }} options */
export function createThumbnails({ blob }) {
  /** @type {WeakMap<Element, string>} */
  const ids = new WeakMap();
  /** Elements in view that wait for their picture. @type {Set<Element>} */
  const waiting = new Set();
  /** Elements that have theirs. Those that came into view last are last. @type {Set<Element>} */
  const filled = new Set();
  let running = 0;

  const observer = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) waiting.delete(target);
      else if (filled.delete(target)) filled.add(target);
      else waiting.add(target);
    }
    for (let i = running; i < maxRunning; i++) void fill();
  }, { rootMargin: '200px' });

  async function fill() {
    running++;
    for (const target of waiting) {
      waiting.delete(target);
      try {
        target.replaceChildren(await thumbnail(await blob(ids.get(target) ?? '')));
        filled.add(target);
      } catch {
        target.classList.add('no-thumb'); // the browser cannot show it, or it is gone
      }
      dropOld();
    }
    running--;
  }

  function dropOld() {
    for (const element of filled) {
      if (filled.size <= maxKept) break;
      if (isInView(element)) continue;
      element.replaceChildren();
      filled.delete(element);
      observer.unobserve(element); // so that it reports again when it comes into view
      if (element.isConnected) observer.observe(element);
    }
  }

  return {
    /**
     * @param {Element} element  an empty one, which is to show the picture
     * @param {string} id
     */
    attach(element, id) {
      ids.set(element, id);
      observer.observe(element);
    },

    /** @param {Element} element */
    detach(element) {
      observer.unobserve(element);
      waiting.delete(element);
      filled.delete(element);
    },
  };
}

/** @param {Element} element */
function isInView(element) {
  if (!element.isConnected) return false;
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > -200 && top < innerHeight + 200;
}
