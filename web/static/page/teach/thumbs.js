// Small pictures, each made when it comes into view, and given back when there are many: ten thousand pictures are never all decoded.

import { thumbnail } from '../thumbnail.js';

/** So many are kept that are out of view. */
const most = 240;
/** So many are made at the same time. */
const lanes = 2;

/** @typedef {ReturnType<typeof createThumbs>} Thumbs */

/** @param {{ blob: (id: string) => Promise<Blob> }} options */
export function createThumbs({ blob }) {
  /** @type {WeakMap<Element, string>} */
  const ids = new WeakMap();
  /** Elements that wait for their picture. @type {Set<Element>} */
  const waiting = new Set();
  /** Elements that have one, the last seen last. @type {Set<Element>} */
  const alive = new Set();
  let running = 0;

  const observer = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) waiting.delete(target);
      else if (alive.delete(target)) alive.add(target);
      else waiting.add(target);
    }
    for (let i = running; i < lanes; i++) void work();
  }, { rootMargin: '200px' });

  async function work() {
    running++;
    for (const target of waiting) {
      waiting.delete(target);
      try {
        target.replaceChildren(await thumbnail(await blob(ids.get(target) ?? '')));
        alive.add(target);
      } catch {
        target.classList.add('no-thumb'); // the browser cannot show it, or it is gone
      }
      for (const old of alive) {
        if (alive.size <= most) break;
        if (inView(old)) continue;
        old.replaceChildren();
        alive.delete(old);
        observer.unobserve(old); // to be told again when it comes into view
        if (old.isConnected) observer.observe(old);
      }
    }
    running--;
  }

  return {
    /**
     * @param {Element} element an empty one, which shall show the picture
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
      alive.delete(element);
    },
  };
}

/** @param {Element} element */
function inView(element) {
  if (!element.isConnected) return false;
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > -200 && top < innerHeight + 200;
}
