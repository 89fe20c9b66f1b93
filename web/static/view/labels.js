// @ts-check
/**
 * The labels above the canvas, as HTML. The program sends each label's place and the key of its text; the texts are the
 * page's translations.
 */
import { percentIn } from '../common/percent.js';

/**
 * @typedef {object} Label  as wasm/paint defines it; lengths are in CSS pixels
 * @property {string} key
 * @property {number} x
 * @property {number} y
 * @property {number} w
 * @property {number} h
 * @property {number} size
 * @property {'start' | 'middle' | 'end'} align
 * @property {'plain' | 'quiet' | 'x' | 'f' | 'strong' | 'halo' | 'tip' | 'knowledge'} tone
 * @property {Record<string, Value>} [values]
 */
/**
 * text is looked up among the page's words, and a class by its number; what is not there, and plain, stays as it is.
 * @typedef {{
 *   text?: string,
 *   number: number,
 *   as: 'text' | 'class' | 'plain' | 'int' | 'percent' | 'whole' | 'short' | 'science' | 'fixed',
 * }} Value
 */

/** Labels up to this many characters may overflow their box, so that wide fonts do not clip them. */
const tinyLength = 4;

export class Labels {
  /** @type {HTMLElement} */ #parent;
  /** @type {Label[]} */ #list = [];
  /** @type {Record<string, string>} */ #words = {};
  /** @type {Record<Exclude<Value['as'], 'text' | 'class' | 'plain'>, { format(value: number): string }>} */
  #formats = formats('en');

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.#parent = parent;
  }

  /**
   * Sets the translations, and shows the labels in them.
   * @param {Record<string, string>} words
   * @param {string} language
   */
  setWords(words, language) {
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
      element.classList.toggle('tiny', text.length <= tinyLength);
      if (label.tone === 'tip') return placeTip(element, label);
      const { x, y, w, h, size } = label;
      const style = { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px`, fontSize: `${size}px` };
      Object.assign(element.style, style);
    });
  }

  /** The text of all labels, for a screen reader. */
  text() {
    return this.#list.map(label => this.#sentence(label)).filter(Boolean).join(' ');
  }

  /**
   * Paints the labels onto a canvas.
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
      lines.forEach((line, i) => {
        const y = top + height * (i + 0.5) / lines.length;
        if (element.dataset.tone === 'halo') {
          context.lineWidth = 3;
          context.lineJoin = 'round';
          context.strokeStyle = getComputedStyle(document.body).backgroundColor;
          context.strokeText(line, left, y, width + 1);
        }
        context.fillText(line, left, y, width + 1);
      });
    }
  }

  /** @param {Label} label */
  #sentence({ key, values = {} }) {
    return (this.#words[key] ?? '').replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      if (!value) return whole;
      if (value.as === 'plain') return value.text ?? '';
      if (value.as === 'text') return this.#words[`view.name.${value.text}`] ?? value.text ?? '';
      if (value.as === 'class') return this.#words[`view.class.${value.number}`] ?? value.text ?? '';
      return this.#formats[value.as].format(value.number);
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
    whole: make({ style: 'percent', maximumFractionDigits: 0 }),
    short: make({ maximumSignificantDigits: 3 }),
    science: scienceFormat(make),
    fixed: make({ minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  };
}

/**
 * Three significant digits, and a power of ten where the number is very small or large.
 * @param {(options: Intl.NumberFormatOptions) => Intl.NumberFormat} make
 */
function scienceFormat(make) {
  const digits = make({ maximumSignificantDigits: 3 });
  const raised = (/** @type {number} */ exponent) =>
    String(exponent).replace(/./g, sign => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)]));
  return {
    format(/** @type {number} */ value) {
      const [mantissa, exponent] = value.toExponential(2).split('e').map(Number);
      if (value === 0 || exponent >= -3 && exponent < 5) return digits.format(value);
      return `${digits.format(mantissa)} × 10${raised(exponent)}`;
    },
  };
}

/**
 * Puts a tip above its subject, or below if there is no room.
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
 * Breaks a text into lines as CSS does.
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
