// Many pictures at once: a table of their answers. It computes whichever room a person is in, and is seen in Classify.

import { find, make } from '../../dom.js';
import { save } from '../../download.js';
import { say } from '../../i18n.js';
import { faultWords } from '../../notices.js';
import { partsOf, withPaths } from '../../folders.js';
import { ask } from '../../question.js';
import { classifierOf, isSameModel, isSameOffer, offerOf } from '../../session.js';
import { isNetworkName } from '../../sortfiles.js';
import { createLabelled } from './labelled.js';
import { createPanel } from './panel.js';
import { breathe, byName } from './rows.js';
import { createRunner } from './runner.js';
import { titleOf, toFile } from './report.js';
import { createScoreView } from './scoreview.js';
import { fromArchive, fromFiles, unreadable } from './sources.js';
import { createTable } from './table.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('../../session.js').State} State */
/** @typedef {import('../../classifiers.js').Classifier} Classifier */
/** @typedef {ReturnType<typeof createBulk>} Bulk */
/**
 * files: all that were found in folders
 * @typedef {import('./sources.js').Sources & { files?: File[] }} Found
 */
/**
 * Pictures on their way into the table.
 * @typedef {{ name: string, read: (options: import('../../folders.js').Options) => Promise<Found> }} Batch
 */

/** How often the line of the progress is written, in milliseconds. */
const progressMs = 250;

/** Whether two of them give the same answers. @param {Classifier} a @param {Classifier} b */
const isSame = (a, b) => a === b || isSameOffer(a.offer, b.offer) && isSameModel(a.info, b.info);

/** An engine that stops so many times in a row, without an answer in between, is not started again by itself. */
const maxStops = 3;

/** @type {Omit<import('./sources.js').Sources, 'sources'>} */
const noOthers = { left: 0, packed: [], networks: [] };

/** A browser asks with words of its own. @param {BeforeUnloadEvent} event */
const warn = event => event.preventDefault();

/**
 * @param {object} options
 * @param {import('../../session.js').Session} options.session
 * @param {(photo: import('../../photos.js').Photo) => void} options.onOpen  A picture is to go on the stage.
 * @param {() => void} options.onWanted  Pictures wait for a network.
 * @param {(error: unknown) => void} options.onFail  The engine has stopped.
 * @param {(files: File[]) => void} options.onFiles  A folder holds a network and no pictures.
 * @param {import('../../intake.js').Handlers['onRefusal']} options.onRefusal
 * @param {(error: unknown, name: string) => void} options.onError  What came cannot be read.
 */
