// Numbers, sizes and dates, formatted for the page's language.

import { language } from './i18n.js';
import { percentIn } from '../common/percent.js';

/**
 * @param {number} value
 * @param {Intl.NumberFormatOptions} [options]
 */
function number(value, options) {
  return new Intl.NumberFormat(language(), options).format(value).replace(/^-/, '−');
}

/**
 * @param {number} value
 * @param {string} unit
 * @param {number} digits after the point
 */
function measure(value, unit, digits) {
  return number(value, {
    style: 'unit', unit, unitDisplay: 'short', minimumFractionDigits: digits, maximumFractionDigits: digits,
  });
}

/** @param {number} probability 0…1 */
export function percent(probability) {
  return percentIn(language(), probability);
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return measure(bytes / 1e6, 'megabyte', 0);
}

/**
 * The size of a file that may be small or large, in the unit that people would use.
 * @param {number} bytes
 */
export function fileSize(bytes) {
  if (bytes < 0.95e6) return measure(bytes / 1e3, 'kilobyte', 0);
  const isLarge = bytes >= 0.9995e9;
  const value = bytes / (isLarge ? 1e9 : 1e6);
  return measure(value, isLarge ? 'gigabyte' : 'megabyte', value < 9.95 ? 1 : 0);
}

/**
 * The size of a small file.
 * @param {number} bytes
 */
export function kilobytes(bytes) {
  return measure(bytes / 1e3, 'kilobyte', 0);
}

/** @param {Date} date */
export function day(date) {
  return new Intl.DateTimeFormat(language(), { dateStyle: 'long' }).format(date);
}

/**
 * Megabytes without the unit, such as the 23 in "23 of 51 MB".
 * @param {number} bytes
 */
export function bareMegabytes(bytes) {
  return number(bytes / 1e6, { maximumFractionDigits: 0 });
}

/** @param {number} bytesPerSecond */
export function speed(bytesPerSecond) {
  return measure(bytesPerSecond / 1e6, 'megabyte-per-second', bytesPerSecond < 10e6 ? 1 : 0);
}

/** @param {number} ms */
export function milliseconds(ms) {
  return measure(ms, 'millisecond', ms < 10 ? 1 : 0);
}

/** A time that was measured, in seconds with two digits that count. @param {number} ms */
export function seconds(ms) {
  return number(ms / 1000, { style: 'unit', unit: 'second', unitDisplay: 'short', maximumSignificantDigits: 2 });
}

/**
 * How long something will take. The steps are coarse because it is an estimate.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds < 10) return measure(Math.max(1, Math.ceil(seconds)), 'second', 0);
  if (seconds < 60) return measure(5 * Math.ceil(seconds / 5), 'second', 0);
  return measure(Math.ceil(seconds / 60), 'minute', 0);
}

/** @param {number} pixels */
export function pixels(pixels) {
  return number(pixels, { useGrouping: false });
}

/**
 * @param {number} value
 * @param {number} digits after the point
 */
export function decimal(value, digits) {
  return number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * A number of any size, such as 0.0021 or 4,700. One that is far from 1 is written with a power of ten.
 * @param {number} value
 * @param {number} digits that count
 */
export function significant(value, digits) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : '∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split('e');
    return `${number(Number(mantissa))} × 10${superscript(Number(exponent))}`;
  }
  return number(value, { maximumSignificantDigits: digits });
}

/** An exponent in small raised figures. @param {number} exponent */
export function superscript(exponent) {
  return [...String(exponent)].map(sign => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)])).join('');
}

/**
 * A share that was counted, in whole percent; with a decimal where it would else read as all or nothing.
 * @param {number} value 0…1
 */
export function share(value) {
  const rounded = Math.round(value * 100);
  const isAlmost = (rounded === 0 || rounded === 100) && value !== rounded / 100;
  return number(value, { style: 'percent', maximumFractionDigits: isAlmost ? 1 : 0 });
}

/** A large number in short, such as 85K. @param {number} value */
export function compact(value) {
  return number(value, { notation: 'compact', maximumSignificantDigits: 2 });
}

/**
 * A number with its sign, with three significant digits, or as a percentage with one decimal.
 * @param {number} value
 * @param {boolean} asPercent
 */
export function signed(value, asPercent) {
  return number(value, {
    signDisplay: 'exceptZero',
    ...(asPercent ? { style: 'percent', maximumFractionDigits: 1 } : { maximumSignificantDigits: 3 }),
  });
}

/** Names, one after the other. @param {string[]} names */
export function listOf(names) {
  return names.join(language() === 'zh' ? '、' : ', ');
}

/** How many of many names are listed. */
const listed = 5;

/** The first of many names. @param {string[]} names */
export const beginningOf = names =>
  listOf(names.length > listed ? [...names.slice(0, listed), '…'] : names);
