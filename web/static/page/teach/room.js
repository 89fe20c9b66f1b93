// The room Teach. It opens the store, makes a teacher of each network that comes, and ties the room's parts together.

import { announce } from '../announce.js';
import { find, make } from '../dom.js';
import { say } from '../i18n.js';
import { pastedFiles } from '../../common/paste.js';
import { recall } from '../settings.js';
import { createAdding } from './adding.js';
import { createClasses } from './classes.js';
import { classesOf, foldersOf, readDrop } from './intake.js';
import { createJudge } from './judge.js';
import { createKeep, ourFiles } from './keep.js';
import { createMessages } from './messages.js';
import { button, mainRun, part, words } from './parts.js';
import { createSelection } from './selection.js';
import { createStarters } from './starters.js';
import { createThumbs } from './thumbs.js';
import { createTrain } from './train.js';
import { createTry } from './try.js';
import { createUndo } from './undo.js';
import { createWarnings } from './warnings.js';
import { createWorth } from './worth.js';
import { isEngineFault, isPictureFault, openStore } from '../../residua.js';

/** @typedef {import('./parts.js').Desk} Desk */
/** @typedef {import('./parts.js').Teacher} Teacher */

/** The room is brought up to date so often at most: thousands of pictures may come at once. */
const everyMs = 80;

/** An engine that stops again so soon after it was started anew is not started by itself once more, in milliseconds. */
const tooSoonMs = 20_000;

/**
 * @param {{ onFail: (error: unknown, again: boolean) => void, onTaught: () => void }} handlers
 *   onFail hears of errors after which the engine is of no use, and whether a new one shall start; onTaught, that what is taught has changed
 */
