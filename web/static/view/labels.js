// @ts-check
/**
 * The words above the canvas. The program says where they are and which sentence of the page they are; the page's table has the sentence.
 */
import { percentIn } from '../common/percent.js';

/**
 * @typedef {object} Label  see Label in wasm/paint
 * @property {string} key
 * @property {number} x
 * @property {number} y
 * @property {number} w
 * @property {number} h
 * @property {number} size
 * @property {'start' | 'middle' | 'end'} align
 * @property {'plain' | 'quiet' | 'x' | 'f' | 'strong' | 'tip'} tone
 * @property {Record<string, Value>} [values]
 */
/** @typedef {{ text?: string, number: number, as: 'text' | 'int' | 'percent' | 'short' | 'fixed' }} Value */

/** Of so few letters none is cut away where a browser's letters are wider than others': they may stand over the edge of their box. */
const tiny = 4;

export class Labels {
  /** @type {HTMLElement} */ #parent;
  /** @type {Label[]} */ #list = [];
  /** @type {Record<string, string>} */ #words = {};
  /** @type {Record<Exclude<Value['as'], 'text'>, { format(value: number): string }>} */ #formats = formats('en');

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.#parent = parent;
  }

  /**
   * Takes the page's sentences.
   * @param {Record<string, string>} words
   * @param {string} language
   */
  say(words, language) {
    this.#words = words;
    this.#formats = formats(language);
    this.show(this.#list);
  }

  /** @param {Label[]} list */
  show(list) {
    this.#list = list;
    const has = this.#parent.children;
    while (has.length > list.length) has[has.length - 1].remove();
    list.forEach((label, i) => {
      const text = this.#sentence(label);
      const element = /** @type {HTMLElement} */ (has[i] ?? this.#parent.appendChild(newLabel()));
      const inner = /** @type {HTMLElement} */ (element.firstChild);
      if (inner.textContent !== text) inner.textContent = text;
      element.hidden = text === '';
      element.dataset.tone = label.tone;
      element.dataset.align = label.align;
      element.classList.toggle('wraps', label.h >= 2.2 * label.size);
      element.classList.toggle('tiny', text.length <= tiny);
      if (label.tone === 'tip') return placeTip(element, label);
      Object.assign(element.style, {
        left: `${label.x}px`, top: `${label.y}px`, width: `${label.w}px`, height: `${label.h}px`, fontSize: `${label.size}px`,
      });
    });
  }

  /** All that they say, for a screen reader. */
  text() {
    return this.#list.map(label => this.#sentence(label)).filter(Boolean).join(' ');
  }

  /**
   * Paints them on a picture.
   * @param {OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D} context  in CSS pixels
   */
  paint(context) {
    for (const element of /** @type {HTMLElement[]} */ ([...this.#parent.children])) {
      if (element.hidden || element.dataset.tone === 'tip') continue;
      const inner = /** @type {HTMLElement} */ (element.firstChild);
      const style = getComputedStyle(element);
      const { left, top, height, width } = inner.getBoundingClientRect();
      context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      context.fillStyle = style.color;
      context.textBaseline = 'middle';
      const lines = wrap(context, inner.textContent ?? '', element.classList.contains('wraps') ? width + 1 : Infinity);
      lines.forEach((line, i) => context.fillText(line, left, top + height * (i + 0.5) / lines.length, width + 1));
    }
  }

  /** @param {Label} label */
  #sentence({ key, values = {} }) {
    return (this.#words[key] ?? '').replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      if (!value) return whole;
      return value.as === 'text' ? value.text ?? '' : this.#formats[value.as].format(value.number);
    });
  }
}

function newLabel() {
  const element = document.createElement('div');
  element.className = 'label';
  element.append(document.createElement('span'));
  return element;
}

/** @param {string} language */
function formats(language) {
  const make = (/** @type {Intl.NumberFormatOptions} */ options) => new Intl.NumberFormat(language || 'en', options);
  return {
    int: make({ maximumFractionDigits: 0 }),
    percent: { format: (/** @type {number} */ probability) => percentIn(language || 'en', probability) },
    short: make({ maximumSignificantDigits: 3 }),
    fixed: make({ minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  };
}

/**
 * Puts a tip above what it is about, or below where there is no room.
 * @param {HTMLElement} element
 * @param {Label} about
 */
function placeTip(element, about) {
  const margin = 6;
  Object.assign(element.style, { left: '0', top: '0', width: 'auto', height: 'auto', fontSize: `${about.size}px` });
  const { width, height } = element.getBoundingClientRect();
  const middle = about.x + about.w / 2 - width / 2;
  const above = about.y - height - margin;
  const below = about.y + about.h + margin;
  const left = Math.max(margin, Math.min(middle, innerWidth - width - margin));
  const top = above >= margin ? above : Math.max(margin, Math.min(below, innerHeight - height - margin));
  Object.assign(element.style, { left: `${left}px`, top: `${top}px` });
}

/**
 * Breaks words into lines as the page does.
 * @param {OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} width
 */
function wrap(context, text, width) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(/(?<=\s)/)) {
    const longer = (lines.at(-1) ?? '') + word;
    if (lines.length && context.measureText(longer.trimEnd()).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
