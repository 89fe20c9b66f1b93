// The axes of a chart: where a value lies, and which values are written beside the axis.

/** @typedef {{ min: number, max: number, isLog: boolean }} Range */

/**
 * Round values that lie evenly in a range: 1, 2 or 5 times a power of ten apart.
 * @param {number} min
 * @param {number} max
 * @param {number} count  how many are wanted, about
 */
export function ticks(min, max, count) {
  const rough = (max - min) / Math.max(count, 1);
  if (!(rough > 0)) return [min];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find(times => times * power >= rough * 0.999) ?? 10) * power;
  const first = Math.ceil(min / step - 1e-9);
  const length = Math.floor(max / step + 1e-9) - first + 1;
  return Array.from({ length }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Powers of ten in a range, at most about so many.
 * @param {number} min
 * @param {number} max
 * @param {number} count
 */
export function powers(min, max, count) {
  const [low, high] = [Math.ceil(Math.log10(min) - 1e-9), Math.floor(Math.log10(max) + 1e-9)];
  const step = Math.max(1, Math.ceil((high - low + 1) / count));
  const all = [];
  for (let exponent = low; exponent <= high; exponent += step) all.push(exponent);
  return all;
}

/**
 * The range of values on a logarithmic axis: whole powers of ten, at least one.
 * @param {readonly number[]} values  of which only those above zero count
 * @returns {Range}
 */
export function logRange(values) {
  const seen = values.filter(value => value > 0 && Number.isFinite(value));
  if (seen.length === 0) return { min: 0.1, max: 1, isLog: true };
  const [low, high] = [Math.floor(Math.log10(Math.min(...seen))), Math.ceil(Math.log10(Math.max(...seen)))];
  return { min: 10 ** low, max: 10 ** Math.max(high, low + 1), isLog: true };
}

/**
 * Where a value lies in a range: 0 is its lower end, 1 its upper one. What is outside lies at the end.
 * @param {number} value
 * @param {Range} range
 */
export function placeIn(value, { min, max, isLog }) {
  const part = isLog ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.min(Math.max(part, 0), 1);
}