export function createTeach({ onFail, onTaught }) {
  const root = find('#teach', HTMLElement);
  /** @type {import('../../residua.js').Residua | undefined} */ let net;
  /** @type {Awaited<ReturnType<typeof openStore>> | undefined} */ let store;
  /** @type {Promise<void> | undefined} the store is being opened */ let opened;
  /** Whether the desk's teacher has an engine: one that has none still shows what there is. */
  let alive = false;
  let active = false;
  let turn = 0;
  /** @type {((teacher: Teacher) => void)[]} */ let waiters = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  let looking = false;
  /** Whether no network is here, nor on its way. */
  let absent = false;
  let stoppedAt = -Infinity;

  const messages = createMessages();
  /** @type {Desk & { home: () => HTMLElement }} */
  const desk = {
    teacher: undefined,
    readOnly: false,
    training: false,
    messages,
    thumbs: createThumbs({ blob: async id => (await desk.ready()).blob(id) }),
    ready: () => (alive && desk.teacher ? Promise.resolve(desk.teacher) : new Promise(done => waiters.push(done))),
    retire,
    refresh: () => { timer ??= setTimeout(show, everyMs); },
    update: show,
    home: () => classes.addButton,
  };
  const adding = createAdding(desk);
  const undo = createUndo(desk);
  const selection = createSelection(desk, { onDelete: ids => void undo.pictures(ids), onChange: desk.refresh, home: desk.home });
  const classes = createClasses(desk, { adding, selection, undo });
  const warnings = createWarnings(desk, { selection, goTo: classes.goTo });
  const train = createTrain(desk, {
    onTrained: () => announce('teach.state.spoken'),
    onBusy: busy => { if (!busy) trained(); },
    goTo: classes.goTo,
  });
  const judge = createJudge(desk);
  const worth = createWorth(desk, { onBusy: busy => { if (!busy) trained(); } });
  const tryIt = createTry(desk);
  const starters = createStarters(desk, { adding, onLoaded: () => void showAll() });
  const keep = createKeep(desk, { onReplaced: () => void replaced() });

  const folder = make('input');
  Object.assign(folder, { type: 'file', multiple: true, hidden: true, webkitdirectory: true });
  folder.addEventListener('change', () => {
    const folders = foldersOf([...(folder.files ?? [])]);
    folder.value = '';
    void adding.addClasses(folders.flatMap(classesOf));
  });
  const first = button('teach.begin', 'main', () => void classes.addClass());
  const welcome = make('div', 'teach-welcome',
    words('p', 'teach.lead', 'teach-lead'),
    make('div', 'teach-ways',
      make('div', 'teach-way', words('h3', 'teach.way.own'), words('p', 'teach.way.own.text', 'prose'),
        make('div', 'teach-row', first, button('teach.folder', 'plain for-mouse', () => folder.click()))),
      make('div', 'teach-way', words('h3', 'teach.way.starter'), words('p', 'teach.way.starter.text', 'prose'), starters.element)));
  const count = make('p', 'teach-looking');
  const bar = make('progress');
  say(bar, 'teach.looking.bar', {}, 'aria-label');
  const progress = make('div', 'teach-progress', count, bar);
  const banner = make('div', 'notice teach-banner', words('p', 'teach.read-only'), button('teach.take-over', 'plain', () => void takeOver()));
  banner.role = 'status';
  const coming = words('p', 'teach.coming', 'hint');
  const title = words('h2', 'teach.title');
  title.id = 'teach-title';
  title.className = 'spoken-only';
  const classPart = part('classes-part', classes.element, warnings.element, starters.credits);
  const bench = make('div', 'teach-bench', train.element, tryIt.element);
  root.append(title, banner, messages.element, coming, welcome, classPart, bench, judge.element, worth.element, keep.element,
    make('div', 'teach-dock', progress, undo.element, selection.element), folder);

  /** The engine has stopped: all that was asked of it hears so, the first is told. @param {unknown} error */
  function retire(error) {
    if (!alive) return;
    const soon = performance.now() - stoppedAt < tooSoonMs;
    stoppedAt = performance.now();
    console.error(error);
    messages.tell(soon ? 'teach.stopped.again' : 'teach.stopped');
    onFail(error, !soon);
  }

  /** For those who begin: teaches with what is there, and shows whether it was worth it. */
  async function showAll() {
    if (!await train.run()) return;
    judge.element.scrollIntoView({ block: 'start' });
    await judge.drawMap(); // the comparison leaves the engine no time for it
    await worth.run();
  }

  /** Another project is there, other weights, or none. */
  async function replaced() {
    train.clear();
    worth.clear();
    messages.clear();
    await train.restore();
    await worth.restore();
    trained();
  }

  /** @param {boolean} [takeOver] */
  async function openKept(takeOver = false) {
    try {
      const next = await openStore({ takeOver });
      void store?.close();
      store = next;
      next.onLost = () => {
        if (store !== next) return;
        desk.readOnly = true;
        train.stop();
        worth.stop();
        show();
      };
      next.onGained = () => { if (store === next) void setUp(); };
    } catch (error) {
      // Without a store it works for as long as the page is open: lacks.js says so, and teach-keep.js.
      if (/** @type {any} */ (error)?.code !== 'unsupported-browser') messages.error(error);
    }
  }

  async function takeOver() {
    messages.clear();
    opened = openKept(true);
    await setUp();
  }

  async function setUp() {
    if (!net) return;
    const mine = ++turn;
    const from = net;
    await (opened ??= openKept());
    const teacher = from.teach(store ? { store: /** @type {any} */ (store) } : {});
    /** @type {import('../../residua.js').OnFault} */
    const onFault = ({ name }, error) => {
      if (from !== net || /** @type {any} */ (error)?.code === 'cancelled') return;
      if (isEngineFault(error)) retire(error);
      else if (isPictureFault(error)) messages.fault(name, error);
      else messages.error(error, name);
    };
    try {
      await teacher.restore({ onFault });
    } catch (error) {
      messages.error(error);
    }
    if (mine !== turn || from !== net) return;
    desk.teacher?.removeEventListener('change', desk.refresh);
    desk.teacher = teacher;
    desk.readOnly = store?.readOnly ?? false; // not before its teacher is there: what is added now goes into this store
    alive = true;
    teacher.addEventListener('change', desk.refresh);
    teacher.addEventListener('full', event => messages.error(/** @type {CustomEvent} */ (event).detail));
    for (const waiter of waiters.splice(0)) waiter(teacher);
    warnings.again();
    show();
    if (active && teacher.classes.length === 0) void time(from);
    await train.restore();
    await worth.restore();
    trained();
  }

  function trained() {
    show();
    onTaught();
  }

  /** Measures how fast this device is, for those who have nothing here yet: they are told how long the lesson takes. @param {import('../../residua.js').Residua} from */
  async function time(from) {
    try {
      const { ms } = await from.profile({ runs: 3 });
      if (from === net) starters.expect(ms);
    } catch (error) {
      console.warn(error); // what has happened to the engine is told by whoever needs it
    }
  }

  /** Brings all of the room to what the teacher has. */
  function show() {
    clearTimeout(timer);
    timer = undefined;
    const { teacher } = desk;
    const all = teacher?.classes ?? [];
    const taught = !!mainRun(teacher);
    coming.hidden = alive;
    banner.hidden = !desk.readOnly;
    root.toggleAttribute('data-read-only', desk.readOnly);
    // Who has taught before waits for what is kept; anybody else can begin, and what is added waits for the network.
    welcome.hidden = teacher ? all.length > 0 : recall('taught') === 'yes';
    welcome.inert = desk.readOnly || absent;
    classPart.hidden = all.length === 0;
    bench.hidden = all.length === 0;
    tryIt.element.hidden = judge.element.hidden = !taught;
    worth.element.hidden = !taught || !!mainRun(teacher)?.imported;
    classes.show();
    selection.show();
    showProgress(all.reduce((sum, { pictures }) => sum + pictures.length, 0), teacher?.waiting ?? 0);
    warnings.show();
    train.show();
    judge.show();
    worth.show();
    tryIt.show();
    void keep.show();
    void starters.show();
  }

  /**
   * @param {number} there
   * @param {number} waiting
   */
  function showProgress(there, waiting) {
    const total = there + adding.pending;
    const done = there - waiting;
    const busy = done < total;
    progress.hidden = !busy;
    if (busy) {
      Object.assign(bar, { max: total, value: done });
      say(count, 'teach.looking', { done, total });
    } else if (looking && there > 0) announce('teach.looked', { count: there });
    looking = busy;
  }

  // What is dropped or pasted while the room is open is the room's, wherever on the page it falls.
  root.addEventListener('dragover', event => {
    event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener('drop', event => {
    if (!active) return;
    document.documentElement.removeAttribute('data-dragging');
    if (event.target instanceof Node && root.contains(event.target)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer) void drop(event.dataTransfer);
  }, { capture: true });
  root.addEventListener('drop', event => {
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer) void drop(event.dataTransfer);
  });
  document.addEventListener('paste', async event => {
    if (!active) return;
    event.stopPropagation();
    const typing = event.target instanceof HTMLInputElement;
    if (event.clipboardData?.files.length) event.preventDefault();
    const files = await pastedFiles(event);
    if (files.length === 0) {
      if (!typing) messages.tell('hint.no-paste');
      return;
    }
    // A picture that was copied as such has no name of its own: browsers call each one image.png.
    const named = files.map(blob => ({ blob, name: files.length === 1 && blob.name === 'image.png' ? '' : blob.name }));
    const id = classes.pasteInto();
    if (desk.readOnly && id) return messages.tell('error.read-only');
    if (tryIt.element.contains(document.activeElement) && !tryIt.element.hidden) void tryIt.ask(files[0], named[0].name);
    else if (id) void adding.add(id, named);
    else if (mainRun(desk.teacher)) void tryIt.ask(files[0], named[0].name);
    else messages.tell('teach.paste.where');
  }, { capture: true });

  /** What was dropped beside the classes: folders are classes. @param {DataTransfer} data */
  async function drop(data) {
    if (desk.readOnly) return messages.tell('error.read-only');
    try {
      const { files, folders } = await readDrop(data);
      const saved = files.find(({ name }) => ourFiles.test(name));
      if (saved) return keep.open(saved);
      if (folders.length > 0) await adding.addClasses(folders.flatMap(classesOf));
      if (files.length === 0) return;
      if ((desk.teacher?.classes.length ?? 0) > 0) return messages.tell('teach.drop.where');
      await classes.addClass();
      const [only] = desk.teacher?.classes ?? [];
      if (only) await adding.add(only.id, files);
    } catch (error) {
      messages.error(error);
    }
  }

  show();

  return {
    /** Says that a network is there, or is no longer. @param {import('../../residua.js').Residua | undefined} next */
    serve(next) {
      net = next;
      alive = false;
      turn++;
      if (!next) show();
      else if (active || opened) void setUp();
    },

    /** Says why there is no network yet. @param {'coming' | 'stopped' | 'failed'} why */
    explain(why) {
      say(coming, why === 'coming' ? 'teach.coming' : `teach.coming.${why}`);
      absent = why !== 'coming';
      show();
    },

    /** @param {boolean} here whether the person is in this room */
    go(here) {
      if (here && !active && !alive) void setUp();
      active = here;
      if (here) return;
      classes.leave();
      tryIt.leave();
      undo.hide();
    },

    /** Opens what is kept, for others to ask: see predict. */
    wake() {
      if (!alive && !opened) void setUp();
    },

    /**
     * What a person has here that another project would take the place of; free: whether one may, now.
     * @returns {Promise<{ classes: number, pictures: number, taught: boolean, free: boolean }>}
     */
    async owned() {
      if (!alive && !opened) void setUp();
      const { classes, history } = await desk.ready();
      const count = classes.reduce((sum, { pictures }) => sum + pictures.length, 0);
      return { classes: classes.length, pictures: count, taught: history.length > 0, free: !desk.readOnly && !desk.training };
    },

    /** Puts weights in the place of all that is here. @param {Blob} file that an engine has found sound */
    async adopt(file) {
      const teacher = await desk.ready();
      await teacher.clear();
      await teacher.import(file);
      await replaced();
    },

    /** Whether something is taught. */
    get taught() {
      return !!mainRun(desk.teacher);
    },

    /** What the taught network says to a picture. @param {Blob} blob @param {AbortSignal} [signal] */
    async predict(blob, signal) {
      const teacher = await desk.ready();
      const run = mainRun(teacher);
      return teacher.predict(blob, { method: /** @type {any} */ (run?.method), signal });
    },
  };
}
