// What stands round the table: how far it is, what is to be known, and the files to save it as.

import { make } from '../../dom.js';
import { button, localized, progressBar } from '../../elements.js';
import { beginningOf, decimal, duration, share } from '../../format.js';
import { say, setText } from '../../i18n.js';

/**
 * - reading: the folder is read; sorting: its names are matched
 * - running, stopped, done
 * - waiting: for the model; other: another model is there than the one that answered
 * @typedef {'reading' | 'running' | 'stopped' | 'done' | 'waiting' | 'other'} Phase
 */
/**
 * @typedef {object} Progress
 * @property {Phase} phase
 * @property {number} done
 * @property {number} total
 * @property {number} failed
 * @property {number} [speed]  pictures in a second
 */

/**
 * @param {object} handlers
 * @param {() => void} handlers.onStop
 * @param {() => void} handlers.onGo
 * @param {() => void} handlers.onAgain  Another model is to be asked about all.
 * @param {() => void} handlers.onBack
 * @param {() => void} handlers.onClose
 * @param {(format: 'csv' | 'json') => void} handlers.onSave
 */
export function createPanel({ onStop, onGo, onAgain, onBack, onClose, onSave }) {
  const title = localized('h2', 'bulk.title');
  title.id = 'bulk-title';
  const csv = button('bulk.csv', 'plain', () => onSave('csv'));
  const json = button('bulk.json', 'plain', () => onSave('json'));
  const close = button('bulk.close', 'quiet', onClose);
  const head = make('div', 'bulk-top', title, make('div', 'bulk-actions', csv, json, close));

  const words = make('p', 'bulk-progress-words');
  const right = make('span', 'bulk-progress-right');
  const bar = progressBar('task.bar');
  const stop = button('bulk.stop', 'plain', onStop);
  const go = button('bulk.go', 'main', onGo);
  const again = button('bulk.again', 'main', onAgain);
  const progress = make('div', 'bulk-progress', make('div', '', words, right),
    make('span', 'bulk-buttons', stop, go, again), bar);
  const about = make('p', 'hint bulk-about');
  const left = make('p', 'hint');
  left.hidden = true;
  const packed = make('p', 'hint');
  packed.hidden = true;
  const loadable = make('p', 'hint');
  loadable.hidden = true;
  const notes = make('div', 'bulk-notes', about, left, packed, loadable);

  const back = button('bulk.back', 'plain', onBack);
  const short = make('span', 'bulk-short');
  const strip = make('div', 'bulk-strip', back, short);
  const spoken = make('p', 'spoken');
  spoken.role = 'status';

  /** @param {Progress} now */
  const valuesOf = ({ done, total, failed, speed }) => () => ({
    count: failed,
    done: decimal(done, 0),
    total: decimal(total, 0),
    failed: decimal(failed, 0),
    ...(speed ? { speed: decimal(speed, speed < 10 ? 1 : 0), time: duration((total - done) / speed) } : {}),
  });
  /** @type {Phase | undefined} */
  let phase;

  return {
    head, progress, notes, strip, spoken,

    /** @param {Progress} now */
    show(now) {
      const values = valuesOf(now);
      const key = now.phase === 'running' && !now.speed ? 'bulk.running.begins'
        : now.phase === 'done' && now.failed === 0 ? 'bulk.done.all' : `bulk.${now.phase}`;
      say(words, key, values);
      say(short, 'bulk.short', values);
      if (now.phase === 'reading') bar.removeAttribute('value');
      else Object.assign(bar, { max: Math.max(now.total, 1), value: now.done });
      const buttons = [stop, go, again];
      const hadFocus = buttons.some(one => one === document.activeElement);
      stop.hidden = now.phase !== 'running' && now.phase !== 'reading';
      go.hidden = now.phase !== 'stopped';
      again.hidden = now.phase !== 'other';
      csv.disabled = json.disabled = now.total === 0;
      // A button that goes away hands the keyboard to the one that comes.
      if (hadFocus) buttons.find(one => !one.hidden)?.focus();
      if (phase !== now.phase && ['stopped', 'done'].includes(now.phase)) say(spoken, key, values);
      phase = now.phase;
    },

    /** How many rows the files will have: those that are shown. @param {number} count @param {boolean} isPart */
    count(count, isPart) {
      const values = () => ({ count, shown: decimal(count, 0) });
      say(csv, isPart ? 'bulk.csv.part' : 'bulk.csv', values);
      say(json, isPart ? 'bulk.json.part' : 'bulk.json', values);
    },

    /** Says who answered. @param {string} key @param {() => import('../../i18n.js').Values} [values] */
    describe(key, values) {
      if (key) say(about, key, values);
      else setText(about);
      say(again, 'bulk.again', values);
    },

    /** How often the first guess is right, where that is known. @param {import('./score.js').Rate} [rate] */
    tellRight(rate) {
      if (!rate || rate.n === 0) return setText(right);
      const { k, n } = rate;
      say(right, 'bulk.right', () => ({ share: share(k / n), k: decimal(k, 0), n: decimal(n, 0) }));
    },

    /** Says what came with the pictures. @param {Omit<import('./sources.js').Sources, 'sources'>} others */
    leave({ left: count, packed: archives, networks }) {
      left.hidden = count === 0;
      packed.hidden = archives.length === 0;
      loadable.hidden = networks.length === 0;
      if (count > 0) say(left, 'bulk.left', () => ({ count, files: decimal(count, 0) }));
      if (archives.length > 0) {
        say(packed, 'bulk.packed', () => ({ count: archives.length, names: beginningOf(archives) }));
      }
      if (networks.length > 0) say(loadable, 'files.networks', () => ({ names: beginningOf(networks) }));
    },
  };
}
