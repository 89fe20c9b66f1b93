// A run: it begins, goes on, pauses, is kept, and ends. The room is told of every change and shows it.

import { addStep, newRecord } from './record.js';

/** @typedef {import('./types.js').Lab} Lab */
/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').StepReport} StepReport */
/** @typedef {import('./record.js').RunRecord} RunRecord */
/** @typedef {import('./runstore.js').Kept} Kept */

/**
 * none: there is no run; starting: its networks and pictures are made; running; pausing: the present step ends;
 * paused; done.
 * @typedef {'none' | 'starting' | 'running' | 'pausing' | 'paused' | 'done'} RunState
 */

/** How often a run is kept while it goes, in milliseconds. */
const keepEveryMs = 10_000;
/** The speed is that of the last steps. */
const pacedSteps = 20;

/** The steps a second. @param {() => number} now */
export function createPace(now = () => performance.now()) {
  /** @type {number[]} */
  let times = [];
  return {
    reset: () => { times = [now()]; },
    step: () => { times = [...times, now()].slice(-pacedSteps - 1); },
    /** @returns {number | undefined} undefined: there were too few */
    perSecond() {
      const ms = (times.at(-1) ?? 0) - times[0];
      return times.length > 2 && ms > 0 ? (times.length - 1) / ms * 1000 : undefined;
    },
  };
}

/**
 * @param {object} options
 * @param {(name: import('./types.js').DataName) => Promise<Lab>} options.lab  with a set of pictures
 * @param {{ save: (kept: Kept) => Promise<void>, clear: () => Promise<void> }} options.store
 * @param {(state: RunState) => void} options.onState
 * @param {(record: RunRecord) => void} options.onBegin  a run has begun, or goes on after a reload
 * @param {(report: StepReport, record: RunRecord) => void} options.onStep
 * @param {(error: unknown) => void} options.onFail
 */
export function createRunner({ lab, store, onState, onBegin, onStep, onFail }) {
  /** @type {RunRecord | undefined} */
  let record;
  /** @type {RunState} */
  let state = 'none';
  /** The engine that has the run's networks. @type {Lab | undefined} */
  let engine;
  /** A newer run, or a stop, makes an older one void. */
  let turn = 0;
  let control = new AbortController();
  const pace = createPace();

  /** @param {RunState} next */
  function become(next) {
    state = next;
    onState(next);
  }

  /**
   * Makes the networks and the pictures.
   * @param {Settings} settings
   * @param {Kept} [kept]  of a run that was cut off
   */
  async function begin(settings, kept) {
    const mine = ++turn;
    control.abort();
    control = new AbortController();
    record = undefined;
    become('starting');
    try {
      const options = { signal: control.signal, ...(kept ? { state: kept.state } : {}) };
      const opened = await lab(settings.data.name);
      if (mine !== turn) return false;
      engine = opened;
      const started = await engine.start(settings, options);
      if (mine !== turn) return false;
      record = kept ? { ...kept.record, started, step: started.step } : newRecord(settings, started);
      onBegin(record);
      become(record.done ? 'done' : 'paused');
      return true;
    } catch (error) {
      if (mine === turn) fail(error);
      return false;
    }
  }

  /** @param {unknown} error */
  function fail(error) {
    // What was made of an engine that failed is gone; a start that was refused has made nothing.
    record = undefined;
    become('none');
    if (/** @type {any} */ (error)?.code !== 'cancelled') onFail(error);
  }

  /** Goes on. @param {number} [steps]  to the end, if it is not given */
  async function goOn(steps) {
    const mine = turn;
    const going = record;
    const here = engine;
    if (!going || !here || state !== 'paused') return;
    become('running');
    pace.reset();
    try {
      let left = steps ?? Infinity;
      for (;;) {
        const before = going.step;
        const { done, isCut } = await stretch(here, going, left, mine);
        if (mine !== turn) return;
        left -= going.step - before;
        const rests = !done && (!isCut || /** @type {RunState} */ (state) === 'pausing' || left <= 0);
        if (rests) become('paused'); // keeping it takes a moment more
        if (done) await finish(here, going, mine);
        else await keep(here, going, mine);
        if (mine !== turn || rests) return;
        if (done) return become('done');
      }
    } catch (error) {
      if (mine === turn) fail(error);
    }
  }

  /**
   * Runs until it is time to keep the run.
   * @param {Lab} engine
   * @param {RunRecord} going
   * @param {number} left  how many steps are wanted
   * @param {number} mine
   */
  async function stretch(engine, going, left, mine) {
    let isCut = false;
    const timer = setTimeout(() => {
      isCut = true;
      engine.pause();
    }, keepEveryMs);
    try {
      const { done } = await engine.run({
        ...(Number.isFinite(left) ? { steps: left } : {}),
        signal: control.signal,
        onStep(report) {
          if (mine !== turn) return;
          addStep(going, report);
          pace.step();
          onStep(report, going);
        },
      });
      return { done, isCut };
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The last scores of a run are those of its end.
   * @param {Lab} engine
   * @param {RunRecord} going
   * @param {number} mine
   */
  async function finish(engine, going, mine) {
    const scores = await engine.score();
    scores.forEach(({ learnt, held }, i) => {
      const kept = going.networks[i];
      for (const [all, score] of /** @type {const} */ ([[kept.learnt, learnt], [kept.held, held]])) {
        if (!score) continue;
        if (all.at(-1)?.step === going.step) all.pop();
        all.push({ ...score, step: going.step });
      }
    });
    going.done = true;
    await keep(engine, going, mine);
  }

  /** @param {Lab} engine @param {RunRecord} going @param {number} mine */
  async function keep(engine, going, mine) {
    const blob = await engine.state();
    if (mine !== turn) return; // it was forgotten meanwhile
    await store.save({ record: going, state: blob, at: Date.now() });
  }

  return {
    get record() { return record; },
    /** Has the networks of the record. */
    get engine() { return engine; },
    get state() { return state; },
    /** Whether a run keeps the engine busy. */
    get isRunning() { return ['starting', 'running', 'pausing'].includes(state); },
    perSecond: pace.perSecond,

    /** Begins a new run and trains to its end. @param {Settings} settings @param {number} [steps] */
    async train(settings, steps) {
      if (await begin(settings)) await goOn(steps);
    },

    goOn,

    /** Takes up a run that was cut off, without going on. @param {Kept} kept @param {Settings} settings */
    restore: (kept, settings) => begin(settings, kept),

    pause() {
      if (state !== 'running') return;
      become('pausing');
      engine?.pause();
    },

    /** The engine is gone, and its networks with it. What was kept stays. */
    lose() {
      turn++;
      control.abort();
      control = new AbortController();
      record = undefined;
      become('none');
    },

    /** Ends the run and forgets it. */
    async stop() {
      this.lose();
      await store.clear();
    },
  };
}
