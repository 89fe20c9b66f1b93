// @ts-check
/** Draws samples of pictures where there are more than memory holds. */

/**
 * A stratified sample: each group keeps its part of the whole, and no group is lost as long as there is room for one of
 * each. The same seed draws the same sample, in the order of the items.
 * @template T
 * @param {readonly T[]} items
 * @param {number} max  how many to keep at most
 * @param {(item: T) => string} groupOf
 * @param {number} seed
 * @returns {T[]} all items, if they are no more than max
 */
export function stratified(items, max, groupOf, seed) {
  if (items.length <= max) return [...items];
  const random = generator(seed);
  /** @type {Map<string, number[]>} */
  const groups = new Map();
  items.forEach((item, i) => {
    const name = groupOf(item);
    const group = groups.get(name);
    if (group) group.push(i);
    else groups.set(name, [i]);
  });
  const all = [...groups.values()];
  const shares = all.map(({ length }) => length * max / items.length);
  const counts = shares.map(share => Math.max(Math.floor(share), Math.min(1, Math.floor(max / all.length))));
  // What rounding has left over goes to those that lost most by it, and what it has given too much is taken from the
  // largest.
  const byRemainder = shares.map((share, i) => ({ i, rest: share - counts[i] })).sort((a, b) => b.rest - a.rest);
  let left = max - counts.reduce((sum, count) => sum + count, 0);
  for (let k = 0; left > 0; k = (k + 1) % byRemainder.length) {
    const { i } = byRemainder[k];
    if (counts[i] < all[i].length) {
      counts[i]++;
      left--;
    }
  }
  for (; left < 0; left++) counts[counts.indexOf(Math.max(...counts))]--;
  return all.flatMap((group, g) => draw(group, counts[g], random)).sort((a, b) => a - b).map(i => items[i]);
}

/**
 * The first count of a shuffle (Fisher and Yates).
 * @param {number[]} from
 * @param {number} count
 * @param {() => number} random
 */
function draw(from, count, random) {
  const all = [...from];
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (all.length - i));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all.slice(0, count);
}

/** Numbers from 0 to 1 (Steele and Vigna's SplitMix, in 32 bits). @param {number} seed */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9E3779B9) >>> 0;
    let z = state;
    z = Math.imul(z ^ z >>> 16, 0x85EBCA6B);
    z = Math.imul(z ^ z >>> 13, 0xC2B2AE35);
    return ((z ^ z >>> 16) >>> 0) / 2 ** 32;
  };
}
