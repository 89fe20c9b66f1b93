// Small helpers that make the elements of a room. A key names a text in the table of the page's language.

import { icon, make } from './dom.js';
import { say } from './i18n.js';

/** @typedef {Parameters<typeof say>[2]} Values */

/**
 * @param {string} key
 * @param {string} className
 * @param {() => unknown} onClick
 * @param {Values} [values]
 */
export function button(key, className, onClick, values) {
  const element = localized('button', key, className, values);
  element.type = 'button';
  element.addEventListener('click', () => void onClick());
  return element;
}

/**
 * A button with an icon before its text.
 * @param {Parameters<typeof icon>[0]} name  of the icon
 * @param {string} key
 * @param {string} className
 * @param {() => unknown} onClick
 */
export function iconButton(name, key, className, onClick) {
  const element = make('button', className, icon(name), localized('span', key));
  element.type = 'button';
  element.addEventListener('click', () => void onClick());
  return element;
}

/**
 * An element with a text of the table.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} key
 * @param {string} [className]
 * @param {Values} [values]
 */
export function localized(tag, key, className = '', values) {
  const element = make(tag, className);
  say(element, key, values);
  return element;
}

/**
 * What the words and numbers of a result mean, folded away: what a finger finds where a mouse finds a title.
 * @param {readonly string[]} keys  of the terms; KEY.text explains one
 */
export const glossary = keys => make('details', 'glossary', localized('summary', 'glossary.title'),
  make('dl', 'prose', ...keys.flatMap(key => [localized('dt', key), localized('dd', `${key}.text`)])));

/**
 * The head of a table's column.
 * @param {string} key
 * @param {string} [about]  the key of what a mouse finds there
 */
export function columnHead(key, about) {
  const cell = localized('th', key);
  cell.scope = 'col';
  if (about) say(cell, about, {}, 'title');
  return cell;
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svgElement(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * A list without bullets. Without the role WebKit would not announce it as a list.
 * @template {'ul' | 'ol'} K
 * @param {K} tag
 * @param {string} className
 */
export function plainList(tag, className) {
  const element = make(tag, className);
  element.setAttribute('role', 'list');
  return element;
}

/** A paragraph whose changes are read out. @param {string} [className] */
export function statusLine(className = '') {
  const element = make('p', className);
  element.role = 'status';
  return element;
}

/** A paragraph for what went wrong. */
export function alertLine() {
  const element = make('p', 'task-fault');
  element.role = 'alert';
  return element;
}

/** @param {string} key of what it measures */
export function progressBar(key) {
  const element = make('progress');
  say(element, key, {}, 'aria-label');
  return element;
}

/**
 * An input that a button opens. It never shows itself.
 * @param {Partial<HTMLInputElement>} properties
 * @param {(files: File[]) => void} onFiles
 */
export function fileInput(properties, onFiles) {
  const element = make('input');
  Object.assign(element, { type: 'file', hidden: true, ...properties });
  element.addEventListener('change', () => {
    const files = [...(element.files ?? [])];
    element.value = ''; // so that the same file can be chosen again
    onFiles(files);
  });
  return element;
}

/** Takes away what say() put there. @param {Element} element */
export function clearText(element) {
  element.removeAttribute('data-i18n');
  element.textContent = '';
}
