// Many pictures at once: a table of their answers. It computes whichever room a person is in, and is seen in Classify.

import { find, make } from '../../dom.js';
import { save } from '../../download.js';
import { glossary } from '../../elements.js';
import { partsOf } from '../../folders.js';
import { ask } from '../../question.js';
import { classifierOf } from '../../session.js';
import { isNetworkName } from '../../sortfiles.js';
import { createAnswering } from './answering.js';
import { createPanel } from './panel.js';
import { createPlace } from './place.js';
import { createProgress } from './progress.js';
import { archiveBatch, createReading, filesBatch, folderBatch } from './reading.js';
import { toFile } from './report.js';
import { breathe, byName } from './rows.js';
import { createScoring } from './scoring.js';
import { createTable } from './table.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./reading.js').Batch} Batch */
/** @typedef {import('./reading.js').Found} Found */
/** @typedef {ReturnType<typeof createBulk>} Bulk */

/** @type {Omit<import('./sources.js').Sources, 'sources'>} */
const noOthers = { left: 0, packed: [], networks: [] };

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
  /** What came with the pictures. */
  let others = noOthers;
  /** What the pictures came from. */
  let name = '';

  const current = () => classifierOf(session.state);
  const answering = createAnswering({
    current, onWanted, onFail,
    onRow(row) {
      table.update(row);
      progress.showSoon();
    },
    onNetwork: () => void scoring.match(),
    onEnd() {
      table.show();
      progress.show();
    },
    onChange: () => progress.show(),
  });
  const reading = createReading({
    onBegin() {
      place.come();
      answering.pause();
      progress.show();
    },
    onFound: () => progress.showSoon(),
    onError,
  });
  const table = createTable({
    onOpen: row => void openRow(row),
    onShown: (shown, isPart) => panel.count(shown.length, isPart),
    onScore: score => scoring.show(score),
  });
  const scoring = createScoring({ answering, table, onRate: rate => panel.tellRight(rate) });
  const panel = createPanel({
    onStop: stop, onGo: answering.go, onAgain: again, onBack: back, onClose: () => void close(),
    onSave: format => void saveAs(format),
  });
  const progress = createProgress({ panel, reading, answering, current });
  // What the folders' names mean is found out later: it comes below the table, and moves nothing.
  const body = make('div', 'bulk-body', panel.head, panel.progress, panel.notes,
    table.filters.element, table.grid.element, glossary(['bulk.column.class', 'bulk.column.probability']),
    scoring.element, scoring.confusions);
  find('#bulk', HTMLElement).append(panel.strip, body, panel.spoken);
  const place = createPlace({
    session, body, strip: panel.strip,
    hasTable: () => answering.rows.length > 0 || reading.isRunning,
    onShow: table.grid.resume,
  });
  session.subscribe(answering.follow);

  function stop() {
    reading.cancel();
    answering.stop();
    table.show();
    progress.show();
  }

  /** Asks the network that is there about all pictures. */
  function again() {
    answering.forget();
    table.filters.choose({ guess: undefined, truth: undefined }); // others may have other classes
    begin();
  }

  function begin() {
    table.set(answering.rows);
    if (answering.by) void scoring.match();
    place.update();
    answering.go();
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

  function back() {
    place.come();
    table.grid.focus();
  }

  async function close() {
    const { done, failed } = answering.counts;
    if (done > failed) {
      const answer = await ask({
        title: 'bulk.ask.close.title', text: 'bulk.ask.close', values: { count: done },
        answers: { close: 'bulk.ask.close.yes' },
      });
      if (!answer) return;
    }
    clear();
    progress.show();
    place.update();
    find('#folder', HTMLButtonElement).focus();
  }

  function clear() {
    stop();
    answering.clear();
    scoring.clear();
    others = noOthers;
    panel.leave(others);
    table.clear();
    place.give('photo');
  }

  /** @param {'csv' | 'json'} format */
  async function saveAs(format) {
    const { rows, by } = answering;
    if (!by) return;
    const { blob, extension } = await toFile(format, table.shown, rows, by, scoring.labelled);
    save(blob, `${name || 'residua'}-answers.${extension}`);
  }

  /** Says that a batch holds no pictures. @param {Batch} batch @param {Found} got */
  function refuse({ name: from }, { files = [], packed: [first] }) {
    if (first) onRefusal('bulk.folder.packed', { name: first }, from);
    else if (files.some(({ name }) => isNetworkName(name))) onFiles(files);
    else onRefusal('bulk.folder.none', {}, from);
  }

  /** Takes pictures into the table, after a question where there are some. @param {Batch} batch */
  async function add(batch) {
    const { length } = answering.rows;
    const answer = length === 0 ? 'fresh' : await ask({
      title: 'bulk.ask.title', text: 'bulk.ask', values: { name: batch.name, count: length },
      answers: { add: 'bulk.ask.add', fresh: 'bulk.ask.fresh' },
    });
    if (!answer) return;
    const got = await reading.read(batch);
    const sources = got ? await byName(got.sources) : [];
    if (reading.isRunning) return; // another batch came meanwhile
    if (!got || sources.length === 0) {
      if (answering.rows.length === 0) place.give('photo');
      place.update();
      answering.follow();
      if (got) refuse(batch, got);
      return;
    }
    if (answer === 'fresh') {
      clear();
      name = batch.name.replace(/\.\w+$/, '');
    }
    await append(sources, got);
  }

  /**
   * Puts pictures behind those that are there.
   * @param {import('./sources.js').Source[]} sources
   * @param {Found} found  what they came with
   */
  async function append(sources, { left, packed, networks }) {
    place.give('table');
    const present = answering.rows;
    const added = sources.map(({ path, open, fault }, i) =>
      ({ id: present.length + i, path, open, truth: -1, ...(fault ? { fault } : {}) }));
    others = {
      left: others.left + left, packed: others.packed.concat(packed), networks: others.networks.concat(networks),
    };
    panel.leave(others);
    await breathe();
    if (present !== answering.rows) return;
    answering.set(present.concat(added));
    begin();
  }

  return {
    /** @param {File[]} files */
    addFiles: files => add(filesBatch(files)),

    /** @param {import('../../intake.js').FolderRead} folder */
    addFolder: folder => add(folderBatch(folder)),

    /** @param {import('../../arrivals.js').Arrival} arrival */
    addArchive: arrival => add(archiveBatch(arrival)),
  };
}
