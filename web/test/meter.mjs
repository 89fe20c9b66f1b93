// For commands that watch a server: its memory, and its answers by kind.

import { readFileSync } from 'node:fs';

/**
 * Watches the resident memory of a process by /proc.
 * @param {number} pid
 * @returns {{ stop: () => number }} stop ends it and gives the peak in bytes
 */
export function createMeter(pid) {
  let seen = 0;
  const read = (/** @type {string} */ field) => {
    const line = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line ? 1024 * Number(line[1]) : 0;
  };
  const look = () => { seen = Math.max(seen, read('VmRSS')); };
  const timer = setInterval(look, 100);
  return {
    stop() {
      clearInterval(timer);
      look();
      return Math.max(seen, read('VmHWM')); // the system's own mark of the peak, where it keeps one
    },
  };
}

/** Counts things by name. */
export function tally() {
  /** @type {Map<string, number>} */
  const counts = new Map();
  return {
    add(/** @type {string} */ name) { counts.set(name, (counts.get(name) ?? 0) + 1); },
    lines: () => [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, n]) => `${String(n).padStart(7)}  ${name}`).join('\n'),
  };
}