export function createBulk({ session, onOpen, onWanted, onFail, onFiles, onRefusal, onError }) {
  const section = find('#bulk', HTMLElement);
  const stage = find('#room', HTMLElement);
  /** @type {Row[]} */ let rows = [];
  /** What answers, or has answered. @type {Classifier | undefined} */ let by;
  /** How often the engine has stopped since the last answer. */
  let stops = 0;
  /** Whether a person wants it to go on. */
  let isWanted = false;
  /** Whether the table has the page; else a photo has. */
  let isOpen = false;
  /** @type {AbortController | undefined} */ let reading;
  let [found, done, failed] = [0, 0, 0];
  /** What came with the pictures. */
  let left = noOthers;
  let name = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;

  const runner = createRunner({
    onRow(row) {
      done++;
      if (row.fault) failed++;
      else stops = 0;
      table.update(row);
      timer ??= setTimeout(showProgress, progressMs);
    },
    onEnd() {
      isWanted = false;
      table.show();
      showProgress();
    },
    onEngineFault(error) {
      onFail(error);
      if (++stops < maxStops) onWanted();
      else isWanted = false;
      showProgress();
    },
  });
  const table = createTable({
    onOpen: row => void openRow(row),
    onShown: (shown, isPart) => panel.count(shown.length, isPart),
    onScore(score) {
      if (!by) return;
      scoreView.show(score, by.info);
      panel.tellRight(score.top1);
    },
  });
  const scoreView = createScoreView({
    onPick({ truth, guess }) {
      table.filters.choose({ truth, guess });
      table.grid.focus();
    },
    onUse(use) {
      labelled.use(use);
      showTruth();
    },
  });
  const labelled = createLabelled();
  const panel = createPanel({
    onStop: stop, onGo: go, onAgain: again, onBack: back, onClose: () => void close(),
    onSave: format => void saveAs(format),
  });
  // What the folders' names mean is found out later: it comes below the table, and moves nothing.
  const body = make('div', 'bulk-body', panel.head, panel.progress, panel.notes,
    table.filters.element, table.grid.element, scoreView.element, scoreView.confusions);
  section.append(panel.strip, body, panel.spoken);

  /** Whether another network is there than the one that answered. @param {Classifier | undefined} now */
  const isOther = now => !!now && !!by && done > failed && !isSame(by, now);

  /** @returns {import('./panel.js').Phase} */
  function phase() {
    const now = classifierOf(session.state);
    if (reading) return 'reading';
    if (isOther(now)) return 'other';
    if (runner.left === 0) return 'done';
    if (runner.isRunning) return 'running';
    return isWanted ? 'waiting' : 'stopped';
  }

  function showProgress() {
    clearTimeout(timer);
    timer = undefined;
    (runner.isRunning ? addEventListener : removeEventListener)('beforeunload', warn);
    if (rows.length === 0 && !reading) return;
    const now = phase();
    const [count, total] = now === 'reading' ? [0, found] : [done, rows.length];
    panel.show({ phase: now, done: count, total, failed, speed: runner.speed });
    const other = classifierOf(session.state);
    if (now === 'other' && by && other) {
      const [before, next] = [by, other];
      const key = before.kind === next.kind && isSameModel(before.info, next.info) ? 'bulk.by.before' : 'bulk.by.other';
      panel.describe(key, () => ({ title: titleOf(before), next: titleOf(next) }));
    } else if (by) {
      const answers = by;
      panel.describe('bulk.by', () => ({ title: titleOf(answers) }));
    } else panel.describe('');
  }

  function showTruth() {
    const { truth, isUsed } = labelled;
    rows.forEach((row, i) => { row.truth = isUsed ? truth?.classes[i] ?? -1 : -1; });
    scoreView.explain(truth, isUsed);
    const hasScore = isUsed && !!truth && truth.matched > 0;
    if (!hasScore) panel.tellRight();
    table.describe(by?.info, hasScore);
  }

  /** Finds out whether the folders' names are classes of the network that answers. */
  async function match() {
    const of = rows;
    const info = by?.info;
    await labelled.match(rows, info);
    if (of === rows && info === by?.info) showTruth();
  }

  /** Shows the table, its line, or neither. */
  function place() {
    const { room } = session.state.look;
    const hasTable = rows.length > 0 || !!reading;
    const isShown = hasTable && isOpen && room === 'classify';
    section.hidden = !hasTable || room === 'teach' || room === 'lab';
    body.hidden = !isShown;
    panel.strip.hidden = isShown;
    stage.toggleAttribute('data-bulk', isShown);
    if (isShown) table.grid.resume();
  }

  /** Lets the network go on that is there, or waits for one. */
  function follow() {
    if (rows.length === 0) return;
    const now = classifierOf(session.state);
    const isGone = !now || !by || now.net !== by.net || !isSame(by, now);
    if (runner.isRunning && isGone) runner.stop();
    if (now && !isOther(now)) {
      const isNew = !by || !isSame(by, now);
      by = now;
      if (isNew) void match();
      if (isWanted && !runner.isRunning && runner.left > 0) {
        runner.start((blob, signal) => now.classify(blob, { signal }));
      }
    }
    showProgress();
  }

  function go() {
    isWanted = true;
    stops = 0;
    onWanted();
    follow();
  }

  function stop() {
    reading?.abort();
    isWanted = false;
    runner.stop();
    table.show();
    showProgress();
  }

  /** Asks the network that is there about all pictures. */
  function again() {
    for (const row of rows) {
      row.guesses = row.none = undefined;
      // A picture that could not even be opened stays so.
      if (!row.fault?.code.startsWith('bulk-')) row.fault = undefined;
    }
    by = undefined;
    table.filters.choose({ guess: undefined, truth: undefined }); // others may have other classes
    begin();
  }

  function begin() {
    done = failed = rows.filter(({ fault }) => fault).length;
    for (const { guesses } of rows) if (guesses) done++;
    runner.set(rows);
    table.set(rows);
    if (by) void match();
    place();
    go();
  }

  /** @param {Row} row */
  async function openRow(row) {
    try {
      const blob = await row.open();
      const file = partsOf(row.path).at(-1) ?? row.path;
      onOpen({ key: `bulk:${row.path}:${blob.size}`, name: file, blob });
    } catch (error) {
      onError(error, row.path);
    }
  }

  /** Goes to the room of the table. The camera, whose picture it covers, goes off. */
  function comeHere() {
    const { look, live } = session.state;
    if (look.room !== 'classify' || live) session.update({ look: { ...look, room: 'classify' }, live: undefined });
  }

  function back() {
    isOpen = true;
    comeHere();
    place();
    table.grid.focus();
  }

  async function close() {
    if (done > failed) {
      const answer = await ask({
        title: 'bulk.ask.close.title', text: 'bulk.ask.close', values: { count: done },
        answers: { close: 'bulk.ask.close.yes' },
      });
      if (!answer) return;
    }
    clear();
    showProgress();
    place();
    find('#folder', HTMLButtonElement).focus();
  }

  function clear() {
    stop();
    rows = [];
    by = undefined;
    done = failed = 0;
    left = noOthers;
    runner.set([]);
    labelled.clear();
    scoreView.explain(undefined, true);
    panel.leave(left);
    table.clear();
    isOpen = false;
  }

  /** @param {'csv' | 'json'} format */
  async function saveAs(format) {
    if (!by) return;
    const { blob, extension } = await toFile(format, table.shown, rows, by, labelled, wordsOf);
    save(blob, `${name || 'residua'}-answers.${extension}`);
  }

  session.subscribe((now, before) => {
    // A sample comes by itself; any other photo is what a person wants to see now.
    if (now.photo && now.photo !== before.photo && !now.photo.sample) isOpen = false;
    if (now.live && !before.live) isOpen = false; // the camera has the page
    if (offerOf(now) !== offerOf(before) && offerOf(now)?.foreign) isOpen = false; // so have classes from a link
    if (rows.length > 0 || reading) place();
    follow();
  });

  /**
   * Reads a batch, while the table says how far it is.
   * @param {Batch} batch
   * @returns {Promise<Found | undefined>} undefined: it cannot be read, or a person has cancelled
   */
  async function read(batch) {
    reading?.abort();
    const { signal } = reading = new AbortController();
    const mine = reading;
    found = 0;
    isOpen = true;
    comeHere();
    runner.stop();
    place();
    showProgress();
    /** @type {Found | undefined} */
    let got;
    try {
      got = await batch.read({
        signal,
        onFound(count) {
          found = count;
          timer ??= setTimeout(showProgress, progressMs);
        },
      });
    } catch (error) {
      onError(error, batch.name);
    }
    if (mine === reading) reading = undefined;
    return signal.aborted ? undefined : got;
  }

  /** Says that a batch holds no pictures. @param {Batch} batch @param {Found} got */
  function refuse({ name: from }, { files = [], packed: [first] }) {
    if (first) onRefusal('bulk.folder.packed', { name: first }, from);
    else if (files.some(({ name }) => isNetworkName(name))) onFiles(files);
    else onRefusal('bulk.folder.none', {}, from);
  }

  /** Takes pictures into the table, after a question where there are some. @param {Batch} batch */
  async function add(batch) {
    const answer = rows.length === 0 ? 'fresh' : await ask({
      title: 'bulk.ask.title', text: 'bulk.ask', values: { name: batch.name, count: rows.length },
      answers: { add: 'bulk.ask.add', fresh: 'bulk.ask.fresh' },
    });
    if (!answer) return;
    const got = await read(batch);
    const sources = got ? await byName(got.sources) : [];
    if (reading) return; // another batch came meanwhile
    if (!got || sources.length === 0) {
      if (rows.length === 0) isOpen = false;
      place();
      follow();
      if (got) refuse(batch, got);
      return;
    }
    if (answer === 'fresh') {
      clear();
      name = batch.name.replace(/\.\w+$/, '');
    }
    isOpen = true;
    const present = rows;
    rows = present.concat(sources.map(({ path, open, fault }, i) =>
      ({ id: present.length + i, path, open, truth: -1, ...(fault ? { fault } : {}) })));
    left = {
      left: left.left + got.left, packed: left.packed.concat(got.packed), networks: left.networks.concat(got.networks),
    };
    panel.leave(left);
    const mine = rows;
    await breathe();
    if (mine === rows) begin();
  }

  return {
    /** @param {File[]} files */
    addFiles: files => add({ name: '', read: options => fromFiles(withPaths(files), options) }),

    /** @param {import('../../intake.js').FolderRead} folder */
    addFolder: folder => add({
      name: folder.name,
      async read(options) {
        /** @type {string[]} */
        const unread = [];
        const files = await folder.read({ ...options, onFault: path => unread.push(path) });
        const got = await fromFiles(files, options);
        return {
          ...got, sources: [...got.sources, ...unread.map(unreadable)], files: files.map(({ file }) => file),
        };
      },
    }),

    /** @param {import('../../arrivals.js').Arrival} arrival */
    addArchive: arrival => add({ name: arrival.file.name, read: async () => fromArchive(arrival) }),
  };
}

/** The sentence for what went wrong with a picture. @param {import('./row.js').Fault} fault */
function wordsOf(fault) {
  const { key, values } = faultWords(fault);
  const element = make('span');
  say(element, key, values);
  return element.textContent || fault.message;
}
