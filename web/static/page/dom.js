// The few helpers round the DOM that every view uses.

/**
 * The element of the page that a selector names. The page is ours, so a missing one is a programming error.
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @param {ParentNode} [within]
 * @returns {T}
 */
export function find(selector, type, within = document) {
  const element = within.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`the page has no ${type.name} ${selector}`);
  return element;
}

/**
 * A new element with a class and children; strings become text, never markup.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className = '', ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/**
 * One of the icons that index.html declares.
 * @param {'alert' | 'info' | 'close' | 'photo' | 'camera' | 'plus' | 'trash'} name
 */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS('http://www.w3.org/2000/svg', 'use'));
  pointIcon(svg, name);
  return svg;
}

/**
 * Makes an icon show another drawing.
 * @param {Element} svg
 * @param {string} name
 */
export function pointIcon(svg, name) {
  svg.firstElementChild?.setAttribute('href', `#icon-${name}`);
}
